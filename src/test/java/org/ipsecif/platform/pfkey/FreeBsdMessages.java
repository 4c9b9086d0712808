package org.ipsecif.platform.pfkey;

import static org.ipsecif.platform.pfkey.PfKeyBytes.ZERO_8;

/** Field by field from FreeBSD's net/pfkeyv2.h and netipsec/key.c, little-endian. */
final class FreeBsdMessages {
    static final String IN4_10_1 = "10 02 0000 0a010000" + ZERO_8; // sin_len, sin_family, sin_port, sin_addr, sin_zero
    static final String IN4_10_2 = "10 02 0000 0a020000" + ZERO_8;
    static final String LOCAL = "10 02 0000 cb007101" + ZERO_8;
    static final String REMOTE = "10 02 0000 c6336402" + ZERO_8;
    static final String LOCAL6 = "1c 1c 0000 00000000 20010db8 00000000 00000000 00000001 00000000";
    static final String REMOTE6 = "1c 1c 0000 00000000 20010db8 00000000 00000000 00000002 00000000";

    static final String SELECTOR = ""
            + "0300 0500 ff 10 0000" // sadb_address: len, exttype SRC, proto any, prefixlen, reserved
            + IN4_10_1
            + "0300 0600 ff 10 0000" // DST
            + IN4_10_2;

    /** 10.1.0.0/16 to 10.2.0.0/16, out, esp/tunnel/203.0.113.1-198.51.100.2/unique:100, priority 1000. */
    static final String PROTECT = SELECTOR
            + "0700 1200 0200 02 00 00000000 e8030000" // sadb_x_policy: ipsec, out, scope, id, priority
            + "2800 3200 02 03 6400" // sadb_x_ipsecrequest: 40 bytes, esp, tunnel, unique, reqid
            + LOCAL
            + REMOTE;

    static final String SPDADD = "02 0e 00 00 0f00 0000 07000000 92100000" + PROTECT;
    static final String SPDUPDATE = "02 0d 00 00 0f00 0000 07000000 92100000" + PROTECT;

    /** To udp/500, in, level use, of IPv6 in IPv6. */
    static final String SPDADD_USE = ""
            + "02 0e 00 00 1600 0000 07000000 92100000"
            + "0500 0500 11 30 0000" // udp, /48
            + "1c 1c 0000 00000000 20010db8 00010000 00000000 00000000 00000000 00000000" // and 4 of padding
            + "0500 0600 11 80 0000" // /128
            + "1c 1c 01f4 00000000 20010db8 00020000 00000000 00000001 00000000 00000000" // port 500
            + "0a00 1200 0200 01 00 00000000 00000000" // ipsec, in
            + "4000 3200 02 01 0000" // 64 bytes, esp, tunnel, use
            + LOCAL6
            + REMOTE6;

    /** Between two addresses in transport mode, level require, without addresses. */
    static final String SPDADD_TRANSPORT = ""
            + "02 0e 00 00 0b00 0000 07000000 92100000"
            + "0300 0500 ff 20 0000"
            + LOCAL
            + "0300 0600 ff 20 0000"
            + REMOTE
            + "0300 1200 0200 02 00 00000000 05000000"
            + "0800 3200 01 02 0000"; // 8 bytes, esp, transport, require

    /** The same with addresses. */
    static final String SPDADD_ADDRESSED = ""
            + "02 0e 00 00 0f00 0000 07000000 92100000"
            + "0300 0500 ff 20 0000"
            + LOCAL
            + "0300 0600 ff 20 0000"
            + REMOTE
            + "0700 1200 0200 02 00 00000000 05000000"
            + "2800 3200 01 02 0000" // 40 bytes, esp, transport, require
            + LOCAL
            + REMOTE;

    /** First esp/tunnel/203.0.113.1-198.51.100.2/unique:100, then esp/transport//use. */
    static final String SPDADD_TWO = ""
            + "02 0e 00 00 1000 0000 07000000 92100000"
            + SELECTOR
            + "0800 1200 0200 02 00 00000000 e8030000"
            + "2800 3200 02 03 6400"
            + LOCAL
            + REMOTE
            + "0800 3200 01 01 0000";

    static final String SPDADD_NONE =
            "" + "02 0e 00 00 0a00 0000 07000000 92100000" + SELECTOR + "0200 1200 0100 02 00 00000000 e8030000";

    static final String SPDADD_DISCARD =
            "" + "02 0e 00 00 0a00 0000 07000000 92100000" + SELECTOR + "0200 1200 0000 02 00 00000000 e8030000";

