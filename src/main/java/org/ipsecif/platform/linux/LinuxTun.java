package org.ipsecif.platform.linux;

import java.nio.ByteBuffer;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.PacketBuffer;
import org.ipsecif.platform.TunDevice;
import org.ipsecif.platform.posix.DescriptorChannel;
import org.ipsecif.platform.posix.DirectBuffer;
import org.ipsecif.platform.posix.Errno;
import org.ipsecif.platform.posix.LibC;
import org.ipsecif.wire.Offload;

/**
 * A TUN device (linux/if_tun.h, Documentation/networking/tuntap.rst): bare IP packets, one a call, or several
 * joined in one behind a virtio network header. It is persistent: when its
 * descriptor is closed the kernel takes its carrier away, and nothing else. It may have a second queue, for control traffic, which
 * is read first ({@link Turns}): the device's own queue drops what comes while it is full, whatever stands before the device.
 */
final class LinuxTun extends DescriptorChannel implements TunDevice {
    private static final long TUNSETPERSIST = 0x400454cb;
    private static final long TUNSETCARRIER = 0x400454e2;

    /** Every packet has a virtio network header before it. */
    private static final int IFF_VNET_HDR = 0x4000;

    private static final long TUNSETOFFLOAD = 0x400454d0;

    // What the host may leave to us: TUN_F_* of linux/if_tun.h.
    private static final int CHECKSUMS = 0x01;
    private static final int TSO4 = 0x02;
    private static final int TSO6 = 0x04;
    private static final int TSO_ECN = 0x08;

    /** Since Linux 6.2. */
    private static final int USO = 0x20 | 0x40;

    // struct virtio_net_hdr of linux/virtio_net.h, in native byte order, just before the packet
    private static final int VNET_HEADER = 10;
    private static final int FLAGS = HEADROOM - VNET_HEADER;
    private static final int GSO_TYPE = FLAGS + 1;
    private static final int HEADER_LENGTH = FLAGS + 2;
    private static final int GSO_SIZE = FLAGS + 4;
    private static final int CHECKSUM_START = FLAGS + 6;
    private static final int CHECKSUM_OFFSET = FLAGS + 8;
    private static final int NEEDS_CHECKSUM = 1;
    private static final int GSO_TCPV4 = 1;
    private static final int GSO_TCPV6 = 4;
    private static final int GSO_UDP_L4 = 5;
    private static final int GSO_ECN = 0x80;

    private final String name;
    private final int index;
    private final boolean offloads;
    private final boolean udpOffload;
    private volatile boolean joining = true;
    private final DirectBuffer carrier = new DirectBuffer(4);

    private final TunOpener opener;
    private final TunOpener.Queues queues;
    private final Turns turns = new Turns();

    private LinuxTun(String name, TunOpener opener, TunOpener.Queues queues, boolean offload) throws ErrnoException {
        super(queues.ordinary(), queues.urgent());
        this.name = name;
        this.opener = opener;
        this.queues = queues;
        offloads = offload;
        int tcp = CHECKSUMS | TSO4 | TSO6 | TSO_ECN;
        udpOffload = offload && LibC.LIBC.ioctl(fd(), TUNSETOFFLOAD, tcp | USO) == 0;
        if (!udpOffload) {
            LibC.LIBC.ioctl(fd(), TUNSETOFFLOAD, offload ? tcp : 0);
        }
        index = LibC.LIBC.if_nametoindex(name);
        setCarrier(false);
    }

    /**
     * @param offload whether the host may leave cutting and checksums to us, and take joined packets, where it can
     * @param priority whether control traffic is to have a queue of its own, where it can
     */
    static LinuxTun create(TunOpener opener, String name, boolean offload, boolean priority) throws ErrnoException {
        LinuxTun device = open(opener, name, opener.create(name, offload ? IFF_VNET_HDR : 0, priority), offload);
        try {
            Errno.check(LibC.LIBC.ioctl(device.fd(), TUNSETPERSIST, 1), "TUNSETPERSIST " + name);
            return device;
        } catch (ErrnoException e) {
            device.close(); // gone with this
            throw e;
        }
    }

    private static LinuxTun open(TunOpener opener, String name, TunOpener.Queues queues, boolean offload)
            throws ErrnoException {
        try {
            return new LinuxTun(name, opener, queues, offload);
        } catch (ErrnoException e) { // which has closed the descriptors
            opener.closed(queues);
            throw e;
        }
    }

