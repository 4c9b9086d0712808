package org.ipsecif.tunnel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import org.ipsecif.crypto.EncryptionAlgorithm;
import org.ipsecif.crypto.IntegrityAlgorithm;
import org.ipsecif.crypto.KeyMaterial;
import org.ipsecif.esp.EspEncapsulator;
import org.ipsecif.platform.EspTransport;
import org.ipsecif.platform.EspTransport.Encapsulation;
import org.ipsecif.platform.PacketChannel;
import org.ipsecif.platform.TunDevice;
import org.ipsecif.sa.Direction;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpPrefix;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.Level;
import org.ipsecif.sa.PolicyAction;
import org.ipsecif.sa.PolicyScope;
import org.ipsecif.sa.SaParameters;
import org.ipsecif.sa.SecurityAssociation;
import org.ipsecif.sa.SecurityPolicy;
import org.ipsecif.sa.SecurityPolicyDatabase;
import org.ipsecif.sa.Selector;
import org.ipsecif.sa.TransformTemplate;
import org.ipsecif.sa.TunnelEndpoints;
import org.ipsecif.sa.Verdict;
import org.ipsecif.sa.VerdictCounters;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Both walks between two hosts in memory: what is sent comes out, what is dropped raises one counter and reaches nothing. */
class PacketWalkTest {
    private static final IpAddress A = IpAddress.parse("203.0.113.1");
    private static final IpAddress B = IpAddress.parse("203.0.113.2");
    private static final byte[] INNER4 = inner4(IpAddress.parse("10.0.0.1"), IpAddress.parse("10.0.0.2"), 17, 40);

    /** Packets queued in memory; the walks are stepped by the test, so nobody ever waits for one. */
    private static class Memory implements PacketChannel {
        final Deque<byte[]> arriving = new ArrayDeque<>();
        private final Semaphore woken = new Semaphore(0);

        @Override
        public boolean awaitReadable() {
            woken.acquireUninterruptibly();
            return false;
        }

        @Override
        public void wakeup() {
            woken.release();
        }

        @Override
        public void close() {}

        int next(byte[] buffer, int offset, int length) {
            byte[] packet = arriving.poll();
            if (packet == null) {
                return NOTHING;
            }
            System.arraycopy(packet, 0, buffer, offset, Math.min(length, packet.length));
            return packet.length;
        }
    }

    private static final class Device extends Memory implements TunDevice {
        final Deque<byte[]> delivered = new ArrayDeque<>();
        boolean up = true;

        @Override
        public String name() {
            return "ipsec0";
        }

        @Override
        public int index() {
            return 1;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) {
            return next(buffer, offset, length);
        }

        @Override
        public boolean write(byte[] buffer, int offset, int length) {
            return up && delivered.add(Arrays.copyOfRange(buffer, offset, offset + length));
        }
    }

    private static final class Wire extends Memory implements EspTransport {
        final IpAddress local;
        final Encapsulation encapsulation;
        final Deque<byte[]> sent = new ArrayDeque<>();
        int errno;

        Wire(IpAddress local, Encapsulation encapsulation) {
            this.local = local;
            this.encapsulation = encapsulation;
        }

        @Override
        public IpAddress local() {
            return local;
        }

        @Override
        public Encapsulation encapsulation() {
            return encapsulation;
        }

        @Override
        public int receive(byte[] buffer, int offset, int length) {
            return next(buffer, offset, length);
        }

        @Override
        public int send(byte[] buffer, int offset, int length, IpAddress remote) {
            sent.add(Arrays.copyOfRange(buffer, offset, offset + length));
            return errno;
        }
    }

    /** One end. */
    private static final class HostEnd implements AutoCloseable {
        final Device device = new Device();
        final Wire wire;
        final TunnelInterface tunnel = new TunnelInterface(device, () -> {});
        final VerdictCounters unowned = new VerdictCounters();
        final OutboundPath outbound = new OutboundPath(tunnel);
        final InboundPath inbound;
        final SecurityAssociation send;
        InboundTable table;

        HostEnd(IpAddress local, IpAddress remote, Encapsulation encapsulation) {
            wire = new Wire(local, encapsulation);
            send = sa(local, remote, 0x1000 + (int) (local.low() & 0xf));
            table = new InboundTable(List.of(new InboundTable.Entry(
                    sa(remote, local, 0x1000 + (int) (remote.low() & 0xf)), tunnel)));
            inbound = new InboundPath(wire, () -> table, unowned);
            policies(anyToAny(local, remote));
        }

        void policies(List<SecurityPolicy> policies) {
            TunnelEndpoints endpoints = new TunnelEndpoints(wire.local, wire.local.equals(A) ? B : A);
            tunnel.publish(new TunnelState(endpoints, wire, new SecurityPolicyDatabase(policies), send));
        }

        void sends(byte[] packet) {
            device.arriving.add(packet);
            outbound.step();
        }

        void receives(byte[] datagram) {
            wire.arriving.add(datagram);
            inbound.step();
        }

