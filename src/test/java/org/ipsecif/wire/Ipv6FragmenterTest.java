package org.ipsecif.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Fragments, put together again by their own offsets, are the packet. */
class Ipv6FragmenterTest {
    private final Ipv6Fragmenter fragmenter = new Ipv6Fragmenter(50);

    private List<byte[]> fragments(byte[] packet, int offset, int length) {
        fragmenter.begin(packet, offset, length);
        List<byte[]> fragments = new ArrayList<>();
        byte[] target = new byte[Ipv6Fragmenter.MAX_LENGTH];
        for (int size = fragmenter.next(target); size > 0; size = fragmenter.next(target)) {
            fragments.add(Arrays.copyOf(target, size));
        }
        return fragments;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 1_231, 1_232, 1_233, 2_464, 2_465, 9_000, 65_535})
    void togetherTheyAreThePacket(int length) {
        byte[] packet = new byte[5 + length];
        for (int i = 0; i < packet.length; i++) {
            packet[i] = (byte) (i * 31 + (i >> 8));
        }
        byte[] together = new byte[length];
        int expectedOffset = 0;
        List<byte[]> fragments = fragments(packet, 5, length);
        for (byte[] fragment : fragments) {
            boolean last = fragment == fragments.get(fragments.size() - 1);
            assertTrue(fragment.length + 40 <= 1_280);
            assertEquals(50, fragment[0]);
            assertEquals(0, fragment[1]);
            assertEquals(expectedOffset | (last ? 0 : 1), Bytes.u16(fragment, 2));
            assertEquals(Bytes.i32(fragments.get(0), 4), Bytes.i32(fragment, 4));
            System.arraycopy(fragment, 8, together, expectedOffset, fragment.length - 8);
            expectedOffset += fragment.length - 8;
        }
        assertEquals(length, expectedOffset);
        assertArrayEquals(Arrays.copyOfRange(packet, 5, packet.length), together);
    }

    @Test
    void eachPacketHasItsOwnIdentification() {
        byte[] packet = new byte[2_000];
        int first = Bytes.i32(fragments(packet, 0, 2_000).get(1), 4);
        int second = Bytes.i32(fragments(packet, 0, 2_000).get(0), 4);
        assertNotEquals(first, second);
        assertNotEquals(first, Bytes.i32(freshFragment(packet), 4)); // 1 in 2^32 to be wrong
    }

    private static byte[] freshFragment(byte[] packet) {
        Ipv6Fragmenter other = new Ipv6Fragmenter(50);
        other.begin(packet, 0, packet.length);
        byte[] target = new byte[Ipv6Fragmenter.MAX_LENGTH];
        return Arrays.copyOf(target, other.next(target));
    }
}
