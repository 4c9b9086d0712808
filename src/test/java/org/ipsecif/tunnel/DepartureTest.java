package org.ipsecif.tunnel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.ipsecif.platform.DatagramRun;
import org.ipsecif.platform.EspTransport;
import org.ipsecif.platform.EspTransport.Encapsulation;
import org.ipsecif.platform.PacketChannel;
import org.ipsecif.sa.IpPrefix;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.Lifetimes;
import org.ipsecif.sa.OuterHeaderSettings.Df;
import org.ipsecif.sa.PacketSettings;
import org.ipsecif.sa.SaSelectors;
import org.ipsecif.sa.SecurityAssociation;
import org.ipsecif.sa.TrafficRange;
import org.ipsecif.sa.Verdict;
import org.ipsecif.wire.Bytes;
import org.ipsecif.wire.InnerPacket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Packets leave with those of their kind, in the order in which they came, and what goes wrong with one is counted of that one. */
class DepartureTest {
    private static final int ENOBUFS = 105;

    private final HostEnd a = new HostEnd(HostEnd.A, HostEnd.B, Encapsulation.NO);
    private final SecurityAssociation sa = GcmPair.sa();

    DepartureTest() {
        a.publish(sa);
    }

    @AfterEach
    void close() {
        a.close();
    }

    private static byte[] packet(int payload) {
        return InnerPacket.udp(false).payload(payload).whole();
    }

    private void sendsOfLengths(int... payloads) {
        Arrays.stream(payloads).mapToObj(DepartureTest::packet).forEach(a.device.arriving::add);
        a.sendAll();
    }

    private static List<Integer> sequences(ScriptedWire wire) {
        return wire.out.stream().map(each -> Bytes.i32(each.datagram(), 4)).toList();
    }

    private static List<Integer> oneTo(int last) {
        return IntStream.rangeClosed(1, last).boxed().toList();
    }

    private void df(Df df) {
        a.settings(PacketSettings.DEFAULT.withHeader(
                PacketSettings.DEFAULT.header().withDf(df)));
        a.publish(sa);
    }

    @Test
    void equalOnesLeaveTogetherAndAShorterOneIsTheLast() {
        ScriptedWire wire = ScriptedWire.of(a, (attempt, datagram, outer) -> 0);
        sendsOfLengths(100, 100, 100, 60, 60, 100, 140, 140, 20);
        assertEquals(List.of(4, 1, 1, 3), wire.runs);
        assertEquals(oneTo(9), sequences(wire));
        assertEquals(9, a.tunnel.outbound().packets());
        assertEquals(820 + 9 * 28, a.tunnel.outbound().bytes());
    }

    @Test
    void noMoreLeaveTogetherThanOneCallTakes() {
        ScriptedWire wire = ScriptedWire.of(a, (attempt, datagram, outer) -> 0);
        a.mtu(9_000);
        a.publish(sa);
        wire.carry(a, EspTransport.UDP_PORT);
        for (int i = 0; i < 130; i++) {
            a.device.arriving.add(packet(100));
        }
        a.sendAll();
        assertEquals(List.of(64, 64, 2), wire.runs);
        wire.runs.clear();
        wire.out.clear();
        for (int i = 0; i < 100; i++) {
            a.device.arriving.add(packet(1_300));
        }
        a.sendAll();
        int most = DatagramRun.MAX_BYTES / wire.out.get(0).datagram().length;
        assertEquals(List.of(most, most, 100 - 2 * most), wire.runs);
        assertEquals(230, sa.sequence());
    }

    /** While there is more to walk, they wait; no longer. */
    @Test
    void nothingWaitsWhileNothingComes() {
        ScriptedWire wire = ScriptedWire.of(a, (attempt, datagram, outer) -> 0);
        a.device.arriving.add(packet(100));
        a.device.arriving.add(packet(100));
        assertTrue(a.outbound.step() > 0);
        assertTrue(a.outbound.step() > 0);
        assertEquals(0, wire.out.size());
        assertEquals(PacketChannel.NOTHING, a.outbound.step());
        assertEquals(2, wire.out.size());
    }

