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
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What comes of a packet that the host left whole are the packets that a network card would send, byte for byte. */
class SegmenterTest {
    private static final int BEFORE = 16;
    private static final int AT = 5;

    /** A time stamp, padded as every TCP does. */
    private static final byte[] TIMESTAMP = {1, 1, 8, 10, 0, 1, 2, 3, 9, 8, 7, 6};

    private final Segmenter segmenter = new Segmenter();
    private final Offload offload = new Offload();

    private static ByteBuffer buffer(byte[] packet) {
        return ByteBuffer.allocateDirect(BEFORE + packet.length).put(BEFORE, packet);
    }

    private boolean begins(byte[] packet) {
        return segmenter.begin(buffer(packet), BEFORE, packet.length, offload);
    }

    private List<byte[]> rest() {
        List<byte[]> packets = new ArrayList<>();
        byte[] target = new byte[AT + 70_000];
        for (int length = segmenter.next(target, AT); length > 0; length = segmenter.next(target, AT)) {
            packets.add(Arrays.copyOfRange(target, AT, AT + length));
        }
        assertEquals(0, segmenter.next(target, AT), "and no more");
        return packets;
    }

    static void assertSame(List<byte[]> expected, List<byte[]> actual) {
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i), actual.get(i), "packet " + i);
        }
    }

    private void assertCut(InnerPacket packet, int segment) {
        List<byte[]> expected = packet.cut(segment);
        packet.describe(offload, segment);
        assertTrue(begins(packet.partial()));
        assertEquals(expected.get(0).length, segmenter.longest());
        assertSame(expected, rest());
    }

    private static InnerPacket packet(String protocol, boolean inet6) {
        return protocol.equals("TCP") ? InnerPacket.tcp(inet6) : InnerPacket.udp(inet6);
    }

    @ParameterizedTest
    @CsvSource({"TCP, false", "TCP, true", "UDP, false", "UDP, true"})
    void everyLengthIsCut(String protocol, boolean inet6) {
        Random random = new Random(3);
        for (int i = 0; i < 300; i++) {
            int segment = 1 + random.nextInt(i < 150 ? 40 : 9_000);
            byte[] payload = new byte[1 + random.nextInt(segment * 7)];
            random.nextBytes(payload);
            InnerPacket packet = packet(protocol, inet6)
                    .trafficClass(random.nextInt(256))
                    .hopLimit(1 + random.nextInt(255))
                    .id(random.nextInt(0x1_0000))
                    .fragment(random.nextBoolean() ? 0x4000 : 0)
                    .flowLabel(random.nextInt(1 << 20))
                    .sequence(random.nextInt())
                    .flags(InnerPacket.ACK | random.nextInt(256))
                    .options(new byte[4 * random.nextInt(11)])
                    .payload(payload);
            assertCut(packet, segment);
        }
    }

    @ParameterizedTest
    @CsvSource({"TCP, false", "TCP, true", "UDP, false", "UDP, true"})
    void theLongestIsCut(String protocol, boolean inet6) {
        int headers = protocol.equals("TCP") ? 32 : 8;
        InnerPacket packet = packet(protocol, inet6).options(TIMESTAMP).payload(65_535 - (inet6 ? 0 : 20) - headers);
        assertCut(packet, 1_448);
        assertCut(packet, 1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatFitsInOneSegmentIsOne(boolean inet6) {
        InnerPacket packet = InnerPacket.tcp(inet6)
                .flags(InnerPacket.ACK | InnerPacket.CWR | InnerPacket.FIN | InnerPacket.PSH)
                .payload(1_000);
        assertCut(packet, 1_000);
        assertCut(packet, 60_000);
        assertEquals(1, packet.cut(1_000).size());
    }

    /** RFC 3168 section 6.1.2: CWR on the first alone; FIN and PSH on the last alone; the others on all. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void flagsStandWhereTheyBelong(boolean inet6) {
        int all = InnerPacket.ACK | InnerPacket.CWR | InnerPacket.FIN | InnerPacket.PSH | InnerPacket.ANY_FLAGS;
        InnerPacket packet = InnerPacket.tcp(inet6).flags(all).urgent(9).payload(2_500);
        packet.describe(offload, 1_000);
        assertTrue(begins(packet.partial()));
        List<byte[]> segments = rest();
        int at = packet.ipLength() + 13;
        int middle = InnerPacket.ACK | InnerPacket.ANY_FLAGS;
        assertEquals(middle | InnerPacket.CWR, segments.get(0)[at] & 0xff);
        assertEquals(middle, segments.get(1)[at] & 0xff);
        assertEquals(middle | InnerPacket.FIN | InnerPacket.PSH, segments.get(2)[at] & 0xff);
        assertCut(packet, 1_000);
    }

    @Test
    void sequenceNumberAndIdentificationWrap() {
        InnerPacket packet = InnerPacket.tcp(false)
                .id(0xfffe)
                .sequence(-1_500)
                .options(TIMESTAMP)
                .payload(5_001);
        packet.describe(offload, 1_000);
        assertTrue(begins(packet.partial()));
        List<byte[]> segments = rest();
        assertEquals(0, Bytes.u16(segments.get(2), 4));
        assertEquals(500, Bytes.i32(segments.get(2), 24));
        assertCut(packet, 1_000);
    }

    @Test
    void ipOptionsStandInEverySegment() {
        byte[] options = {(byte) 0x94, 4, 0, 0, 1, 1, 1, 0}; // RFC 2113
        assertCut(InnerPacket.tcp(false).ipOptions(options).payload(3_000), 1_000);
        assertCut(InnerPacket.udp(false).ipOptions(options).payload(3_000), 1_000);
    }

    /** RFC 8200 section 8.1: the pseudo-header has the last destination, which the routing header holds; only the host's sum says so. */
    @Test
    void addressBehindARoutingHeaderIsInTheChecksum() {
        byte[] routing = new byte[24];
        routing[0] = IpProtocol.TCP;
        routing[1] = 2;
        routing[3] = 1;
        routing[23] = 9;
        InnerPacket packet = InnerPacket.tcp(true)
                .extension(IpProtocol.ROUTING, routing, 9)
                .sequence(-1)
                .payload(3_333);
        assertCut(packet, 1_000);
        routing[0] = IpProtocol.UDP;
        assertCut(
                InnerPacket.udp(true).extension(IpProtocol.ROUTING, routing, 9).payload(3_333), 1_000);
    }

    /** RFC 768: 0 would say that there is none. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void checksumOfUdpIsNeverZero(boolean inet6) {
        InnerPacket packet = InnerPacket.udp(inet6).payload(new byte[100]);
        int field = packet.ipLength() + packet.checksumField();
        byte[] payload = InnerPacket.put(new byte[200], 0, Bytes.u16(packet.whole(), field));
        packet.payload(payload);
        packet.describe(offload, 100);
        assertTrue(begins(packet.partial()));
        assertEquals(0xffff, Bytes.u16(rest().get(0), field));
        assertCut(packet, 100);
    }

    private void assertRefused(String what, byte[] packet, Consumer<Offload> change) {
        InnerPacket.tcp(packet[0] >>> 4 == 6).describe(offload, 1_000);
        change.accept(offload);
        assertFalse(begins(packet), what);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatDoesNotFitTogetherIsRefused(boolean inet6) {
        byte[] good = InnerPacket.tcp(inet6).payload(2_500).partial();
        Offload.Kind kind = inet6 ? Offload.Kind.TCP_INET6 : Offload.Kind.TCP_INET;
        int ip = inet6 ? 40 : 20;
        assertRefused("nothing to cut", good, Offload::clear);
        assertRefused("its transport header is nowhere", good, it -> {
            it.clear();
            it.setSegments(kind, 1_000, 0);
        });
        assertRefused("segments of no bytes", good, it -> it.setSegments(kind, 0, 0));
        assertRefused("no transport header", good, it -> it.setChecksum(0, 16));
        assertRefused("it begins in the IP header", good, it -> it.setChecksum(ip - 1, 16));
        assertRefused("behind the packet", good, it -> it.setChecksum(good.length, 16));
        assertRefused("at its end", good, it -> it.setChecksum(good.length - 19, 16));
        assertRefused("far away", good, it -> it.setChecksum(0xffff, 16));
        byte[] little = good.clone();
        little[ip + 12] = 4 << 4;
        assertRefused("a TCP header of 16 bytes", little, it -> {});
        byte[] empty = Arrays.copyOf(good, ip + 20);
        assertRefused("headers alone", empty, it -> {});
        byte[] options = Arrays.copyOf(good, ip + 24);
        options[ip + 12] = 7 << 4;
        assertRefused("options behind the end", options, it -> {});
        for (int length = 1; length <= ip + 20; length++) {
            assertRefused("cut after " + length, Arrays.copyOf(good, length), it -> {});
        }
    }

    @Test
    void headerThatDoesNotEndWhereTheHostSaysIsRefused() {
        byte[] good = InnerPacket.tcp(false).payload(2_500).partial();
        byte[] longer = good.clone();
        longer[0] = 0x46;
        assertRefused("IHL 6, transport at 20", longer, it -> {});
        assertRefused("IHL 5, transport at 24", good, it -> it.setChecksum(24, 16));
        byte[] shorter = good.clone();
        shorter[0] = 0x44;
        assertRefused("IHL 4", shorter, it -> it.setChecksum(16, 16));
        InnerPacket many = InnerPacket.tcp(true)
                .extension(IpProtocol.DESTINATION_OPTIONS, new byte[400], 2)
                .payload(2_500);
        many.describe(offload, 1_000);
        assertFalse(begins(many.partial()), "more headers than there is room for");
    }

    /** One that was refused leaves nothing behind. */
    @Test
    void refusalSpoilsNoOther() {
        InnerPacket packet = InnerPacket.tcp(false).payload(2_500);
        assertCut(packet, 1_000);
        assertRefused("no segments", packet.partial(), it -> it.setSegments(Offload.Kind.TCP_INET, 0, 0));
        assertCut(InnerPacket.udp(true).payload(2_500), 600);
        assertCut(packet, 999);
    }
}
