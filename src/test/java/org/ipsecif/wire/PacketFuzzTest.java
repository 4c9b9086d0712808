package org.ipsecif.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Inner packets of any bytes: read within their bounds, cut into fragments that are the packet, clamped, answered. */
class PacketFuzzTest {
    /** Stands before the packet, so that an offset is never 0. */
    private static final int OFFSET = 3;

    private final PacketView view = new PacketView();

    static Stream<byte[]> packets() {
        byte[] syn = new byte[48];
        Bytes.put16(syn, 0, 0x4500);
        Bytes.put16(syn, 2, syn.length);
        syn[9] = IpProtocol.TCP;
        Bytes.put64(syn, 12, 0x0a00_0001_0a00_0002L);
        Bytes.put16(syn, 32, 0x7002);
        Bytes.put64(syn, 40, 0x0102_0405_b401_0100L);
        byte[] options = new byte[228];
        Bytes.put16(options, 0, 0x4800);
        Bytes.put16(options, 2, options.length);
        Bytes.put16(options, 6, 0x2000 | 100);
        options[9] = IpProtocol.UDP;
        Bytes.put64(options, 12, 0x0a00_0001_0a00_0002L);
        Bytes.put64(options, 20, 0x0707_0400_0000_0094L);
        Bytes.put32(options, 28, 0x0400_0000);
        byte[] inet6 = new byte[80];
        Bytes.put16(inet6, 0, 0x6000);
        Bytes.put64(inet6, 4, 0x0028_0040_2001_0db8L);
        Bytes.put64(inet6, 40, 0x3c00_0000_0000_0000L);
        Bytes.put64(inet6, 48, 0x2c01_0000_0000_0000L);
        Bytes.put64(inet6, 64, 0x1100_0001_0000_0007L);
        return Stream.of(syn, options, inet6);
    }

    /** Parses the input at {@link #OFFSET} of a larger array. @return that array, or null if it is no packet */
    private byte[] parsed(byte[] input) {
        byte[] packet = new byte[OFFSET + input.length];
        System.arraycopy(input, 0, packet, OFFSET, input.length);
        return view.parse(packet, OFFSET, input.length) ? packet : null;
    }

    @MethodSource("packets")
    @FuzzTest(maxDuration = "2m")
    void packetIsReadWithinItsBounds(byte[] input) {
        if (parsed(input) == null) {
            return;
        }
        int least = view.isInet6() ? PacketView.IPV6_HEADER : PacketView.IPV4_HEADER;
        assertTrue(view.totalLength() >= least && view.totalLength() <= input.length);
        assertTrue(view.headerLength() >= least);
        assertTrue(view.fragmentOffset() >= 0 && view.fragmentOffset() <= 0xfff8 && view.fragmentOffset() % 8 == 0);
        boolean ports = view.sourcePort() != PacketView.UNKNOWN;
        assertEquals(ports, view.destinationPort() != PacketView.UNKNOWN);
        if (ports) {
            assertTrue(view.headerLength() + 2 <= view.totalLength());
            assertEquals(0, view.fragmentOffset());
        }
        // What follows the packet has no say.
        PacketView alone = new PacketView();
        assertTrue(alone.parse(Arrays.copyOf(input, view.totalLength()), 0, view.totalLength()));
        assertEquals(view.protocol(), alone.protocol());
        assertEquals(view.headerLength(), alone.headerLength());
        assertEquals(view.sourcePort(), alone.sourcePort());
        assertEquals(view.destinationPort(), alone.destinationPort());
    }

