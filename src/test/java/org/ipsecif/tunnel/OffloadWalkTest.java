package org.ipsecif.tunnel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.ipsecif.platform.EspTransport.Encapsulation;
import org.ipsecif.sa.Direction;
import org.ipsecif.sa.IpPrefix;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.Level;
import org.ipsecif.sa.Lifetimes;
import org.ipsecif.sa.OuterHeaderSettings;
import org.ipsecif.sa.OuterHeaderSettings.Df;
import org.ipsecif.sa.PacketSettings;
import org.ipsecif.sa.PolicyAction;
import org.ipsecif.sa.PolicyScope;
import org.ipsecif.sa.SaSelectors;
import org.ipsecif.sa.SecurityAssociation;
import org.ipsecif.sa.SecurityPolicy;
import org.ipsecif.sa.Selector;
import org.ipsecif.sa.TrafficRange;
import org.ipsecif.sa.TransformTemplate;
import org.ipsecif.sa.Verdict;
import org.ipsecif.wire.InnerPacket;
import org.ipsecif.wire.IpProtocol;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the host left whole goes over the wire as if it had cut it: the same ESP packets bit for bit, the same counters, the same answers,
 * whatever becomes of them.
 */
class OffloadWalkTest {
    private static final int SEGMENT = 1_000;

    private Encapsulation encapsulation = Encapsulation.NO;
    private Supplier<SecurityAssociation> sa = GcmPair::sa;
    private Consumer<HostEnd> setup = end -> {};

    /** All that can be told of an end from outside. */
    private record Outcome(
            List<HostEnd.Sent> headers,
            List<Long> verdicts,
            List<Long> saVerdicts,
            long packets,
            long bytes,
            long saPackets,
            long saBytes,
            long sequence,
            int expiring,
            int expired,
            int acquires,
            int routeTooSmall) {}

    private static Outcome outcome(HostEnd end, SecurityAssociation sa) {
        List<Long> verdicts = new ArrayList<>();
        List<Long> saVerdicts = new ArrayList<>();
        for (Verdict each : Verdict.values()) {
            verdicts.add(end.tunnel.verdicts().get(each));
            saVerdicts.add(sa.verdicts().get(each));
        }
        return new Outcome(
                List.copyOf(end.wire.headers),
                verdicts,
                saVerdicts,
                end.tunnel.outbound().packets(),
                end.tunnel.outbound().bytes(),
                sa.traffic().packets(),
                sa.traffic().bytes(),
                sa.sequence(),
                end.events.expiring.size(),
                end.events.expired.size(),
                end.events.acquires,
                end.events.routeTooSmall);
    }

    private static void assertSame(Collection<byte[]> expected, Collection<byte[]> actual) {
        assertEquals(expected.size(), actual.size());
        List<byte[]> those = List.copyOf(actual);
        int i = 0;
        for (byte[] each : expected) {
            assertArrayEquals(each, those.get(i), "packet " + i);
            i++;
        }
    }

    /** @return the end that cut it itself */
    private HostEnd assertAsIfCut(InnerPacket whole) {
        return assertAsIfCut(whole, SEGMENT);
    }

    private HostEnd assertAsIfCut(InnerPacket whole, int segment) {
        SecurityAssociation one = sa.get();
        SecurityAssociation other = sa.get();
        try (HostEnd host = new HostEnd(HostEnd.A, HostEnd.B, encapsulation);
                HostEnd ours = new HostEnd(HostEnd.A, HostEnd.B, encapsulation)) {
            setUp(host, one);
            setUp(ours, other);
            whole.cut(segment).forEach(host.device.arriving::add);
            ours.device.arriving.add(whole.partial());
            ours.device.lacking.add(offload -> whole.describe(offload, segment));
            host.sendAll();
            ours.sendAll();
            assertSame(host.wire.sent, ours.wire.sent);
            assertSame(host.replies.sent, ours.replies.sent);
            assertEquals(outcome(host, one), outcome(ours, other));
            return ours;
        }
    }