    static final String SPDDELETE =
            "" + "02 0f 00 00 0a00 0000 07000000 92100000" + SELECTOR + "0200 1200 0100 02 00 00000000 00000000";

    static final String SPDDELETE2 =
            "02 16 00 00 0400 0000 07000000 92100000" + "0200 1200 0100 00 00 2a000000 00000000";

    static final String SPDGET = "02 10 00 00 0400 0000 07000000 92100000" + "0200 1200 0100 00 00 2a000000 00000000";
    static final String SPDDUMP = "02 12 00 00 0200 0000 07000000 92100000";
    static final String REGISTER = "02 07 00 03 0200 0000 07000000 92100000";
    static final String DUMP = "02 0a 00 00 0200 0000 07000000 92100000";

    /** SPI 0x00012345, aes-cbc with 16 bytes, hmac-sha2-256 with 32, window 64, lifetimes, UDP 4500 to 61000. */
    private static final String KEYED = ""
            + "0200 0100 00012345 08 01 05 0c 00000000" // sadb_sa: spi, replay 8 * 8, mature, auth, encrypt, flags
            + "0200 1300 02 00 0000 00000000 64000000" // sadb_x_sa2: tunnel, sequence, reqid
            + "0300 0500 ff 20 0000"
            + LOCAL
            + "0300 0600 ff 20 0000"
            + REMOTE
            + "0300 0900 8000 0000 000102030405060708090a0b0c0d0e0f" // KEY_ENCRYPT: 128 bits
            + "0500 0800 0001 0000 101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f" // 256 bits
            + "0400 0300 01000000 0200000000000000 100e000000000000 0000000000000000" // HARD
            + "0400 0400 00000000 0100000000000000 8403000000000000 0000000000000000" // SOFT
            + "0100 1400 02 000000" // NAT_T_TYPE: UDP_ENCAP_ESPINUDP
            + "0100 1500 1194 0000" // SPORT, network order
            + "0100 1600 ee48 0000"; // DPORT

    static final String ADD = "02 03 00 03 1f00 0000 07000000 92100000" + KEYED;

    /** Of an SA that has no keys yet. */
    static final String UPDATE_LARVAL = "02 02 00 03 1f00 0000 07000000 92100000" + KEYED;

    /** Window 4,096: more than 255 times 8. */
    static final String UPDATE = ""
            + "02 02 00 03 0d00 0000 07000000 92100000"
            + "0200 0100 00012345 ff 01 00 0b 00000000"
            + "0200 1300 01 00 0000 00000000 00000000"
            + "0300 0500 ff 20 0000"
            + LOCAL
            + "0300 0600 ff 20 0000"
            + REMOTE
            + "0100 1a00 00100000"; // sadb_x_sa_replay

    static final String NAMED = ""
            + "0200 0100 00012345 00 00 00 00 00000000"
            + "0300 0500 ff 20 0000"
            + LOCAL
            + "0300 0600 ff 20 0000"
            + REMOTE;

    static final String GET = "02 05 00 03 0a00 0000 07000000 92100000" + NAMED;
    static final String DELETE = "02 04 00 03 0a00 0000 07000000 92100000" + NAMED;

    private static final String ENDS6 = ""
            + "0500 0500 ff 80 0000"
            + LOCAL6
            + "00000000" // padding
            + "0500 0600 ff 80 0000"
            + REMOTE6
            + "00000000";

    /** SPI 0x00054321, null, hmac-sha2-256 with 32 bytes, window 32. */
    static final String ADD6 = ""
            + "02 03 00 03 1600 0000 07000000 92100000"
            + "0200 0100 00054321 04 01 05 0b 00000000"
            + "0200 1300 02 00 0000 00000000 64000000"
            + ENDS6
            + "0500 0800 0001 0000 101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f"
            + "0100 0900 0000 0000"; // KEY_ENCRYPT: none, but there

    private static final String NAMED6 = "0200 0100 00054321 00 00 00 00 00000000" + ENDS6;
    static final String GET6 = "02 05 00 03 0e00 0000 07000000 92100000" + NAMED6;
    static final String DELETE6 = "02 04 00 03 0e00 0000 07000000 92100000" + NAMED6;

    static final String GETSPI = ""
            + "02 01 00 03 1000 0000 07000000 92100000"
            + "0200 1300 02 00 0000 00000000 64000000"
            + "0500 0500 ff 80 0000"
            + LOCAL6
            + "00000000"
            + "0500 0600 ff 80 0000"
            + REMOTE6
            + "00000000"
            + "0200 1000 00010000 ff0f0000 00000000"; // sadb_spirange: 0x100 to 0xfff

