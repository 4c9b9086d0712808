package org.ipsecif.platform.freebsd;

/** What sockets are told about policies and path MTU, named as in {@link Abi}. */
final class WireAbi {
    // netinet6/in6.h
    static final int IPV6_USE_MIN_MTU = 42;

    // net/pfkeyv2.h, netipsec/ipsec.h
    static final int SADB_EXT_SADB_EXT_LEN = 0;
    static final int SADB_EXT_SADB_EXT_TYPE = 2;
    static final int SADB_X_EXT_POLICY = 18;
    static final int SIZEOF_SADB_X_POLICY = 16;
    static final int SADB_X_POLICY_SADB_X_POLICY_TYPE = 4;
    static final int SADB_X_POLICY_SADB_X_POLICY_DIR = 6;
    static final int IPSEC_POLICY_BYPASS = 4;
    static final int IPSEC_DIR_INBOUND = 1;
    static final int IPSEC_DIR_OUTBOUND = 2;

    private WireAbi() {}
}
