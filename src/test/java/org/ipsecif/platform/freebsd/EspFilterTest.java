package org.ipsecif.platform.freebsd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ipsecif.sa.IpAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which packets the programs let through, by an interpreter of their instructions that was written from net/bpf.h and bpf(4). */
class EspFilterTest {
    private static final IpAddress LOCAL = IpAddress.parse("192.0.2.1");
    private static final IpAddress LOCAL6 = IpAddress.parse("2001:db8::1");
    private static final String US = "c0000201";
    private static final String PEER = "c6336402";
    private static final String US6 = "20010db8 00000000 00000000 00000001";
    private static final String PEER6 = "20010db8 00000000 00000000 00000002";
    private static final byte[] ESP = WirePackets.hex("00001001 00000001 0011223344556677");
    private static final int EN10MB = 1;
    private static final int NULL = 0;
    private static final int RAW = 12;
    private static final int LOOP = 108;

    /** 0, or how much of the packet is kept. A load beyond its end returns 0. */
    private static long run(byte[] program, byte[] packet) {
        ByteBuffer code = ByteBuffer.wrap(program).order(ByteOrder.nativeOrder());
        long a = 0;
        for (int pc = 0, steps = 0; steps < 100; steps++, pc++) {
            int at = pc * 8;
            int jt = code.get(at + 2) & 0xff;
            int jf = code.get(at + 3) & 0xff;
            long k = Integer.toUnsignedLong(code.getInt(at + 4));
            int size = 0;
            switch (code.getShort(at)) {
                case 0x20 -> size = 4;
                case 0x28 -> size = 2;
                case 0x30 -> size = 1;
                case 0x15 -> pc += a == k ? jt : jf;
                case 0x35 -> pc += a >= k ? jt : jf;
                case 0x06 -> {
                    return k;
                }
                default -> throw new AssertionError("instruction at " + pc);
            }
            if (size > 0) {
                if (k + size > packet.length) {
                    return 0;
                }
                a = 0;
                for (int i = 0; i < size; i++) {
                    a = a << 8 | packet[(int) k + i] & 0xff;
                }
            }
        }
        throw new AssertionError("does not end");
    }

    /** As bpf_validate of net/bpf_filter.c: every jump stays inside, and the last instruction returns. */
    private static void assertValid(byte[] program) {
        ByteBuffer code = ByteBuffer.wrap(program).order(ByteOrder.nativeOrder());
        int count = program.length / 8;
        assertEquals(0, program.length % 8);
        for (int pc = 0; pc < count; pc++) {
            if ((code.getShort(pc * 8) & 7) == 5) {
                int longest = Math.max(code.get(pc * 8 + 2) & 0xff, code.get(pc * 8 + 3) & 0xff);
                assertTrue(pc + 1 + longest < count, "jump of instruction " + pc);
            }
        }
        assertEquals(6, code.getShort(program.length - 8) & 7);
    }

    private static byte[] link(int linkType, boolean inet, byte[] packet) {
        return switch (linkType) {
            case EN10MB -> WirePackets.ethernet(inet ? 0x0800 : 0x86dd, packet);
            case NULL -> WirePackets.join(WirePackets.hex(inet ? "02000000" : "1c000000"), packet);
            case LOOP -> WirePackets.join(WirePackets.hex(inet ? "00000002" : "0000001c"), packet);
            default -> packet;
        };
    }

    private static boolean takes(IpAddress local, int linkType, byte[] packet) {
        byte[] program = EspFilter.to(local, linkType);
        assertValid(program);
        long result = run(program, packet);
        assertTrue(result == 0 || result >= 65_535 + 14, "kept: " + result);
        return result != 0;
    }

    @Test
    void programIsThis() {
        String expected = "2800 00 00 0c000000" // ldh [12]
                + "1500 00 08 00080000" // jeq #0x800
                + "3000 00 00 0e000000" // ldb [14]
                + "3500 00 06 40000000" // jge #0x40
                + "3500 05 00 50000000" // jge #0x50
                + "3000 00 00 17000000" // ldb [23]
                + "1500 00 03 32000000" // jeq #50
                + "2000 00 00 1e000000" // ld [30]
                + "1500 00 01 010200c0" // jeq #192.0.2.1
                + "0600 00 00 00000400" // ret #262144
                + "0600 00 00 00000000"; // ret #0
        assertArrayEquals(WirePackets.hex(expected), EspFilter.to(LOCAL, EN10MB));
        assertArrayEquals(WirePackets.hex("0600 00 00 00000000"), EspFilter.nothing());
    }

    @ParameterizedTest
    @ValueSource(ints = {EN10MB, NULL, RAW, LOOP})
    void espToUsIsTaken(int linkType) {
        assertTrue(takes(LOCAL, linkType, link(linkType, true, WirePackets.inet(PEER, US, 50, 1, 0x4000, "", ESP))));
        byte[] options = WirePackets.inet(PEER, US, 50, 1, 0, "94040000", ESP);
        assertTrue(takes(LOCAL, linkType, link(linkType, true, options)));
        assertTrue(takes(LOCAL6, linkType, link(linkType, false, WirePackets.inet6(PEER6, US6, 50, ESP))));
    }

