package org.ipsecif.platform.pfkey;

/**
 * Numbers under their C names that FreeBSD and Linux share: RFC 2367 section 3, and KAME's SADB_X_* of FreeBSD's net/pfkeyv2.h,
 * netipsec/ipsec.h and Linux's linux/pfkeyv2.h, linux/ipsec.h. Where the two differ see {@link Dialect}.
 */
final class Sadb {
    static final int PF_KEY_V2 = 2;

    static final int SADB_GETSPI = 1;
    static final int SADB_UPDATE = 2;
    static final int SADB_ADD = 3;
    static final int SADB_DELETE = 4;
    static final int SADB_GET = 5;
    static final int SADB_ACQUIRE = 6;
    static final int SADB_REGISTER = 7;
    static final int SADB_EXPIRE = 8;
    static final int SADB_FLUSH = 9;
    static final int SADB_DUMP = 10;
    static final int SADB_X_SPDUPDATE = 13;
    static final int SADB_X_SPDADD = 14;
    static final int SADB_X_SPDDELETE = 15;
    static final int SADB_X_SPDGET = 16;
    static final int SADB_X_SPDDUMP = 18;
    static final int SADB_X_SPDFLUSH = 19;
    static final int SADB_X_SPDSETIDX = 20;
    static final int SADB_X_SPDEXPIRE = 21;
    static final int SADB_X_SPDDELETE2 = 22;

    static final int SADB_EXT_RESERVED = 0;
    static final int SADB_EXT_SA = 1;
    static final int SADB_EXT_LIFETIME_CURRENT = 2;
    static final int SADB_EXT_LIFETIME_HARD = 3;
    static final int SADB_EXT_LIFETIME_SOFT = 4;
    static final int SADB_EXT_ADDRESS_SRC = 5;
    static final int SADB_EXT_ADDRESS_DST = 6;
    static final int SADB_EXT_ADDRESS_PROXY = 7;
    static final int SADB_EXT_KEY_AUTH = 8;
    static final int SADB_EXT_KEY_ENCRYPT = 9;
    static final int SADB_EXT_SUPPORTED_AUTH = 14;
    static final int SADB_EXT_SUPPORTED_ENCRYPT = 15;
    static final int SADB_EXT_SPIRANGE = 16;
    static final int SADB_X_EXT_POLICY = 18;
    static final int SADB_X_EXT_SA2 = 19;
    static final int SADB_X_EXT_NAT_T_TYPE = 20;
    static final int SADB_X_EXT_NAT_T_SPORT = 21;
    static final int SADB_X_EXT_NAT_T_DPORT = 22;

    /** Linux: SADB_X_EXT_NAT_T_OA, the same structure. */
    static final int SADB_X_EXT_NAT_T_OAI = 23;

    static final int SADB_SATYPE_UNSPEC = 0;
    static final int SADB_SATYPE_AH = 2;
    static final int SADB_SATYPE_ESP = 3;
    static final int SADB_X_SATYPE_IPCOMP = 9;

    static final int SADB_SASTATE_LARVAL = 0;
    static final int SADB_SASTATE_MATURE = 1;
    static final int SADB_SASTATE_DYING = 2;
    static final int SADB_SASTATE_DEAD = 3;

    static final int IPSEC_MODE_ANY = 0;
    static final int IPSEC_MODE_TRANSPORT = 1;
    static final int IPSEC_MODE_TUNNEL = 2;

    static final int IPSEC_DIR_INBOUND = 1;
    static final int IPSEC_DIR_OUTBOUND = 2;

    /** Linux alone. */
    static final int IPSEC_DIR_FWD = 3;

    static final int IPSEC_POLICY_DISCARD = 0;
    static final int IPSEC_POLICY_NONE = 1;
    static final int IPSEC_POLICY_IPSEC = 2;

    static final int IPSEC_LEVEL_USE = 1;
    static final int IPSEC_LEVEL_REQUIRE = 2;
    static final int IPSEC_LEVEL_UNIQUE = 3;

    /** FreeBSD alone; Linux has a reserved byte there, of 0. */
    static final int IPSEC_POLICYSCOPE_IFNET = 2;

    /** Above it a kernel takes a reqid of its own instead. */
    static final int IPSEC_MANUAL_REQID_MAX = 0x3fff;

    static final int IPSEC_ULPROTO_ANY = 255;

    static final int UDP_ENCAP_ESPINUDP = 2;

    static final int IPPROTO_TCP = 6;
    static final int IPPROTO_UDP = 17;
    static final int IPPROTO_ESP = 50;
    static final int IPPROTO_AH = 51;
    static final int IPPROTO_IPCOMP = 108;

    /** Lengths on the wire count these bytes. */
    static final int UNIT = 8;

    private Sadb() {}

    static int align(int length) {
        return (length + UNIT - 1) & -UNIT;
    }

    /** @return the IANA number of what a satype stands for; 0 for another */
    static int protocolOf(int satype) {
        return switch (satype) {
            case SADB_SATYPE_AH -> IPPROTO_AH;
            case SADB_SATYPE_ESP -> IPPROTO_ESP;
            case SADB_X_SATYPE_IPCOMP -> IPPROTO_IPCOMP;
            default -> 0;
        };
    }
}
