package org.ipsecif.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is joined comes out of cutting as it came; what could not is not joined. */
class CoalescerTest {
    private static final int START = 16;
    private static final int AT = 7;
    private static final byte[] TIMESTAMP = {1, 1, 8, 10, 0, 1, 2, 3, 9, 8, 7, 6};

    private final ByteBuffer target = ByteBuffer.allocateDirect(START + 65_535);
    private final Coalescer coalescer = new Coalescer(target, START);
    private final Offload offload = new Offload();
    private final PacketView view = new PacketView();

    private byte[] placed(byte[] packet) {
        byte[] larger = new byte[AT + packet.length + 3];
        System.arraycopy(packet, 0, larger, AT, packet.length);
        assertTrue(view.parse(larger, AT, packet.length + 3));
        return larger;
    }

    private void begin(byte[] packet) {
        coalescer.begin(placed(packet), AT, view, true, true);
    }

    private boolean add(byte[] packet) {
        return coalescer.add(placed(packet), AT, view);
    }

    private byte[] finish() {
        byte[] packet = new byte[coalescer.finish(offload)];
        target.get(START, packet);
        return packet;
    }

    /** As {@link org.ipsecif.wire.Coalescer} is used: what does not belong to the last begins the next. */
    private List<byte[]> throughJoiningAndCutting(List<byte[]> packets) {
        List<byte[]> out = new ArrayList<>();
        for (byte[] packet : packets) {
            if (!add(packet)) {
                cut(out);
                begin(packet);
            }
        }
        cut(out);
        return out;
    }

    private void cut(List<byte[]> out) {
        int before = coalescer.count();
        byte[] packet = finish();
        assertEquals(before > 1, offload.isSegmented());
        assertEquals(before > 1, offload.needsChecksum());
        if (before <= 1) {
            if (before == 1) {
                out.add(packet);
            }
            return;
        }
        Segmenter segmenter = new Segmenter();
        assertTrue(segmenter.begin(ByteBuffer.wrap(packet), 0, packet.length, offload));
        byte[] piece = new byte[65_535];
        int count = 0;
        for (int length = segmenter.next(piece, 0); length > 0; length = segmenter.next(piece, 0)) {
            out.add(Arrays.copyOf(piece, length));
            count++;
        }
        assertEquals(before, count);
    }

    private static InnerPacket packet(String protocol, boolean inet6) {
        return protocol.equals("TCP") ? InnerPacket.tcp(inet6) : InnerPacket.udp(inet6);
    }

    /** The headers that the host gets are those that it would have left to a network card, had it sent so. */
    @ParameterizedTest
    @CsvSource({"TCP, false", "TCP, true", "UDP, false", "UDP, true"})
    void joinedPacketIsTheOneThatStandsForThem(String protocol, boolean inet6) {
        InnerPacket whole = packet(protocol, inet6)
                .trafficClass(0xb8)
                .hopLimit(3)
                .id(0xfffe)
                .fragment(0)
                .flowLabel(inet6 ? 0x12345 : 0)
                .sequence(-2_000)
                .flags(InnerPacket.ACK | InnerPacket.PSH)
                .options(TIMESTAMP)
                .payload(4_567);
        List<byte[]> packets = whole.cut(1_000);
        begin(packets.get(0));
        for (byte[] packet : packets.subList(1, packets.size())) {
            assertTrue(add(packet));
        }
        assertEquals(packets.size(), coalescer.count());
        assertArrayEquals(whole.partial(), finish());
        Offload expected = new Offload();
        whole.describe(expected, 1_000);
        assertEquals(expected.kind(), offload.kind());
        assertEquals(1_000, offload.segmentSize());
        assertEquals(expected.checksumStart(), offload.checksumStart());
        assertEquals(expected.checksumOffset(), offload.checksumOffset());
        assertEquals(whole.ipLength() + (protocol.equals("TCP") ? 32 : 8), offload.headerLength());
        assertTrue(offload.needsChecksum());
        assertEquals(0, coalescer.count());
        assertEquals(0, coalescer.finish(offload));
    }

