package org.ipsecif.tunnel;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.ipsecif.crypto.Accelerators;
import org.ipsecif.crypto.EncryptionAlgorithm;
import org.ipsecif.crypto.IntegrityAlgorithm;
import org.ipsecif.crypto.KeyMaterial;
import org.ipsecif.platform.DatagramRun;
import org.ipsecif.platform.Datagrams;
import org.ipsecif.platform.EspTransport;
import org.ipsecif.platform.MemoryChannel;
import org.ipsecif.platform.PacketBuffer;
import org.ipsecif.platform.PacketChannel;
import org.ipsecif.platform.PacketSender;
import org.ipsecif.platform.TunDevice;
import org.ipsecif.platform.UdpEndpoint;
import org.ipsecif.sa.Direction;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpPrefix;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.Level;
import org.ipsecif.sa.Lifetimes;
import org.ipsecif.sa.OutboundAssociations;
import org.ipsecif.sa.PacketSettings;
import org.ipsecif.sa.PathMtu;
import org.ipsecif.sa.PolicyAction;
import org.ipsecif.sa.PolicyScope;
import org.ipsecif.sa.SaParameters;
import org.ipsecif.sa.SecurityAssociation;
import org.ipsecif.sa.SecurityPolicy;
import org.ipsecif.sa.SecurityPolicyDatabase;
import org.ipsecif.sa.Selector;
import org.ipsecif.sa.TransformTemplate;
import org.ipsecif.sa.TunnelEndpoints;
import org.ipsecif.sa.VerdictCounters;
import org.ipsecif.wire.Bytes;
import org.ipsecif.wire.Checksum;
import org.ipsecif.wire.Offload;
import org.ipsecif.wire.OuterHeader;
import org.jspecify.annotations.Nullable;

/** One end of a tunnel in memory: queues in place of the network and the host. The test steps the walks, so nobody waits. */
final class HostEnd implements AutoCloseable {
    static final IpAddress A = IpAddress.parse("203.0.113.1");
    static final IpAddress B = IpAddress.parse("203.0.113.2");

    /** Packets queued in memory. */
    static class Memory extends MemoryChannel {
        final Deque<byte[]> arriving = new ArrayDeque<>();
    }

    /** The host's side of the interface. */
    static final class Device extends Memory implements TunDevice {
        final Deque<byte[]> delivered = new ArrayDeque<>();
        boolean up = true;
        boolean carrier;
        boolean removed;

        @Override
        public void setCarrier(boolean value) {
            carrier = value;
        }

        @Override
        public void remove() {
            removed = true;
        }

        @Override
        public String name() {
            return "ipsec0";
        }

        @Override
        public int index() {
            return 1;
        }

        /** What the next packets that arrive lack; none is whole. */
        final Deque<Consumer<Offload>> lacking = new ArrayDeque<>();

        /** Whether the host takes joined packets. */
        boolean joins;

        /** Whether it refuses them all the same. */
        boolean cannotCut;

        /** What the host was told of the packets delivered. */
        final List<String> offloads = new ArrayList<>();

        @Override
        public int read(PacketBuffer into, Offload offload) {
            byte[] packet = arriving.poll();
            if (packet == null) {
                return NOTHING;
            }
            offload.clear();
            Consumer<Offload> lacks = lacking.poll();
            if (lacks != null) {
                lacks.accept(offload);
            }
            into.bytes().put(HEADROOM, packet);
            return packet.length;
        }

        @Override
        public boolean write(PacketBuffer from, int length, Offload offload) {
            if (!up || (cannotCut && offload.isSegmented())) {
                return false;
            }
            byte[] packet = new byte[length];
            from.bytes().get(HEADROOM, packet);
            offloads.add(offload.kind() + " " + offload.segmentSize());
            return delivered.add(packet);
        }

        @Override
        public boolean joins(Offload.Kind kind) {
            return joins;
        }

        @Override
        public void stopJoining() {
            joins = false;
        }
    }

    /** What an outer header said. */
    record Sent(int trafficClass, int hopLimit, int flowLabel, boolean dontFragment, boolean cut) {}

    /** The network. */
    static final class Wire extends Memory implements EspTransport {
        final IpAddress local;
        final Encapsulation encapsulation;
        final Deque<byte[]> sent = new ArrayDeque<>();
        final Deque<Sent> headers = new ArrayDeque<>();
        int errno;

        /** How many datagrams went out at once. */
        final List<Integer> runs = new ArrayList<>();

        /** Of the packets that arrive. */
        UdpEndpoint source = new UdpEndpoint(B, UDP_PORT);

        /** Bytes of ESP over which a packet with DF is refused. */
        int narrowTo = Integer.MAX_VALUE;

