package org.ipsecif.tunnel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.ipsecif.esp.EspEncapsulator;
import org.ipsecif.platform.EspTransport;
import org.ipsecif.platform.EspTransport.Encapsulation;
import org.ipsecif.platform.UdpEndpoint;
import org.ipsecif.sa.Direction;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpPrefix;
import org.ipsecif.sa.PolicyAction;
import org.ipsecif.sa.PolicyScope;
import org.ipsecif.sa.SecurityAssociation;
import org.ipsecif.sa.SecurityPolicy;
import org.ipsecif.sa.Selector;
import org.ipsecif.sa.Verdict;
import org.ipsecif.wire.Bytes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Both walks between two hosts in memory: what is sent comes out, what is dropped raises one counter and reaches nothing. */
class PacketWalkTest {
    private static final IpAddress A = HostEnd.A;
    private static final IpAddress B = HostEnd.B;
    private static final byte[] INNER4 =
            HostEnd.inner4(IpAddress.parse("10.0.0.1"), IpAddress.parse("10.0.0.2"), 17, 40);

    private final HostEnd a = new HostEnd(A, B, Encapsulation.NO);
    private final HostEnd b = new HostEnd(B, A, Encapsulation.NO);

    @AfterEach
    void close() {
        a.close();
        b.close();
    }

    private byte[] sealedByA(byte[] inner) {
        a.sends(inner);
        return a.wire.sent.remove();
    }

    /** Only this reason counted, and nothing delivered. */
    private static void assertDropped(HostEnd end, Verdict reason) {
        for (Verdict verdict : Verdict.values()) {
            assertEquals(verdict == reason ? 1 : 0, end.tunnel.verdicts().get(verdict), verdict.name());
        }
        assertEquals(0, end.device.delivered.size());
    }

    static Stream<byte[]> innerPackets() {
        return Stream.of(
                INNER4,
                HostEnd.inner4(IpAddress.parse("10.0.0.1"), IpAddress.parse("10.0.0.2"), 1, 20),
                HostEnd.inner6(0),
                HostEnd.inner6(100));
    }

    @ParameterizedTest
    @MethodSource("innerPackets")
    void whatOneHostSendsTheOtherReceives(byte[] inner) {
        b.receives(sealedByA(inner));
        assertArrayEquals(inner, b.device.delivered.remove());
        assertEquals(1, a.tunnel.outbound().packets());
        assertEquals(inner.length, a.tunnel.outbound().bytes());
        assertEquals(1, b.tunnel.inbound().packets());
        assertEquals(inner.length, b.tunnel.inbound().bytes());
    }

    @Test
    void packetThatIsNotIpIsDropped() {
        a.sends(new byte[20]);
        assertDropped(a, Verdict.OUTBOUND_NOT_IP);
        assertEquals(0, a.wire.sent.size());
    }

    @Test
    void ownEspLedBackIntoTheTunnelIsDropped() {
        a.sends(HostEnd.inner4(A, B, 50, 60));
        assertDropped(a, Verdict.OUTBOUND_LOOP);
        assertEquals(0, a.wire.sent.size());
    }

    @Test
    void withoutEndpointsNothingLeaves() {
        a.tunnel.publish(null);
        a.sends(INNER4);
        assertDropped(a, Verdict.OUTBOUND_NO_TUNNEL);
    }

    @Test
    void withoutAPolicyNothingLeaves() {
        a.policies(List.of());
        a.sends(INNER4);
        assertDropped(a, Verdict.OUTBOUND_NO_POLICY);
        assertEquals(0, a.wire.sent.size());
    }

    @ParameterizedTest
    @MethodSource("notProtecting")
    void policyThatDoesNotProtectLetsNothingOut(PolicyAction action) {
        a.policies(List.of(new SecurityPolicy(
                "p",
                Direction.OUTBOUND,
                Selector.between(IpPrefix.ANY_INET, IpPrefix.ANY_INET),
                action,
                List.of(),
                1,
                new PolicyScope.IfId(100))));
        a.sends(INNER4);
        assertDropped(a, Verdict.OUTBOUND_DISCARDED);
        assertEquals(0, a.wire.sent.size());
    }

