package org.ipsecif.platform.pfkey;

import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One extension of a message (RFC 2367 section 2.3, and KAME's): fields in host order, under a number of the dialect's. */
sealed interface Extension {
    /** SADB_EXT_* or SADB_X_EXT_*. */
    int type();

    /**
     * SADB_EXT_SA.
     *
     * @param replay the window, in the dialect's units
     * @param state SADB_SASTATE_*
     * @param authentication SADB_AALG_*
     * @param encryption SADB_EALG_*
     */
    record Association(int spi, int replay, int state, int authentication, int encryption, int flags)
            implements Extension {
        @Override
        public int type() {
            return Sadb.SADB_EXT_SA;
        }
    }

    /**
     * SADB_EXT_LIFETIME_*. 0 is no limit.
     *
     * @param allocations packets, unsigned
     * @param addTime seconds since the entry was made; of CURRENT: when it was made
     * @param useTime seconds since its first use; of CURRENT: when that was
     */
    record Lifetime(int type, int allocations, long bytes, long addTime, long useTime) implements Extension {
        boolean isUnlimited() {
            return allocations == 0 && bytes == 0 && addTime == 0 && useTime == 0;
        }
    }

    /**
     * SADB_EXT_ADDRESS_* and their like.
     *
     * @param protocol IANA number of what the address is about, or IPSEC_ULPROTO_ANY
     * @param prefixLength bits of the address that count
     */
    record Address(int type, int protocol, int prefixLength, SocketAddress socket) implements Extension {}

    /** SADB_EXT_KEY_*. */
    record Key(int type, KeyBytes key) implements Extension {}

    /** SADB_EXT_SPIRANGE: SPIs, both included. */
    record SpiRange(int min, int max) implements Extension {
        @Override
        public int type() {
            return Sadb.SADB_EXT_SPIRANGE;
        }
    }

    /** SADB_EXT_SUPPORTED_*. */
    record Supported(int type, List<Algorithm> algorithms) implements Extension {
        public Supported {
            algorithms = List.copyOf(algorithms);
        }
    }

    /**
     * A struct sadb_alg.
     *
     * @param id SADB_AALG_* or SADB_EALG_*
     * @param ivLength bytes, as the kernel has it
     * @param minBits of a key
     */
    record Algorithm(int id, int ivLength, int minBits, int maxBits) {}

    /**
     * SADB_X_EXT_POLICY.
     *
     * @param policyType IPSEC_POLICY_*
     * @param direction IPSEC_DIR_*
     * @param scope IPSEC_POLICYSCOPE_*, FreeBSD's word for which list the entry is in; 0 in Linux, and in a request
     * @param id the kernel's number of the entry; 0 in a request
     * @param priority lower is consulted first
     */
    record Policy(int policyType, int direction, int scope, int id, int priority, List<IpsecRequest> requests)
            implements Extension {
        public Policy {
            requests = List.copyOf(requests);
        }

        @Override
        public int type() {
            return Sadb.SADB_X_EXT_POLICY;
        }
    }

    /**
     * A struct sadb_x_ipsecrequest.
     *
     * @param protocol IANA number
     * @param mode IPSEC_MODE_*
     * @param level IPSEC_LEVEL_*
     * @param source outer source; null, with the destination, if the request has no addresses
     */
    record IpsecRequest(
            int protocol,
            int mode,
            int level,
            int reqid,
            @Nullable SocketAddress source,
            @Nullable SocketAddress destination) {}

    /**
     * SADB_X_EXT_SA2.
     *
     * @param mode IPSEC_MODE_*
     * @param sequence of the last packet
     */
    record Association2(int mode, int sequence, int reqid) implements Extension {
        @Override
        public int type() {
            return Sadb.SADB_X_EXT_SA2;
        }
    }

    /** SADB_X_EXT_NAT_T_TYPE: UDP_ENCAP_*. */
    record NatType(int encapsulation) implements Extension {
        @Override
        public int type() {
            return Sadb.SADB_X_EXT_NAT_T_TYPE;
        }
    }

    /** SADB_X_EXT_NAT_T_SPORT and DPORT; the port in network order on the wire, both kernels say. */
    record NatPort(int type, int port) implements Extension {}

    /** SADB_X_EXT_SA_REPLAY, FreeBSD's, for windows that do not fit a sadb_sa. */
    record ReplayWindow(int type, int packets) implements Extension {}

    /**
     * One that nothing here looks into.
     *
     * @param body what follows the type, padding included; read-only
     */
    record Opaque(int type, ByteBuffer body) implements Extension {}
}