        /** Of the packets that arrive. */
        int trafficClass;

        int hopLimit = 64;

        Wire(IpAddress local, Encapsulation encapsulation) {
            this.local = local;
            this.encapsulation = encapsulation;
        }

        @Override
        public IpAddress local() {
            return local;
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
        public int receive(byte[] buffer, int offset, int length, OuterHeader outer) {
            throw new UnsupportedOperationException("walks receive several at once");
        }

        @Override
        public int receive(PacketBuffer into, Datagrams datagrams) {
            datagrams.clear();
            int at = 0;
            while (!arriving.isEmpty() && datagrams.count() < datagrams.capacity()) {
                byte[] datagram = arriving.poll();
                into.bytes().put(at, datagram);
                datagrams.add(at, datagram.length, trafficClass, hopLimit);
                at += datagram.length;
            }
            return datagrams.count();
        }

        @Override
        public int receiveSize() {
            return 4 * 65_535;
        }

        @Override
        public int receiveCount() {
            return 128;
        }

        @Override
        public int send(DatagramRun run, UdpEndpoint remote, OuterHeader outer) {
            runs.add(run.count());
            int result = 0;
            while (!run.isEmpty() && result == 0) {
                byte[] datagram = new byte[run.firstLength()];
                run.buffer().bytes().get(run.offset(), datagram);
                result = send(datagram, 0, datagram.length, remote, outer);
                if (result == 0) {
                    run.skip(1);
                }
            }
            return result;
        }

        @Override
        public int send(byte[] buffer, int offset, int length, UdpEndpoint remote, OuterHeader outer) {
            if (outer.dontFragment() && length > narrowTo) {
                return TOO_BIG;
            }
            headers.add(new Sent(
                    outer.trafficClass(), outer.hopLimit(), outer.flowLabel(), outer.dontFragment(), outer.cut()));
            sent.add(Arrays.copyOfRange(buffer, offset, offset + length));
            return errno;
        }
    }

    /** Whole packets that the host was given to send. */
    static final class Replies implements PacketSender {
        final Deque<byte[]> sent = new ArrayDeque<>();

        @Override
        public int send(Family family, byte[] packet, int length) {
            sent.add(Arrays.copyOf(packet, length));
            return 0;
        }

        @Override
        public void close() {}
    }

    final Device device = new Device();
    final Wire wire;
    final HostEvents events = new HostEvents();
    final Replies replies = new Replies();
    final VerdictCounters unowned = new VerdictCounters();
    final List<byte[]> ikeMessages = new ArrayList<>();
    final List<UnknownSpi> unknownSpis = new ArrayList<>();

    /** Where authentic ESP came from that came from elsewhere. */
    final List<UdpEndpoint> moves = new ArrayList<>();

    /** What IKE was told of. */
    record UnknownSpi(IpAddress local, UdpEndpoint from, int spi) {}

    boolean speaksIke;
    final PathMtu pathMtu;
    final TunnelInterface tunnel;
    final OutboundPath outbound;
    final InboundPath inbound;
    final SecurityAssociation send;
    long nanos;
    InboundTable table;
    PacketSettings settings = PacketSettings.DEFAULT;
    int mtu = 1400;
    private final TunnelEndpoints endpoints;
    private List<SecurityPolicy> policies;

    HostEnd(IpAddress local, IpAddress remote, EspTransport.Encapsulation encapsulation) {
        this(local, remote, encapsulation, Lifetimes.NONE);
    }

    HostEnd(IpAddress local, IpAddress remote, EspTransport.Encapsulation encapsulation, Lifetimes lifetimes) {
        endpoints = new TunnelEndpoints(local, remote);
        wire = new Wire(local, encapsulation);
        pathMtu = new PathMtu(local.family(), 1500);
        tunnel = new TunnelInterface(device, replies, events, () -> nanos);
        outbound = new OutboundPath(tunnel, replies, () -> nanos);
        send = sa(local, remote, 0x1000 + (int) (local.low() & 0xf), lifetimes);
        table = new InboundTable(List.of(new InboundTable.Entry(
                sa(remote, local, 0x1000 + (int) (remote.low() & 0xf), lifetimes), tunnel)));
        IkeReceiver ike = new IkeReceiver() {
            @Override
            public boolean receive(IpAddress at, int port, UdpEndpoint from, byte[] message, int offset, int length) {
                return speaksIke && ikeMessages.add(Arrays.copyOfRange(message, offset, offset + length));
            }

            @Override
            public void unknownSpi(IpAddress at, UdpEndpoint from, int spi) {
                unknownSpis.add(new UnknownSpi(at, from, spi));
            }

            @Override
            public void peerMoved(IpAddress at, UdpEndpoint from, int spi) {
                moves.add(from);
            }
        };
        inbound = new InboundPath(wire, () -> table, ike, unowned);
        policies = anyToAny(local, remote);
        publish(send);
    }

