package org.ipsecif.control;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import jnr.unixsocket.UnixSocketAddress;
import jnr.unixsocket.UnixSocketChannel;
import org.ipsecif.control.JsonRpc.ErrorException;

/** One connection to the daemon. */
public final class ControlClient implements AutoCloseable {
    private final UnixSocketChannel channel;
    private final LineReader lines;
    private long lastId;

    private ControlClient(UnixSocketChannel channel) {
        this.channel = channel;
        this.lines = new LineReader(Channels.newInputStream(channel), ControlSocket.MAX_ANSWER);
    }

    /** Connects. @throws IOException for the user, with the path and what to look at */
    public static ControlClient connect(Path path) throws IOException {
        ControlSocket.checkPath(path);
        if (!Files.exists(path)) {
            throw new IOException("cannot reach ipsecifd at " + path + ": no such socket (is ipsecifd running?)");
        }
        try {
            return new ControlClient(UnixSocketChannel.open(new UnixSocketAddress(path.toFile())));
        } catch (IOException e) {
            String reason = Files.isWritable(path) ? "nobody answers (is ipsecifd running?)" : "permission denied";
            throw new IOException("cannot reach ipsecifd at " + path + ": " + reason, e);
        }
    }

    /** Whether a daemon accepts connections there. */
    public static boolean answers(Path path) {
        try (ControlClient client = connect(path)) {
            return client.channel.isOpen();
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Calls a method and waits for its result.
     *
     * @throws LineReader.TooLongException if the request is longer than a line may be; it has not been sent
     * @throws IOException with the daemon's own message, if it answers with an error, or if it is gone
     */
    public JsonNode call(String method, JsonNode params) throws IOException {
        byte[] request = JsonRpc.line(JsonRpc.request(++lastId, method, params));
        try {
            Channels.newOutputStream(channel).write(request);
        } catch (IOException e) {
            // a daemon that refused this connection has said why before it hung up
        }
        try {
            return result(JsonRpc.JSON.readTree(answer()));
        } catch (JsonProcessingException e) {
            throw new IOException("ipsecifd's answer is not JSON", e);
        } catch (ErrorException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private String answer() throws IOException {
        String line;
        try {
            line = lines.next();
        } catch (LineReader.TooLongException e) {
            throw new IOException("ipsecifd's answer is longer than " + ControlSocket.MAX_ANSWER + " bytes", e);
        } catch (IOException e) {
            throw new IOException("ipsecifd closed the connection", e);
        }
        if (line == null) {
            throw new IOException("ipsecifd closed the connection without an answer");
        }
        return line;
    }

    private static JsonNode result(JsonNode response) throws ErrorException {
        JsonNode error = response.get("error");
        if (error != null) {
            throw new ErrorException(
                    error.path("code").asInt(), error.path("message").asText("an error without a message"));
        }
        return response.path("result");
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
