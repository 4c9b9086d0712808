package org.ipsecif.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Fragments, put together again by their own offsets, are the packet. */
class Ipv4FragmenterTest {
    private static byte[] packet(int headerLength, int length, int fragmentField) {
        byte[] packet = new byte[length];
        for (int i = headerLength; i < length; i++) {
            packet[i] = (byte) (i * 31);
        }
        packet[0] = (byte) (0x40 | headerLength / 4);
        Bytes.put16(packet, 2, length);
        Bytes.put16(packet, 4, 0x1234);
        Bytes.put16(packet, 6, fragmentField);
        packet[8] = 64;
        packet[9] = 17;
        Bytes.put32(packet, 12, 0x0a000001);
        Bytes.put32(packet, 16, 0x0a000002);
        return packet;
    }

    private static List<byte[]> fragments(byte[] packet, int limit) {
        Ipv4Fragmenter fragmenter = new Ipv4Fragmenter();
        fragmenter.begin(packet, 0, packet.length, limit);
        List<byte[]> fragments = new ArrayList<>();
        byte[] buffer = new byte[limit + 10];
        for (int length = fragmenter.next(buffer, 7); length > 0; length = fragmenter.next(buffer, 7)) {
            fragments.add(Arrays.copyOfRange(buffer, 7, 7 + length));
        }
        return fragments;
    }

    @ParameterizedTest
    @ValueSource(ints = {68, 69, 75, 76, 100, 576, 1279, 1280, 1499, 1500})
    void togetherTheyAreThePacket(int limit) {
        byte[] packet = packet(20, 3_001, 0);
        byte[] payload = new byte[3_001 - 20];
        int expectedOffset = 0;
        List<byte[]> fragments = fragments(packet, limit);
        for (int i = 0; i < fragments.size(); i++) {
            byte[] fragment = fragments.get(i);
            PacketView view = new PacketView();
            assertTrue(view.parse(fragment, 0, fragment.length));
            assertTrue(fragment.length <= limit);
            assertEquals(fragment.length, view.totalLength());
            assertEquals(0, Checksum.of(fragment, 0, 20));
            assertEquals(0x1234, view.fragmentId());
            assertEquals(expectedOffset, view.fragmentOffset());
            assertEquals(i < fragments.size() - 1, view.hasMoreFragments());
            System.arraycopy(fragment, 20, payload, expectedOffset, fragment.length - 20);
            expectedOffset += fragment.length - 20;
        }
        assertArrayEquals(Arrays.copyOfRange(packet, 20, 3_001), payload);
        int room = (limit - 20) & ~7;
        fragments.subList(0, fragments.size() - 1).forEach(each -> assertEquals(20 + room, each.length));
    }

    @Test
    void lastFragmentMayUseAllRoom() {
        assertEquals(1, fragments(packet(20, 101, 0), 101).size());
        assertEquals(2, fragments(packet(20, 102, 0), 101).size());
    }

    /** RFC 1812 section 4.2.2.7: a fragment that is cut again stays in its place, and keeps "more fragments". */
    @Test
    void fragmentsOfAFragmentKeepItsPlace() {
        List<byte[]> fragments = fragments(packet(20, 220, 0x2000 | 100), 120);
        assertEquals(0x2000 | 100, Bytes.u16(fragments.get(0), 6));
        assertEquals(0x2000 | 112, Bytes.u16(fragments.get(1), 6));
        assertEquals(0x2000 | 124, Bytes.u16(fragments.get(2), 6));
        assertEquals(3, fragments.size());
    }

    /** RFC 791: router alert is copied, record route is not. */
    @Test
    void laterFragmentsHaveOnlyTheOptionsThatAreCopied() {
        byte[] packet = packet(32, 300, 0);
        byte[] options = {7, 7, 4, 0, 0, 0, 0, (byte) 0x94, 4, 0, 0, 0};
        System.arraycopy(options, 0, packet, 20, options.length);
        List<byte[]> fragments = fragments(packet, 128);
        assertArrayEquals(options, Arrays.copyOfRange(fragments.get(0), 20, 32));
        byte[] later = fragments.get(1);
        assertEquals(0x46, later[0]);
        assertArrayEquals(new byte[] {(byte) 0x94, 4, 0, 0}, Arrays.copyOfRange(later, 20, 24));
        assertEquals(0, Checksum.of(later, 0, 24));
        assertEquals(packet[32 + 96], later[24]);
    }

    @Test
    void malformedOptionsAreLeftBehindNotFollowed() {
        byte[] packet = packet(24, 300, 0);
        packet[20] = (byte) 0x94;
        packet[21] = 0; // no such length
        List<byte[]> fragments = fragments(packet, 128);
        assertEquals(0x45, fragments.get(1)[0]);
        packet[21] = 40; // behind the header
        assertEquals(0x45, fragments(packet, 128).get(1)[0]);
    }
}
