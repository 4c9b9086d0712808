package org.ipsecif.tunnel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import org.ipsecif.platform.EspTransport.Encapsulation;
import org.ipsecif.platform.PacketBuffer;
import org.ipsecif.platform.PacketChannel;
import org.ipsecif.platform.TunDevice;
import org.ipsecif.sa.SecurityAssociation;
import org.ipsecif.sa.Verdict;
import org.ipsecif.wire.InnerPacket;
import org.ipsecif.wire.Offload;
import org.ipsecif.wire.Segmenter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What many datagrams of one receive bring reaches the host joined, and is what it would have been one by one. */
class ArrivalTest {
    private static final int SEGMENT = 1_000;

    private final HostEnd a = new HostEnd(HostEnd.A, HostEnd.B, Encapsulation.NO);
    private final HostEnd b = new HostEnd(HostEnd.B, HostEnd.A, Encapsulation.NO);
    private final SecurityAssociation received = GcmPair.sa();

    ArrivalTest() {
        a.publish(GcmPair.sa());
        b.table = new InboundTable(List.of(new InboundTable.Entry(received, b.tunnel)));
        b.device.joins = true;
    }

    @AfterEach
    void close() {
        a.close();
        b.close();
    }

    private List<byte[]> sealed(Collection<byte[]> inner) {
        inner.forEach(a.device.arriving::add);
        a.sendAll();
        List<byte[]> datagrams = new ArrayList<>(a.wire.sent);
        a.wire.sent.clear();
        return datagrams;
    }

    private void arrive(Collection<byte[]> datagrams) {
        datagrams.forEach(datagram -> b.wire.arriving.add(datagram.clone()));
        while (b.inbound.step() > PacketChannel.NOTHING) {
            // the next
        }
    }

    /** What the host makes of what it was given. */
    private static List<byte[]> cut(HostEnd end) {
        List<byte[]> packets = new ArrayList<>();
        int i = 0;
        for (byte[] packet : end.device.delivered) {
            String[] said = end.device.offloads.get(i++).split(" ");
            packets.addAll(cut(packet, Offload.Kind.valueOf(said[0]), Integer.parseInt(said[1])));
        }
        end.device.delivered.clear();
        end.device.offloads.clear();
        return packets;
    }

    private static List<byte[]> cut(byte[] packet, Offload.Kind kind, int segment) {
        if (kind == Offload.Kind.NONE) {
            return List.of(packet);
        }
        Offload offload = new Offload();
        offload.setSegments(kind, segment, 0);
        offload.setChecksum(packet[0] >>> 4 == 4 ? 20 : 40, kind == Offload.Kind.UDP ? 6 : 16);
        Segmenter segmenter = new Segmenter();
        assertTrue(segmenter.begin(ByteBuffer.wrap(packet), 0, packet.length, offload));
        List<byte[]> packets = new ArrayList<>();
        byte[] piece = new byte[segmenter.longest()];
        for (int length = segmenter.next(piece, 0); length > 0; length = segmenter.next(piece, 0)) {
            packets.add(Arrays.copyOf(piece, length));
        }
        return packets;
    }

