package org.ipsecif.platform.pfkey;

import static org.ipsecif.platform.pfkey.PfKeyBytes.ZERO_8;

/** Field by field from Linux's linux/pfkeyv2.h and net/key/af_key.c, little-endian. */
final class LinuxMessages {
    static final String IN4_10_1 = "0200 0000 0a010000" + ZERO_8; // sin_family, sin_port, sin_addr, sin_zero
    static final String IN4_10_2 = "0200 0000 0a020000" + ZERO_8;
    static final String LOCAL = "0200 0000 cb007101" + ZERO_8;
    static final String REMOTE = "0200 0000 c6336402" + ZERO_8;
    static final String LOCAL6 = "0a00 0000 00000000 20010db8 00000000 00000000 00000001 00000000";
    static final String REMOTE6 = "0a00 0000 00000000 20010db8 00000000 00000000 00000002 00000000";

    static final String SELECTOR = ""
            + "0300 0500 ff 10 0000" // sadb_address: len, exttype SRC, proto any, prefixlen, reserved
            + IN4_10_1
            + "0300 0600 ff 10 0000" // DST
            + IN4_10_2;

    /** 10.1.0.0/16 to 10.2.0.0/16, out, esp/tunnel/203.0.113.1-198.51.100.2/unique:100, priority 1000. */
    static final String PROTECT = SELECTOR
            + "0800 1200 0200 02 00 00000000 e8030000" // sadb_x_policy: ipsec, out, reserved, id, priority
            + "3000 3200 02 03 0000 64000000 00000000" // sadb_x_ipsecrequest: 48 bytes, esp, tunnel, unique, reqid
            + LOCAL
            + REMOTE;

    static final String SPDADD = "02 0e 00 00 1000 0000 07000000 92100000" + PROTECT;
    static final String SPDUPDATE = "02 0d 00 00 1000 0000 07000000 92100000" + PROTECT;

    /** To udp/500, in, level use, of IPv6 in IPv6. */
    static final String SPDADD_USE = ""
            + "02 0e 00 00 1700 0000 07000000 92100000"
            + "0500 0500 11 30 0000" // udp, /48
            + "0a00 0000 00000000 20010db8 00010000 00000000 00000000 00000000 00000000" // and 4 of padding
            + "0500 0600 11 80 0000" // /128
            + "0a00 01f4 00000000 20010db8 00020000 00000000 00000001 00000000 00000000" // port 500
            + "0b00 1200 0200 01 00 00000000 00000000" // ipsec, in
            + "4800 3200 02 01 0000 00000000 00000000" // 72 bytes, esp, tunnel, use
            + LOCAL6
            + REMOTE6;

    /** Between two addresses in transport mode, level require, without addresses. */
    static final String SPDADD_TRANSPORT = ""
            + "02 0e 00 00 0c00 0000 07000000 92100000"
            + "0300 0500 ff 20 0000"
            + LOCAL
            + "0300 0600 ff 20 0000"
            + REMOTE
            + "0400 1200 0200 02 00 00000000 05000000"
            + "1000 3200 01 02 0000 00000000 00000000"; // 16 bytes, esp, transport, require

    /** First esp/tunnel/203.0.113.1-198.51.100.2/unique:100, then esp/transport//use. */
    static final String SPDADD_TWO = ""
            + "02 0e 00 00 1200 0000 07000000 92100000"
            + SELECTOR
            + "0a00 1200 0200 02 00 00000000 e8030000"
            + "3000 3200 02 03 0000 64000000 00000000"
            + LOCAL
            + REMOTE
            + "1000 3200 01 01 0000 00000000 00000000";

    /** IPSEC_DIR_FWD, of the last priority but those that are negative. */
    static final String SPDADD_FORWARD = ""
            + "02 0e 00 00 1000 0000 07000000 92100000"
            + SELECTOR
            + "0800 1200 0200 03 00 00000000 ffffff7f"
            + "3000 3200 02 03 0000 64000000 00000000"
            + LOCAL
            + REMOTE;

    /** The ICMP type in the source's port, the code in the destination's, as XFRM has it (net/xfrm.h, xfrm_flowi_sport). */
    static final String SPDADD_ICMP = ""
            + "02 0e 00 00 0a00 0000 07000000 92100000"
            + "0300 0500 01 10 0000"
            + "0200 0003 0a010000"
            + ZERO_8
            + "0300 0600 01 10 0000"
            + "0200 0004 0a020000"
            + ZERO_8
            + "0200 1200 0100 02 00 00000000 e8030000";

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

