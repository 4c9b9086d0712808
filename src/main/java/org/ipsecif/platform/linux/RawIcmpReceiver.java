package org.ipsecif.platform.linux;

import java.nio.ByteBuffer;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.IcmpReceiver;
import org.ipsecif.platform.posix.DescriptorChannel;
import org.ipsecif.platform.posix.DirectBuffer;
import org.ipsecif.platform.posix.Errno;
import org.ipsecif.platform.posix.LibC;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;

/**
 * A raw(7) socket of ICMP or ICMPv6 whose filter (linux/icmp.h, linux/icmpv6.h) passes one type only. A bit that is set blocks its
 * type.
 *
 * <pre>
 * struct icmp_filter  { u32 data; };
 * struct icmp6_filter { u32 data[8]; };
 * </pre>
 */
final class RawIcmpReceiver extends DescriptorChannel implements IcmpReceiver {
    private static final int IPPROTO_ICMP = 1;
    private static final int IPPROTO_ICMPV6 = 58;
    private static final int SOL_RAW = 255;
    private static final int SOL_ICMPV6 = 58;
    private static final int FILTER = 1; // ICMP_FILTER, ICMPV6_FILTER
    private static final int DESTINATION_UNREACHABLE = 3;
    private static final int PACKET_TOO_BIG = 2;
    private static final int FILTER6_LENGTH = 32;
    private static final int MAX_MESSAGE = 2_048;

    private final boolean inet;
    private final DirectBuffer incoming = new DirectBuffer(MAX_MESSAGE);

    RawIcmpReceiver(Family family) throws ErrnoException {
        super(open(family == Family.INET));
        inet = family == Family.INET;
    }

    private static int open(boolean inet) throws ErrnoException {
        int fd = LinuxSockets.open(
                inet ? IpAddress.ANY_INET : IpAddress.ANY_INET6,
                LinuxSockets.SOCK_RAW,
                inet ? IPPROTO_ICMP : IPPROTO_ICMPV6,
                0);
        try {
            setFilter(fd, inet);
            return fd;
        } catch (ErrnoException e) {
            LibC.LIBC.close(fd);
            throw e;
        }
    }

    private static void setFilter(int fd, boolean inet) throws ErrnoException {
        DirectBuffer filter = new DirectBuffer(inet ? 4 : FILTER6_LENGTH);
        ByteBuffer bytes = filter.bytes();
        for (int at = 0; at < filter.size(); at += 4) {
            bytes.putInt(at, -1);
        }
        bytes.putInt(0, ~(1 << (inet ? DESTINATION_UNREACHABLE : PACKET_TOO_BIG)));
        Errno.check(
                LibC.LIBC.setsockopt(fd, inet ? SOL_RAW : SOL_ICMPV6, FILTER, filter.pointer(), filter.size()),
                "setsockopt ICMP_FILTER");
    }

    /** IPv4 comes with its header, which is left out; what is too short even for that comes as one byte, which nobody can use. */
    @Override
    public int receive(byte[] buffer) {
        int received = (int) LibC.LIBC.recv(fd(), incoming.pointer(), incoming.size(), 0);
        if (received < 0) {
            int errno = Errno.last();
            return errno == LinuxSockets.EAGAIN || errno == Errno.EINTR ? NOTHING : GONE;
        }
        int skip = inet && received > 0 ? Math.min(received, (incoming.bytes().get(0) & 0xf) * 4) : 0;
        int length = Math.min(buffer.length, received - skip);
        incoming.bytes().get(skip, buffer, 0, length);
        return Math.max(1, length);
    }
}