    // What the kernel says.

    /** key_spdadd's reply: the policy first, with its id. */
    static final String SPDADD_REPLY = ""
            + "02 0e 00 00 0f00 0000 07000000 92100000"
            + "0700 1200 0200 02 00 2a000000 e8030000"
            + "2800 3200 02 03 6400"
            + LOCAL
            + REMOTE
            + SELECTOR;

    /** key_setdumpsp: the last of a dump, in use once, with scope global. */
    static final String SPDDUMP_REPLY = ""
            + "02 12 00 00 0f00 0100 00000000 92100000"
            + SELECTOR
            + "0700 1200 0200 02 01 2a000000 e8030000"
            + "2800 3200 02 03 6400"
            + LOCAL
            + REMOTE;

    /** One of if_ipsec(4)'s: scope ifnet, any to any. */
    static final String SPDDUMP_IFNET = ""
            + "02 12 00 00 0f00 0100 03000000 92100000"
            + "0300 0500 ff 00 0000 10 02 0000 00000000"
            + ZERO_8
            + "0300 0600 ff 00 0000 10 02 0000 00000000"
            + ZERO_8
            + "0700 1200 0200 01 02 07000000 05000000"
            + "2800 3200 02 03 0a40"
            + LOCAL
            + REMOTE;

    /** With a lifetime of an hour. */
    static final String SPDDUMP_LIMITED = ""
            + "02 12 00 00 1200 0100 01000000 92100000"
            + SELECTOR
            + "0200 1200 0000 02 01 2a000000 e8030000"
            + "0400 0200 00000000 0000000000000000 d2fd4f6500000000 0000000000000000" // CURRENT
            + "0400 0300 00000000 0000000000000000 100e000000000000 0000000000000000"; // HARD

    static final String SPDDELETE2_BROADCAST =
            "02 16 00 00 0400 0000 09000000 e7030000" + "0200 1200 0000 00 00 2a000000 00000000";

    /** key_acquire: the SA's addresses, the policy's number, the reqid, a proposal of one combination. */
    static final String ACQUIRE = ""
            + "02 06 00 03 1600 0000 05000000 00000000"
            + "0300 0500 ff 20 0000"
            + LOCAL
            + "0300 0600 ff 20 0000"
            + REMOTE
            + "0200 1200 0200 02 00 2a000000 e8030000"
            + "0200 1300 02 00 0000 00000000 64000000"
            + "0a00 0d00 20 000000" // sadb_prop: replay
            + "05 0c 0000 0001 0001 8000 0001 00000000 01000000 01000000" // sadb_comb to hard_allocations
            + ZERO_8.repeat(6);

    static final String EXPIRE = ""
            + "02 08 00 03 1400 0200 05000000 00000000"
            + "0200 0100 00012345 08 02 05 0c 00000000"
            + "0200 1300 02 00 0000 10000000 64000000"
            + "0400 0200 03000000 0004000000000000 d2fd4f6500000000 d3fd4f6500000000"
            + "0400 0400 00000000 0000000000000000 8403000000000000 0000000000000000"
            + "0300 0500 ff 20 0000"
            + LOCAL
            + "0300 0600 ff 20 0000"
            + REMOTE;

    /** key_getsizes_ah, and the ciphers. */
    static final String REGISTER_REPLY = ""
            + "02 07 00 03 0600 0000 07000000 92100000"
            + "0200 0e00 00000000 05 00 0001 0001 0000" // SUPPORTED_AUTH: hmac-sha2-256, 256 bits
            + "0200 0f00 00000000 0c 10 8000 0001 0000"; // SUPPORTED_ENCRYPT: aes-cbc, iv 16, 128 to 256

    static final String DUMP_REPLY = ""
            + "02 0a 00 03 1b00 0100 00000000 92100000"
            + "0200 0100 00012345 08 01 05 0c 00000000"
            + "0200 1300 02 00 0000 10000000 64000000"
            + "0400 0200 03000000 0004000000000000 d2fd4f6500000000 d3fd4f6500000000"
            + "0300 0500 ff 20 0000"
            + LOCAL
            + "0300 0600 ff 20 0000"
            + REMOTE
            + "0500 0800 0001 0000 101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f"
            + "0300 0900 8000 0000 000102030405060708090a0b0c0d0e0f"
            + "0100 1400 02 000000"
            + "0100 1500 1194 0000"
            + "0100 1600 ee48 0000";

    private FreeBsdMessages() {}
}
