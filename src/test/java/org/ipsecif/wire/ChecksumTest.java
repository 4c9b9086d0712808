package org.ipsecif.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChecksumTest {
    /** RFC 1071 section 3. */
    @Test
    void rfc1071Example() {
        byte[] data = {0x00, 0x01, (byte) 0xf2, 0x03, (byte) 0xf4, (byte) 0xf5, (byte) 0xf6, (byte) 0xf7};
        assertEquals(0xddf2, ~Checksum.of(data, 0, data.length) & 0xffff);
    }

    @Test
    void anOddByteCountsAsIfAZeroFollowed() {
        assertEquals(Checksum.of(new byte[] {1, 2, 3, 0}, 0, 4), Checksum.of(new byte[] {1, 2, 3}, 0, 3));
    }

    /** RFC 1624 section 4: the example that RFC 1141 gets wrong. */
    @Test
    void rfc1624Example() {
        assertEquals(0x0000, Checksum.update(0xdd2f, 0x5555, 0x3285));
    }

    @Test
    void anUpdateEqualsTheWholeSum() {
        Random random = new Random(1);
        for (int i = 0; i < 10_000; i++) {
            byte[] data = new byte[40];
            random.nextBytes(data);
            Bytes.put16(data, 10, 0);
            Bytes.put16(data, 10, Checksum.of(data, 0, 40));
            int after = random.nextInt(0x1_0000);
            int updated = Checksum.update(Bytes.u16(data, 10), Bytes.u16(data, 20), after);
            Bytes.put16(data, 20, after);
            Bytes.put16(data, 10, 0);
            assertEquals(Checksum.of(data, 0, 40), updated);
        }
    }

    /** Whole words of eight bytes, and what is left of them, at any place. */
    @Test
    void sumIsThatOfTheWords() {
        Random random = new Random(2);
        for (int length = 0; length <= 200; length++) {
            for (int offset = 0; offset < 9; offset++) {
                byte[] data = new byte[offset + length + 20];
                random.nextBytes(data);
                assertSum(data, offset, length);
                Arrays.fill(data, (byte) 0xff);
                assertSum(data, offset, length);
                Arrays.fill(data, offset, offset + length, (byte) 0);
                assertEquals(0, Checksum.sum(0, data, offset, length));
                assertEquals(0xffff, Checksum.of(data, offset, length));
            }
        }
    }

    @Test
    void sumOfTheLongestPacketDoesNotOverflow() {
        byte[] data = new byte[65_575];
        Arrays.fill(data, (byte) 0xff);
        assertSum(data, 0, data.length);
        assertSum(data, 1, data.length - 1);
    }

    private static void assertSum(byte[] data, int offset, int length) {
        int slow = InnerPacket.slowSum(Arrays.copyOfRange(data, offset, offset + length));
        assertEquals(~slow & 0xffff, Checksum.of(data, offset, length), () -> length + " at " + offset);
        for (long before : new long[] {0, 1, 0xffff, 0x1_2345_6789L, (1L << 48) - 1}) {
            int folded =
                    InnerPacket.slowSum(ByteBuffer.allocate(8).putLong(before).array());
            int expected = folded + slow > 0xffff ? folded + slow - 0xffff : folded + slow;
            assertEquals(~expected & 0xffff, Checksum.finish(Checksum.sum(before, data, offset, length)));
            assertEquals(expected, Checksum.partial(Checksum.sum(before, data, offset, length)));
        }
    }

    @ParameterizedTest
    @CsvSource({"TCP, false", "TCP, true", "UDP, false", "UDP, true"})
    void completedPacketIsTheWholeOne(String protocol, boolean inet6) {
        for (int payload = 1; payload < 60; payload++) {
            InnerPacket inner = protocol.equals("TCP") ? InnerPacket.tcp(inet6) : InnerPacket.udp(inet6);
            byte[] whole = inner.payload(payload).whole();
            byte[] packet = new byte[3 + whole.length];
            System.arraycopy(inner.partial(), 0, packet, 3, whole.length);
            assertTrue(Checksum.complete(packet, 3, whole.length, inner.ipLength(), inner.checksumField()));
            assertArrayEquals(whole, Arrays.copyOfRange(packet, 3, packet.length));
        }
    }

    /** RFC 768: 0 says of UDP that there is none, and nothing of others. */
    @Test
    void completedChecksumOfUdpIsNeverZero() {
        for (boolean tcp : new boolean[] {false, true}) {
            InnerPacket inner = tcp ? InnerPacket.tcp(false) : InnerPacket.udp(false);
            int field = 20 + inner.checksumField();
            inner.payload(new byte[2]);
            byte[] payload = InnerPacket.put(new byte[2], 0, Bytes.u16(inner.whole(), field));
            byte[] packet = inner.payload(payload).partial();
            assertTrue(Checksum.complete(packet, 0, packet.length, 20, inner.checksumField()));
            assertEquals(tcp ? 0 : 0xffff, Bytes.u16(packet, field));
            assertArrayEquals(inner.whole(), packet);
        }
    }

    @Test
    void checksumOutsideOfThePacketIsNotMade() {
        byte[] packet = new byte[42];
        for (int[] wrong : new int[][] {{20, 19}, {40, 0}, {0xffff, 16}, {0, 0xffff}, {0xffff, 0xffff}}) {
            assertFalse(Checksum.complete(packet, 2, 40, wrong[0], wrong[1]));
        }
        assertArrayEquals(new byte[42], packet);
        assertTrue(Checksum.complete(packet, 2, 40, 20, 18));
    }
}