    @Test
    void oneAloneGoesAsItCame() {
        byte[] packet = InnerPacket.tcp(false).options(TIMESTAMP).payload(100).whole();
        begin(packet);
        assertEquals(1, coalescer.count());
        assertArrayEquals(packet, finish());
        assertFalse(offload.isSegmented());
        assertFalse(offload.needsChecksum());
        assertFalse(add(packet), "there is nothing to add to");
    }

    /** Each of what follows the first packet is another's, or out of order, or says something of its own. */
    static Stream<Arguments> strangers() {
        List<Arguments> all = new ArrayList<>();
        for (boolean inet6 : new boolean[] {false, true}) {
            InnerPacket tcp =
                    InnerPacket.tcp(inet6).fragment(0).options(TIMESTAMP).payload(1_000);
            byte[] other = TIMESTAMP.clone();
            other[7]++;
            byte[] address = new byte[inet6 ? 16 : 4];
            address[0] = 10;
            all.add(Arguments.of("source", tcp, tcp.next(1_000).from(address)));
            all.add(Arguments.of("destination", tcp, tcp.next(1_000).to(address)));
            all.add(Arguments.of("port", tcp, tcp.next(1_000).fromPort(40_001)));
            all.add(Arguments.of("gap", tcp, tcp.next(1_000).sequence(1_002)));
            all.add(Arguments.of("again", tcp, tcp.copy().id(2)));
            all.add(Arguments.of("overlap", tcp, tcp.next(1_000).sequence(1_000)));
            all.add(Arguments.of("acknowledgment", tcp, tcp.next(1_000).acknowledgment(78)));
            all.add(Arguments.of("window", tcp, tcp.next(1_000).window(501)));
            all.add(Arguments.of("urgent pointer", tcp, tcp.next(1_000).urgent(1)));
            all.add(Arguments.of("option", tcp, tcp.next(1_000).options(other)));
            all.add(Arguments.of("fewer options", tcp, tcp.next(1_000).options()));
            all.add(Arguments.of("TOS", tcp, tcp.next(1_000).trafficClass(1)));
            all.add(Arguments.of("TTL", tcp, tcp.next(1_000).hopLimit(63)));
            all.add(Arguments.of("longer", tcp, tcp.next(1_001)));
            all.add(Arguments.of("empty", tcp, tcp.next(0)));
            for (int flag : new int[] {0x01, 0x02, 0x04, 0x20, 0x40, 0x80}) {
                all.add(Arguments.of("flag " + flag, tcp, tcp.next(1_000).flags(InnerPacket.ACK | flag)));
            }
            all.add(Arguments.of("no ACK", tcp, tcp.next(1_000).flags(0)));
            InnerPacket udp = InnerPacket.udp(inet6).fragment(0).payload(1_000);
            all.add(Arguments.of("other protocol", tcp, udp.next(1_012)));
            all.add(Arguments.of("other protocol", udp, tcp.next(1_000)));
            all.add(Arguments.of("other IP", tcp, InnerPacket.tcp(!inet6).sequence(1_001)));
            all.add(Arguments.of("UDP port", udp, udp.next(1_000).fromPort(1)));
            all.add(Arguments.of("longer UDP", udp, udp.next(1_001)));
            if (inet6) {
                byte[] extension = {6, 0, 1, 4, 0, 0, 0, 0};
                all.add(Arguments.of("flow label", tcp, tcp.next(1_000).flowLabel(1)));
                all.add(Arguments.of("extension", tcp, tcp.next(1_000).extension(60, extension, 2)));
            } else {
                all.add(Arguments.of("DF", tcp, tcp.next(1_000).fragment(0x4000)));
                all.add(Arguments.of("first fragment", tcp, tcp.next(1_000).fragment(0x2000)));
                all.add(Arguments.of("later fragment", tcp, tcp.next(1_000).fragment(5)));
                all.add(Arguments.of("reserved flag", tcp, tcp.next(1_000).fragment(0x8000)));
                all.add(Arguments.of("identification", tcp, tcp.next(1_000).id(3)));
                all.add(Arguments.of(
                        "the same identification", udp, udp.next(1_000).id(1)));
                all.add(Arguments.of("IP options", tcp, tcp.next(1_000).ipOptions(new byte[4])));
            }
        }
        return all.stream();
    }

