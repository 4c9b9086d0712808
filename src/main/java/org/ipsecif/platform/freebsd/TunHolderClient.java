package org.ipsecif.platform.freebsd;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
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
final class TunHolderClient implements TunHolder {
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

    /** The one that the watcher waits for, and closes when it ends. */
    private @Nullable Connection watched;

    private @Nullable Thread watcher;

    /** The last attempt to have a holder came to nothing. */
    private boolean failed;

    private boolean closing;
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
        Held held = borrow(name);
        if (held != null) {
            remember(name, held);
        }
        return held;
    }

    /** Null if the holder has none of this name. */
    private @Nullable Held borrow(String name) throws ErrnoException {
        if (connection == null) {
            connect();
        }
        HolderSocket.Received answer = ask(HolderMessage.request(Kind.TAKE, name), HolderSocket.NONE);
        HolderMessage message = answer == null ? null : answer.message();
        return answer == null || message == null || message.kind() != Kind.TAKEN
                ? null
                : new Held(message.number(), answer.fd());
    }

    @Override
    public @Nullable String nameOf(int unit) throws ErrnoException {
        lock.lock();
        try {
            for (String name : names()) {
                Held held = kept.containsKey(name) ? null : borrow(name);
                close(held);
                if (held != null && held.unit() == unit) {
                    return name;
                }
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    /** All that the holder has. */
    private List<String> names() throws ErrnoException {
        if (connection == null) {
            connect();
        }
        List<String> names = new ArrayList<>();
        while (true) {
            HolderSocket.Received answer = ask(new HolderMessage(Kind.LIST, names.size(), 0, ""), HolderSocket.NONE);
            HolderMessage message = answer == null ? null : answer.message();
            if (message == null || message.kind() != Kind.LISTED) {
                return names;
            }
            names.add(message.name());
        }
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
                kill(holder.pid());
            }
        }
        leave(holder);
        return null;
    }

    private void kill(int pid) {
        LOG.warn("process {} does not answer, and is killed", pid);
        starter.kill(pid);
    }

    @SuppressWarnings("ReferenceEquality") // that one
    private void leave(Connection holder) {
        connection = null;
        if (watched == holder) {
            holder.readiness().wakeup();
        } else {
            holder.close();
        }
    }

    /** Null if the other end has closed. */
    private static HolderSocket.@Nullable Received exchange(HolderSocket socket, HolderMessage request, int fd)
            throws ErrnoException {
        socket.send(request, fd);
        return socket.receive();
    }

    /** Connects to a holder, if there is one, and gives it what it may not have. */
    private void connect() throws ErrnoException {
        if (closed) {
            return;
        }
        HolderSocket socket;
        try {
            socket = HolderSocket.connect(posix, path);
        } catch (ErrnoException e) {
            if (e.errno() == ErrnoException.ENOENT || e.errno() == Abi.ECONNREFUSED) {
                return;
            }
            throw e;
        }
        connection = greet(socket);
        failed = false;
        kept.forEach(this::give);
        watch();
    }

    /** Null if it does not answer, and was killed. */
    private @Nullable Connection greet(HolderSocket socket) throws ErrnoException {
        HolderSocket.Peer peer = socket.peer();
        try {
            if (peer.user() != 0 && peer.user() != posix.libc().geteuid()) {
                throw posix.exception("user " + peer.user() + " listens at " + path, ErrnoException.EPERM);
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
            if (e.errno() == Abi.EAGAIN && peer.pid() > 0) {
                kill(peer.pid());
                return null;
            }
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
        try {
            seeToIt();
        } finally {
            fail(null);
        }
    }

    private void seeToIt() {
        boolean told = false;
        while (awaitNeed()) {
            long began = System.nanoTime();
            try {
                awaitEnd(connected());
                told = false;
            } catch (IOException | ErrnoException e) {
                fail(told ? null : e);
                told = true;
            }
            pause(began + retryNanos - System.nanoTime());
        }
    }

    /** @param failure to be told; null if it was */
    private void fail(@Nullable Exception failure) {
        lock.lock();
        try {
            failed = true;
            changed.signalAll();
            if (!closed && failure != null) {
                LOG.error(
                        "nobody holds the tun devices: their addresses and routes will not outlive this process: {}",
                        failure.getMessage());
            }
        } finally {
            lock.unlock();
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

    /** The caller closes it, by {@link #awaitEnd}. */
    private @Nullable Connection current() throws ErrnoException {
        lock.lock();
        try {
            if (connection == null) {
                connect();
            }
            watched = connection;
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
            watched = null;
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
            while (left > 0 && !closed && (failed || !closing)) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    /** Also waits for a holder, which is started if it has ended, if there is something that nobody else would hold. */
    @Override
    public void close() {
        lock.lock();
        try {
            closing = true;
            changed.signalAll();
            if (!kept.isEmpty()) {
                ask(HolderMessage.request(Kind.LIST, ""), HolderSocket.NONE); // it may have ended unnoticed
            }
            while (watcher != null && connection == null && !kept.isEmpty() && !failed) {
                changed.awaitUninterruptibly();
            }
            closed = true;
            kept.values().forEach(this::close);
            kept.clear();
            if (connection != null) {
                leave(connection);
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
