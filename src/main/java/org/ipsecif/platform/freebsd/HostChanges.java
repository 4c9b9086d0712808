package org.ipsecif.platform.freebsd;

import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.posix.DirectBuffer;
import org.ipsecif.platform.posix.Errno;
import org.ipsecif.platform.posix.Posix;

/** A routing socket (route(4)) that is asked only whether something has changed. */
final class HostChanges {
    /** Longer messages are cut, which does no harm: only the type is read. */
    private static final int MESSAGE = 512;

    private static final int TYPE = RouteAbi.RT_MSGHDR_RTM_TYPE;

    /** So many in a row may be the remains of more, which the socket had no room for. */
    private static final int MANY = 32;

    private final Posix posix;
    private final int fd;
    private final DirectBuffer message = new DirectBuffer(MESSAGE);

    private HostChanges(Posix posix, int fd) {
        this.posix = posix;
        this.fd = fd;
    }

    static HostChanges open(Posix posix) throws ErrnoException {
        int type = Abi.SOCK_RAW | Abi.SOCK_NONBLOCK | Abi.SOCK_CLOEXEC;
        int fd = posix.check(posix.libc().socket(Abi.AF_ROUTE, type, Abi.AF_UNSPEC), "socket PF_ROUTE");
        new BsdSockets(posix).trySet(fd, Abi.SOL_SOCKET, Abi.SO_RERROR, 1);
        return new HostChanges(posix, fd);
    }

    int fd() {
        return fd;
    }

    /**
     * Whether it hears of all addresses and routes: the kernel tells a routing socket of those in its own table alone (raw_input_rts_cb of
     * net/rtsock.c), which is the process's. Any thread.
     */
    boolean hearsAll() {
        return new Sysctl(posix).fibs().count() == 1;
    }

    /**
     * Reads what there is.
     *
     * @param routes whether those of routes count
     * @return whether interfaces or addresses may be others than before, or routes, if they count
     */
    boolean drain(boolean routes) {
        boolean changed = false;
        int count = 0;
        while (true) {
            long length = posix.libc().recv(fd, message.pointer(), message.size(), 0);
            if (length < 0) {
                int errno = Errno.last();
                if (errno != Abi.ENOBUFS) {
                    return changed || count >= MANY;
                }
                changed = true;
            } else {
                count++;
                changed |= length <= TYPE || counts(message.bytes().get(TYPE) & 0xff, routes);
            }
        }
    }

    private static boolean counts(int type, boolean routes) {
        return routes
                || type == RouteAbi.RTM_NEWADDR
                || type == RouteAbi.RTM_DELADDR
                || type == RouteAbi.RTM_IFINFO
                || type == RouteAbi.RTM_IFANNOUNCE;
    }
}