    @ParameterizedTest(name = "{0} {index}")
    @MethodSource("strangers")
    void whatIsNotOfTheFlowIsNotJoined(String what, InnerPacket first, InnerPacket second) {
        begin(first.whole());
        assertFalse(add(second.whole()), what);
        assertTrue(add(first.next(1_000).whole()), "and changes nothing");
        assertTrue(add(first.next(1_000).next(10).whole()));
        assertEquals(3, coalescer.count());
        assertEquals(first.whole().length + 1_010, finish().length);
    }

    /** What stands for itself begins nothing either. */
    static Stream<byte[]> loners() {
        byte[] badHeader = InnerPacket.tcp(false).payload(100).whole();
        badHeader[10] ^= 1;
        byte[] badUdpLength = InnerPacket.udp(true).payload(100).whole();
        badUdpLength[45]--;
        byte[] noChecksum = InnerPacket.udp(false).payload(100).whole();
        Bytes.put16(noChecksum, 26, 0);
        byte[] shortTcp = InnerPacket.tcp(true).payload(100).whole();
        shortTcp[52] = 4 << 4;
        byte[] longTcp = InnerPacket.tcp(true).payload(8).whole();
        longTcp[52] = (byte) (15 << 4);
        byte[] atomic = {6, 0, 0, 0, 0, 0, 0, 1};
        return Stream.of(
                badHeader,
                badUdpLength,
                noChecksum,
                shortTcp,
                longTcp,
                InnerPacket.tcp(true).extension(44, atomic, 2).payload(100).whole(),
                InnerPacket.tcp(true).extension(60, atomic, 2).payload(100).whole(),
                InnerPacket.tcp(false).ipOptions(new byte[4]).payload(100).whole(),
                InnerPacket.tcp(false).fragment(0x2000).payload(100).whole(),
                InnerPacket.tcp(false).fragment(1).payload(100).whole(),
                InnerPacket.tcp(false).whole(),
                InnerPacket.udp(false).whole(),
                InnerPacket.tcp(false).flags(0x12).payload(100).whole(),
                InnerPacket.tcp(false)
                        .flags(InnerPacket.ACK | InnerPacket.FIN)
                        .payload(100)
                        .whole(),
                InnerPacket.tcp(false).flags(0).payload(100).whole());
    }

    @ParameterizedTest
    @MethodSource("loners")
    void whatStandsForItselfIsHandedOnAsItCame(byte[] packet) {
        begin(packet);
        assertFalse(add(packet));
        assertFalse(add(InnerPacket.tcp(false).next(100).whole()));
        assertFalse(add(InnerPacket.udp(false).next(100).whole()));
        assertArrayEquals(packet, finish());
        assertFalse(offload.isSegmented() || offload.needsChecksum());
        InnerPacket good = InnerPacket.tcp(false).payload(100);
        begin(good.whole());
        assertFalse(add(packet));
        assertTrue(add(good.next(100).whole()));
    }

    /** Every bit of a packet that the checksums cover counts, in the first and in the second. */
    @ParameterizedTest
    @CsvSource({"TCP, false", "TCP, true", "UDP, false", "UDP, true"})
    void packetWithAnyBitFlippedIsNotJoined(String protocol, boolean inet6) {
        InnerPacket first = packet(protocol, inet6).fragment(0).payload(21);
        InnerPacket second = first.next(21);
        for (int bit = 0; bit < second.whole().length * 8; bit++) {
            boolean inIp = bit / 8 < 40 && inet6;
            byte[] flipped = second.whole();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            boolean parses = new PacketView().parse(flipped, 0, flipped.length);
            begin(first.whole());
            assertFalse(parses && add(flipped), "bit " + bit + " of the second");
            flipped = first.whole();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            if (!inIp && new PacketView().parse(flipped, 0, flipped.length)) {
                begin(flipped);
                assertFalse(add(second.whole()), "bit " + bit + " of the first");
            }
        }
    }