    @Test
    void othersHeadersMakeNoReordering() {
        ScriptedWire wire = ScriptedWire.of(a, (attempt, datagram, outer) -> 0);
        int[] classes = {0, 0, 0xb8, 0, 0xb8, 0xb8};
        for (int each : classes) {
            a.device.arriving.add(
                    InnerPacket.udp(false).trafficClass(each).payload(100).whole());
        }
        a.sendAll();
        assertEquals(List.of(2, 1, 1, 2), wire.runs);
        assertEquals(oneTo(6), sequences(wire));
        assertArrayEquals(
                classes,
                wire.out.stream().mapToInt(ScriptedWire.Out::trafficClass).toArray());
    }

    private static SecurityAssociation forPacketsTo(int spi, String destination) {
        SaSelectors selectors = SaSelectors.between(
                List.of(TrafficRange.of(IpPrefix.ANY_INET)), List.of(TrafficRange.of(IpPrefix.parse(destination))));
        return GcmPair.sa(spi, IpsecMode.TUNNEL, Lifetimes.NONE, selectors, 0);
    }

    @Test
    void othersSasMakeNoReordering() {
        SecurityAssociation one = forPacketsTo(0x4001, "10.0.0.2/32");
        SecurityAssociation two = forPacketsTo(0x4002, "10.0.0.3/32");
        a.publishAll(List.of(one, two));
        ScriptedWire wire = ScriptedWire.of(a, (attempt, datagram, outer) -> 0);
        List<Integer> spis = new ArrayList<>();
        for (int host : new int[] {2, 3, 3, 2, 2, 3}) {
            a.device.arriving.add(InnerPacket.udp(false)
                    .to(new byte[] {10, 0, 0, (byte) host})
                    .payload(100)
                    .whole());
            spis.add(0x3fff + host);
        }
        a.sendAll();
        assertEquals(List.of(1, 2, 2, 1), wire.runs);
        assertEquals(
                spis,
                wire.out.stream().map(each -> Bytes.i32(each.datagram(), 0)).toList());
        assertEquals(3, one.traffic().packets());
        assertEquals(3, two.traffic().packets());
    }

    /** What was sealed for one peer's address does not go to the next, nor is it late. */
    @Test
    void packetsGoWhereThePeerWasWhenTheyWereWalked() {
        ScriptedWire wire = ScriptedWire.of(a, (attempt, datagram, outer) -> 0);
        for (int port : new int[] {1_000, 1_001}) {
            wire.carry(a, port);
            a.device.arriving.add(packet(100));
            a.device.arriving.add(packet(100));
            a.outbound.step();
            a.outbound.step();
        }
        a.outbound.step();
        assertEquals(List.of(2, 2), wire.runs);
        assertEquals(oneTo(4), sequences(wire));
        assertEquals(
                List.of(1_000, 1_000, 1_001, 1_001),
                wire.out.stream().map(each -> each.remote().port()).toList());
    }

    @Test
    void whatTheHostRefusesIsCountedAndNotSentAgain() {
        ScriptedWire wire = ScriptedWire.of(a, (attempt, datagram, outer) -> attempt == 3 ? ENOBUFS : 0);
        sendsOfLengths(100, 100, 100, 100, 100, 60, 100);
        assertEquals(List.of(1, 2, 3, 7), sequences(wire));
        assertEquals(3, a.tunnel.verdicts().get(Verdict.OUTBOUND_SEND_FAILED));
        assertEquals(3, sa.verdicts().get(Verdict.OUTBOUND_SEND_FAILED));
        assertEquals(4, a.tunnel.outbound().packets());
        long bytes = a.tunnel.outbound().bytes();
        assertTrue(bytes >= 4 * 100 && bytes <= 4 * 128, () -> bytes + " bytes, in proportion");
    }

    @Test
    void routeThatGotNarrowerCostsDfAndNoPacket() {
        df(Df.SET);
        ScriptedWire wire = ScriptedWire.of(
                a, (attempt, datagram, outer) -> attempt >= 3 && outer.dontFragment() ? EspTransport.TOO_BIG : 0);
        sendsOfLengths(100, 100, 100, 100, 100, 60, 100);
        assertEquals(oneTo(7), sequences(wire));
        assertEquals(
                List.of(true, true, true, false, false, false, false),
                wire.out.stream().map(ScriptedWire.Out::dontFragment).toList());
        assertEquals(0, a.tunnel.verdicts().get(Verdict.OUTBOUND_SEND_FAILED));
        assertEquals(7, a.tunnel.outbound().packets());
        assertEquals(660 + 7 * 28, a.tunnel.outbound().bytes());
        assertEquals(1, a.events.routeTooSmall, "told once in a while");
    }

