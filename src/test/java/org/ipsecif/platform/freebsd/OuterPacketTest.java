package org.ipsecif.platform.freebsd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.ipsecif.sa.IpAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where ESP begins in what bpf(4) brought, and what is no packet. */
class OuterPacketTest {
    private static final String US = "c0000201";
    private static final String PEER = "c6336402";
    private static final String US6 = "20010db8000000000000000000000001";
    private static final String PEER6 = "20010db8000000000000000000000002";
    private static final String ESP = "00001001000000010011223344556677";

    private final OuterPacket packet = new OuterPacket();

    private static ByteBuffer buffer(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    }

    private boolean read(byte[] bytes) {
        return packet.read(buffer(bytes), 0, bytes.length);
    }

    private String payload(byte[] bytes) {
        return HexFormat.of().formatHex(bytes, packet.payloadAt(), packet.payloadAt() + packet.payloadLength());
    }

    private static byte[] esp() {
        return WirePackets.hex(ESP);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "94040000", "01010101", "940400000101010101010101"})
    void inetHeaderIsLeftOutWithItsOptions(String options) {
        byte[] bytes = WirePackets.inet(PEER, US, 50, 1, 0x4000, options, esp());
        assertTrue(read(bytes));
        assertEquals(ESP, payload(bytes));
        assertEquals(0xb8, packet.trafficClass());
        assertEquals(61, packet.hopLimit());
        assertEquals(IpAddress.parse("198.51.100.2"), packet.source());
        assertFalse(packet.isFragment());
    }

    @Test
    void inet6HeaderIsLeftOut() {
        byte[] bytes = WirePackets.inet6(PEER6, US6, 50, esp());
        assertTrue(read(bytes));
        assertEquals(ESP, payload(bytes));
        assertEquals(0xb8, packet.trafficClass());
        assertEquals(61, packet.hopLimit());
        assertEquals(IpAddress.parse("2001:db8::2"), packet.source());
        assertFalse(packet.isFragment());
    }

    /** An Ethernet frame has 46 bytes at least, and some have a trailer. */
    @Test
    void whatIsBehindThePacketIsNotOfIt() {
        byte[] inet = WirePackets.join(WirePackets.inet(PEER, US, 50, 1, 0, "", esp()), new byte[20]);
        assertTrue(read(inet));
        assertEquals(ESP, payload(inet));
        byte[] inet6 = WirePackets.join(WirePackets.inet6(PEER6, US6, 50, esp()), new byte[4]);
        assertTrue(read(inet6));
        assertEquals(ESP, payload(inet6));
    }

    /** RFC 8200 section 4.1; a fragment header of a packet that is whole (RFC 6946); a routing header with no segments left. */
    @ParameterizedTest
    @CsvSource({
        "0, 32 00 010400000000",
        "60, 32 01 010c000000000000 000000000000",
        "43, 32 00 0400 00000000",
        "0, 3c 00 010400000000 32 00 010400000000",
        "44, 32 00 0000 12345678",
        "0, 2c 00 010400000000 32 00 0000 12345678",
    })
    void headersBeforeItAreLeftOut(int next, String headers) {
        byte[] bytes = WirePackets.inet6(PEER6, US6, next, WirePackets.join(WirePackets.hex(headers), esp()));
        assertTrue(read(bytes));
        assertEquals(ESP, payload(bytes));
        assertFalse(packet.isFragment());
    }

    @ParameterizedTest
    @CsvSource({
        "0, 3a 00 010400000000", // MLD behind a router alert
        "60, 11 00 010400000000",
        "43, 32 00 0401 00000000", // a segment left
        "43, 32 00 0001 00000000",
        "44, 11 00 0000 12345678",
        "44, 11 00 0001 12345678",
        "51, 32 00 010400000000", // AH, which is the kernel's
        "59, ''",
        "0, 32 20 010400000000", // longer than the packet
        "0, 32 00 01",
        "44, 32 00 00",
    })
    void headersBeforeOthersAreNone(int next, String headers) {
        byte[] payload =
                headers.length() < 15 ? WirePackets.hex(headers) : WirePackets.join(WirePackets.hex(headers), esp());
        assertFalse(read(WirePackets.inet6(PEER6, US6, next, payload)));
    }

    @Test
    void headersDoNotGoOnForEver() {
        byte[] many = new byte[8 * 100];
        Arrays.fill(many, (byte) 0);
        for (int i = 0; i < 100; i++) {
            many[8 * i] = 60;
        }
        many[8 * 99] = 50;
        assertFalse(read(WirePackets.inet6(PEER6, US6, 60, WirePackets.join(many, esp()))));
    }

    @Test
    void fragmentsSayWhichTheyAre() {
        byte[] bytes = WirePackets.inet(PEER, US, 50, 0xabcd, 0x2000 | 100, "", esp());
        assertTrue(read(bytes));
        assertTrue(packet.isFragment());
        assertTrue(packet.hasMoreFragments());
        assertEquals(800, packet.fragmentOffset());
        assertEquals(0xabcd, packet.fragmentId());
        assertTrue(read(WirePackets.inet(PEER, US, 50, 0xabcd, 7, "", esp())));
        assertFalse(packet.hasMoreFragments());
        assertTrue(packet.isFragment());
        byte[] bytes6 =
                WirePackets.inet6(PEER6, US6, 44, WirePackets.join(WirePackets.hex("3200 0321 fedcba98"), esp()));
        assertTrue(read(bytes6));
        assertEquals(ESP, payload(bytes6));
        assertTrue(packet.isFragment());
        assertTrue(packet.hasMoreFragments());
        assertEquals(800, packet.fragmentOffset());
        assertEquals(0xfedcba98L, packet.fragmentId());
    }

    @Test
    void whatIpWouldDropIsNone() {
        byte[] right = WirePackets.inet(PEER, US, 50, 1, 0, "", esp());
        assertTrue(read(right));
        for (int bit = 0; bit < 160; bit++) { // the checksum finds any
            byte[] wrong = right.clone();
            wrong[bit / 8] ^= (byte) (1 << bit % 8);
            assertFalse(read(wrong), "bit " + bit);
        }
        for (int length = 0; length < right.length; length++) {
            assertFalse(read(Arrays.copyOf(right, length)), "length " + length);
        }
        byte[] right6 = WirePackets.inet6(PEER6, US6, 50, esp());
        for (int length = 0; length < right6.length; length++) {
            assertFalse(read(Arrays.copyOf(right6, length)), "length " + length);
        }
        assertFalse(read(WirePackets.inet(PEER, US, 17, 1, 0, "", esp())));
    }

    @Test
    void noiseIsNeverRead() {
        Random random = new Random(3);
        byte[] inet6 = WirePackets.inet6(PEER6, US6, 0, new byte[60]);
        for (int round = 0; round < 50_000; round++) {
            byte[] noise = inet6.clone();
            for (int i = 0; i < 8; i++) {
                noise[(i == 0 ? 6 : 40 + random.nextInt(60))] =
                        (byte) new int[] {0, 43, 44, 50, 60, 1, 2, 255}[random.nextInt(8)];
            }
            int length = random.nextInt(noise.length + 1);
            byte[] exact = Arrays.copyOf(noise, length);
            if (read(exact)) {
                assertTrue(packet.payloadAt() >= 0 && packet.payloadLength() >= 0);
                assertTrue(packet.payloadAt() + packet.payloadLength() <= length);
            }
        }
    }
}