    /**
     * RFC 1624 section 3: 0xffff for zero is right to the receiver, but no sender makes it of TCP or IPv4, and cutting would not make it
     * again.
     */
    @Test
    void otherZeroIsNotJoined() {
        InnerPacket first = InnerPacket.tcp(false).payload(new byte[100]);
        first.payload(InnerPacket.put(new byte[100], 0, Bytes.u16(first.whole(), 36)));
        byte[] packet = first.whole();
        assertEquals(0, Bytes.u16(packet, 36));
        begin(packet);
        assertTrue(add(first.next(100).whole()), "the usual zero");
        Bytes.put16(packet, 36, 0xffff);
        begin(packet);
        assertFalse(add(first.next(100).whole()));
        InnerPacket header = InnerPacket.udp(false).payload(100);
        header.id(header.id() + Bytes.u16(header.whole(), 10));
        byte[] other = header.whole();
        assertEquals(0, Bytes.u16(other, 10));
        begin(other);
        assertTrue(add(header.next(100).whole()));
        Bytes.put16(other, 10, 0xffff);
        begin(other);
        assertFalse(add(header.next(100).whole()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TCP", "UDP"})
    void shorterOneIsTheLast(String protocol) {
        InnerPacket first = packet(protocol, true).payload(1_000);
        InnerPacket shorter = first.next(999);
        begin(first.whole());
        assertTrue(add(shorter.whole()));
        assertFalse(add(shorter.next(999).whole()));
        assertFalse(add(shorter.next(1).whole()));
        assertEquals(2, coalescer.count());
    }

    /** RFC 9293 section 3.9.1.2: what was pushed does not wait, and the mark stays where it was. */
    @Test
    void pushedOneIsTheLast() {
        InnerPacket first = InnerPacket.tcp(false).payload(1_000);
        InnerPacket pushed = first.next(1_000).flags(InnerPacket.ACK | InnerPacket.PSH);
        begin(first.whole());
        assertTrue(add(pushed.whole()));
        assertFalse(add(pushed.next(1_000).flags(InnerPacket.ACK).whole()));
        assertEquals(InnerPacket.ACK | InnerPacket.PSH, finish()[33]);
        begin(pushed.whole());
        assertFalse(add(pushed.next(1_000).flags(InnerPacket.ACK).whole()));
        begin(first.whole());
        assertTrue(add(first.next(1_000).whole()));
        assertEquals(InnerPacket.ACK, finish()[33], "of another, nothing is left");
    }

    /** RFC 6864 section 4.1: where nobody cuts, identifications mean nothing. */
    @Test
    void identificationMattersOnlyWhereOthersMayCut() {
        InnerPacket first = InnerPacket.tcp(false).payload(1_000);
        begin(first.whole());
        assertTrue(add(first.next(1_000).id(0).whole()));
        first.fragment(0).id(0xffff);
        begin(first.whole());
        assertTrue(add(first.next(1_000).whole()), "0 follows 65,535");
    }

    @Test
    void sequenceNumberWraps() {
        InnerPacket first = InnerPacket.tcp(true).sequence(-1_000).payload(1_000);
        begin(first.whole());
        assertTrue(add(first.next(1_000).whole()));
        assertEquals(0, Bytes.i32(first.next(1_000).whole(), 44));
    }

    @ParameterizedTest
    @CsvSource({"TCP, false", "TCP, true", "UDP, false", "UDP, true"})
    void noMoreAreJoinedThanAPacketIsLong(String protocol, boolean inet6) {
        InnerPacket last = packet(protocol, inet6).payload(4_000);
        begin(last.whole());
        int count = 1;
        while (add(last.next(4_000).whole())) {
            last = last.next(4_000);
            count++;
        }
        assertEquals(16, count);
        int headers = (inet6 ? 40 : 20) + (protocol.equals("TCP") ? 20 : 8);
        int room = 65_535 - headers - 64_000;
        assertFalse(add(last.next(room + 1).whole()));
        assertTrue(add(last.next(room).whole()));
        assertEquals(65_535, finish().length);
    }

    /** UDP_MAX_SEGMENTS of Linux; of TCP it takes any number. */
    @Test
    void noMoreThan64DatagramsOfUdpAreJoined() {
        for (String protocol : List.of("TCP", "UDP")) {
            InnerPacket last = packet(protocol, false).payload(10);
            begin(last.whole());
            for (int i = 1; i < 64; i++) {
                last = last.next(10);
                assertTrue(add(last.whole()));
            }
            assertEquals(protocol.equals("TCP"), add(last.next(10).whole()));
        }
    }

    @Test
    void onlyWhatTheHostTakesIsJoined() {
        for (String protocol : List.of("TCP", "UDP")) {
            InnerPacket first = packet(protocol, false).payload(10);
            byte[] packet = placed(first.whole());
            coalescer.begin(packet, AT, view, protocol.equals("UDP"), protocol.equals("TCP"));
            assertFalse(add(first.next(10).whole()));
            packet = placed(first.whole());
            coalescer.begin(packet, AT, view, protocol.equals("TCP"), protocol.equals("UDP"));
            assertTrue(add(first.next(10).whole()));
        }
    }

    /** Flows that come in bursts, with all that may go wrong; the same packets come out in the same order. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void whatIsJoinedAndCutIsAsItCame(long seed) {
        Random random = new Random(seed);
        List<InnerPacket> flows = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            InnerPacket flow = i % 2 == 0 ? InnerPacket.tcp(i % 3 == 0) : InnerPacket.udp(i % 3 == 0);
            flows.add(flow.fragment(0)
                    .id(random.nextInt(0x1_0000))
                    .sequence(random.nextInt())
                    .payload(1_000));
        }
        List<byte[]> packets = new ArrayList<>();
        int which = 0;
        for (int i = 0; i < 3_000; i++) {
            which = random.nextInt(12) == 0 ? random.nextInt(flows.size()) : which;
            InnerPacket next = flows.get(which).next(random.nextInt(10) == 0 ? random.nextInt(1_000) : 1_000);
            flows.set(which, odd(next, random));
            byte[] packet = next.whole();
            if (random.nextInt(30) == 0) {
                packet[packet.length - 1] ^= 1;
            }
            packets.add(packet);
        }
        SegmenterTest.assertSame(packets, throughJoiningAndCutting(packets));
    }

    /** Now and then a packet says something else. */
    private static InnerPacket odd(InnerPacket packet, Random random) {
        return switch (random.nextInt(60)) {
            case 0 -> packet.hopLimit(1 + random.nextInt(2));
            case 1 -> packet.window(random.nextInt(2));
            case 2 -> packet.id(random.nextInt(0x1_0000));
            case 3 -> packet.acknowledgment(random.nextInt());
            case 4 -> packet.trafficClass(random.nextInt(4));
            case 5, 6 -> packet.flags(random.nextInt(256));
            case 7, 8, 9 -> packet.flags(InnerPacket.ACK | InnerPacket.PSH);
            default -> packet.flags(InnerPacket.ACK);
        };
    }

    @Test
    void joiningDoesHappen() {
        List<byte[]> packets = InnerPacket.tcp(false).payload(60_000).cut(1_400);
        begin(packets.get(0));
        packets.subList(1, packets.size()).forEach(packet -> assertTrue(add(packet)));
        assertEquals(43, coalescer.count());
    }
}
