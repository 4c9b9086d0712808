package org.ipsecif.platform.freebsd;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.posix.DirectBuffer;
import org.ipsecif.platform.posix.Errno;
import org.ipsecif.platform.posix.Posix;

/**
 * Holds devices for daemons that come and go: answers what they ask over a Unix socket, and ends when for some seconds it has held nothing
 * and nobody was connected. Whoever is neither root nor its own user, or sends anything but a request, loses the connection. One thread.
 */
final class TunHolderServer {
    private static final int MOST_CONNECTIONS = 8;
    private static final long MILLISECOND = 1_000_000L;
    private static final int ROOT = 0;

    private final Posix posix;
    private final HolderSocket listener;
    private final LongSupplier nanoClock;
    private final long idleNanos;
    private final int user;
    private final HeldDevices devices;
    private final List<HolderSocket> connections = new ArrayList<>();
    private final DirectBuffer polled = new DirectBuffer((1 + MOST_CONNECTIONS) * HolderAbi.SIZEOF_POLLFD);

    /**
     * @param listener closed at the end
     * @param idleNanos how long it holds nothing before it ends
     * @param nanoClock monotonic
     */
    TunHolderServer(Posix posix, HolderSocket listener, long idleNanos, LongSupplier nanoClock) {
        this.posix = posix;
        this.listener = listener;
        this.nanoClock = nanoClock;
        this.idleNanos = idleNanos;
        user = posix.libc().geteuid();
        devices = new HeldDevices(posix);
    }

    /** Until it holds nothing. @throws ErrnoException if it cannot wait any more */
    void run() throws ErrnoException {
        try {
            long idleSince = nanoClock.getAsLong();
            while (true) {
                boolean idle = devices.isEmpty() && connections.isEmpty();
                long now = nanoClock.getAsLong();
                idleSince = idle ? idleSince : now;
                if (now - idleSince >= idleNanos) {
                    return;
                }
                if (await(idle ? idleNanos - (now - idleSince) : -1)) {
                    serve();
                }
            }
        } finally {
            connections.forEach(HolderSocket::close);
            listener.close();
        }
    }

    /** @param nanos -1 to wait for ever. @return false if there is nothing */
    private boolean await(long nanos) throws ErrnoException {
        put(0, listener.fd());
        for (int i = 0; i < connections.size(); i++) {
            put(1 + i, connections.get(i).fd());
        }
        int millis = nanos < 0 ? -1 : (int) Math.min(Integer.MAX_VALUE, nanos / MILLISECOND + 1);
        int ready = posix.libc().poll(polled.pointer(), 1 + connections.size(), millis);
        if (ready < 0 && Errno.last() != Errno.EINTR) {
            throw posix.exception("poll", Errno.last());
        }
        return ready > 0;
    }

    private void put(int position, int fd) {
        int at = position * HolderAbi.SIZEOF_POLLFD;
        polled.bytes()
                .putInt(at + HolderAbi.POLLFD_FD, fd)
                .putShort(at + HolderAbi.POLLFD_EVENTS, HolderAbi.POLLIN)
                .putShort(at + HolderAbi.POLLFD_REVENTS, (short) 0);
    }

    private boolean isReady(int position) {
        return polled.bytes().getShort(position * HolderAbi.SIZEOF_POLLFD + HolderAbi.POLLFD_REVENTS) != 0;
    }

    private void serve() {
        List<HolderSocket> ended = new ArrayList<>();
        for (int i = 0; i < connections.size(); i++) {
            if (isReady(1 + i) && !answer(connections.get(i))) {
                ended.add(connections.get(i));
            }
        }
        ended.forEach(HolderSocket::close);
        connections.removeAll(ended);
        if (isReady(0)) {
            accept();
        }
    }

    private void accept() {
        HolderSocket connection = listener.accept();
        if (connection == null) {
            return;
        }
        int peer = connection.peer().user();
        if ((peer == user || peer == ROOT) && connections.size() < MOST_CONNECTIONS) {
            connections.add(connection);
        } else {
            connection.close();
        }
    }

    /** One request, which is there, so that this does not wait. @return false if there will be no other */
    private boolean answer(HolderSocket connection) {
        try {
            HolderSocket.Received received = connection.receive();
            HolderMessage request = received == null ? null : received.message();
            if (received == null || request == null) {
                return false;
            }
            HeldDevices.Answer answer = devices.answer(request, received.fd());
            connection.send(answer.message(), answer.fd());
            return true;
        } catch (ErrnoException e) {
            return false;
        }
    }
}