    /** The next run has its DF again. */
    @Test
    void dfComesBackWithTheNextRun() {
        df(Df.SET);
        ScriptedWire wire = ScriptedWire.of(
                a, (attempt, datagram, outer) -> attempt == 1 && outer.dontFragment() ? EspTransport.TOO_BIG : 0);
        sendsOfLengths(100, 100, 100);
        sendsOfLengths(100);
        assertEquals(
                List.of(true, false, false, true),
                wire.out.stream().map(ScriptedWire.Out::dontFragment).toList());
    }

    @Test
    void packetThatIsTooBigWithoutDfIsLostAlone() {
        ScriptedWire wire = ScriptedWire.of(a, (attempt, datagram, outer) -> attempt == 2 ? EspTransport.TOO_BIG : 0);
        sendsOfLengths(100, 100, 100, 100, 100);
        assertEquals(List.of(1, 2, 4, 5), sequences(wire));
        assertEquals(1, a.tunnel.verdicts().get(Verdict.OUTBOUND_SEND_FAILED));
        assertEquals(4, a.tunnel.outbound().packets());
    }

    /** A fault costs what was in that call; it is neither sent again nor in the way of others, and it is counted. */
    @Test
    void faultOfTheTransportEndsWithItsRun() {
        ScriptedWire wire = ScriptedWire.of(a, (attempt, datagram, outer) -> {
            if (attempt == 2) {
                throw new IllegalStateException("a fault");
            }
            return 0;
        });
        for (int i = 0; i < 4; i++) {
            a.device.arriving.add(packet(100));
        }
        assertThrows(IllegalStateException.class, a::sendAll);
        a.sendAll();
        sendsOfLengths(100, 100);
        assertEquals(List.of(1, 2, 5, 6), sequences(wire));
        assertEquals(4, a.tunnel.outbound().packets());
        assertEquals(2, a.tunnel.verdicts().get(Verdict.OUTBOUND_SEND_FAILED));
    }

    /** What the device breaks off is one packet; those that waited leave with those that follow. */
    @Test
    void faultOfTheDeviceCostsItsPacket() {
        ScriptedWire wire = ScriptedWire.of(a, (attempt, datagram, outer) -> 0);
        a.device.lacking.add(offload -> {});
        a.device.lacking.add(offload -> {
            throw new IllegalStateException("a fault");
        });
        for (int i = 0; i < 3; i++) {
            a.device.arriving.add(packet(100));
        }
        assertThrows(IllegalStateException.class, a::sendAll);
        a.sendAll();
        assertEquals(List.of(1, 2), sequences(wire));
        assertEquals(List.of(2), wire.runs);
    }

    @Test
    void dummiesAreNoPackets() {
        ScriptedWire wire = ScriptedWire.of(a, (attempt, datagram, outer) -> attempt == 3 ? ENOBUFS : 0);
        a.tunnel.sendDummy();
        a.tunnel.sendDummy();
        a.sendAll();
        assertEquals(2, wire.out.size());
        assertEquals(0, a.tunnel.outbound().packets());
        a.tunnel.sendDummy();
        sendsOfLengths(36); // as long as a dummy
        assertEquals(1, a.tunnel.verdicts().get(Verdict.OUTBOUND_SEND_FAILED));
        assertEquals(0, a.tunnel.outbound().packets());
        assertFalse(wire.out.isEmpty());
    }

    /** Longer than UDP could carry: 65,535 bytes with the outer header. */
    @Test
    void longestEspPacketGoes() {
        a.mtu(65_535);
        a.publish(sa);
        ScriptedWire wire = ScriptedWire.of(a, (attempt, datagram, outer) -> 0);
        int longest = 0;
        for (int payload = 65_400; payload < 65_475; payload++) {
            a.sends(InnerPacket.udp(false).payload(payload).whole());
        }
        for (ScriptedWire.Out each : wire.out) {
            longest = Math.max(longest, each.datagram().length);
        }
        assertEquals(65_512, longest);
        assertEquals(75, wire.out.size() + a.tunnel.verdicts().get(Verdict.OUTBOUND_TOO_BIG_SILENT));
    }
}