        @Override
        public void close() {
            tunnel.close();
        }
    }

    private final HostEnd a = new HostEnd(A, B, Encapsulation.NO);
    private final HostEnd b = new HostEnd(B, A, Encapsulation.NO);

    @AfterEach
    void close() {
        a.close();
        b.close();
    }

    private static SecurityAssociation sa(IpAddress source, IpAddress destination, int spi) {
        return new SecurityAssociation(
                new SaParameters(
                        source,
                        destination,
                        spi,
                        100,
                        EncryptionAlgorithm.ENCR_AES_CBC,
                        KeyMaterial.copyOf(new byte[16]),
                        IntegrityAlgorithm.AUTH_HMAC_SHA1_96,
                        KeyMaterial.copyOf(new byte[20]),
                        64,
                        false),
                0);
    }

    private static List<SecurityPolicy> anyToAny(IpAddress local, IpAddress remote) {
        return Stream.of(IpPrefix.ANY_INET, IpPrefix.ANY_INET6)
                .flatMap(any -> Stream.of(
                        policy(Direction.OUTBOUND, any, any, local, remote, 100),
                        policy(Direction.INBOUND, any, any, remote, local, 100)))
                .toList();
    }

    private static SecurityPolicy policy(
            Direction direction, IpPrefix from, IpPrefix to, IpAddress source, IpAddress destination, int reqid) {
        return new SecurityPolicy(
                "p",
                direction,
                Selector.between(from, to),
                PolicyAction.PROTECT,
                List.of(new TransformTemplate(IpsecMode.TUNNEL, source, destination, Level.UNIQUE, reqid)),
                1,
                new PolicyScope.Host());
    }

    private static byte[] inner4(IpAddress source, IpAddress destination, int protocol, int length) {
        byte[] packet = new byte[length];
        packet[0] = 0x45;
        packet[3] = (byte) length;
        packet[8] = 64;
        packet[9] = (byte) protocol;
        System.arraycopy(source.toBytes(), 0, packet, 12, 4);
        System.arraycopy(destination.toBytes(), 0, packet, 16, 4);
        return packet;
    }

    private static byte[] inner6(int length) {
        byte[] packet = new byte[40 + length];
        packet[0] = 0x60;
        packet[5] = (byte) length;
        packet[6] = 59;
        packet[8] = 0x20;
        packet[24] = 0x20;
        return packet;
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
                inner4(IpAddress.parse("10.0.0.1"), IpAddress.parse("10.0.0.2"), 1, 20),
                inner6(0),
                inner6(100));
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
        a.sends(inner4(A, B, 50, 60));
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
                new PolicyScope.Host())));
        a.sends(INNER4);
        assertDropped(a, Verdict.OUTBOUND_DISCARDED);
        assertEquals(0, a.wire.sent.size());
    }

    static Stream<PolicyAction> notProtecting() {
        return Stream.of(PolicyAction.BYPASS, PolicyAction.DISCARD);
    }

    @Test
    void withoutAnSaNothingLeaves() {
        TunnelState state = a.tunnel.state();
        a.tunnel.publish(new TunnelState(state.endpoints(), state.transport(), state.policies(), null));
        a.sends(INNER4);
        assertDropped(a, Verdict.OUTBOUND_NO_SA);
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

    @Test
    void saThatNoInterfaceUsesReceivesNothing() {
        byte[] esp = sealedByA(INNER4);
        b.table = new InboundTable(List.of(new InboundTable.Entry(sa(A, B, 0x1001), null)));
        b.receives(esp);
        assertEquals(1, b.unowned.get(Verdict.INBOUND_NO_INTERFACE));
        assertEquals(0, b.device.delivered.size());
    }

    @Test
    void innerPacketThatThePolicyDoesNotSelectIsDropped() {
        b.policies(List.of(policy(Direction.INBOUND, IpPrefix.parse("10.9.0.0/16"), IpPrefix.ANY_INET, A, B, 100)));
        b.receives(sealedByA(INNER4));
        assertDropped(b, Verdict.INBOUND_POLICY_MISMATCH);
    }

    @Test
    void policyOfAnotherReqidIsNotTheSas() {
        b.policies(List.of(policy(Direction.INBOUND, IpPrefix.ANY_INET, IpPrefix.ANY_INET, A, B, 101)));
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
        int length = EspEncapsulator.encapsulate(sa, 1, buffer, 64, inner.length, false);
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
    void encapsulationMustBeTheInterfaces() {
        byte[] esp = sealedByA(INNER4);
        HostEnd udp = new HostEnd(B, A, Encapsulation.UDP);
        try (udp) {
            InboundPath raw = new InboundPath(b.wire, () -> udp.table, udp.unowned);
            b.wire.arriving.add(esp);
            raw.step();
            assertDropped(udp, Verdict.INBOUND_ENCAPSULATION_MISMATCH);
            udp.receives(esp);
            assertEquals(1, udp.device.delivered.size());
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
