package org.ipsecif.control;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.NotYetBoundException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jnr.unixsocket.UnixServerSocketChannel;
import jnr.unixsocket.UnixSocketAddress;
import jnr.unixsocket.UnixSocketChannel;
import jnr.unixsocket.UnixSocketOptions;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the control protocol on a Unix socket: mode 0600, and only for the daemon's own user and root. A thread a
 * connection, a bounded number of them; a connection that stalls holds up nobody else.
 */
public final class ControlServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ControlServer.class);
    private static final int MAX_CONNECTIONS = 64;
    private static final int RETRY_SECONDS = 1;
    private static final int MODE_SOCKET = 0140000;
    private static final int MODE_TYPE = 0170000;

    private final Path path;
    private final Dispatcher dispatcher;
    private final Object lock = new Object();
    private final CountDownLatch ending = new CountDownLatch(1);
    private final Set<UnixSocketChannel> connections = new HashSet<>();
    private @Nullable UnixServerSocketChannel listener;
    private @Nullable Object identity;
    private int ownUid;
    private volatile boolean closing;

    /** @param path where the socket will be; its directory exists */
    public ControlServer(Path path, DaemonControl daemon) {
        this.path = path;
        this.dispatcher = new Dispatcher(daemon);
    }

    /**
     * Starts listening. The socket is bound under another name, made private, and only then moved to its place.
     *
     * @throws IOException for the user: another daemon answers there, or the path cannot be used
     */
    public void start() throws IOException {
        ControlSocket.checkPath(path);
        checkFree();
        Path hidden = path.resolveSibling(
                "." + path.getFileName() + "." + ProcessHandle.current().pid());
        ControlSocket.checkPath(hidden);
        Files.deleteIfExists(hidden);
        UnixServerSocketChannel bound = UnixServerSocketChannel.open();
        try {
            bound.socket().bind(new UnixSocketAddress(hidden.toFile()));
            Files.setPosixFilePermissions(hidden, PosixFilePermissions.fromString("rw-------"));
            ownUid = (Integer) Files.getAttribute(hidden, "unix:uid");
            Files.move(hidden, path, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            bound.close();
            Files.deleteIfExists(hidden);
            throw new IOException("cannot make the control socket " + path + ": " + e.getMessage(), e);
        }
        identity = identityOf(path);
        listener = bound;
        Thread thread = new Thread(() -> accept(bound), "control-accept");
        thread.setDaemon(true);
        thread.start();
    }

    /** A socket nobody answers on is a dead daemon's, and replaced; anything else is left alone. */
    private void checkFree() throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        int mode = (Integer) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        if ((mode & MODE_TYPE) != MODE_SOCKET) {
            throw new IOException("cannot make the control socket " + path + ": something else has that name");
        }
        if (ControlClient.answers(path)) {
            throw new IOException("another ipsecifd answers on " + path);
        }
    }

    private static @Nullable Object identityOf(Path path) {
        try {
            Map<String, Object> attributes = Files.readAttributes(path, "unix:dev,ino", LinkOption.NOFOLLOW_LINKS);
            return attributes;
        } catch (IOException e) {
            return null;
        }
    }

    /** What fails may succeed later: descriptors run out, for one. */
    private void accept(UnixServerSocketChannel bound) {
        boolean told = false;
        while (!closing) {
            try {
                UnixSocketChannel connection = bound.accept();
                if (connection != null) {
                    take(connection);
                }
                told = false;
            } catch (IOException | NotYetBoundException e) { // the latter for EINVAL, after shutdown(2)
                if (!closing && !told) {
                    LOG.warn("control socket: {}; tried again each second", e.getMessage());
                }
                told = true;
                pause();
            }
        }
        end(bound);
    }

    private void pause() {
        try {
            ending.await(RETRY_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void end(UnixServerSocketChannel bound) {
        synchronized (lock) {
            listener = null;
            try {
                bound.close();
            } catch (IOException e) {
                LOG.warn("control socket: {}", e.getMessage());
            }
        }
    }

    private void take(UnixSocketChannel connection) {
        String refusal;
        synchronized (lock) {
            try {
                refusal = refusal(connection);
            } catch (IOException e) {
                LOG.debug("control socket: {}", e.getMessage());
                end(connection);
                return;
            }
            connections.add(connection);
            if (closing) {
                shutDown(connection);
            }
        }
        Thread thread = new Thread(() -> serve(connection, refusal), "control-connection");
        thread.setDaemon(true);
        thread.start();
    }

    private @Nullable String refusal(UnixSocketChannel connection) throws IOException {
        int uid = connection.getOption(UnixSocketOptions.SO_PEERCRED).getUid();
        if (uid != 0 && uid != ownUid) {
            LOG.warn("control socket: refused user id {}", uid);
            return "this user may not control ipsecifd";
        }
        return connections.size() >= MAX_CONNECTIONS ? "too many connections" : null;
    }

    private void serve(UnixSocketChannel connection, @Nullable String refusal) {
        try {
            OutputStream out = Channels.newOutputStream(connection);
            if (refusal != null) {
                write(out, JsonRpc.error(null, JsonRpc.REFUSED, refusal));
                return;
            }
            LineReader lines = new LineReader(Channels.newInputStream(connection), ControlSocket.MAX_LINE);
            for (String line = lines.next(); line != null; line = lines.next()) {
                ObjectNode response = dispatcher.answer(line);
                if (response != null) {
                    write(out, response);
                }
            }
        } catch (LineReader.TooLongException e) {
            LOG.warn("control socket: a request longer than {} bytes", ControlSocket.MAX_LINE);
        } catch (IOException e) {
            LOG.debug("control socket: {}", e.getMessage());
        } finally {
            end(connection);
        }
    }

    private void end(UnixSocketChannel connection) {
        synchronized (lock) {
            connections.remove(connection);
            try {
                connection.close();
            } catch (IOException e) {
                LOG.debug("control socket: {}", e.getMessage());
            }
        }
    }

    private static void write(OutputStream out, ObjectNode response) throws IOException {
        out.write((response + "\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    /**
     * Stops listening, ends connections, removes the socket if it is still ours. Waits for nobody. Descriptors are shut down here, and closed
     * by the threads that use them, since the number of one that is closed may be another's when it is used next.
     */
    @Override
    public void close() {
        synchronized (lock) {
            closing = true;
            ending.countDown();
            try {
                if (identity != null && identity.equals(identityOf(path))) {
                    Files.deleteIfExists(path);
                }
            } catch (IOException e) {
                LOG.warn("control socket: {}", e.getMessage());
            }
            if (listener != null) {
                shutDown(UnixSocketChannel.fromFD(listener.getFD())); // which ends accept(2)
            }
            connections.forEach(ControlServer::shutDown);
        }
    }

    /** FreeBSD ends accept(2) and says ENOTCONN, which counts as done. */
    private static void shutDown(UnixSocketChannel channel) {
        try {
            channel.shutdownInput();
            channel.shutdownOutput();
        } catch (IOException e) {
            LOG.debug("control socket: {}", e.getMessage());
        }
    }
}
