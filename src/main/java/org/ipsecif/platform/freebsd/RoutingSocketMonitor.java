package org.ipsecif.platform.freebsd;

import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.LinkMonitor;
import org.ipsecif.platform.posix.DirectBuffer;
import org.ipsecif.platform.posix.Errno;
import org.ipsecif.platform.posix.LibC;
import org.ipsecif.platform.posix.Posix;
import org.ipsecif.platform.posix.Readiness;

/**
 * route(4)'s notices of interfaces and addresses, and devd(8)'s beside them ({@link DevdSocket}), as long as there is a devd: it may be
 * started again at any time, so a lost one is looked for with each notice.
 */
final class RoutingSocketMonitor implements LinkMonitor {
    private static final int RECEIVE_BUFFER = 1 << 20;
    private static final int BUFFER = 1 << 15;

    private final Posix posix;
    private final LibC libc;
    private final int fd;
    private final DirectBuffer buffer = new DirectBuffer(BUFFER);
    private final DevdSocket devd;
    private final Object lock = new Object();

    /** Replaced by the reader alone, with the lock, which all others use it with. */
    private volatile Readiness readiness;

    private boolean awake;

    RoutingSocketMonitor(Posix posix) throws ErrnoException {
        this.posix = posix;
        libc = posix.libc();
        fd = posix.check(
                libc.socket(Abi.AF_ROUTE, Abi.SOCK_RAW | Abi.SOCK_CLOEXEC | Abi.SOCK_NONBLOCK, 0), "socket AF_ROUTE");
        BsdSockets sockets = new BsdSockets(posix);
        sockets.enlarge(fd, Abi.SO_RCVBUF, RECEIVE_BUFFER);
        sockets.trySet(fd, Abi.SOL_SOCKET, Abi.SO_RERROR, 1); // a kernel before FreeBSD 14 does without
        devd = new DevdSocket(posix);
        devd.open();
        try {
            readiness = posix.waiting().open(fd, devd.fd());
        } catch (ErrnoException e) {
            closeSockets();
            throw e;
        }
    }

    @Override
    public int receive() {
        int notices = receiveRouting();
        if (notices == GONE) {
            return GONE;
        }
        boolean had = devd.isOpen();
        notices += devd.receive();
        if (devd.isOpen() || (!had && notices == 0)) {
            return notices;
        }
        if (devd.open() || had) {
            waitAnew();
        }
        return notices;
    }

    private int receiveRouting() {
        int notices = 0;
        while (true) {
            int length = (int) libc.recv(fd, buffer.pointer(), BUFFER, 0);
            if (length >= 0) {
                notices += count(length);
                continue;
            }
            int errno = Errno.last();
            if (errno == Abi.EAGAIN) {
                return notices;
            }
            if (errno == Abi.ENOBUFS) {
                notices++; // some are lost
            } else if (errno != Errno.EINTR) {
                return GONE;
            }
        }
    }

    /** Of those that say what we listen for: also routes' own, and answers to others, come here. */
    private int count(int length) {
        int found = 0;
        RoutingMessage message = new RoutingMessage(buffer.bytes(), length);
        while (message.next()) {
            found += switch (message.type()) {
                case RouteAbi.RTM_NEWADDR, RouteAbi.RTM_DELADDR, RouteAbi.RTM_IFINFO, RouteAbi.RTM_IFANNOUNCE -> 1;
                default -> 0;
            };
        }
        return found;
    }

    /** devd has come or gone. A wait that cannot be set up anew goes on without it, or with a closed descriptor, which no kernel reports. */
    private void waitAnew() {
        synchronized (lock) {
            try {
                Readiness next = posix.waiting().open(fd, devd.fd());
                readiness.close();
                readiness = next;
                if (awake) {
                    next.wakeup();
                } else {
                    next.nudge(); // one may have been for the other
                }
            } catch (ErrnoException e) {
                devd.close();
            }
        }
    }

    @Override
    public boolean awaitReadable() {
        return readiness.await();
    }

    @Override
    public void nudge() {
        synchronized (lock) {
            readiness.nudge();
        }
    }

    @Override
    public void wakeup() {
        synchronized (lock) {
            awake = true;
            readiness.wakeup();
        }
    }

    @Override
    public void close() {
        readiness.close();
        closeSockets();
    }

    private void closeSockets() {
        devd.close();
        libc.close(fd);
    }
}
