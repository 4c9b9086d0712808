package org.ipsecif.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.ipsecif.bare.Allocation;
import org.ipsecif.crypto.EncryptionAlgorithm;
import org.ipsecif.crypto.IntegrityAlgorithm;
import org.ipsecif.crypto.KeyMaterial;
import org.ipsecif.platform.DatagramRun;
import org.ipsecif.platform.Datagrams;
import org.ipsecif.platform.EspTransport;
import org.ipsecif.platform.PacketBuffer;
import org.ipsecif.platform.PacketChannel;
import org.ipsecif.platform.TunDevice;
import org.ipsecif.platform.UdpEndpoint;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.Lifetimes;
import org.ipsecif.sa.OutboundAssociations;
import org.ipsecif.sa.PacketSettings;
import org.ipsecif.sa.PathMtu;
import org.ipsecif.sa.SaParameters;
import org.ipsecif.sa.SecurityAssociation;
import org.ipsecif.sa.SecurityPolicyDatabase;
import org.ipsecif.sa.TunnelEndpoints;
import org.ipsecif.sa.Verdict;
import org.ipsecif.sa.VerdictCounters;
import org.ipsecif.wire.InnerPacket;
import org.ipsecif.wire.Offload;
import org.ipsecif.wire.OuterHeader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Neither walk allocates for what is cut and joined: with AES-CBC and AES-XCBC, not a byte. */
class SuperPacketAllocationTest {
    private static final int PACKETS = 4;
    private static final int SEGMENT = 1_300;
    private static final int PAYLOAD = 40 * SEGMENT + 1;
    private static final int SEGMENTS = 41;

    private InnerPacket inner = InnerPacket.tcp(false);
    private byte[] whole = {};
    private boolean joins = true;
    private int damaged = -1;
    private int writes;
    private final EspTransport.Encapsulation encapsulation = EspTransport.Encapsulation.UDP;
    private final VerdictCounters unowned = new VerdictCounters();
    private final Wire wire = new Wire();
    private final Device device = new Device();
    private final TunnelInterface tunnel =
            new TunnelInterface(device, new HostEnd.Replies(), new HostEvents(), () -> 0);
    private final OutboundPath outbound = new OutboundPath(tunnel, new HostEnd.Replies(), () -> 0);
    private final InboundPath inbound;

    SuperPacketAllocationTest() {
        InboundTable table = new InboundTable(List.of(new InboundTable.Entry(association(), tunnel)));
        inbound = new InboundPath(wire, () -> table, IkeReceiver.NONE, unowned);
        settings(PacketSettings.DEFAULT);
    }

    @AfterEach
    void close() {
        tunnel.close();
    }

    private void settings(PacketSettings settings) {
        tunnel.publish(new TunnelState(
                new TunnelEndpoints(HostEnd.A, HostEnd.B),
                wire,
                wire.source(),
                new SecurityPolicyDatabase(HostEnd.anyToAny(HostEnd.A, HostEnd.B)),
                OutboundAssociations.of(association()),
                settings,
                1_400,
                new PathMtu(HostEnd.A.family(), 1_500),
                null,
                null));
    }

    SecurityAssociation association() {
        return new SecurityAssociation(
                new SaParameters(
                        HostEnd.A,
                        HostEnd.B,
                        0x2001,
                        100,
                        IpsecMode.TUNNEL,
                        EncryptionAlgorithm.ENCR_AES_CBC,
                        KeyMaterial.copyOf(new byte[16]),
                        IntegrityAlgorithm.AUTH_AES_XCBC_96,
                        KeyMaterial.copyOf(new byte[16]),
                        1024,
                        false,
                        Lifetimes.NONE,
                        0),
                0);
    }

    /** Gives a packet when there is to be one. */
    private final class Device extends HostEnd.Memory implements TunDevice {
        private boolean waiting;

        @Override
        public int read(PacketBuffer into, Offload offload) {
            if (!waiting) {
                return NOTHING;
            }
            waiting = false;
            inner.describe(offload, SEGMENT);
            into.bytes().put(HEADROOM, whole);
            return whole.length;
        }

        @Override
        public boolean write(PacketBuffer from, int length, Offload offload) {
            writes++;
            return true;
        }

        @Override
        public boolean joins(Offload.Kind kind) {
            return joins;
        }

        @Override
        public void stopJoining() {}

        @Override
        public String name() {
            return "ipsec0";
        }