    @MethodSource("packets")
    @FuzzTest(maxDuration = "2m")
    void clampChangesTheSegmentSizeAlone(byte[] input) {
        byte[] packet = parsed(input);
        if (packet == null) {
            return;
        }
        int limit = 64 + Bytes.u8(packet, packet.length - 1) * 16;
        byte[] before = packet.clone();
        if (!TcpMss.clamp(view, packet, OFFSET, limit)) {
            assertArrayEquals(before, packet);
            return;
        }
        int tcp = OFFSET + view.headerLength();
        int end = OFFSET + view.totalLength();
        int first = tcp + 20;
        while (first < end && packet[first] == before[first]) {
            first++;
        }
        int option =
                packet[first - 1] == 4 && packet[first - 2] == 2 ? first : first - 1; // the upper byte may be the same
        assertEquals(limit, Bytes.u16(packet, option));
        assertTrue(Bytes.u16(before, option) > limit);
        assertTrue(option + 2 <= end);
        assertEquals(sum(before, tcp, end), sum(packet, tcp, end));
        Bytes.put16(packet, option, Bytes.u16(before, option));
        Bytes.put16(packet, tcp + 16, Bytes.u16(before, tcp + 16));
        assertArrayEquals(before, packet);
    }

    /** Modulo 65,535, where 0 and 65,535 are one. */
    private static long sum(byte[] bytes, int from, int to) {
        return Checksum.sum(0, bytes, from, to - from) % 0xffff;
    }

    @MethodSource("packets")
    @FuzzTest(maxDuration = "2m")
    void fragmentsAreThePacket(byte[] input) {
        byte[] packet = parsed(input);
        if (packet == null || view.isInet6()) {
            return;
        }
        int limit = 68 + Bytes.u8(packet, OFFSET + 8);
        int header = view.headerLength();
        int start = view.fragmentOffset();
        boolean more = view.hasMoreFragments();
        byte[] payload = Arrays.copyOfRange(packet, OFFSET + header, OFFSET + view.totalLength());
        Ipv4Fragmenter fragmenter = new Ipv4Fragmenter();
        fragmenter.begin(packet, OFFSET, view.totalLength(), limit);
        byte[] fragment = new byte[OFFSET + limit];
        int taken = 0;
        for (int length = fragmenter.next(fragment, OFFSET); length > 0; length = fragmenter.next(fragment, OFFSET)) {
            assertTrue(length <= limit);
            assertTrue(view.parse(fragment, OFFSET, length));
            assertEquals(length, view.totalLength());
            assertEquals(0, Checksum.of(fragment, OFFSET, view.headerLength()));
            assertEquals(taken == 0 ? header : Math.min(header, view.headerLength()), view.headerLength());
            assertEquals(start + taken, view.fragmentOffset());
            int size = length - view.headerLength();
            assertArrayEquals(
                    Arrays.copyOfRange(payload, taken, taken + size),
                    Arrays.copyOfRange(fragment, OFFSET + view.headerLength(), OFFSET + length));
            taken += size;
            assertEquals(more || taken < payload.length, view.hasMoreFragments());
        }
        assertEquals(payload.length, taken);
    }

    @MethodSource("packets")
    @FuzzTest(maxDuration = "2m")
    void answerIsAPacketThatQuotesAndIsNeverAnswered(byte[] input) {
        byte[] packet = parsed(input);
        if (packet == null || !IcmpTooBig.mayAnswer(view)) {
            return;
        }
        boolean inet6 = view.isInet6();
        byte[] source = inet6 ? new byte[16] : new byte[4];
        source[0] = 10;
        byte[] answer = new byte[IcmpTooBig.MAX_LENGTH];
        int length = IcmpTooBig.write(source, packet, OFFSET, view.totalLength(), 1_280, answer);
        assertTrue(length <= (inet6 ? IcmpTooBig.MAX_LENGTH : 576));
        long sender = view.sourceLow();
        assertTrue(view.parse(answer, 0, length));
        assertEquals(length, view.totalLength());
        assertEquals(sender, view.destinationLow());
        int icmp = view.headerLength();
        int quoted = length - icmp - 8;
        assertArrayEquals(
                Arrays.copyOfRange(packet, OFFSET, OFFSET + quoted), Arrays.copyOfRange(answer, icmp + 8, length));
        long pseudo = inet6 ? Checksum.pseudoHeader(answer, 0, IpProtocol.ICMPV6, length - icmp) : 0;
        assertEquals(0, Checksum.finish(Checksum.sum(pseudo, answer, icmp, length - icmp)));
        assertFalse(IcmpTooBig.mayAnswer(view));
    }
}