    @ParameterizedTest
    @ValueSource(ints = {EN10MB, NULL, RAW, LOOP})
    void fragmentsOfItAre(int linkType) {
        for (int fragmentation : new int[] {0x2000, 0x2010, 0x0020}) {
            byte[] packet = WirePackets.inet(PEER, US, 50, 1, fragmentation, "", ESP);
            assertTrue(takes(LOCAL, linkType, link(linkType, true, packet)));
        }
        byte[] fragment = WirePackets.join(WirePackets.hex("32000001 00000001"), ESP);
        assertTrue(takes(LOCAL6, linkType, link(linkType, false, WirePackets.inet6(PEER6, US6, 44, fragment))));
    }

    /** What is behind these headers, only a look at all of them tells. */
    @ParameterizedTest
    @ValueSource(ints = {0, 43, 60})
    void headersThatEspMayStandBehindAre(int next) {
        byte[] payload = WirePackets.join(WirePackets.hex("3200010400000000"), ESP);
        byte[] packet = WirePackets.inet6(PEER6, US6, next, payload);
        assertTrue(takes(LOCAL6, EN10MB, WirePackets.ethernet(0x86dd, packet)));
    }

    @ParameterizedTest
    @ValueSource(ints = {EN10MB, NULL, RAW, LOOP})
    void othersAreNot(int linkType) {
        List<byte[]> inet = new ArrayList<>();
        inet.add(WirePackets.inet(PEER, "c0000202", 50, 1, 0, "", ESP));
        inet.add(WirePackets.inet(US, PEER, 50, 1, 0, "", ESP));
        for (int protocol : new int[] {0, 1, 6, 17, 51, 255}) {
            inet.add(WirePackets.inet(PEER, US, protocol, 1, 0, "", ESP));
        }
        inet.add(WirePackets.inet6(PEER6, US6, 50, ESP));
        for (byte[] each : inet) {
            assertFalse(takes(LOCAL, linkType, link(linkType, true, each)));
        }
        List<byte[]> inet6 = new ArrayList<>();
        for (String other : List.of(
                "20010db9 00000000 00000000 00000001",
                "20010db8 00000001 00000000 00000001",
                "20010db8 00000000 80000000 00000001",
                PEER6)) {
            inet6.add(WirePackets.inet6(PEER6, other, 50, ESP));
        }
        for (int next : new int[] {6, 17, 51, 58, 59, 255}) {
            inet6.add(WirePackets.inet6(PEER6, US6, next, ESP));
        }
        inet6.add(WirePackets.inet(PEER, US, 50, 1, 0, "", ESP));
        for (byte[] each : inet6) {
            assertFalse(takes(LOCAL6, linkType, link(linkType, false, each)));
        }
    }

    @Test
    void otherFramesAreNot() {
        byte[] packet = WirePackets.inet(PEER, US, 50, 1, 0, "", ESP);
        byte[] tagged = WirePackets.ethernet(0x8100, WirePackets.join(WirePackets.hex("00050800"), packet));
        assertFalse(takes(LOCAL, EN10MB, tagged));
        assertFalse(takes(LOCAL, EN10MB, WirePackets.ethernet(0x0806, packet)));
        assertFalse(takes(LOCAL, EN10MB, WirePackets.ethernet(0x86dd, packet)));
        assertFalse(takes(LOCAL, NULL, link(NULL, false, packet)));
        assertFalse(takes(LOCAL, LOOP, link(LOOP, false, packet)));
    }

    @Test
    void shortOnesAreNotAndNothingTakesNothing() {
        byte[] whole = WirePackets.ethernet(0x0800, WirePackets.inet(PEER, US, 50, 1, 0, "", ESP));
        for (int length = 0; length < 34; length++) {
            assertFalse(takes(LOCAL, EN10MB, Arrays.copyOf(whole, length)));
        }
        byte[] whole6 = WirePackets.ethernet(0x86dd, WirePackets.inet6(PEER6, US6, 50, ESP));
        for (int length = 0; length < 54; length++) {
            assertFalse(takes(LOCAL6, EN10MB, Arrays.copyOf(whole6, length)));
        }
        assertEquals(0, run(EspFilter.nothing(), whole));
    }

    @Test
    void linkLayersAreKnownOrNot() {
        assertEquals(14, EspFilter.linkHeader(EN10MB));
        assertEquals(4, EspFilter.linkHeader(NULL));
        assertEquals(4, EspFilter.linkHeader(LOOP));
        assertEquals(0, EspFilter.linkHeader(RAW));
        assertEquals(EspFilter.UNKNOWN, EspFilter.linkHeader(105)); // DLT_IEEE802_11
    }
}