    private static void assertSame(List<byte[]> expected, List<byte[]> actual) {
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i), actual.get(i), "packet " + i);
        }
    }

    private static List<byte[]> without(List<byte[]> packets, int index) {
        List<byte[]> rest = new ArrayList<>(packets);
        rest.remove(index);
        return rest;
    }

    private long count(Verdict verdict) {
        assertEquals(b.tunnel.verdicts().get(verdict), received.verdicts().get(verdict));
        return b.tunnel.verdicts().get(verdict);
    }

    @ParameterizedTest
    @CsvSource({"TCP, false", "TCP, true", "UDP, false", "UDP, true"})
    void whatCameTogetherIsHandedOverTogether(String protocol, boolean inet6) {
        InnerPacket whole = (protocol.equals("TCP") ? InnerPacket.tcp(inet6) : InnerPacket.udp(inet6)).payload(63_500);
        arrive(sealed(whole.cut(SEGMENT)));
        assertEquals(1, b.device.delivered.size());
        assertArrayEquals(whole.partial(), b.device.delivered.element());
        assertSame(whole.cut(SEGMENT), cut(b));
        assertEquals(64, b.tunnel.inbound().packets());
        int headers = (inet6 ? 40 : 20) + (protocol.equals("TCP") ? 20 : 8);
        assertEquals(63_500 + 64 * headers, b.tunnel.inbound().bytes());
        assertEquals(64, received.traffic().packets());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 31, 62, 63})
    void damagedOneIsDroppedAlone(int which) {
        InnerPacket whole = InnerPacket.tcp(false).payload(64_000);
        List<byte[]> datagrams = sealed(whole.cut(SEGMENT));
        datagrams.get(which)[500] ^= 1;
        arrive(datagrams);
        assertEquals(1, count(Verdict.INBOUND_BAD_ICV));
        assertEquals(which % 63 == 0 ? 1 : 2, b.device.delivered.size());
        assertSame(without(whole.cut(SEGMENT), which), cut(b));
        assertEquals(63, b.tunnel.inbound().packets());
        assertEquals(63 * 1_040, b.tunnel.inbound().bytes());
    }

    @Test
    void replayedOneIsDroppedAlone() {
        InnerPacket whole = InnerPacket.udp(true).payload(60_000);
        List<byte[]> datagrams = sealed(whole.cut(SEGMENT));
        datagrams.add(20, datagrams.get(3));
        datagrams.add(datagrams.get(50));
        arrive(datagrams);
        assertEquals(2, count(Verdict.INBOUND_REPLAYED));
        assertEquals(1, b.device.delivered.size());
        assertSame(whole.cut(SEGMENT), cut(b));
        assertEquals(60, b.tunnel.inbound().packets());
    }

    /** On their way datagrams may overtake each other; nobody puts that in order. */
    @Test
    void orderOfArrivalStays() {
        List<byte[]> inner = InnerPacket.tcp(false).payload(20_000).cut(SEGMENT);
        List<byte[]> datagrams = sealed(inner);
        java.util.Collections.swap(inner, 4, 5);
        java.util.Collections.swap(datagrams, 4, 5);
        arrive(datagrams);
        assertSame(inner, cut(b));
    }

    @Test
    void packetsOfTwoTunnelsStayApart() {
        try (HostEnd other = new HostEnd(HostEnd.B, HostEnd.A, Encapsulation.NO)) {
            other.device.joins = true;
            SecurityAssociation second = GcmPair.sa(0x3002);
            b.table = new InboundTable(
                    List.of(new InboundTable.Entry(received, b.tunnel), new InboundTable.Entry(second, other.tunnel)));
            InnerPacket whole = InnerPacket.tcp(false).payload(20_000);
            List<byte[]> one = sealed(whole.cut(SEGMENT));
            a.publish(GcmPair.sa(0x3002));
            List<byte[]> two = sealed(whole.cut(SEGMENT));
            List<byte[]> mixed = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                mixed.add(one.get(i));
                mixed.add(two.get(i));
            }
            arrive(mixed);
            for (HostEnd each : List.of(b, other)) {
                assertEquals(20, each.tunnel.inbound().packets());
                assertEquals(20 * 1_040, each.tunnel.inbound().bytes());
                assertSame(whole.cut(SEGMENT), cut(each));
            }
            assertEquals(20, received.traffic().packets());
            assertEquals(20, second.traffic().packets());
        }
    }

    /** Counters are of SAs too: what two brought is not joined. */
    @Test
    void packetsOfTwoSasAreNotJoined() {
        SecurityAssociation second = GcmPair.sa(0x3002);
        b.table = new InboundTable(
                List.of(new InboundTable.Entry(received, b.tunnel), new InboundTable.Entry(second, b.tunnel)));
        InnerPacket whole = InnerPacket.tcp(false).payload(4_000);
        List<byte[]> inner = whole.cut(SEGMENT);
        List<byte[]> datagrams = sealed(inner.subList(0, 2));
        a.publish(GcmPair.sa(0x3002));
        datagrams.addAll(sealed(inner.subList(2, 4)));
        arrive(datagrams);
        assertEquals(2, b.device.delivered.size());
        assertSame(inner, cut(b));
    }

    @Test
    void nothingIsJoinedForAHostThatDoesNotCut() {
        b.device.joins = false;
        InnerPacket whole = InnerPacket.tcp(false).payload(20_000);
        arrive(sealed(whole.cut(SEGMENT)));
        assertSame(whole.cut(SEGMENT), List.copyOf(b.device.delivered));
        assertEquals(20, b.tunnel.inbound().packets());
    }

    @Test
    void hostThatRefusesJoinedPacketsGetsThePiecesAndSoonNoMore() {
        b.device.cannotCut = true;
        for (int i = 1; i <= 3; i++) {
            assertTrue(b.device.joins);
            InnerPacket whole = InnerPacket.tcp(i % 2 == 0).payload(20_000);
            arrive(sealed(whole.cut(SEGMENT)));
            assertSame(whole.cut(SEGMENT), List.copyOf(b.device.delivered));
            b.device.delivered.clear();
            assertEquals(20L * i, b.tunnel.inbound().packets());
        }
        assertFalse(b.device.joins);
        assertEquals(0, count(Verdict.INBOUND_REFUSED));
        assertEquals(20 * 1_040 + 20 * 1_060 + 20 * 1_040, b.tunnel.inbound().bytes());
    }

    /** One that was taken says that the host can; a refusal of all says that it is down. */
    @Test
    void onlyRefusalsInARowEndTheJoining() {
        InnerPacket whole = InnerPacket.tcp(false).payload(5_000);
        for (int i = 0; i < 8; i++) {
            b.device.cannotCut = i % 3 != 2;
            arrive(sealed(whole.cut(SEGMENT)));
        }
        assertTrue(b.device.joins);
        b.device.cannotCut = false;
        b.device.up = false;
        for (int i = 0; i < 8; i++) {
            arrive(sealed(whole.cut(SEGMENT)));
        }
        assertTrue(b.device.joins);
        assertEquals(8 * 5, count(Verdict.INBOUND_REFUSED));
        assertEquals(8 * 5, b.tunnel.inbound().packets());
    }

    /** Flows that mix, with all that may be wrong with a packet, and congestion met: joined or not, the host gets the same. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void joinedOrNotItIsTheSame(long seed) {
        Random random = new Random(seed);
        List<InnerPacket> flows = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            InnerPacket flow = i % 2 == 0 ? InnerPacket.tcp(i < 2) : InnerPacket.udp(i < 2);
            flows.add(flow.trafficClass(2).payload(SEGMENT));
        }
        List<byte[]> inner = new ArrayList<>();
        int which = 0;
        for (int i = 0; i < 1_000; i++) {
            which = random.nextInt(8) == 0 ? random.nextInt(4) : which;
            flows.set(which, flows.get(which).next(random.nextInt(8) == 0 ? random.nextInt(SEGMENT) : SEGMENT));
            byte[] packet = flows.get(which).whole();
            if (random.nextInt(20) == 0) {
                packet[packet.length - 1] ^= 1;
            }
            inner.add(packet);
        }
        List<byte[]> datagrams = sealed(inner);
        try (HostEnd plain = new HostEnd(HostEnd.B, HostEnd.A, Encapsulation.NO)) {
            plain.table = new InboundTable(List.of(new InboundTable.Entry(GcmPair.sa(), plain.tunnel)));
            plain.wire.trafficClass = 3;
            datagrams.forEach(datagram -> plain.receives(datagram.clone()));
            b.wire.trafficClass = 3;
            arrive(datagrams);
            int writes = b.device.delivered.size();
            assertTrue(writes < 700, () -> writes + " writes");
            assertEquals(1_000, plain.device.delivered.size());
            assertSame(List.copyOf(plain.device.delivered), cut(b));
            assertEquals(plain.tunnel.inbound().packets(), b.tunnel.inbound().packets());
            assertEquals(plain.tunnel.inbound().bytes(), b.tunnel.inbound().bytes());
        }
    }

    /** A device in which a write fails by a fault of the program. */
    private static final class FaultyDevice extends HostEnd.Memory implements TunDevice {
        final List<byte[]> delivered = new ArrayList<>();
        final int faultAt;
        private int writes;

        FaultyDevice(int faultAt) {
            this.faultAt = faultAt;
        }

        @Override
        public boolean write(PacketBuffer from, int length, Offload offload) {
            if (writes++ == faultAt) {
                throw new IllegalStateException("a fault");
            }
            byte[] packet = new byte[length];
            from.bytes().get(HEADROOM, packet);
            return delivered.addAll(cut(packet, offload.kind(), offload.segmentSize()));
        }

        @Override
        public int read(PacketBuffer into, Offload offload) {
            return NOTHING;
        }

        @Override
        public boolean joins(Offload.Kind kind) {
            return true;
        }

        @Override
        public void stopJoining() {
            throw new IllegalStateException("it takes what is joined");
        }

        @Override
        public String name() {
            return "ipsec1";
        }

        @Override
        public int index() {
            return 2;
        }

        @Override
        public void setCarrier(boolean up) {}

        @Override
        public void remove() {}
    }

    /** Of three flows the second's packets are lost, whose write it was; and nothing empty is written. */
    @Test
    void faultCostsWhatWasWritten() {
        FaultyDevice device = new FaultyDevice(1);
        TunnelInterface tunnel = new TunnelInterface(device, b.replies, b.events, () -> 0);
        try (tunnel) {
            tunnel.publish(b.tunnel.state());
            b.table = new InboundTable(List.of(new InboundTable.Entry(received, tunnel)));
            List<byte[]> inner = new ArrayList<>();
            for (int flow = 0; flow < 3; flow++) {
                inner.addAll(
                        InnerPacket.tcp(false).fromPort(flow).payload(5_000).cut(SEGMENT));
            }
            b.wire.arriving.addAll(sealed(inner));
            assertThrows(IllegalStateException.class, b.inbound::step);
            int result;
            do {
                result = b.inbound.step();
            } while (result > PacketChannel.NOTHING);
            inner.subList(5, 10).clear();
            // The packet at which the second flow's were to be written is the third's first.
            inner.remove(5);
            assertSame(inner, device.delivered);
            assertEquals(9, tunnel.inbound().packets());
            assertEquals(9 * 1_040, tunnel.inbound().bytes());
            assertEquals(5, tunnel.verdicts().get(Verdict.INBOUND_REFUSED));
        }
    }
}
