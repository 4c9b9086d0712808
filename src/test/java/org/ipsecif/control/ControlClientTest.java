package org.ipsecif.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import jnr.unixsocket.UnixServerSocketChannel;
import jnr.unixsocket.UnixSocketAddress;
import jnr.unixsocket.UnixSocketChannel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the client makes of a daemon's answers, good and bad. */
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
class ControlClientTest {
    private static final ObjectNode NO_PARAMS = JsonRpc.JSON.createObjectNode();

    @RegisterExtension
    final ServedDaemon served = new ServedDaemon();

    @Test
    void twoClientsAreServedInTurnsOverOneConnectionEach() throws IOException {
        try (ControlClient one = ControlClient.connect(served.socket());
                ControlClient two = ControlClient.connect(served.socket())) {
            for (int i = 0; i < 3; i++) {
                assertEquals(
                        RecordingDaemon.VERSION, one.call("version", NO_PARAMS).toString());
                assertEquals(
                        "{\"changes\":[\"ipsec0: changed\"]}",
                        two.call("reload", NO_PARAMS).toString());
            }
        }
    }

    @Test
    void daemonsMessageIsTheErrorAndTheConnectionGoesOn() throws IOException {
        try (ControlClient client = ControlClient.connect(served.socket())) {
            ObjectNode params = JsonRpc.JSON.createObjectNode().put("name", "ipsec9");
            IOException refused = assertThrows(IOException.class, () -> client.call("interface.destroy", params));
            assertEquals("ipsec9: no such interface of ipsecif", refused.getMessage());
            assertEquals(
                    RecordingDaemon.VERSION, client.call("version", NO_PARAMS).toString());
        }
    }

    /** A peer that has said its word before it is asked; one that has also hung up cannot even be written to. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{\"id\":null,\"error\":{\"code\":2,\"message\":\"no\"}} | false | no",
                "{\"id\":null,\"error\":{\"code\":2,\"message\":\"no\"}} | true | no",
                "{\"id\":null,\"error\":{}} | false | an error without a message",
                "not json | false | ipsecifd's answer is not JSON",
                "~~ | true | ipsecifd closed the connection without an answer",
            })
    void answerThatIsNoResultBecomesOneLine(String answer, boolean hangsUp, String message) throws IOException {
        Path path = served.path("other");
        try (UnixServerSocketChannel listener = UnixServerSocketChannel.open()) {
            listener.socket().bind(new UnixSocketAddress(path.toFile()));
            try (ControlClient client = ControlClient.connect(path);
                    UnixSocketChannel peer = listener.accept()) {
                String line = answer.isEmpty() ? "" : answer + "\n";
                Channels.newOutputStream(peer).write(line.getBytes(StandardCharsets.UTF_8));
                if (hangsUp) {
                    peer.close();
                }
                IOException failed = assertThrows(IOException.class, () -> client.call("version", NO_PARAMS));
                assertEquals(message, failed.getMessage());
            }
        }
    }

    @Test
    void nobodyAnswersOnADeadSocketNorOnAFile() throws IOException {
        Path file = Files.writeString(served.path("file"), "");
        IOException failed = assertThrows(IOException.class, () -> ControlClient.connect(file));
        assertEquals(
                "cannot reach ipsecifd at " + file + ": nobody answers (is ipsecifd running?)", failed.getMessage());
        assertFalse(ControlClient.answers(served.path("none")));
    }
}