        @Override
        public int index() {
            return 1;
        }

        @Override
        public void setCarrier(boolean up) {}

        @Override
        public void remove() {}
    }

    /** What went out comes back, all at once. */
    private final class Wire extends HostEnd.Memory implements EspTransport {
        private final UdpEndpoint source = new UdpEndpoint(HostEnd.B, UDP_PORT);
        private final byte[] bytes = new byte[2 * 65_535];
        private final int[] ends = new int[2 * DatagramRun.MAX_DATAGRAMS];
        private int count;

        @Override
        public int send(DatagramRun run, UdpEndpoint remote, OuterHeader outer) {
            while (!run.isEmpty()) {
                int at = count == 0 ? 0 : ends[count - 1];
                run.buffer().bytes().get(run.offset(), bytes, at, run.firstLength());
                ends[count++] = at + run.firstLength();
                run.skip(1);
            }
            return 0;
        }

        @Override
        public int receive(PacketBuffer into, Datagrams datagrams) {
            datagrams.clear();
            if (count == 0) {
                return NOTHING;
            }
            into.bytes().put(0, bytes, 0, ends[count - 1]);
            for (int i = 0; i < count; i++) {
                int at = i == 0 ? 0 : ends[i - 1];
                datagrams.add(at, ends[i] - at, 0, 64);
                if (i == damaged) {
                    into.bytes().put(at + 100, (byte) ~bytes[at + 100]);
                }
            }
            count = 0;
            return datagrams.count();
        }

        @Override
        public int receiveSize() {
            return bytes.length;
        }

        @Override
        public int receiveCount() {
            return ends.length;
        }

        @Override
        public IpAddress local() {
            return HostEnd.B;
        }

        @Override
        public Encapsulation encapsulation() {
            return encapsulation;
        }

        @Override
        public UdpEndpoint source() {
            return source;
        }

        @Override
        public UdpEndpoint source(int datagram) {
            return source;
        }

        @Override
        public int receive(byte[] buffer, int offset, int length, OuterHeader outer) {
            throw new UnsupportedOperationException("walks receive several at once");
        }

        @Override
        public int send(byte[] buffer, int offset, int length, UdpEndpoint remote, OuterHeader outer) {
            throw new UnsupportedOperationException("walks send runs");
        }
    }

    private void exchange() {
        for (int i = 0; i < PACKETS; i++) {
            device.waiting = true;
            outbound.step();
            outbound.step();
            int result;
            do {
                result = inbound.step();
            } while (result > PacketChannel.NOTHING);
        }
    }

    private void assertNothingAllocated(InnerPacket packet) throws Exception {
        inner = packet.payload(PAYLOAD);
        whole = inner.partial();
        assertEquals(0, Allocation.least(0, this::exchange));
        for (Verdict each : Verdict.values()) {
            long expected = each == Verdict.INBOUND_BAD_ICV && damaged >= 0 ? sent() / SEGMENTS : 0;
            assertEquals(expected, tunnel.verdicts().get(each) + unowned.get(each), each.name());
        }
        assertEquals(0, sent() % (PACKETS * SEGMENTS));
    }

    private long sent() {
        return tunnel.outbound().packets();
    }

    @ParameterizedTest
    @CsvSource({"TCP, false", "TCP, true", "UDP, false", "UDP, true"})
    void packetThatIsCutAndJoined(String protocol, boolean inet6) throws Exception {
        assertNothingAllocated(protocol.equals("TCP") ? InnerPacket.tcp(inet6) : InnerPacket.udp(inet6));
        assertEquals(sent(), tunnel.inbound().packets());
        assertEquals(sent(), writes * (long) SEGMENTS);
    }

    @Test
    void packetThatIsCutAndNotJoined() throws Exception {
        joins = false;
        assertNothingAllocated(InnerPacket.tcp(false));
        assertEquals(sent(), writes);
    }

    @Test
    void packetOfWhichASegmentIsDamaged() throws Exception {
        damaged = 7;
        assertNothingAllocated(InnerPacket.tcp(false));
        assertEquals(sent() / SEGMENTS * 2, writes);
    }

    @Test
    void segmentsThatAreAllPadded() throws Exception {
        settings(PacketSettings.DEFAULT.withTfc(true, 0));
        assertNothingAllocated(InnerPacket.tcp(true));
        assertTrue(writes > 0);
    }
}