    /** As {@link #create}. A device that was made with one queue keeps it. */
    static LinuxTun adopt(TunOpener opener, String name, boolean offload, boolean priority) throws ErrnoException {
        return open(opener, name, opener.adopt(name, offload ? IFF_VNET_HDR : 0, priority), offload);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int index() {
        return index;
    }

    @Override
    public int read(PacketBuffer into, Offload offload) {
        if (urgentFd() != NONE && turns.isUrgent(isUrgentReady())) {
            int length = read(urgentFd(), into, offload);
            turns.tookUrgent(packets(length));
            if (length != NOTHING) {
                return length;
            }
        }
        int length = read(fd(), into, offload);
        turns.tookOrdinary(packets(length));
        return length;
    }

    /** About as many as will be made of it. */
    private static int packets(int length) {
        return length <= NOTHING ? length : 1 + (length >> 10);
    }

    private int read(int fd, PacketBuffer into, Offload offload) {
        int header = offloads ? VNET_HEADER : 0;
        long from = into.address() + HEADROOM - header;
        int read = (int) LibC.LIBC.read(fd, from, into.size() - HEADROOM + header);
        if (read > header) {
            readOffload(into.bytes(), offload);
            return read - header;
        }
        if (read >= 0) {
            return NOTHING;
        }
        int errno = Errno.last();
        // EBADFD: the device was deleted while its descriptor is open.
        return errno == LinuxSockets.EAGAIN || errno == Errno.EINTR ? NOTHING : GONE;
    }

    private void readOffload(ByteBuffer bytes, Offload offload) {
        offload.clear();
        if (!offloads) {
            return;
        }
        if ((bytes.get(FLAGS) & NEEDS_CHECKSUM) != 0) {
            offload.setChecksum(
                    Short.toUnsignedInt(bytes.getShort(CHECKSUM_START)),
                    Short.toUnsignedInt(bytes.getShort(CHECKSUM_OFFSET)));
        }
        Offload.Kind kind = switch (bytes.get(GSO_TYPE) & ~GSO_ECN) {
            case GSO_TCPV4 -> Offload.Kind.TCP_INET;
            case GSO_TCPV6 -> Offload.Kind.TCP_INET6;
            case GSO_UDP_L4 -> Offload.Kind.UDP;
            default -> Offload.Kind.NONE;
        };
        if (kind != Offload.Kind.NONE) {
            offload.setSegments(kind, Short.toUnsignedInt(bytes.getShort(GSO_SIZE)), 0);
        }
    }

    @Override
    public boolean write(PacketBuffer from, int length, Offload offload) {
        int header = offloads ? VNET_HEADER : 0;
        if (offloads) {
            writeOffload(from.bytes(), offload);
        }
        long at = from.address() + HEADROOM - header;
        return LibC.LIBC.write(fd(), at, header + length) == header + length;
    }

    private static void writeOffload(ByteBuffer bytes, Offload offload) {
        int type = switch (offload.kind()) {
            case NONE -> 0;
            case TCP_INET -> GSO_TCPV4;
            case TCP_INET6 -> GSO_TCPV6;
            case UDP -> GSO_UDP_L4;
        };
        bytes.put(FLAGS, (byte) (offload.needsChecksum() ? NEEDS_CHECKSUM : 0))
                .put(GSO_TYPE, (byte) type)
                .putShort(HEADER_LENGTH, (short) offload.headerLength())
                .putShort(GSO_SIZE, (short) offload.segmentSize())
                .putShort(CHECKSUM_START, (short) offload.checksumStart())
                .putShort(CHECKSUM_OFFSET, (short) offload.checksumOffset());
    }

    @Override
    public boolean joins(Offload.Kind kind) {
        return joining && (kind == Offload.Kind.UDP ? udpOffload : offloads);
    }

    @Override
    public void stopJoining() {
        joining = false;
    }

    /** Kernels before 5.1 refuse: there the link is up while a descriptor is open. */
    @Override
    public void setCarrier(boolean up) {
        carrier.bytes().putInt(0, up ? 1 : 0);
        LibC.LIBC.ioctl(fd(), TUNSETCARRIER, carrier.pointer());
    }

    @Override
    public void remove() {
        LibC.LIBC.ioctl(fd(), TUNSETPERSIST, 0);
    }

    @Override
    public void close() {
        super.close();
        opener.closed(queues);
    }
}
