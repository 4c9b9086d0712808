package org.ipsecif.platform.freebsd;

import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.IcmpReceiver;
import org.ipsecif.platform.posix.DescriptorChannel;
import org.ipsecif.platform.posix.DirectBuffer;
import org.ipsecif.platform.posix.Errno;
import org.ipsecif.platform.posix.Posix;
import org.ipsecif.sa.Family;

/**
 * A raw socket of ICMP (icmp(4)), which has no filter, so that other types are left out here; or of ICMPv6 (icmp6(4)) with one. There a bit
 * that is set passes its type (netinet/icmp6.h), unlike Linux.
 *
 * <pre>
 * struct icmp6_filter { u_int32_t icmp6_filt[8]; };
 * </pre>
 */
final class RawIcmpReceiver extends DescriptorChannel implements IcmpReceiver {
    private static final int DESTINATION_UNREACHABLE = 3;
    private static final int PACKET_TOO_BIG = 2;
    private static final int FILTER_LENGTH = 32;
    private static final int MAX_MESSAGE = 2_048;

    /** Messages that are left out until the thread looks whether it is still wanted. */
    private static final int PATIENCE = 64;

    private final boolean inet;
    private final DirectBuffer incoming = new DirectBuffer(MAX_MESSAGE);

    private RawIcmpReceiver(Posix posix, int fd, boolean inet) throws ErrnoException {
        super(posix, fd, NONE);
        this.inet = inet;
    }

    static RawIcmpReceiver open(Posix posix, Family family) throws ErrnoException {
        boolean inet = family == Family.INET;
        int fd = new BsdSockets(posix)
                .openRaw(family, inet ? Abi.IPPROTO_ICMP : Abi.IPPROTO_ICMPV6)
                .fd();
        if (!inet) {
            try {
                setFilter(posix, fd, 1 << PACKET_TOO_BIG);
            } catch (ErrnoException e) {
                posix.libc().close(fd);
                throw e;
            }
        }
        return new RawIcmpReceiver(posix, fd, inet);
    }

    /** @param types that pass, of the first 32, one bit each */
    static void setFilter(Posix posix, int fd, int types) throws ErrnoException {
        DirectBuffer filter = new DirectBuffer(FILTER_LENGTH);
        filter.bytes().putInt(0, types);
        posix.check(
                posix.libc().setsockopt(fd, Abi.IPPROTO_ICMPV6, Abi.ICMP6_FILTER, filter.pointer(), filter.size()),
                "setsockopt ICMP6_FILTER");
    }

    /** IPv4 comes with its header, which is left out; what is too short even for that comes as one byte, which nobody can use. */
    @Override
    public int receive(byte[] buffer) {
        for (int i = 0; i < PATIENCE; i++) {
            int received = (int) libc().recv(fd(), incoming.pointer(), incoming.size(), 0);
            if (received < 0) {
                int errno = Errno.last();
                return errno == Abi.EAGAIN || errno == Errno.EINTR ? NOTHING : GONE;
            }
            int skip =
                    inet && received > 0 ? Math.min(received, (incoming.bytes().get(0) & 0xf) * 4) : 0;
            if (!inet || skip == received || incoming.bytes().get(skip) == DESTINATION_UNREACHABLE) {
                int length = Math.min(buffer.length, received - skip);
                incoming.bytes().get(skip, buffer, 0, length);
                return Math.max(1, length);
            }
        }
        return NOTHING;
    }
}