    static Stream<PolicyAction> notProtecting() {
        return Stream.of(PolicyAction.BYPASS, PolicyAction.DISCARD);
    }

    @Test
    void withoutAnSaNothingLeaves() {
        a.publish(null);
        a.sends(INNER4);
        assertDropped(a, Verdict.OUTBOUND_NO_SA);
    }

    @Test
    void linkIsUpWhileThereIsAnSaToSendWith() {
        assertTrue(a.device.carrier);
        a.publish(null);
        assertFalse(a.device.carrier);
        a.publish(a.send);
        assertTrue(a.device.carrier);
        a.tunnel.publish(null);
        assertFalse(a.device.carrier);
    }

    @Test
    void onlyDestroyingRemovesTheDevice() {
        a.tunnel.close();
        assertFalse(a.device.removed);
        b.tunnel.destroy();
        assertTrue(b.device.removed);
    }

    @Test
    void refusalOfTheHostIsCounted() {
        a.wire.errno = 105;
        a.sends(INNER4);
        assertDropped(a, Verdict.OUTBOUND_SEND_FAILED);
        assertEquals(0, a.tunnel.outbound().packets());
    }

    @Test
    void damagedPacketIsDropped() {
        byte[] esp = sealedByA(INNER4);
        esp[esp.length - 1] ^= 1;
        b.receives(esp);
        assertDropped(b, Verdict.INBOUND_BAD_ICV);
    }

    @Test
    void replayedPacketIsDropped() {
        byte[] esp = sealedByA(INNER4);
        b.receives(esp);
        b.device.delivered.clear();
        b.receives(esp);
        assertDropped(b, Verdict.INBOUND_REPLAYED);
    }

    @Test
    void everyTruncationIsDropped() {
        byte[] esp = sealedByA(INNER4);
        for (int length = 8; length < esp.length; length++) {
            b.receives(Arrays.copyOf(esp, length));
        }
        assertEquals(
                esp.length - 8,
                b.tunnel.verdicts().get(Verdict.INBOUND_TRUNCATED)
                        + b.tunnel.verdicts().get(Verdict.INBOUND_BAD_ICV));
        assertEquals(0, b.device.delivered.size());
        b.receives(Arrays.copyOf(esp, 7));
        assertEquals(1, b.unowned.get(Verdict.INBOUND_TRUNCATED));
    }

    @Test
    void unknownSpiBelongsToNobody() {
        byte[] esp = sealedByA(INNER4);
        esp[3] ^= 1;
        b.receives(esp);
        assertEquals(1, b.unowned.get(Verdict.INBOUND_UNKNOWN_SPI));
        assertEquals(0, b.device.delivered.size());
    }

    /** RFC 7296 section 1.5: IKE may tell a peer that this end does not know its SA, but is not to be flooded itself. */
    @Test
    void unknownSpiIsToldToIkeAFewTimes() {
        byte[] esp = sealedByA(INNER4);
        esp[3] ^= 1;
        for (int i = 0; i < 1_000; i++) {
            b.receives(esp.clone());
        }
        assertEquals(1_000, b.unowned.get(Verdict.INBOUND_UNKNOWN_SPI));
        assertTrue(b.unknownSpis.size() >= 10 && b.unknownSpis.size() < 20, () -> "" + b.unknownSpis.size());
        HostEnd.UnknownSpi told = b.unknownSpis.get(0);
        assertEquals(Bytes.i32(esp, 0), told.spi());
        assertEquals(0, told.from().port());
    }

    @Test
    void saThatNoInterfaceUsesReceivesNothing() {
        byte[] esp = sealedByA(INNER4);
        b.table = new InboundTable(List.of(new InboundTable.Entry(HostEnd.sa(A, B, 0x1001), null)));
        b.receives(esp);
        assertEquals(1, b.unowned.get(Verdict.INBOUND_NO_INTERFACE));
        assertEquals(0, b.device.delivered.size());
    }

