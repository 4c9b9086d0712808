package org.ipsecif.tunnel;

import java.util.List;
import org.ipsecif.platform.DatagramRun;
import org.ipsecif.platform.Datagrams;
import org.ipsecif.platform.EspTransport;
import org.ipsecif.platform.PacketBuffer;
import org.ipsecif.platform.TunDevice;
import org.ipsecif.platform.UdpEndpoint;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.OutboundAssociations;
import org.ipsecif.sa.PacketSettings;
import org.ipsecif.sa.PathMtu;
import org.ipsecif.sa.SaParameters;
import org.ipsecif.sa.SecurityAssociation;
import org.ipsecif.sa.SecurityPolicy;
import org.ipsecif.sa.SecurityPolicyDatabase;
import org.ipsecif.sa.TunnelEndpoints;
import org.ipsecif.sa.Verdict;
import org.ipsecif.sa.VerdictCounters;
import org.ipsecif.wire.Offload;
import org.ipsecif.wire.OuterHeader;

/**
 * An interface that is its own peer: the packet that its device gives goes through the outbound walk, over a wire in memory, through
 * the inbound walk, to the same device. None of it but the walks could allocate.
 */
final class WalkLoop implements AutoCloseable {
    /** What the wire does to a datagram. */
    interface Fault {
        void apply(byte[] datagram);
    }

    private static final int SLOTS = 4;
    private static final int SLOT_BYTES = 4096;

    private final class Device extends HostEnd.Memory implements TunDevice {
        @Override
        public String name() {
            return "ipsec0";
        }

        @Override
        public int index() {
            return 1;
        }

        @Override
        public int read(PacketBuffer into, Offload offload) {
            if (!waiting) {
                return NOTHING;
            }
            waiting = false;
            byte[] inner = inners[next];
            next = next + 1 == inners.length ? 0 : next + 1;
            offload.clear();
            into.bytes().put(HEADROOM, inner);
            return inner.length;
        }

        @Override
        public boolean write(PacketBuffer from, int length, Offload offload) {
            delivered++;
            return true;
        }

        @Override
        public boolean joins(Offload.Kind kind) {
            return true;
        }

        @Override
        public void stopJoining() {}

        @Override
        public void setCarrier(boolean up) {}

        @Override
        public void remove() {}
    }

    private final class Wire extends HostEnd.Memory implements EspTransport {
        private final UdpEndpoint source = new UdpEndpoint(endpoints.remote(), UDP_PORT);

        private final byte[][] datagrams = new byte[SLOTS][SLOT_BYTES];
        private final int[] lengths = new int[SLOTS];
        private int sent;
        private int received;

        @Override
        public IpAddress local() {
            return endpoints.remote();
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
        public Encapsulation encapsulation() {
            return encapsulation;
        }

        @Override
        public int send(byte[] buffer, int offset, int length, UdpEndpoint remote, OuterHeader outer) {
            throw new UnsupportedOperationException("walks send runs");
        }

        @Override
        public int receive(byte[] buffer, int offset, int length, OuterHeader outer) {
            throw new UnsupportedOperationException("walks receive several at once");
        }

        @Override
        public int send(DatagramRun run, UdpEndpoint remote, OuterHeader outer) {
            while (!run.isEmpty()) {
                int slot = sent++ % SLOTS;
                lengths[slot] = run.firstLength();
                run.buffer().bytes().get(run.offset(), datagrams[slot], 0, lengths[slot]);
                run.skip(1);
            }
            return 0;
        }

        @Override
        public int receive(PacketBuffer into, Datagrams batch) {
            batch.clear();
            if (received == sent) {
                return NOTHING;
            }
            int slot = received++ % SLOTS;
            fault.apply(datagrams[slot]);
            into.bytes().put(0, datagrams[slot], 0, lengths[slot]);
            batch.add(0, lengths[slot], 0, 64);
            return 1;
        }

        @Override
        public int receiveSize() {
            return SLOT_BYTES;
        }

        @Override
        public int receiveCount() {
            return 1;
        }
    }

    private final TunnelEndpoints endpoints;
    private final byte[][] inners;
    private int next;
    private boolean waiting;
    private final EspTransport.Encapsulation encapsulation;
    private final VerdictCounters unowned = new VerdictCounters();
    private final TunnelInterface tunnel;
    private final OutboundPath outbound;
    private final InboundPath inbound;
    private Fault fault = datagram -> {};
    private int delivered;

    /**
     * @param send with the keys and the SPI of {@code receive}, and reqid 100
     * @param inner what the device gives, again and again
     * @param mtu of the interface
     */
    WalkLoop(
            SecurityAssociation send,
            SecurityAssociation receive,
            EspTransport.Encapsulation encapsulation,
            byte[] inner,
            PacketSettings settings,
            int mtu) {
        this(send, receive, encapsulation, new byte[][] {inner}, settings, mtu, anyToAny(send));
    }

    private static List<SecurityPolicy> anyToAny(SecurityAssociation send) {
        return HostEnd.anyToAny(send.parameters().source(), send.parameters().destination());
    }

    /**
     * The same with several packets, which the device gives one after the other.
     *
     * @param policies of the interface; transforms have reqid 100
     */
    WalkLoop(
            SecurityAssociation send,
            SecurityAssociation receive,
            EspTransport.Encapsulation encapsulation,
            byte[][] inners,
            PacketSettings settings,
            int mtu,
            List<SecurityPolicy> policies) {
        this(List.of(send), List.of(receive), encapsulation, inners, settings, mtu, policies);
    }

    /** The same with several SAs, the oldest first. */
    WalkLoop(
            List<SecurityAssociation> send,
            List<SecurityAssociation> receive,
            EspTransport.Encapsulation encapsulation,
            byte[][] inners,
            PacketSettings settings,
            int mtu,
            List<SecurityPolicy> policies) {
        SaParameters first = send.get(0).parameters();
        endpoints = new TunnelEndpoints(first.source(), first.destination());
        this.encapsulation = encapsulation;
        this.inners = inners;
        HostEnd.Replies replies = new HostEnd.Replies();
        Wire wire = new Wire();
        tunnel = new TunnelInterface(new Device(), replies, new HostEvents(), () -> 0);
        outbound = new OutboundPath(tunnel, replies, () -> 0);
        InboundTable table = new InboundTable(receive.stream()
                .map(each -> new InboundTable.Entry(each, tunnel))
                .toList());
        inbound = new InboundPath(wire, () -> table, IkeReceiver.NONE, unowned);
        tunnel.publish(new TunnelState(
                endpoints,
                wire,
                new UdpEndpoint(endpoints.remote(), EspTransport.UDP_PORT),
                new SecurityPolicyDatabase(policies),
                new OutboundAssociations(send),
                settings,
                mtu,
                new PathMtu(endpoints.family(), 9_000),
                null,
                null));
    }

    void fault(Fault next) {
        fault = next;
    }

    /** One packet all the way, in however many pieces. */
    void step() {
        waiting = true;
        outbound.step();
        outbound.step();
        int length;
        do {
            length = inbound.step();
        } while (length > 0);
    }

    int delivered() {
        return delivered;
    }

    /** Of the interface, or of what belongs to none. */
    long count(Verdict verdict) {
        return tunnel.verdicts().get(verdict) + unowned.get(verdict);
    }

    @Override
    public void close() {
        tunnel.close();
    }
}
