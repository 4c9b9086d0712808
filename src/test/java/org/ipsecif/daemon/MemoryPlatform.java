package org.ipsecif.daemon;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.ipsecif.platform.DatagramRun;
import org.ipsecif.platform.Datagrams;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.EspTransport;
import org.ipsecif.platform.IcmpReceiver;
import org.ipsecif.platform.KernelCopies;
import org.ipsecif.platform.KernelEvent;
import org.ipsecif.platform.KernelMonitor;
import org.ipsecif.platform.LinkConfigurer;
import org.ipsecif.platform.LinkMonitor;
import org.ipsecif.platform.MemoryChannel;
import org.ipsecif.platform.PacketBuffer;
import org.ipsecif.platform.PacketChannel;
import org.ipsecif.platform.PacketSender;
import org.ipsecif.platform.Platform;
import org.ipsecif.platform.PolicyInstaller;
import org.ipsecif.platform.ReqidRange;
import org.ipsecif.platform.TunDevice;
import org.ipsecif.platform.UdpEndpoint;
import org.ipsecif.platform.pfkey.NarrowedCopies;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.InnerAddress;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.wire.Offload;
import org.ipsecif.wire.OuterHeader;
import org.jspecify.annotations.Nullable;

/** A host in memory, which outlives the daemons on it: interfaces and addresses stay, and no packet goes anywhere. */
class MemoryPlatform implements Platform {
    static final int FIRST_INDEX = 2;
    private static final int MTU = 1_500;

    /** How often transports were told to try again what failed. */
    final AtomicInteger tries = new AtomicInteger();

    /** An interface. */
    static final class Link {
        final int index;
        final String name;
        final List<InnerAddress> addresses = new ArrayList<>();
        boolean up;
        boolean carrier;
        int mtu = MTU;
        String description = "";

        /** Whether it was given back to who made it. */
        volatile boolean released;

        /** Whether it is no tunnel device. */
        boolean foreign;

        Link(int index, String name) {
            this.index = index;
            this.name = name;
        }
    }

    final Map<String, Link> links = new ConcurrentHashMap<>();
    private final AtomicInteger lastIndex = new AtomicInteger(FIRST_INDEX);

    private final @Nullable PolicyInstaller spd;

    /** Daemons that have let go of it. */
    final AtomicInteger closed = new AtomicInteger();

    /** As {@link #system()}. */
    String system = "linux";

    /** As {@link #bootIdentity()}. */
    String boot = "first";

    /** As {@link #kernelCopies()}. */
    KernelCopies copies = KernelCopies.SAME;

    /** As {@link #reqids()}. */
    ReqidRange reqids = new ReqidRange(0x8000, 0xffff, -1);

    /** One whose kernel is to FreeBSD's rules. */
    static MemoryPlatform freeBsd(@Nullable PolicyInstaller spd) {
        MemoryPlatform host = new MemoryPlatform(spd);
        host.system = "freebsd";
        host.copies = new NarrowedCopies();
        host.reqids = new ReqidRange(0x2000, 0x3fff, 0x3fff);
        return host;
    }

    /** @param spd what it has of one */
    MemoryPlatform(@Nullable PolicyInstaller spd) {
        this.spd = spd;
    }

    /** As somebody else makes it. */
    Link add(String name) {
        Link link = new Link(lastIndex.getAndIncrement(), name);
        links.put(name, link);
        return link;
    }

    private Link link(int index) throws ErrnoException {
        return links.values().stream()
                .filter(each -> each.index == index)
                .findFirst()
                .orElseThrow(() -> new ErrnoException("index " + index, ErrnoException.ENOENT, "planned"));
    }

    @Override
    public Fibs fibs() {
        return new Fibs(1, 0, "there is none other");
    }

    @Override
    public String system() {
        return system;
    }

    @Override
    public int maxInterfaceNameLength() {
        return 15;
    }

    @Override
    public TunDevice createTun(String name) throws ErrnoException {
        if (links.containsKey(name)) {
            throw new ErrnoException("create " + name, ErrnoException.EEXIST, "planned");
        }
        return new Device(add(name));
    }

    @Override
    public void abandonTun(String name) {
        Link link = links.get(name);
        if (link != null) {
            link.released = true;
        }
    }

    @Override
    public TunDevice adoptTun(String name) throws ErrnoException {
        Link link = links.get(name);
        if (link == null || link.foreign) {
            throw new ErrnoException("adopt " + name, ErrnoException.EINVAL, "no tunnel device");
        }
        return new Device(link);
    }

    @Override
    public EspTransport openTransport(IpAddress local, EspTransport.Encapsulation encapsulation) {
        return new Transport(local, encapsulation) {
            @Override
            public void tryAgain() {
                tries.incrementAndGet();
            }
        };
    }

    @Override
    public EspTransport openUdp(IpAddress local, int port) {
        return new Transport(local, EspTransport.Encapsulation.UDP);
    }

