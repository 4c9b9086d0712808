package org.ipsecif.platform.freebsd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Fragments become the packet that was cut, or nothing. */
class EspFragmentsTest {
    private static final String US = "c0000201";
    private static final String PEER = "c6336402";
    private static final String OTHER = "cb007109";
    private static final int MORE = 0x2000;

    private final EspFragments fragments = new EspFragments();
    private final OuterPacket packet = new OuterPacket();
    private final Random random = new Random(5);
    private long now;

    private boolean add(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        assertTrue(packet.read(buffer, 0, bytes.length));
        return fragments.add(packet, buffer, now);
    }

    private boolean add(String source, int id, int offset, int length, boolean more, byte[] from) {
        byte[] part = Arrays.copyOfRange(from, offset, offset + length);
        return add(WirePackets.inet(source, US, 50, id, offset / 8 | (more ? MORE : 0), "", part));
    }

    private byte[] whole() {
        ByteBuffer into = ByteBuffer.allocate(fragments.length() + 3);
        fragments.copy(into, 3);
        return Arrays.copyOfRange(into.array(), 3, into.capacity());
    }

    private byte[] payload(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    @Test
    void anyOrderWillDo() {
        byte[] payload = payload(4 * 296 + 5);
        for (int round = 0; round < 200; round++) {
            List<Integer> order = new ArrayList<>(List.of(0, 1, 2, 3, 4));
            Collections.shuffle(order, random);
            for (int i = 0; i < 5; i++) {
                int at = order.get(i) * 296;
                boolean whole = add(PEER, round, at, Math.min(296, payload.length - at), order.get(i) < 4, payload);
                assertEquals(i == 4, whole);
            }
            assertArrayEquals(payload, whole());
        }
        assertEquals(0, fragments.lost());
    }

    @Test
    void packetIsWhatWasCut() {
        byte[] payload = payload(3_001);
        assertFalse(add(PEER, 7, 1_480, 1_480, true, payload));
        assertFalse(add(PEER, 7, 0, 1_480, true, payload));
        assertTrue(add(PEER, 7, 2_960, 41, false, payload));
        assertArrayEquals(payload, whole());
        assertEquals(61, fragments.hopLimit());
        assertEquals(0xb8, fragments.trafficClass());
    }

    @Test
    void longestPacketIsPutTogether() {
        byte[] payload = payload(65_535 - 20);
        for (int at = 0; at < payload.length; at += 1_480) {
            int length = Math.min(1_480, payload.length - at);
            assertEquals(
                    at + length == payload.length, add(PEER, 1, at, length, at + length < payload.length, payload));
        }
        assertArrayEquals(payload, whole());
    }

    @Test
    void inet6HasIdentificationsOf32Bits() {
        byte[] payload = payload(100);
        String us = "20010db8000000000000000000000001";
        String peer = "20010db8000000000000000000000002";
        byte[] first = WirePackets.join(WirePackets.hex("32000001 00010007"), Arrays.copyOf(payload, 48));
        byte[] last = WirePackets.join(WirePackets.hex("32000030 00010007"), Arrays.copyOfRange(payload, 48, 100));
        byte[] strange = WirePackets.join(WirePackets.hex("32000030 00000007"), Arrays.copyOfRange(payload, 48, 100));
        assertFalse(add(WirePackets.inet6(peer, us, 44, first)));
        assertFalse(add(WirePackets.inet6(peer, us, 44, strange)));
        assertTrue(add(WirePackets.inet6(peer, us, 44, last)));
        assertArrayEquals(payload, whole());
    }

    @Test
    void packetsOfOthersAreNotMixed() {
        byte[] one = payload(64);
        byte[] two = payload(64);
        byte[] three = payload(64);
        assertFalse(add(PEER, 1, 0, 32, true, one));
        assertFalse(add(OTHER, 1, 0, 32, true, two));
        assertFalse(add(PEER, 2, 0, 32, true, three));
        assertTrue(add(OTHER, 1, 32, 32, false, two));
        assertArrayEquals(two, whole());
        assertTrue(add(PEER, 2, 32, 32, false, three));
        assertArrayEquals(three, whole());
        assertTrue(add(PEER, 1, 32, 32, false, one));
        assertArrayEquals(one, whole());
    }

    /** RFC 5722, RFC 8200 section 4.5: the packet is given up. */
    @Test
    void fragmentsThatOverlapOrContradictGiveNothing() {
        byte[] payload = payload(256);
        assertFalse(add(PEER, 1, 0, 64, true, payload));
        assertFalse(add(PEER, 1, 56, 64, true, payload));
        assertEquals(1, fragments.lost());
        assertFalse(add(PEER, 2, 64, 32, false, payload)); // two ends
        assertFalse(add(PEER, 2, 32, 32, false, payload));
        assertEquals(2, fragments.lost());
        assertFalse(add(PEER, 3, 64, 32, false, payload)); // more behind the end
        assertFalse(add(PEER, 3, 96, 32, true, payload));
        assertEquals(3, fragments.lost());
        assertFalse(add(PEER, 4, 96, 32, true, payload)); // the same, the other way round
        assertFalse(add(PEER, 4, 64, 32, false, payload));
        assertEquals(4, fragments.lost());
    }

    @Test
    void fragmentsThatCannotBeAreCounted() {
        assertFalse(add(WirePackets.inet(PEER, US, 50, 1, MORE, "", payload(31)))); // not a multiple of 8
        assertFalse(add(WirePackets.inet(PEER, US, 50, 1, MORE, "", new byte[0])));
        assertFalse(add(WirePackets.inet(PEER, US, 50, 1, 0x1fff, "", payload(16)))); // ends behind 65,535
        assertEquals(3, fragments.lost());
    }

    @Test
    void oldestGivesWay() {
        byte[] payload = payload(64);
        for (int id = 0; id <= EspFragments.SLOTS; id++) {
            now++;
            assertFalse(add(PEER, id, 0, 32, true, payload));
        }
        assertEquals(1, fragments.lost());
        for (int id = 1; id <= EspFragments.SLOTS; id++) {
            assertTrue(add(PEER, id, 32, 32, false, payload), "packet " + id);
        }
        assertFalse(add(PEER, 0, 32, 32, false, payload));
        assertEquals(1, fragments.lost());
    }

    @Test
    void whatComesTooLateIsNotWaitedFor() {
        byte[] payload = payload(64);
        now = Long.MAX_VALUE - 5; // a clock may wrap
        assertFalse(add(PEER, 1, 0, 32, true, payload));
        now += EspFragments.PATIENCE_NANOS;
        assertTrue(add(PEER, 1, 32, 32, false, payload));
        assertFalse(add(PEER, 1, 0, 32, true, payload));
        now += EspFragments.PATIENCE_NANOS + 1;
        assertFalse(add(PEER, 1, 32, 32, false, payload));
        assertEquals(1, fragments.lost());
    }

    /** RFC 3168 section 5.3. */
    @Test
    void congestionOfOneIsThatOfAll() {
        byte[] payload = payload(64);
        byte[] marked = WirePackets.inet(PEER, US, 50, 1, 4, "", Arrays.copyOfRange(payload, 32, 64));
        marked[1] = (byte) 0xbb;
        marked[10] = 0;
        marked[11] = 0;
        int sum = WirePackets.checksum(marked, 0, 20);
        marked[10] = (byte) (sum >> 8);
        marked[11] = (byte) sum;
        assertFalse(add(marked));
        assertTrue(add(PEER, 1, 0, 32, true, payload));
        assertEquals(0xbb, fragments.trafficClass());
    }
}
