package org.ipsecif.platform.freebsd.sim;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A PF_KEY socket. What it does happens in a {@link KeyKernel} with locks of its own, so that no call to it is made with the host's lock but
 * the question whether there is something.
 */
final class KeySocket extends Socket {
    /** Whoever gives notice may hold locks that a reader waits for with the host's. */
    private static final ExecutorService NOTICES = Executors.newSingleThreadExecutor(work -> {
        Thread thread = new Thread(work, "key-notices");
        thread.setDaemon(true);
        return thread;
    });

    private final KeyKernel.Socket socket;
    private boolean released;
    private boolean over;

    KeySocket(SimulatedFreeBsd host, KeyKernel.Socket socket) {
        super(host, 3, 8192, 8192);
        this.socket = socket;
        socket.onReadable(() -> NOTICES.execute(() -> {
            synchronized (host.lock) {
                host.changed();
            }
        }));
    }

    /** Without the host's lock. */
    int send(byte[] message) {
        int errno = socket.write(message);
        KernelError.when(errno != 0, errno);
        return message.length;
    }

    /** Likewise. */
    Message receive(SimulatedProcess by, boolean dontWait) {
        while (true) {
            byte[] message = socket.poll();
            if (message != null) {
                return new Message(message, new byte[] {2, 27});
            }
            int errno = socket.takeError();
            KernelError.when(errno != 0, errno);
            synchronized (host.lock) {
                KernelError.when(by.isDead(), KernelError.EBADF);
                KernelError.when((nonBlocking || dontWait) && !socket.isReadable(), KernelError.EAGAIN);
                KernelError.when(!host.await(by, socket::isReadable, patience()), KernelError.EAGAIN);
            }
        }
    }

    @Override
    int send(SimulatedProcess by, Message message, boolean dontWait) {
        return send(message.data);
    }

    @Override
    void setOption(int level, int option, byte[] value) {
        super.setOption(level, option, value);
        if (option != SO_RCVTIMEO && option != SO_SNDTIMEO) {
            int errno = socket.setOption(option, i32(value));
            KernelError.when(errno != 0, errno);
        }
    }

    @Override
    long readable() {
        return socket.isReadable() ? 1 : 0;
    }

    @Override
    void lastClose(SimulatedProcess by) {
        released = true;
        if (by.isDead()) {
            closeIfReleased();
        }
    }

    /** By whoever closed the last descriptor, without the host's lock. */
    void closeIfReleased() {
        if (released && !over) {
            over = true;
            socket.close();
        }
    }
}
