package org.ipsecif.platform.linux;

import java.nio.charset.StandardCharsets;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.TunDevice;
import org.ipsecif.platform.posix.DescriptorChannel;
import org.ipsecif.platform.posix.DirectBuffer;
import org.ipsecif.platform.posix.Errno;
import org.ipsecif.platform.posix.LibC;
import org.ipsecif.wire.BufferPool;
import org.jspecify.annotations.Nullable;

/**
 * A TUN device (linux/if_tun.h, Documentation/networking/tuntap.rst): bare IP packets, one a call. It is persistent: when its
 * descriptor is closed the kernel takes its carrier away, and nothing else.
 *
 * <pre>
 * struct ifreq { char ifr_name[16]; short ifr_flags; ... };    // 40 bytes
 * </pre>
 */
final class LinuxTun extends DescriptorChannel implements TunDevice {
    private static final String DEVICE = "/dev/net/tun";
    private static final int O_RDWR = 2;
    private static final int O_NONBLOCK = 0x800;
    private static final int O_CLOEXEC = 0x80000;
    private static final long TUNSETIFF = 0x400454ca;
    private static final long TUNSETPERSIST = 0x400454cb;
    private static final long TUNSETCARRIER = 0x400454e2;
    private static final int IFF_TUN = 0x0001;

    /** Attaches without giving the device a carrier; kernels before 6.1 ignore it. */
    private static final int IFF_NO_CARRIER = 0x0040;

    private static final int IFF_NO_PI = 0x1000;

    /** Refuses with EBUSY to attach to a device that exists. */
    private static final int IFF_TUN_EXCL = 0x8000;

    private static final int IFREQ = 40;
    private static final int IFNAMSIZ = 16;
    private static final int MAX_PACKET = 65_535 + 40;

    /** Of those that wait, few have packets at a time. */
    private static final BufferPool<DirectBuffer> IDLE = new BufferPool<>(16, () -> new DirectBuffer(MAX_PACKET));

    private static final ThreadLocal<DirectBuffer> OUTGOING =
            ThreadLocal.withInitial(() -> new DirectBuffer(MAX_PACKET));

    private final String name;
    private final int index;
    private @Nullable DirectBuffer incoming;
    private final DirectBuffer carrier = new DirectBuffer(4);

    private LinuxTun(String name, int fd) throws ErrnoException {
        super(fd);
        this.name = name;
        index = LibC.LIBC.if_nametoindex(name);
        setCarrier(false);
    }

    static LinuxTun create(String name) throws ErrnoException {
        int fd = open(name, IFF_TUN_EXCL);
        if (LibC.LIBC.ioctl(fd, TUNSETPERSIST, 1) < 0) {
            ErrnoException refused = Errno.exception("TUNSETPERSIST " + name);
            LibC.LIBC.close(fd);
            throw refused;
        }
        return new LinuxTun(name, fd);
    }

    static LinuxTun adopt(String name) throws ErrnoException {
        return new LinuxTun(name, open(name, 0));
    }

    private static int open(String name, int flags) throws ErrnoException {
        int fd = Errno.check(LibC.LIBC.open(DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC), "open " + DEVICE);
        try {
            DirectBuffer ifreq = new DirectBuffer(IFREQ);
            ifreq.bytes().put(0, name.getBytes(StandardCharsets.US_ASCII));
            ifreq.bytes().putShort(IFNAMSIZ, (short) (IFF_TUN | IFF_NO_PI | IFF_NO_CARRIER | flags));
            Errno.check(LibC.LIBC.ioctl(fd, TUNSETIFF, ifreq.pointer()), "TUNSETIFF " + name);
            return fd;
        } catch (ErrnoException e) {
            LibC.LIBC.close(fd);
            throw e;
        }
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
    public int read(byte[] buffer, int offset, int length) {
        DirectBuffer mine = incoming;
        if (mine == null) {
            mine = IDLE.take();
            incoming = mine;
        }
        int read = (int) LibC.LIBC.read(fd(), mine.pointer(), Math.min(length, mine.size()));
        if (read > 0) {
            mine.bytes().get(0, buffer, offset, read);
            return read;
        }
        incoming = null;
        IDLE.give(mine);
        if (read == 0) {
            return NOTHING;
        }
        int errno = Errno.last();
        // EBADFD: the device was deleted while its descriptor is open.
        return errno == LinuxSockets.EAGAIN || errno == Errno.EINTR ? NOTHING : GONE;
    }

    @Override
    public boolean write(byte[] buffer, int offset, int length) {
        DirectBuffer mine = OUTGOING.get();
        mine.bytes().put(0, buffer, offset, length);
        return LibC.LIBC.write(fd(), mine.pointer(), length) == length;
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
}
