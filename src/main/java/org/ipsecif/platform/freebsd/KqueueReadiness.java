package org.ipsecif.platform.freebsd;

import java.util.concurrent.atomic.AtomicBoolean;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.posix.DirectBuffer;
import org.ipsecif.platform.posix.Errno;
import org.ipsecif.platform.posix.LibC;
import org.ipsecif.platform.posix.Posix;
import org.ipsecif.platform.posix.Readiness;

/** Waits with kqueue(2): EVFILT_READ, which goes on saying so while there is something, and EVFILT_USER to be woken up. */
final class KqueueReadiness implements Readiness {
    private static final int MOST = 3;

    private final LibC libc;
    private final int kq;
    private final DirectBuffer events = new DirectBuffer(MOST * Abi.SIZEOF_KEVENT);

    /** Only read, so any thread may use it. */
    private final DirectBuffer trigger = event(0, Abi.EVFILT_USER, (short) 0, Abi.NOTE_TRIGGER);

    private final int other;
    private final AtomicBoolean nudged = new AtomicBoolean();
    private volatile boolean awake;
    private boolean otherReady;

    /** As {@link Readiness.Maker#open}. */
    KqueueReadiness(LibC libc, int fd, int other) throws ErrnoException {
        this.libc = libc;
        this.other = other;
        kq = check(libc.kqueue(), "kqueue");
        try {
            libc.fcntl(kq, Abi.F_SETFD, Abi.FD_CLOEXEC);
            add(event(0, Abi.EVFILT_USER, (short) (Abi.EV_ADD | Abi.EV_CLEAR), 0), "EVFILT_USER");
            add(event(fd, Abi.EVFILT_READ, Abi.EV_ADD, 0), "EVFILT_READ");
            if (other != NONE) {
                add(event(other, Abi.EVFILT_READ, Abi.EV_ADD, 0), "EVFILT_READ");
            }
        } catch (ErrnoException e) {
            libc.close(kq);
            throw e;
        }
    }

    /** The kernel that this C library speaks to. */
    static Posix posix(LibC libc) {
        return new Posix(libc, (fd, other) -> new KqueueReadiness(libc, fd, other));
    }

    private int check(int result, String call) throws ErrnoException {
        if (result < 0) {
            int errno = Errno.last();
            throw new ErrnoException(call, errno, libc.strerror(errno));
        }
        return result;
    }

    private void add(DirectBuffer change, String what) throws ErrnoException {
        check(libc.kevent(kq, change.pointer(), 1, null, 0, null), "kevent " + what);
    }

    private static DirectBuffer event(int ident, short filter, short flags, int filterFlags) {
        DirectBuffer event = new DirectBuffer(Abi.SIZEOF_KEVENT);
        event.bytes()
                .putLong(Abi.KEVENT_IDENT, ident)
                .putShort(Abi.KEVENT_FILTER, filter)
                .putShort(Abi.KEVENT_FLAGS, flags)
                .putInt(Abi.KEVENT_FFLAGS, filterFlags);
        return event;
    }

    @Override
    public boolean await() {
        while (!awake) {
            int ready = libc.kevent(kq, null, 0, events.pointer(), MOST, null);
            if (ready < 0 && Errno.last() != Errno.EINTR) {
                return false;
            }
            if (ready > 0) {
                take(ready);
                return !awake;
            }
        }
        return false;
    }

    private void take(int ready) {
        otherReady = false;
        for (int i = 0; i < ready; i++) {
            int at = i * Abi.SIZEOF_KEVENT;
            if (events.bytes().getShort(at + Abi.KEVENT_FILTER) == Abi.EVFILT_USER) {
                nudged.set(false);
            } else {
                otherReady |= events.bytes().getLong(at + Abi.KEVENT_IDENT) == other;
            }
        }
    }

    @Override
    public boolean isOtherReady() {
        return otherReady;
    }

    /** Once is enough until the waiter has seen it. */
    @Override
    public void nudge() {
        if (nudged.compareAndSet(false, true)) {
            libc.kevent(kq, trigger.pointer(), 1, null, 0, null);
        }
    }

    @Override
    public void wakeup() {
        if (!awake) {
            awake = true;
            nudge();
        }
    }

    @Override
    public void close() {
        libc.close(kq);
    }
}