    void policies(List<SecurityPolicy> next) {
        policies = next;
        publish(send);
    }

    void settings(PacketSettings next) {
        settings = next;
        publish(send);
    }

    void mtu(int bytes) {
        mtu = bytes;
        publish(send);
    }

    /** Makes the walks see this end as it now is. */
    void publish(@Nullable SecurityAssociation sa) {
        publishAll(sa == null ? List.of() : List.of(sa));
    }

    /** The same with several SAs to send with. */
    void publishAll(List<SecurityAssociation> oldestFirst) {
        tunnel.publish(new TunnelState(
                endpoints,
                wire,
                new UdpEndpoint(endpoints.remote(), EspTransport.UDP_PORT),
                new SecurityPolicyDatabase(policies),
                new OutboundAssociations(oldestFirst),
                settings,
                mtu,
                pathMtu,
                IpAddress.parse("10.0.0.1"),
                IpAddress.parse("2001:db8:1::1")));
    }

    void sends(byte[] packet) {
        device.arriving.add(packet);
        sendAll();
    }

    /** Until there is nothing more to send. */
    void sendAll() {
        int result;
        do {
            result = outbound.step();
        } while (result > PacketChannel.NOTHING);
    }

    void receives(byte[] datagram) {
        wire.arriving.add(datagram);
        inbound.step();
    }

    @Override
    public void close() {
        tunnel.close();
    }

    static SecurityAssociation sa(IpAddress source, IpAddress destination, int spi) {
        return sa(source, destination, spi, Lifetimes.NONE);
    }

    /** Where there is an accelerator, of an algorithm that it has. */
    static SecurityAssociation sa(IpAddress source, IpAddress destination, int spi, Lifetimes lifetimes) {
        boolean gcm = Accelerators.current() != null;
        return new SecurityAssociation(
                new SaParameters(
                        source,
                        destination,
                        spi,
                        100,
                        IpsecMode.TUNNEL,
                        gcm ? EncryptionAlgorithm.ENCR_AES_GCM_16 : EncryptionAlgorithm.ENCR_AES_CBC,
                        KeyMaterial.copyOf(new byte[gcm ? 20 : 16]),
                        gcm ? IntegrityAlgorithm.NONE : IntegrityAlgorithm.AUTH_HMAC_SHA1_96,
                        KeyMaterial.copyOf(new byte[gcm ? 0 : 20]),
                        64,
                        false,
                        lifetimes,
                        0),
                0);
    }

    static List<SecurityPolicy> anyToAny(IpAddress local, IpAddress remote) {
        return Stream.of(IpPrefix.ANY_INET, IpPrefix.ANY_INET6)
                .flatMap(any -> Stream.of(
                        policy(Direction.OUTBOUND, any, any, local, remote, 100),
                        policy(Direction.INBOUND, any, any, remote, local, 100)))
                .toList();
    }

    static SecurityPolicy policy(
            Direction direction, IpPrefix from, IpPrefix to, IpAddress source, IpAddress destination, int reqid) {
        return policy(direction, Selector.between(from, to), source, destination, reqid);
    }

    static SecurityPolicy policy(
            Direction direction, Selector selector, IpAddress source, IpAddress destination, int reqid) {
        return new SecurityPolicy(
                "p",
                direction,
                selector,
                PolicyAction.PROTECT,
                List.of(new TransformTemplate(IpsecMode.TUNNEL, source, destination, Level.UNIQUE, reqid)),
                1,
                new PolicyScope.Host());
    }

    /** Without DF, its header's checksum right. */
    static byte[] inner4(IpAddress source, IpAddress destination, int protocol, int length) {
        byte[] packet = new byte[length];
        packet[0] = 0x45;
        Bytes.put16(packet, 2, length);
        packet[8] = 64;
        packet[9] = (byte) protocol;
        System.arraycopy(source.toBytes(), 0, packet, 12, 4);
        System.arraycopy(destination.toBytes(), 0, packet, 16, 4);
        Bytes.put16(packet, 10, Checksum.of(packet, 0, 20));
        return packet;
    }

    /** @param length of the payload */
    static byte[] inner6(int length) {
        byte[] packet = new byte[40 + length];
        packet[0] = 0x60;
        Bytes.put16(packet, 4, length);
        packet[6] = 59;
        packet[8] = 0x20;
        packet[24] = 0x20;
        return packet;
    }
}