    private void setUp(HostEnd end, SecurityAssociation with) {
        setup.accept(end);
        TunnelState state = end.tunnel.state();
        if (state != null && !state.outbound().isEmpty()) {
            end.publish(with);
        }
    }

    private static long count(HostEnd end, Verdict verdict) {
        return end.tunnel.verdicts().get(verdict);
    }

    private static InnerPacket tcp() {
        return InnerPacket.tcp(false)
                .flags(InnerPacket.ACK | InnerPacket.PSH | InnerPacket.CWR)
                .trafficClass(0xba)
                .hopLimit(9)
                .payload(20_500);
    }

    @ParameterizedTest
    @CsvSource({"TCP, false", "TCP, true", "UDP, false", "UDP, true"})
    void everyKindGoesAsIfCut(String protocol, boolean inet6) {
        InnerPacket packet = protocol.equals("TCP") ? InnerPacket.tcp(inet6) : InnerPacket.udp(inet6);
        packet.trafficClass(0xb9).flowLabel(inet6 ? 0x54321 : 0).payload(60_001);
        for (Encapsulation each : Encapsulation.values()) {
            encapsulation = each;
            HostEnd end = assertAsIfCut(packet);
            assertEquals(61, end.wire.sent.size());
            assertEquals(61, end.tunnel.outbound().packets());
            assertTrue(end.wire.runs.size() <= 2, "in few calls");
            assertAsIfCut(packet, 1);
            assertAsIfCut(packet, 60_001);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void headersAreMadeAsOfEach(boolean inet6) {
        InnerPacket packet =
                InnerPacket.tcp(inet6).trafficClass(0xb9).hopLimit(17).payload(9_999);
        setup = end -> end.settings(PacketSettings.DEFAULT.withHeader(
                OuterHeaderSettings.DEFAULT.withDf(Df.COPY).withHopLimit(OuterHeaderSettings.COPY)));
        HostEnd end = assertAsIfCut(packet);
        assertEquals(10, end.wire.headers.size());
        assertEquals(17, end.wire.headers.getLast().hopLimit());
        assertTrue(end.wire.headers.getLast().dontFragment());
    }

    @ParameterizedTest
    @EnumSource(Df.class)
    void segmentsThatAreTooLongAreAnsweredOrCut(Df df) {
        for (int mtu : new int[] {600, 1_039, 1_040}) {
            setup = end -> {
                end.settings(PacketSettings.DEFAULT.withHeader(OuterHeaderSettings.DEFAULT.withDf(df)));
                end.mtu(mtu);
            };
            HostEnd answered = assertAsIfCut(tcp());
            assertEquals(mtu < 1_040, count(answered, Verdict.OUTBOUND_TOO_BIG) > 0);
            assertEquals(mtu < 1_040, !answered.replies.sent.isEmpty());
            HostEnd cut = assertAsIfCut(tcp().fragment(0));
            assertEquals(mtu < 1_040 ? 41 : 21, cut.wire.sent.size());
            assertAsIfCut(InnerPacket.tcp(true).payload(20_500));
        }
    }

    @ParameterizedTest
    @EnumSource(Df.class)
    void pathThatIsTooNarrowIsHeeded(Df df) {
        setup = end -> {
            end.settings(PacketSettings.DEFAULT.withHeader(OuterHeaderSettings.DEFAULT.withDf(df)));
            end.pathMtu.lower(1_000, 0);
        };
        assertAsIfCut(tcp());
        assertAsIfCut(tcp().fragment(0));
        assertAsIfCut(InnerPacket.udp(true).payload(20_500));
    }

    @Test
    void withoutAnSaAllAreDroppedAndOneIsAskedFor() {
        setup = end -> end.publish(null);
        HostEnd end = assertAsIfCut(tcp());
        assertEquals(21, count(end, Verdict.OUTBOUND_NO_SA));
        assertTrue(end.events.acquires > 0);
    }

    @Test
    void saThatDoesNotTakeThemTakesNone() {
        SaSelectors others = SaSelectors.between(
                List.of(TrafficRange.of(IpPrefix.parse("10.9.0.0/16"))), List.of(TrafficRange.of(IpPrefix.ANY_INET)));
        sa = () -> GcmPair.sa(GcmPair.SPI, IpsecMode.TUNNEL, Lifetimes.NONE, others, 0);
        assertEquals(21, count(assertAsIfCut(tcp()), Verdict.OUTBOUND_SELECTOR_MISMATCH));
    }

    @Test
    void policyDecidesAboutEach() {
        setup = end -> end.policies(List.of());
        assertEquals(21, count(assertAsIfCut(tcp()), Verdict.OUTBOUND_NO_POLICY));
        setup = end -> end.policies(List.of(new SecurityPolicy(
                "p",
                Direction.OUTBOUND,
                Selector.between(IpPrefix.ANY_INET, IpPrefix.ANY_INET),
                PolicyAction.DISCARD,
                List.of(),
                1,
                new PolicyScope.IfId(100))));
        HostEnd end = assertAsIfCut(tcp());
        assertEquals(21, count(end, Verdict.OUTBOUND_DISCARDED));
        assertEquals(0, end.wire.sent.size());
    }

    @Test
    void ownPacketsLedBackAreDropped() {
        InnerPacket own = InnerPacket.udp(false)
                .from(HostEnd.A.toBytes())
                .to(HostEnd.B.toBytes())
                .toPort(4_500)
                .payload(20_500);
        assertEquals(21, count(assertAsIfCut(own), Verdict.OUTBOUND_LOOP));
    }

    @Test
    void withoutEndpointsAllAreDropped() {
        setup = end -> end.tunnel.publish(null);
        assertEquals(21, count(assertAsIfCut(tcp()), Verdict.OUTBOUND_NO_TUNNEL));
    }

    /** RFC 4303 section 2.7: the last, shorter one tells nothing. */
    @Test
    void allArePaddedToOneLength() {
        setup = end -> end.settings(PacketSettings.DEFAULT.withTfc(true, 0));
        HostEnd end = assertAsIfCut(tcp());
        assertEquals(
                1,
                end.wire.sent.stream().map(packet -> packet.length).distinct().count());
        assertEquals(21, end.wire.sent.size());
        assertEquals(20_500 + 21 * 40, end.tunnel.outbound().bytes());
    }

    @Test
    void hardLifetimeEndsInTheMiddle() {
        sa = () -> GcmPair.sa(GcmPair.SPI, IpsecMode.TUNNEL, new Lifetimes(0, 0, 0, 0, 5, 10), SaSelectors.ANY, 0);
        HostEnd end = assertAsIfCut(tcp());
        assertEquals(10, end.wire.sent.size());
        assertEquals(11, count(end, Verdict.OUTBOUND_SA_EXPIRED));
        assertEquals(1, end.events.expired.size());
        assertEquals(1, end.events.expiring.size());
        sa = () -> GcmPair.sa(
                GcmPair.SPI, IpsecMode.TUNNEL, new Lifetimes(0, 0, 1, 7 * 1_040 + 1, 0, 0), SaSelectors.ANY, 0);
        assertEquals(8, assertAsIfCut(tcp()).wire.sent.size());
    }

    @Test
    void sequenceNumbersEndInTheMiddle() {
        sa = () -> GcmPair.sa(GcmPair.SPI, IpsecMode.TUNNEL, Lifetimes.NONE, SaSelectors.ANY, 0xffff_ffffL - 9);
        HostEnd end = assertAsIfCut(tcp());
        assertEquals(9, end.wire.sent.size());
        assertEquals(12, count(end, Verdict.OUTBOUND_SEQUENCE_EXHAUSTED));
    }

    @ParameterizedTest
    @ValueSource(ints = {SEGMENT, 1_426, 1_427, 1_460})
    void transportModeProtectsThePayloadOfEach(int segment) {
        SecurityPolicy policy = new SecurityPolicy(
                "p",
                Direction.OUTBOUND,
                new Selector(
                        IpPrefix.host(HostEnd.A),
                        IpPrefix.host(HostEnd.B),
                        IpProtocol.TCP,
                        Selector.PortRange.ANY,
                        Selector.PortRange.ANY),
                PolicyAction.PROTECT,
                List.of(new TransformTemplate(
                        IpsecMode.TRANSPORT,
                        IpPrefix.ANY_INET.address(),
                        IpPrefix.ANY_INET.address(),
                        Level.UNIQUE,
                        100)),
                1,
                new PolicyScope.IfId(100));
        sa = () -> GcmPair.sa(GcmPair.SPI, IpsecMode.TRANSPORT, Lifetimes.NONE, SaSelectors.ANY, 0);
        setup = end -> {
            end.policies(List.of(policy));
            end.mtu(1_500);
        };
        InnerPacket packet = tcp().from(HostEnd.A.toBytes()).to(HostEnd.B.toBytes());
        HostEnd end = assertAsIfCut(packet, segment);
        assertEquals(segment > 1_426, count(end, Verdict.OUTBOUND_TOO_BIG) > 0);
        assertTrue(end.wire.sent.size() > 0);
        assertEquals(0, assertAsIfCut(packet.fragment(0), segment).replies.sent.size());
    }

    @Test
    void refusalOfTheHostIsCountedForEach() {
        try (HostEnd end = new HostEnd(HostEnd.A, HostEnd.B, Encapsulation.NO)) {
            end.wire.errno = 105;
            end.device.arriving.add(tcp().partial());
            end.device.lacking.add(offload -> tcp().describe(offload, SEGMENT));
            end.sendAll();
            assertEquals(21, count(end, Verdict.OUTBOUND_SEND_FAILED));
            assertEquals(21, end.send.verdicts().get(Verdict.OUTBOUND_SEND_FAILED));
            assertEquals(0, end.tunnel.outbound().packets());
            assertEquals(0, end.tunnel.outbound().bytes());
        }
    }

    @Test
    void whatCannotBeCutIsOnePacketThatIsNone() {
        try (HostEnd end = new HostEnd(HostEnd.A, HostEnd.B, Encapsulation.NO)) {
            end.device.arriving.add(tcp().partial());
            end.device.lacking.add(offload -> tcp().describe(offload, 0));
            end.device.arriving.add(tcp().payload(10).partial());
            end.device.lacking.add(offload -> offload.setChecksum(20, 29));
            end.sendAll();
            assertEquals(2, count(end, Verdict.OUTBOUND_NOT_IP));
            assertEquals(0, end.wire.sent.size());
        }
    }

    /** A packet that is whole but for its checksum. */
    @ParameterizedTest
    @CsvSource({"TCP, false", "TCP, true", "UDP, false", "UDP, true"})
    void checksumThatTheHostLeftOutIsMade(String protocol, boolean inet6) {
        InnerPacket packet = protocol.equals("TCP") ? InnerPacket.tcp(inet6) : InnerPacket.udp(inet6);
        packet.payload(333);
        try (HostEnd host = new HostEnd(HostEnd.A, HostEnd.B, Encapsulation.NO);
                HostEnd ours = new HostEnd(HostEnd.A, HostEnd.B, Encapsulation.NO)) {
            host.publish(GcmPair.sa());
            ours.publish(GcmPair.sa());
            host.sends(packet.whole());
            ours.device.lacking.add(offload -> offload.setChecksum(packet.ipLength(), packet.checksumField()));
            ours.sends(packet.partial());
            assertEquals(1, ours.wire.sent.size());
            assertSame(host.wire.sent, ours.wire.sent);
        }
    }
}
