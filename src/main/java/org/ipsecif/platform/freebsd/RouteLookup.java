package org.ipsecif.platform.freebsd;

import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.posix.DirectBuffer;
import org.ipsecif.platform.posix.Errno;
import org.ipsecif.platform.posix.LibC;
import org.ipsecif.platform.posix.Posix;
import org.ipsecif.sa.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * RTM_GET of route(4): the entry of the routing table that packets to an address go by. Each question has a socket of its own, so that
 * notices do not fill it meanwhile.
 */
final class RouteLookup {
    /** @param mtu the route's, bytes; 0 if it does not say */
    record Found(int index, int mtu) {}

    private static final int BUFFER = 2048;
    private static final long SECONDS = 2;

    /** Notices that may come before the answer; then it is taken to be lost. */
    private static final int MOST = 1000;

    private final Posix posix;
    private final LibC libc;
    private int sequence;

    RouteLookup(Posix posix) {
        this.posix = posix;
        libc = posix.libc();
    }

    /**
     * Looks in one of the routing tables.
     *
     * @param fib its number, or {@link BsdSockets#PROCESS_FIB}
     * @return null if there is none, or it is one that discards
     */
    @Nullable
    Found find(IpAddress remote, int fib) throws ErrnoException {
        int fd = posix.check(
                libc.socket(Abi.AF_ROUTE, Abi.SOCK_RAW | Abi.SOCK_CLOEXEC, 0), "RTM_GET " + remote + ": socket");
        try {
            BsdSockets sockets = new BsdSockets(posix);
            sockets.setReceiveTimeout(fd, SECONDS);
            sockets.setFib(fd, fib);
            DirectBuffer question = question(remote);
            if (libc.write(fd, question.pointer(), question.size()) < 0) {
                return refused(Errno.last(), remote);
            }
            return answer(fd, remote);
        } finally {
            libc.close(fd);
        }
    }

    private @Nullable Found refused(int errno, IpAddress remote) throws ErrnoException {
        if (errno == Abi.ESRCH || errno == Abi.ENETUNREACH || errno == Abi.EAFNOSUPPORT) {
            return null;
        }
        throw posix.exception("RTM_GET " + remote, errno);
    }

    private DirectBuffer question(IpAddress remote) {
        int address = RouteAbi.SIZEOF_RT_MSGHDR;
        int size = address + Abi.align(Sockaddr.size(remote.family()));
        DirectBuffer message = new DirectBuffer(size);
        sequence++;
        message.bytes()
                .putShort(RouteAbi.RT_MSGHDR_RTM_MSGLEN, (short) size)
                .put(RouteAbi.RT_MSGHDR_RTM_VERSION, (byte) RouteAbi.RTM_VERSION)
                .put(RouteAbi.RT_MSGHDR_RTM_TYPE, (byte) RouteAbi.RTM_GET)
                .putInt(RouteAbi.RT_MSGHDR_RTM_FLAGS, RouteAbi.RTF_UP | RouteAbi.RTF_HOST)
                .putInt(RouteAbi.RT_MSGHDR_RTM_ADDRS, RouteAbi.RTA_DST)
                .putInt(RouteAbi.RT_MSGHDR_RTM_PID, libc.getpid())
                .putInt(RouteAbi.RT_MSGHDR_RTM_SEQ, sequence);
        Sockaddr.put(message.bytes(), address, remote, 0);
        return message;
    }

    private @Nullable Found answer(int fd, IpAddress remote) throws ErrnoException {
        DirectBuffer buffer = new DirectBuffer(BUFFER);
        for (int i = 0; i < MOST; i++) {
            int length = (int) libc.read(fd, buffer.pointer(), BUFFER);
            if (length < 0 && Errno.last() != Errno.EINTR) {
                throw posix.exception("RTM_GET " + remote, Errno.last());
            }
            RoutingMessage message = new RoutingMessage(buffer.bytes(), Math.max(0, length));
            while (message.next()) {
                if (isAnswer(message)) {
                    return found(message);
                }
            }
        }
        throw posix.exception("RTM_GET " + remote, Abi.ENOBUFS);
    }

    private boolean isAnswer(RoutingMessage message) {
        return message.is(RouteAbi.RTM_GET, RouteAbi.SIZEOF_RT_MSGHDR)
                && message.getInt(RouteAbi.RT_MSGHDR_RTM_PID) == libc.getpid()
                && message.getInt(RouteAbi.RT_MSGHDR_RTM_SEQ) == sequence;
    }

    private static @Nullable Found found(RoutingMessage message) {
        int discards = RouteAbi.RTF_REJECT | RouteAbi.RTF_BLACKHOLE;
        int index = message.getUnsignedShort(RouteAbi.RT_MSGHDR_RTM_INDEX);
        if (message.getInt(RouteAbi.RT_MSGHDR_RTM_ERRNO) != 0
                || (message.getInt(RouteAbi.RT_MSGHDR_RTM_FLAGS) & discards) != 0
                || index == 0) {
            return null;
        }
        long mtu = message.getLong(RouteAbi.RT_MSGHDR_RMX_MTU);
        return new Found(index, (int) Math.max(0, Math.min(mtu, Integer.MAX_VALUE)));
    }
}
