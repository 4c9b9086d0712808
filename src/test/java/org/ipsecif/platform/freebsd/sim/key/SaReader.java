package org.ipsecif.platform.freebsd.sim.key;

import static org.ipsecif.platform.freebsd.sim.key.KeyNumbers.*;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** key_setsaval and key_updatelifetimes: what a message says about an SA. */
final class SaReader {
    private static final int SIZEOF_KEY = 8;

    private SaReader() {}

    /** Fills a larval SA. On a refusal the SA may be half filled, as in the kernel, which frees it or leaves it larval. */
    static void fill(Sa sa, KeyMessage message, long now) throws Refused {
        identities(message);
        if (message.has(EXT_SA)) {
            association(sa, message);
        }
        sa.authenticationKey = authenticationKey(sa, message);
        sa.encryptionKey = encryptionKey(sa, message);
        combination(sa, message.satype());
        Algorithms.initialize(sa);
        sa.natt = NatTReader.read(message, sa.index);
        sa.firstUsed = 0;
        sa.created = now;
        lifetimes(sa, message);
    }

    private static void identities(KeyMessage message) throws Refused {
        boolean source = message.has(EXT_IDENTITY_SRC);
        boolean both = source && message.has(EXT_IDENTITY_DST);
        boolean alike = both
                && message.ext(EXT_IDENTITY_SRC).getShort(4)
                        == message.ext(EXT_IDENTITY_DST).getShort(4);
        if (!alike && (source || message.has(EXT_IDENTITY_DST))) {
            throw new Refused(EINVAL);
        }
    }

    private static void association(Sa sa, KeyMessage message) throws Refused {
        var from = message.ext(EXT_SA);
        sa.authentication = from.get(10) & 0xff;
        sa.encryption = from.get(11) & 0xff;
        sa.flags = from.getInt(12);
        if ((sa.flags & ~SA_FLAGS_MAX) != 0) {
            throw new Refused(EINVAL);
        }
        sa.window = (sa.flags & SA_OLD) == 0 ? from.get(8) & 0xff : 0;
        if (message.has(EXT_SA_REPLAY)) {
            int packets = message.ext(EXT_SA_REPLAY).getInt(4);
            if (Integer.compareUnsigned(packets, -1 - 32) > 0) {
                throw new Refused(EINVAL);
            }
            sa.window = (packets + 7) >>> 3;
        }
    }

    private static Sa.@Nullable Key authenticationKey(Sa sa, KeyMessage message) throws Refused {
        if (!message.has(EXT_KEY_AUTH)) {
            return null;
        }
        boolean none = message.ext(EXT_KEY_AUTH).capacity() == SIZEOF_KEY;
        if (message.satype() == SATYPE_IPCOMP || (none && sa.authentication != 251)) {
            throw new Refused(EINVAL);
        }
        return key(message, EXT_KEY_AUTH);
    }

    private static Sa.@Nullable Key encryptionKey(Sa sa, KeyMessage message) throws Refused {
        if (!message.has(EXT_KEY_ENCRYPT)) {
            return null;
        }
        boolean none = message.ext(EXT_KEY_ENCRYPT).capacity() == SIZEOF_KEY;
        boolean good = switch (message.satype()) {
            case SATYPE_ESP -> !none || sa.encryption == 11;
            case SATYPE_IPCOMP -> none;
            default -> false;
        };
        if (!good) {
            throw new Refused(EINVAL);
        }
        return message.satype() == SATYPE_ESP ? key(message, EXT_KEY_ENCRYPT) : null;
    }

    /** The kernel would copy what lies behind the extension if its bits said more than it has; that is nobody's intention. */
    private static Sa.Key key(KeyMessage message, int type) throws Refused {
        byte[] extension = message.copy(type);
        byte[] bytes = Arrays.copyOfRange(extension, SIZEOF_KEY, extension.length);
        int bits = message.ext(type).getShort(4) & 0xffff;
        if (bits / 8 > bytes.length) {
            throw new Refused(EINVAL);
        }
        return new Sa.Key(bits, bytes);
    }

    private static void combination(Sa sa, int satype) throws Refused {
        boolean good = switch (satype) {
            case SATYPE_AH -> (sa.flags & SA_DERIV) == 0 && sa.encryption == 0;
            case SATYPE_ESP -> (sa.flags & (SA_OLD | SA_DERIV)) != (SA_OLD | SA_DERIV);
            case SATYPE_IPCOMP ->
                sa.authentication == 0 && ((sa.flags & SA_RAWCPI) != 0 || Integer.compareUnsigned(sa.spi, 0x10000) < 0);
            default -> sa.encryption == 0;
        };
        if (!good) {
            throw new Refused(EINVAL);
        }
    }

    /** Both or neither. A mature SA loses those it had if the message has none. */
    static void lifetimes(Sa sa, KeyMessage message) throws Refused {
        boolean hard = message.has(EXT_LIFETIME_HARD);
        if (hard != message.has(EXT_LIFETIME_SOFT)) {
            throw new Refused(EINVAL);
        }
        if (hard) {
            sa.hard = Lifetime.of(message.ext(EXT_LIFETIME_HARD));
            sa.soft = Lifetime.of(message.ext(EXT_LIFETIME_SOFT));
        } else if (sa.state == MATURE) {
            sa.hard = null;
            sa.soft = null;
        }
    }
}
