package org.ipsecif.platform.freebsd.sim.key;

import static org.ipsecif.platform.freebsd.sim.key.KeyNumbers.*;

import org.jspecify.annotations.Nullable;

/** key_setnatt. */
final class NatTReader {
    static final byte ESPINUDP = 2;

    private NatTReader() {}

    /** Null if the message has not all three of type and ports, which is no error. */
    static Sa.@Nullable NatT read(KeyMessage message, SaIndex index) throws Refused {
        if (index.protocol() != PROTO_ESP || !message.has(EXT_NAT_T_TYPE, EXT_NAT_T_SPORT, EXT_NAT_T_DPORT)) {
            return null;
        }
        if (message.ext(EXT_NAT_T_TYPE).get(4) != ESPINUDP) {
            throw new Refused(EINVAL);
        }
        return new Sa.NatT(
                port(message, EXT_NAT_T_SPORT),
                port(message, EXT_NAT_T_DPORT),
                original(message, EXT_NAT_T_OAI, index, index.source()),
                original(message, EXT_NAT_T_OAR, index, index.destination()));
    }

    private static int port(KeyMessage message, int type) throws Refused {
        int port = Short.toUnsignedInt(Short.reverseBytes(message.ext(type).getShort(4)));
        if (port == 0) {
            throw new Refused(EINVAL);
        }
        return port;
    }

    /** Kept in transport mode only, and only if it differs from the SA's own. */
    private static @Nullable KeyAddress original(KeyMessage message, int type, SaIndex index, KeyAddress own)
            throws Refused {
        if (!message.has(type) || index.mode() == MODE_TUNNEL) {
            return null;
        }
        KeyAddress address = message.address(type);
        if (address.family() != AF_INET || !address.known()) {
            throw new Refused(EINVAL);
        }
        return address.same(own, false) ? null : address;
    }
}