    /** SPI 0x00012345, aes-cbc with 16 bytes, hmac-sha2-256 with 32, window 32, lifetimes, UDP 4500 to 61000. */
    private static final String KEYED = ""
            + "0200 0100 00012345 20 01 05 0c 00000000" // sadb_sa: spi, replay, mature, auth, encrypt, flags
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

    static final String UPDATE = ""
            + "02 02 00 03 0f00 0000 07000000 92100000"
            + "0200 0100 00012345 00 01 00 0b 00000000"
            + "0200 1300 01 00 0000 00000000 00000000"
            + "0300 0500 ff 20 0000"
            + LOCAL
            + "0300 0600 ff 20 0000"
            + REMOTE
            + "0300 0900 8000 0000 000102030405060708090a0b0c0d0e0f";

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
            + "0200 0100 00054321 20 01 05 0b 00000000"
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

    private static final String NO_LIMITS = ""
            + "0400 0300 00000000 0000000000000000 0000000000000000 0000000000000000" // HARD
            + "0400 0400 00000000 0000000000000000 0000000000000000 0000000000000000"; // SOFT

    private static final String CURRENT = "0400 0200 03000000 0004000000000000 d2fd4f6500000000 d3fd4f6500000000";

    private static final String TOLD = SELECTOR
            + NO_LIMITS
            + CURRENT
            + "0800 1200 0200 02 00 29000000 e8030000"
            + "3000 3200 02 03 0000 64000000 00000000"
            + LOCAL
            + REMOTE;

    /** key_notify_policy, to all. */
    static final String SPDADD_REPLY = "02 0e 00 00 1c00 0200 07000000 92100000" + TOLD;

    static final String SPDDELETE_BROADCAST = "02 0f 00 00 1c00 0200 09000000 e7030000" + TOLD;
    static final String SPDDELETE2_BROADCAST = "02 16 00 00 1c00 0200 09000000 e7030000" + TOLD;

    /** dump_sp: the last of a dump. */
    static final String SPDDUMP_REPLY = "02 12 00 00 1c00 0200 00000000 92100000" + TOLD;

    /** Of a template of XFRM's in transport mode, whose addresses af_key does not tell, with a security context. */
    static final String SPDDUMP_CONTEXT = ""
            + "02 12 00 00 1b00 0200 01000000 92100000"
            + SELECTOR
            + NO_LIMITS
            + CURRENT
            + "0400 1200 0200 02 00 29000000 e8030000"
            + "1000 3200 01 02 0000 00000000 00000000"
            + "0300 1800 01 01 0c00 73797374656d5f753a6f0000 00000000"; // sadb_x_sec_ctx: alg, doi, length, text

    static final String ACQUIRE = ""
            + "02 06 00 03 1400 0000 05000000 00000000"
            + "0300 0500 00 20 0000"
            + LOCAL
            + "0300 0600 00 20 0000"
            + REMOTE
            + "0200 1200 0200 02 00 29000000 e8030000"
            + "0a00 0d00 20 000000"
            + "05 0c 0000 0001 0001 8000 0001 00000000 00000000 00000000"
            + ZERO_8.repeat(6);

    /** x->sel is of any address, and so a proxy. */
    private static final String ENDS = ""
            + "0300 0500 00 20 0000"
            + LOCAL
            + "0300 0600 00 20 0000"
            + REMOTE
            + "0300 0700 ff 00 0000 0200 0000 00000000"
            + ZERO_8;

    static final String EXPIRE = ""
            + "02 08 00 03 1700 0000 00000000 00000000"
            + "0200 0100 00012345 20 02 05 0c 00000000"
            + "0400 0300 00000000 0000000000000000 100e000000000000 0000000000000000"
            + CURRENT
            + ENDS
            + "0200 1300 02 00 0000 00000000 64000000";

    static final String REGISTER_REPLY = ""
            + "02 07 00 03 0600 0000 07000000 92100000"
            + "0200 0e00 00000000 05 00 0001 0001 0000"
            + "0200 0f00 00000000 0c 10 8000 0001 0000";

    static final String DUMP_REPLY = ""
            + "02 0a 00 03 2600 0000 00000000 92100000"
            + "0200 0100 00012345 20 01 05 0c 00000000"
            + NO_LIMITS
            + CURRENT
            + ENDS
            + "0500 0800 0001 0000 101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f"
            + "0300 0900 8000 0000 000102030405060708090a0b0c0d0e0f"
            + "0200 1300 02 00 0000 00000000 64000000"
            + "0100 1400 02 000000"
            + "0100 1500 1194 0000"
            + "0100 1600 ee48 0000";

    private LinuxMessages() {}
}
