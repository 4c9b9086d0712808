package org.ipsecif.platform.freebsd.sim.key;

/** Numbers of FreeBSD's net/pfkeyv2.h, netipsec/ipsec.h and sys/errno.h, written down a second time so that no mistake of the code under test can hide here. */
final class KeyNumbers {
    static final int EPERM = 1;
    static final int ENOENT = 2;
    static final int ESRCH = 3;
    static final int EACCES = 13;
    static final int EEXIST = 17;
    static final int EINVAL = 22;
    static final int EMSGSIZE = 40;
    static final int ENOPROTOOPT = 42;
    static final int EPROTONOSUPPORT = 43;
    static final int EOPNOTSUPP = 45;
    static final int EAFNOSUPPORT = 47;
    static final int ENOBUFS = 55;

    static final int AF_INET = 2;
    static final int AF_INET6 = 28;

    static final int PF_KEY_V2 = 2;
    static final int GETSPI = 1;
    static final int UPDATE = 2;
    static final int ADD = 3;
    static final int DELETE = 4;
    static final int GET = 5;
    static final int ACQUIRE = 6;
    static final int REGISTER = 7;
    static final int EXPIRE = 8;
    static final int FLUSH = 9;
    static final int DUMP = 10;
    static final int PROMISC = 11;
    static final int SPDUPDATE = 13;
    static final int SPDADD = 14;
    static final int SPDDELETE = 15;
    static final int SPDGET = 16;
    static final int SPDDUMP = 18;
    static final int SPDFLUSH = 19;
    static final int SPDSETIDX = 20;
    static final int SPDEXPIRE = 21;
    static final int SPDDELETE2 = 22;
    static final int SADB_MAX = 22;

    static final int EXT_SA = 1;
    static final int EXT_LIFETIME_CURRENT = 2;
    static final int EXT_LIFETIME_HARD = 3;
    static final int EXT_LIFETIME_SOFT = 4;
    static final int EXT_ADDRESS_SRC = 5;
    static final int EXT_ADDRESS_DST = 6;
    static final int EXT_ADDRESS_PROXY = 7;
    static final int EXT_KEY_AUTH = 8;
    static final int EXT_KEY_ENCRYPT = 9;
    static final int EXT_IDENTITY_SRC = 10;
    static final int EXT_IDENTITY_DST = 11;
    static final int EXT_SENSITIVITY = 12;
    static final int EXT_PROPOSAL = 13;
    static final int EXT_SUPPORTED_AUTH = 14;
    static final int EXT_SUPPORTED_ENCRYPT = 15;
    static final int EXT_SPIRANGE = 16;
    static final int EXT_KMPRIVATE = 17;
    static final int EXT_POLICY = 18;
    static final int EXT_SA2 = 19;
    static final int EXT_NAT_T_TYPE = 20;
    static final int EXT_NAT_T_SPORT = 21;
    static final int EXT_NAT_T_DPORT = 22;
    static final int EXT_NAT_T_OAI = 23;
    static final int EXT_NAT_T_OAR = 24;
    static final int EXT_NAT_T_FRAG = 25;
    static final int EXT_SA_REPLAY = 26;
    static final int EXT_NEW_ADDRESS_SRC = 27;
    static final int EXT_NEW_ADDRESS_DST = 28;
    static final int EXT_MAX = 28;

    static final int SATYPE_UNSPEC = 0;
    static final int SATYPE_AH = 2;
    static final int SATYPE_ESP = 3;
    static final int SATYPE_RSVP = 5;
    static final int SATYPE_OSPFV2 = 6;
    static final int SATYPE_RIPV2 = 7;
    static final int SATYPE_MIP = 8;
    static final int SATYPE_IPCOMP = 9;
    static final int SATYPE_TCPSIGNATURE = 11;

    static final int LARVAL = 0;
    static final int MATURE = 1;
    static final int DYING = 2;
    static final int DEAD = 3;

    static final int SA_OLD = 0x1;
    static final int SA_IV4B = 0x10;
    static final int SA_DERIV = 0x20;
    static final int SA_RAWCPI = 0x80;
    static final int SA_FLAGS_MAX = 0xfff;

    static final int PROTO_TCP = 6;
    static final int PROTO_UDP = 17;
    static final int PROTO_ESP = 50;
    static final int PROTO_AH = 51;
    static final int PROTO_ICMPV6 = 58;
    static final int PROTO_IPCOMP = 108;
    static final int PROTO_ANY = 255;

    static final int MODE_ANY = 0;
    static final int MODE_TRANSPORT = 1;
    static final int MODE_TUNNEL = 2;

    static final int INBOUND = 1;
    static final int OUTBOUND = 2;

    static final int POLICY_DISCARD = 0;
    static final int POLICY_NONE = 1;
    static final int POLICY_IPSEC = 2;
    static final int POLICY_ENTRUST = 3;
    static final int POLICY_BYPASS = 4;

    static final int SCOPE_ANY = 0;
    static final int SCOPE_GLOBAL = 1;
    static final int SCOPE_IFNET = 2;
    static final int SCOPE_PCB = 4;

    static final int LEVEL_DEFAULT = 0;
    static final int LEVEL_USE = 1;
    static final int LEVEL_REQUIRE = 2;
    static final int LEVEL_UNIQUE = 3;
    static final int MANUAL_REQID_MAX = 0x3fff;

    /** Prefix length that stands for the whole address (key_setsadbaddr). */
    static final int FULLMASK = 0xff;

    /** The longest message that key_parse takes, in bytes. */
    static final int MCLBYTES = 2048;

    /** Bytes of an mbuf. */
    static final int MSIZE = 256;

    private KeyNumbers() {}

    static int align8(int bytes) {
        return (bytes + 7) & ~7;
    }
}
