package org.ipsecif.control;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import jnr.unixsocket.UnixSocketAddress;
import jnr.unixsocket.UnixSocketChannel;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** For each test, a {@link RecordingDaemon} served on a Unix socket in a directory of its own. */
final class ServedDaemon implements BeforeEachCallback, AfterEachCallback {
    private @Nullable Path directory;
    private @Nullable ControlServer server;
    private RecordingDaemon daemon = new RecordingDaemon();

    /** One side of a connection, in bytes and lines. */
    record Connection(UnixSocketChannel channel, LineReader lines) implements AutoCloseable {
        static Connection to(Path socket) throws IOException {
            UnixSocketChannel channel = UnixSocketChannel.open(new UnixSocketAddress(socket.toFile()));
            return new Connection(channel, new LineReader(Channels.newInputStream(channel), ControlSocket.MAX_LINE));
        }

        void send(String text) throws IOException {
            send(text.getBytes(StandardCharsets.UTF_8));
        }

        void send(byte[] bytes) throws IOException {
            Channels.newOutputStream(channel).write(bytes);
        }

        /** The next line, or null when the server has hung up. */
        @Nullable
        String line() throws IOException {
            return lines.next();
        }

        JsonNode answer() throws IOException {
            String line = line();
            if (line == null) {
                throw new IOException("hung up");
            }
            return JsonRpc.JSON.readTree(line);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        directory = Files.createTempDirectory("control");
        daemon = new RecordingDaemon();
        server = new ControlServer(socket(), daemon);
        server.start();
    }

    @Override
    public void afterEach(ExtensionContext context) throws IOException {
        server.close();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }

    Path path(String name) {
        return directory.resolve(name);
    }

    Path socket() {
        return path("s");
    }

    ControlServer server() {
        return server;
    }

    RecordingDaemon daemon() {
        return daemon;
    }

    List<String> asked() {
        return daemon.asked();
    }

    Connection connect() throws IOException {
        return Connection.to(socket());
    }
}
