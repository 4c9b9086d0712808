package org.ipsecif.platform.freebsd;

import java.nio.ByteBuffer;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.PacketBuffer;
import org.ipsecif.platform.TunDevice;
import org.ipsecif.platform.posix.DescriptorChannel;
import org.ipsecif.platform.posix.Errno;
import org.ipsecif.platform.posix.Posix;
import org.ipsecif.wire.Offload;

/**
 * A tun(4) device: bare IP packets, one a call, each behind four bytes with its address family in network order. It has no offloads. The
 * link is up while any process has the device open ({@link TunHolder}), and no call says otherwise.
 */
final class FreeBsdTun extends DescriptorChannel implements TunDevice {
    private static final int HEADER = 4;
    private static final int FAMILY = HEADROOM - HEADER;

    private final TunOpener opener;
    private final String name;
    private final int index;
    private volatile boolean removed;

    private FreeBsdTun(Posix posix, TunOpener opener, String name, TunOpener.Opened opened) throws ErrnoException {
        super(posix, opened.fd(), NONE);
        this.opener = opener;
        this.name = name;
        index = posix.libc().if_nametoindex(name);
    }

    static FreeBsdTun create(Posix posix, TunOpener opener, String name) throws ErrnoException {
        TunOpener.Opened opened = opener.create(name);
        try {
            return new FreeBsdTun(posix, opener, name, opened);
        } catch (ErrnoException e) { // which has closed the descriptor
            opener.drop(name);
            opener.destroy(name);
            throw e;
        }
    }

    static FreeBsdTun adopt(Posix posix, TunOpener opener, String name) throws ErrnoException {
        return new FreeBsdTun(posix, opener, name, opener.adopt(name));
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
        offload.clear();
        int read = (int) libc().read(fd(), into.address() + FAMILY, into.size() - FAMILY);
        if (read >= 0) {
            return Math.max(NOTHING, read - HEADER);
        }
        int errno = Errno.last();
        // EHOSTDOWN: the interface has had no address yet
        return errno == Abi.EAGAIN || errno == Errno.EINTR || errno == Abi.EHOSTDOWN ? NOTHING : GONE;
    }

    /** A kernel that does not take a packet since the interface is down says that it wrote none of it. */
    @Override
    public boolean write(PacketBuffer from, int length, Offload offload) {
        ByteBuffer bytes = from.bytes();
        int version = length == 0 ? 0 : Byte.toUnsignedInt(bytes.get(HEADROOM)) >> 4;
        int family = version == 4 ? Abi.AF_INET : version == 6 ? Abi.AF_INET6 : Abi.AF_UNSPEC;
        if (family == Abi.AF_UNSPEC) {
            return false;
        }
        bytes.put(FAMILY, (byte) 0).put(FAMILY + 1, (byte) 0).put(FAMILY + 2, (byte) 0);
        bytes.put(FAMILY + 3, (byte) family);
        return libc().write(fd(), from.address() + FAMILY, HEADER + length) == HEADER + length;
    }

    @Override
    public boolean joins(Offload.Kind kind) {
        return false;
    }

    @Override
    public void stopJoining() {}

    /** tun(4) cannot say so. */
    @Override
    public void setCarrier(boolean up) {}

    /** It goes with {@link #close}: the kernel would have the destroyer wait until nobody has the device open. */
    @Override
    public void remove() {
        opener.drop(name);
        removed = true;
    }

    /** The kernel purges its addresses with the last close, and would have whoever destroys it wait for that. */
    @Override
    public void release() {
        opener.drop(name);
    }

    @Override
    public void close() {
        String now = removed ? opener.interfaceOf(fd()) : ""; // perhaps renamed
        super.close();
        if (!now.isEmpty()) {
            opener.destroy(now);
        }
    }
}
