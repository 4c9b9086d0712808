package org.ipsecif.platform.freebsd;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.ipsecif.Eventually;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.freebsd.HolderMessage.Kind;
import org.ipsecif.platform.posix.LibC;

/** Starts holders as processes of their own, and knows what they hold. */
final class Holders implements HolderStarter {
    private static final int PATIENCE_SECONDS = 30;

    private final String path;
    private final HolderStarter starter;
    private final BlockingQueue<String> starts = new LinkedBlockingQueue<>();
    final AtomicInteger killed = new AtomicInteger();

    Holders(String path) {
        this.path = path;
        starter = new HolderProcess(HolderOnLinuxMain.class.getName(), path, 60);
    }

    @Override
    public void start() throws IOException {
        starter.start();
        starts.add("started");
    }

    @Override
    public void kill(int pid) {
        killed.incrementAndGet();
        starter.kill(pid);
    }

    /** Waits until one that nobody has waited for was started. */
    void awaitStart() throws InterruptedException {
        if (starts.poll(60, TimeUnit.SECONDS) == null) {
            throw new AssertionError("no holder was started");
        }
    }

    boolean wasStarted() {
        return !starts.isEmpty();
    }

    /** Waits until the holder has what is given to it after its start. @return its process */
    int awaitHeld(String name) throws Exception {
        HolderSocket socket = HolderSocket.connect(LinuxAsFreeBsd.posix(), path);
        try {
            socket.setTimeout(PATIENCE_SECONDS);
            int[] pid = {0};
            Eventually.await(name + " is held", PATIENCE_SECONDS, () -> {
                pid[0] = holding(socket, name);
                return pid[0] != 0;
            });
            return pid[0];
        } finally {
            socket.close();
        }
    }

    /** The process that holds it; 0: it does not yet. */
    private static int holding(HolderSocket socket, String name) throws ErrnoException {
        socket.send(HolderMessage.request(Kind.TAKE, name), HolderSocket.NONE);
        HolderSocket.Received answer = socket.receive();
        assertNotNull(answer, "the holder has ended");
        if (answer.message().kind() != Kind.TAKEN) {
            return 0;
        }
        LibC.LIBC.close(answer.fd());
        return answer.message().pid();
    }
}