    @Test
    void innerPacketThatThePolicyDoesNotSelectIsDropped() {
        b.policies(List.of(
                HostEnd.policy(Direction.INBOUND, IpPrefix.parse("10.9.0.0/16"), IpPrefix.ANY_INET, A, B, 100)));
        b.receives(sealedByA(INNER4));
        assertDropped(b, Verdict.INBOUND_POLICY_MISMATCH);
    }

    @Test
    void policyOfAnotherReqidIsNotTheSas() {
        b.policies(List.of(HostEnd.policy(Direction.INBOUND, IpPrefix.ANY_INET, IpPrefix.ANY_INET, A, B, 101)));
        b.receives(sealedByA(INNER4));
        assertDropped(b, Verdict.INBOUND_POLICY_MISMATCH);
    }

    @Test
    void insideThatIsNotIpIsDropped() {
        byte[] inner = INNER4.clone();
        inner[3]++; // longer than there is; a's own check has passed by then
        SecurityAssociation sa = a.send;
        byte[] buffer = new byte[200];
        System.arraycopy(inner, 0, buffer, 64, inner.length);
        int length = EspEncapsulator.encapsulate(sa, 1, buffer, 64, inner.length, 4);
        int offset = EspEncapsulator.espOffset(sa, 64);
        b.receives(Arrays.copyOfRange(buffer, offset, offset + length));
        assertDropped(b, Verdict.INBOUND_NOT_IP);
    }

    @Test
    void interfaceThatIsDownTakesNothing() {
        b.device.up = false;
        b.receives(sealedByA(INNER4));
        assertDropped(b, Verdict.INBOUND_REFUSED);
    }

    @Test
    void packetForAnInterfaceThatIsGoneIsCounted() {
        byte[] sealed = sealedByA(INNER4);
        b.tunnel.close();
        b.receives(sealed);
        assertDropped(b, Verdict.INBOUND_REFUSED);
    }

    @Test
    void encapsulationMustBeTheInterfaces() {
        byte[] esp = sealedByA(INNER4);
        HostEnd udp = new HostEnd(B, A, Encapsulation.UDP);
        try (udp) {
            InboundPath raw = new InboundPath(b.wire, () -> udp.table, IkeReceiver.NONE, udp.unowned);
            b.wire.arriving.add(esp);
            raw.step();
            assertDropped(udp, Verdict.INBOUND_ENCAPSULATION_MISMATCH);
            udp.receives(esp);
            assertEquals(1, udp.device.delivered.size());
        }
    }

    /** RFC 7296 section 2.23: IKE may follow authentic packets, and no others. */
    @Test
    void authenticEspFromElsewhereIsToldToIke() {
        try (HostEnd udp = new HostEnd(B, A, Encapsulation.UDP)) {
            udp.wire.source = new UdpEndpoint(A, EspTransport.UDP_PORT);
            udp.receives(sealedByA(INNER4));
            assertEquals(List.of(), udp.moves, "it is where it was");
            udp.wire.source = new UdpEndpoint(A, 33_333);
            byte[] esp = sealedByA(INNER4);
            byte[] altered = esp.clone();
            altered[altered.length - 1] ^= 1;
            udp.receives(altered);
            assertEquals(List.of(), udp.moves);
            udp.receives(esp.clone());
            assertEquals(List.of(udp.wire.source), udp.moves);
            udp.receives(esp);
            assertEquals(1, udp.moves.size(), "nor a replay");
            assertEquals(2, udp.device.delivered.size());
        }
    }

    @Test
    void keepalivesAndIkeOnTheUdpPortAreSetAside() {
        try (HostEnd udp = new HostEnd(B, A, Encapsulation.UDP)) {
            udp.receives(new byte[] {-1});
            udp.receives(new byte[40]);
            assertEquals(1, udp.unowned.get(Verdict.INBOUND_KEEPALIVE));
            assertEquals(1, udp.unowned.get(Verdict.INBOUND_NOT_ESP));
        }
    }
}