    @Override
    public PacketSender openPacketSender() {
        return new PacketSender() {
            @Override
            public int send(Family family, byte[] packet, int length) {
                return 0;
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public IcmpReceiver openIcmpReceiver(Family family) {
        return new Nothing();
    }

    @Override
    public LinkConfigurer openLinkConfigurer() {
        return new Links();
    }

    @Override
    public LinkMonitor openLinkMonitor() {
        return new Nothing();
    }

    @Override
    public @Nullable PolicyInstaller openPolicyInstaller() {
        return spd;
    }

    @Override
    public @Nullable KernelMonitor openKernelMonitor() {
        return spd == null ? null : new Nothing();
    }

    @Override
    public String spdRequirement() {
        return "no memory";
    }

    @Override
    public KernelCopies kernelCopies() {
        return copies;
    }

    @Override
    public ReqidRange reqids() {
        return reqids;
    }

    @Override
    public String bootIdentity() {
        return boot;
    }

    @Override
    public @Nullable String kernelIpsec(String name) {
        Link link = links.get(name);
        return link != null && link.foreign ? "is the kernel's own" : null;
    }

    @Override
    public @Nullable Long residentBytes() {
        return null;
    }

    /** A channel on which nothing ever comes. */
    private static class Nothing extends MemoryChannel implements IcmpReceiver, LinkMonitor, KernelMonitor {
        @Override
        public int receive(byte[] buffer) {
            return NOTHING;
        }

        @Override
        public int receive() {
            return NOTHING;
        }

        @Override
        public int receive(Consumer<KernelEvent> listener) {
            return NOTHING;
        }
    }

    private final class Device extends Nothing implements TunDevice {
        private final Link link;

        Device(Link link) {
            this.link = link;
        }

        @Override
        public String name() {
            return link.name;
        }

        @Override
        public int index() {
            return link.index;
        }

        @Override
        public int read(PacketBuffer into, Offload offload) {
            return PacketChannel.NOTHING;
        }

        @Override
        public boolean write(PacketBuffer from, int length, Offload offload) {
            return true;
        }

        @Override
        public boolean joins(Offload.Kind kind) {
            return false;
        }

        @Override
        public void stopJoining() {}

        @Override
        public void setCarrier(boolean up) {
            link.carrier = up;
        }

        @Override
        public void remove() {
            links.remove(link.name, link);
        }

        @Override
        public void release() {
            link.released = true;
        }
    }

    private static class Transport extends Nothing implements EspTransport {
        private final IpAddress local;
        private final Encapsulation encapsulation;

        Transport(IpAddress local, Encapsulation encapsulation) {
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
        public int receive(byte[] buffer, int offset, int length, OuterHeader outer) {
            return NOTHING;
        }

        @Override
        public int receive(PacketBuffer into, Datagrams datagrams) {
            return NOTHING;
        }

        @Override
        public UdpEndpoint source() {
            return new UdpEndpoint(local, UDP_PORT);
        }

        @Override
        public UdpEndpoint source(int datagram) {
            return source();
        }

        @Override
        public int receiveSize() {
            return 1;
        }

        @Override
        public int receiveCount() {
            return 1;
        }

        @Override
        public int send(DatagramRun run, UdpEndpoint remote, OuterHeader outer) {
            while (!run.isEmpty()) {
                run.skip(1);
            }
            return 0;
        }

        @Override
        public int send(byte[] buffer, int offset, int length, UdpEndpoint remote, OuterHeader outer) {
            return 0;
        }
    }

    private final class Links implements LinkConfigurer {
        @Override
        public int indexOf(String name) {
            MemoryPlatform.Link link = links.get(name);
            return link == null ? 0 : link.index;
        }

        @Override
        public Map<String, Integer> indices() {
            Map<String, Integer> indices = new TreeMap<>();
            links.forEach((name, link) -> indices.put(name, link.index));
            return indices;
        }

        @Override
        public Route route(IpAddress local, IpAddress remote) {
            return new Route(1, MTU);
        }

        @Override
        public Link link(int index) throws ErrnoException {
            MemoryPlatform.Link link = MemoryPlatform.this.link(index);
            return new Link(link.up, link.carrier, link.mtu, link.description, 0);
        }

        @Override
        public Map<Integer, List<InnerAddress>> addresses() {
            Map<Integer, List<InnerAddress>> addresses = new TreeMap<>();
            links.values().forEach(link -> addresses.put(link.index, List.copyOf(link.addresses)));
            return addresses;
        }

        @Override
        public List<InnerAddress> addresses(int index) throws ErrnoException {
            return List.copyOf(MemoryPlatform.this.link(index).addresses);
        }

        @Override
        public void setMtu(int index, int mtu) throws ErrnoException {
            MemoryPlatform.this.link(index).mtu = mtu;
        }

        @Override
        public void setUp(int index, boolean up) throws ErrnoException {
            MemoryPlatform.this.link(index).up = up;
        }

        @Override
        public void setDescription(int index, String description) throws ErrnoException {
            MemoryPlatform.this.link(index).description = description;
        }

        @Override
        public void addAddress(int index, InnerAddress address) throws ErrnoException {
            List<InnerAddress> addresses = MemoryPlatform.this.link(index).addresses;
            if (addresses.contains(address)) {
                throw new ErrnoException("add " + address, ErrnoException.EEXIST, "planned");
            }
            addresses.add(address);
        }

        @Override
        public boolean removeAddress(int index, InnerAddress address) throws ErrnoException {
            return MemoryPlatform.this.link(index).addresses.remove(address);
        }

        @Override
        public void close() {}
    }

    @Override
    public void close() {
        closed.incrementAndGet();
    }
}
