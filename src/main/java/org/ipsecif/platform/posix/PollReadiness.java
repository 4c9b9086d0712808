package org.ipsecif.platform.posix;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import org.ipsecif.platform.ErrnoException;

/**
 * Waits with poll(2), and is woken up through a pipe.
 *
 * <pre>
 * struct pollfd { int fd; short events; short revents; };   // poll(2), 8 bytes
 * </pre>
 */
final class PollReadiness implements Readiness {
    private static final short POLLIN = 1;
    private static final int POLLFD = 8;
    private static final int REVENTS = 6;
    private static final int FOREVER = -1;
    private static final int PIPE_BUFFER = 64;
    private static final int F_SETFD = 2;
    private static final int FD_CLOEXEC = 1;

    private static final int OTHER = 2 * POLLFD;

    private final DirectBuffer fds = new DirectBuffer(3 * POLLFD);
    private final int count;
    private final int wakeRead;
    private final int wakeWrite;
    private final DirectBuffer nudges = new DirectBuffer(PIPE_BUFFER);
    private final AtomicBoolean nudged = new AtomicBoolean();
    private volatile boolean awake;

    /** As {@link Readiness.Maker#open}. */
    PollReadiness(int fd, int other) throws ErrnoException {
        DirectBuffer pair = new DirectBuffer(8);
        Errno.check(LibC.LIBC.pipe(pair.pointer()), "pipe");
        wakeRead = pair.bytes().getInt(0);
        wakeWrite = pair.bytes().getInt(4);
        LibC.LIBC.fcntl(wakeRead, F_SETFD, FD_CLOEXEC);
        LibC.LIBC.fcntl(wakeWrite, F_SETFD, FD_CLOEXEC);
        ByteBuffer bytes = fds.bytes();
        bytes.putInt(0, fd).putShort(4, POLLIN);
        bytes.putInt(POLLFD, wakeRead).putShort(POLLFD + 4, POLLIN);
        bytes.putInt(OTHER, other).putShort(OTHER + 4, POLLIN);
        count = other == NONE ? 2 : 3;
    }

    @Override
    public boolean await() {
        while (!awake) {
            int ready = LibC.LIBC.poll(fds.pointer(), count, FOREVER);
            if (ready < 0 && Errno.last() != Errno.EINTR) {
                return false;
            }
            if (ready > 0) {
                if (!awake && fds.bytes().getShort(POLLFD + REVENTS) != 0) {
                    LibC.LIBC.read(wakeRead, nudges.pointer(), PIPE_BUFFER);
                    nudged.set(false);
                }
                return !awake;
            }
        }
        return false;
    }

    @Override
    public boolean isOtherReady() {
        return fds.bytes().getShort(OTHER + REVENTS) != 0;
    }

    /** One byte in the pipe is enough, so that nobody ever waits for room in it. */
    @Override
    public void nudge() {
        if (nudged.compareAndSet(false, true)) {
            LibC.LIBC.write(wakeWrite, new DirectBuffer(1).pointer(), 1);
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
        LibC.LIBC.close(wakeRead);
        LibC.LIBC.close(wakeWrite);
    }
}
