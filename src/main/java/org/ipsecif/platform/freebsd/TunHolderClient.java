package org.ipsecif.platform.freebsd;

import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.freebsd.HolderMessage.Kind;
import org.ipsecif.platform.posix.Posix;
import org.ipsecif.platform.posix.Readiness;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has another process hold the devices. It is started when there is the first one to hold, and again when it has ended, by a thread that
 * gives it all of them; until then nobody waits for it. Each device is held here too, by a descriptor of its own, so that whoever closes his
 * does not take anything from the holder. Any thread.
 */
final class TunHolderClient implements TunHolder, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TunHolderClient.class);
    private static final int ANSWER_SECONDS = 5;
    private static final long RETRY_NANOS = 10_000_000_000L;

    private final Posix posix;
    private final String path;
    private final HolderStarter starter;
    private final long retryNanos;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<String, Held> kept = new TreeMap<>();
    private @Nullable Connection connection;
    private @Nullable Thread watcher;
    private boolean closed;

    /** @param path of the holder's socket, in a directory that nobody else can write to */
    TunHolderClient(Posix posix, String path) {
        this(posix, path, new HolderProcess(path), RETRY_NANOS);
    }

    /** @param retryNanos at least so long after a start there is no other */
    TunHolderClient(Posix posix, String path, HolderStarter starter, long retryNanos) {
        this.posix = posix;
        this.path = path;
        this.starter = starter;
        this.retryNanos = retryNanos;
    }

    /** @param pid of the holder */
    private record Connection(HolderSocket socket, Readiness readiness, int pid) {
        void close() {
            readiness.close();
            socket.close();
        }
    }

    @Override
    public void keep(String name, int unit, int fd) throws ErrnoException {
        lock.lock();
        try {
            Held held = new Held(unit, duplicate(name, fd));
            remember(name, held);
            give(name, held);
            watch();
        } finally {
            lock.unlock();
        }
    }

    private int duplicate(String name, int fd) throws ErrnoException {
        return posix.check(posix.libc().fcntl(fd, HolderAbi.F_DUPFD_CLOEXEC, 0), "fcntl F_DUPFD_CLOEXEC of " + name);
    }

    private void remember(String name, Held held) {
        close(kept.put(name, held));
    }

    private void close(@Nullable Held held) {
        if (held != null) {
            posix.libc().close(held.fd());
        }
    }

    /** If there is a holder. */
    private void give(String name, Held held) {
        HolderSocket.Received answer = ask(new HolderMessage(Kind.KEEP, held.unit(), 0, name), held.fd());
        if (answer != null && kind(answer) != Kind.DONE) {
            LOG.error("{}: not held: its addresses and routes will not outlive this process", name);
        }
    }

    private static @Nullable Kind kind(HolderSocket.Received received) {
        HolderMessage message = received.message();
        return message == null ? null : message.kind();
    }

    @Override
    public @Nullable Held take(String name) throws ErrnoException {
        lock.lock();
        try {
            Held ours = kept.get(name);
            if (ours == null) {
                ours = ask(name);
            }
            return ours == null ? null : new Held(ours.unit(), duplicate(name, ours.fd()));
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Held ask(String name) throws ErrnoException {
        if (connection == null) {
            connect();
        }
        HolderSocket.Received answer = ask(HolderMessage.request(Kind.TAKE, name), HolderSocket.NONE);
        HolderMessage message = answer == null ? null : answer.message();
        if (answer == null || message == null || message.kind() != Kind.TAKEN) {
            return null;
        }
        Held held = new Held(message.number(), answer.fd());
        remember(name, held);
        return held;
    }

    @Override
    public void drop(String name) {
        lock.lock();
        try {
            close(kept.remove(name));
            ask(HolderMessage.request(Kind.DROP, name), HolderSocket.NONE);
        } finally {
            lock.unlock();
        }
    }

    /** The answer; null if there is no holder, or there is none any more. */
    private HolderSocket.@Nullable Received ask(HolderMessage request, int fd) {
        Connection holder = connection;
        if (holder == null) {
            return null;
        }
        try {
            HolderSocket.Received answer = exchange(holder.socket(), request, fd);
            if (answer != null) {
                return answer;
            }
        } catch (ErrnoException e) {
            LOG.warn("the holder of the tun devices, process {}: {}", holder.pid(), e.getMessage());
            if (e.errno() == Abi.EAGAIN) { // else it may have ended, and its number be another's
                LOG.warn("process {} does not answer, and is killed", holder.pid());
                starter.kill(holder.pid());
            }
        }
        connection = null;
        holder.readiness().wakeup();
        return null;
    }

    /** Null if the other end has closed. */
    private static HolderSocket.@Nullable Received exchange(HolderSocket socket, HolderMessage request, int fd)
            throws ErrnoException {
        socket.send(request, fd);
        return socket.receive();
    }

    /**
     * Connects to a holder that there is, and gives it what it may not have.
     *
     * @return whether there is one
     */
    private boolean connect() throws ErrnoException {
        HolderSocket socket;
        try {
            socket = HolderSocket.connect(posix, path);
        } catch (ErrnoException e) {
            if (e.errno() == ErrnoException.ENOENT || e.errno() == Abi.ECONNREFUSED) {
                return false;
            }
            throw e;
        }
        connection = greet(socket);
        kept.forEach(this::give);
        watch();
        return connection != null;
    }

    private Connection greet(HolderSocket socket) throws ErrnoException {
        try {
            int peer = socket.peer();
            if (peer != 0 && peer != posix.libc().geteuid()) {
                throw posix.exception("user " + peer + " listens at " + path, ErrnoException.EPERM);
            }
            socket.setTimeout(ANSWER_SECONDS);
            HolderSocket.Received answer = exchange(socket, HolderMessage.request(Kind.LIST, ""), HolderSocket.NONE);
            HolderMessage message = answer == null ? null : answer.message();
            if (message == null) {
                throw posix.exception("no holder of tun devices listens at " + path, Abi.ECONNRESET);
            }
            LOG.info("tun devices are held by process {}, {} so far", message.pid(), message.number());
            return new Connection(socket, posix.waiting().open(socket.fd(), Readiness.NONE), message.pid());
        } catch (ErrnoException e) {
            socket.close();
            throw e;
        }
    }

    /** Has a thread see to it that there is a holder as long as there is something to hold. */
    private void watch() {
        if (watcher == null && !closed) {
            watcher = new Thread(this::run, "tun-holder");
            watcher.setDaemon(true);
            watcher.start();
        }
        changed.signalAll();
    }

    private void run() {
        boolean told = false;
        while (awaitNeed()) {
            long began = System.nanoTime();
            try {
                awaitEnd(connected());
                told = false;
            } catch (IOException | ErrnoException e) {
                if (!told) {
                    LOG.error(
                            "nobody holds the tun devices: their addresses and routes will not outlive this process: {}",
                            e.getMessage());
                }
                told = true;
            }
            pause(began + retryNanos - System.nanoTime());
        }
    }

    /** @return false once it is closed */
    private boolean awaitNeed() {
        lock.lock();
        try {
            while (!closed && connection == null && kept.isEmpty()) {
                changed.awaitUninterruptibly();
            }
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    /** A holder that answers, started if there is none. */
    private Connection connected() throws IOException, ErrnoException {
        Connection found = current();
        if (found != null) {
            return found;
        }
        IOException failure = new IOException("it ended again");
        try {
            starter.start();
        } catch (IOException e) {
            failure = e;
        }
        found = current();
        if (found == null) {
            throw failure;
        }
        return found;
    }

    private @Nullable Connection current() throws ErrnoException {
        lock.lock();
        try {
            if (connection == null) {
                connect();
            }
            return connection;
        } finally {
            lock.unlock();
        }
    }

    private void awaitEnd(Connection holder) {
        boolean alive = true;
        while (alive && holder.readiness().await()) {
            alive = isAlive(holder);
        }
        lock.lock();
        try {
            if (isCurrent(holder)) {
                connection = null;
            }
            holder.close();
            if (!closed) {
                LOG.warn(
                        "process {}, which held the tun devices, has ended; the next one gets {} of them",
                        holder.pid(),
                        kept.size());
            }
        } finally {
            lock.unlock();
        }
    }

    /** It says nothing of its own accord: what can be read is its end. */
    private boolean isAlive(Connection holder) {
        lock.lock();
        try {
            return !closed && isCurrent(holder) && holder.socket().isQuiet();
        } finally {
            lock.unlock();
        }
    }

    @SuppressWarnings("ReferenceEquality") // that one
    private boolean isCurrent(Connection holder) {
        return connection == holder;
    }

    private void pause(long nanos) {
        lock.lock();
        try {
            long left = nanos;
            while (left > 0 && !closed) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    /** Ends the thread. What is held stays held by the holder. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            kept.values().forEach(this::close);
            kept.clear();
            if (connection != null) {
                connection.readiness().wakeup();
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
