package org.ipsecif.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import jnr.unixsocket.UnixServerSocketChannel;
import jnr.unixsocket.UnixSocketAddress;
import jnr.unixsocket.UnixSocketChannel;
import org.ipsecif.Eventually;
import org.ipsecif.control.ServedDaemon.Connection;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The protocol of docs/control-protocol.md, in the bytes of a real Unix socket. */
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
class ControlServerTest {
    private static final long PATIENCE_MILLIS = 10_000;
    private static final String VERSION = "{\"id\":1,\"method\":\"version\"}";
    private static final String VERSION_ANSWER =
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":" + RecordingDaemon.VERSION + "}";

    @RegisterExtension
    final ServedDaemon served = new ServedDaemon();

    private String answerTo(String request) throws IOException {
        try (Connection connection = served.connect()) {
            connection.send(request + "\n");
            return String.valueOf(connection.line());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "version | {} | " + RecordingDaemon.VERSION + " | []",
                "version | null | " + RecordingDaemon.VERSION + " | []",
                "interface.create | {\"name\":\"ipsec\"} | {\"name\":\"ipsec0\",\"warnings\":[]} | [create ipsec []]",
                "interface.create | {\"name\":\"x\",\"words\":[\"mtu\",\"1300\"]} | {\"name\":\"x\",\"warnings\":[]}"
                        + " | [create x [mtu, 1300]]",
                "interface.configure | {\"name\":\"x\",\"words\":[\"up\"]} | {\"warnings\":[]} | [configure x [up]]",
                "interface.destroy | {\"name\":\"x\",\"colour\":1} | {} | [destroy x]",
                "setkey | {\"origin\":\"f\",\"script\":\"flush;\"} |  | [setkey f flush;]",
                "sa.flush | {} | {} | [flush]",
                "host.counters | {} | [{\"name\":\"inbound_unknown_spi\",\"description\":\"unknown SPIs\",\"audit\":\"\",\"value\":4}]"
                        + " | []",
                "reload | {} | {\"changes\":[\"ipsec0: changed\"]} | []",
            })
    void methodAsksTheDaemonAndAnswersItsResult(String method, String params, String result, String asked)
            throws IOException {
        String answer = answerTo("{\"id\":1,\"method\":\"" + method + "\",\"params\":" + params + "}");
        if (result != null) {
            assertEquals("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":" + result + "}", answer);
        }
        assertEquals(asked, served.asked().toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "interface.list | name index flags mtu mtuSource pathMtu pathMtuSeconds fib tunnelFib packets description tunnelLocal tunnelRemote encap reqid template"
                        + " spd keying ike ikeProblem addresses status securityAssociations counters",
                "sa.list | source destination spi reqid interfaceName direction mode encryption integrity replayWindow esn"
                        + " sequence packets bytes addedSeconds lifetimes state counters",
                "policy.list | interfaceName name direction source sourcePort destination destinationPort protocol action"
                        + " transforms priority scope process kernel kernelEntry note",
                "template.list | name description parameters sections problem",
            })
    void listHasTheFieldsOfTheProtocol(String method, String fields) throws IOException {
        JsonNode result = JsonRpc.JSON
                .readTree(answerTo("{\"id\":1,\"method\":\"" + method + "\"}"))
                .path("result");
        assertEquals(1, result.size());
        List<String> names = new ArrayList<>();
        result.get(0).fieldNames().forEachRemaining(names::add);
        assertEquals(List.of(fields.split(" ")), names);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "not json | null | -32700 | not JSON",
                "{\"id\":1 | null | -32700 | not JSON",
                "{\"id\":1,\"method\":\"version\"} {\"id\":2,\"method\":\"version\"} | null | -32700 | not JSON",
                "~~ | null | -32600 | expected an object with a method",
                "[] | null | -32600 | expected an object with a method",
                "{\"id\":2} | 2 | -32600 | expected an object with a method",
                "{\"id\":\"a\",\"method\":7} | \"a\" | -32600 | expected an object with a method",
                "{\"method\":7} | null | -32600 | expected an object with a method",
                "{\"id\":4,\"method\":\"nothing\"} | 4 | -32601 | unknown method nothing",
                "{\"id\":null,\"method\":\"nothing\"} | null | -32601 | unknown method nothing",
                "{\"id\":5,\"method\":\"interface.destroy\"} | 5 | -32602 | expected a string name",
                "{\"id\":6,\"method\":\"interface.destroy\",\"params\":{\"name\":7}} | 6 | -32602"
                        + " | expected a string name",
                "{\"id\":7,\"method\":\"interface.list\",\"params\":[\"ipsec0\"]} | 7 | -32602"
                        + " | expected an object, params",
                "{\"id\":8,\"method\":\"interface.configure\",\"params\":{\"name\":\"x\",\"words\":[1]}} | 8 | -32602"
                        + " | expected an array of strings, words",
                "{\"id\":9,\"method\":\"interface.configure\",\"params\":{\"name\":\"x\",\"words\":\"up\"}} | 9 | -32602"
                        + " | expected an array of strings, words",
                "{\"id\":10,\"method\":\"setkey\",\"params\":{\"origin\":\"f\"}} | 10 | -32602 | expected a string script",
                "{\"id\":11,\"method\":\"interface.destroy\",\"params\":{\"name\":\"fault\"}} | 11 | -32603"
                        + " | internal error; the daemon's log has the details",
                "{\"id\":13,\"method\":\"interface.destroy\",\"params\":{\"name\":\"ipsec9\"}} | 13 | 2"
                        + " | ipsec9: no such interface of ipsecif",
            })
    void badRequestIsAnsweredUnderItsIdAndChangesNothing(String request, String id, int code, String message)
            throws IOException {
        assertEquals(
                "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"error\":{\"code\":" + code + ",\"message\":\"" + message
                        + "\"}}",
                answerTo(request));
        assertEquals(List.of(), served.asked());
    }

    @Test
    void configurationErrorHasCodeOne() throws IOException {
        JsonNode error = JsonRpc.JSON
                .readTree(answerTo("{\"id\":1,\"method\":\"interface.configure\",\"params\":{\"name\":\"x\",\"words\":"
                        + "[\"bogus\"]}}"))
                .path("error");
        assertEquals(1, error.path("code").asInt());
        assertEquals("\"bogus\" is not understood", error.path("message").asText());
    }

    @Test
    void connectionServesManyRequestsInOrderAndANotificationHasNoAnswer() throws IOException {
        try (Connection connection = served.connect()) {
            connection.send("{\"method\":\"sa.flush\"}\n{\"id\":1,\"method\":\"ver");
            connection.send("sion\"}\n{\"id\":2,\"method\":\"nothing\"}\r\n" + VERSION + "\n");
            assertEquals(VERSION_ANSWER, connection.line());
            assertEquals(2, connection.answer().path("id").asInt());
            assertEquals(VERSION_ANSWER, connection.line());
            assertEquals(List.of("flush"), served.asked());
        }
    }

    @Test
    void requestCutOffByItsClientIsNotRun() throws IOException {
        try (Connection connection = served.connect()) {
            connection.send(VERSION + "\n{\"id\":2,\"method\":\"sa.flush\"}");
            connection.channel().shutdownOutput();
            assertEquals(VERSION_ANSWER, connection.line());
            assertNull(connection.line());
        }
        assertEquals(List.of(), served.asked());
        assertEquals(VERSION_ANSWER, answerTo(VERSION));
    }

    @Test
    void connectionThatStallsHoldsUpNobody() throws IOException {
        try (Connection stalled = served.connect();
                Connection other = served.connect()) {
            stalled.send("{\"id\":1,");
            other.send(VERSION + "\n");
            assertEquals(VERSION_ANSWER, other.line());
            stalled.send("\"method\":\"version\"}\n");
            assertEquals(VERSION_ANSWER, stalled.line());
        }
    }

    @Test
    void longestLineIsServedAndALongerOneEndsItsConnectionOnly() throws IOException {
        String longest = VERSION + " ".repeat(ControlSocket.MAX_LINE - VERSION.length());
        assertEquals(VERSION_ANSWER, answerTo(longest));
        try (Connection connection = served.connect()) {
            assertThrows(IOException.class, () -> {
                while (true) {
                    connection.send(longest);
                }
            });
        }
        assertEquals(VERSION_ANSWER, answerTo(VERSION));
    }

    @Test
    void oneConnectionTooManyIsToldSo() throws IOException {
        List<Connection> open = new ArrayList<>();
        try {
            for (int i = 0; i < 64; i++) {
                open.add(served.connect());
            }
            try (Connection last = served.connect()) {
                assertEquals(
                        "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":2,\"message\":\"too many connections\"}}",
                        last.line());
                assertNull(last.line());
            }
            open.get(63).send(VERSION + "\n");
            assertEquals(VERSION_ANSWER, open.get(63).line());
        } finally {
            for (Connection each : open) {
                each.close();
            }
        }
    }

    @Test
    void socketIsItsOwnersAlone() throws IOException {
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(served.socket())));
        try (var names = Files.list(served.path("."))) {
            assertEquals(1, names.count());
        }
    }

    /** The kernel's word for it counts, not only the mode of the file. */
    @Test
    void anotherUserIsRefused() throws IOException, InterruptedException {
        assumeTrue(run("true").isEmpty(), "needs root and setpriv");
        Files.setPosixFilePermissions(served.path("."), PosixFilePermissions.fromString("rwxr-xr-x"));
        String connect = "$s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die qq($!\\n); print <$s>";
        String[] client = {
            "perl", "-MIO::Socket::UNIX", "-e", connect, served.socket().toString()
        };
        assertEquals("Permission denied\n", run(client));
        Files.setPosixFilePermissions(served.socket(), PosixFilePermissions.fromString("rw-rw-rw-"));
        assertEquals(
                "{\"jsonrpc\":\"2.0\",\"id\":null,"
                        + "\"error\":{\"code\":2,\"message\":\"this user may not control ipsecifd\"}}\n",
                run(client));
    }

    /** What a command says as a user who is neither root nor ourselves. */
    private static String run(String... command) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
        all.addAll(List.of(command));
        try {
            Process process = new ProcessBuilder(all).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            process.waitFor();
            return said;
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    @Test
    void liveSocketIsNotTaken() throws IOException {
        ControlServer second = new ControlServer(served.socket(), new RecordingDaemon());
        IOException refused = assertThrows(IOException.class, second::start);
        assertEquals("another ipsecifd answers on " + served.socket(), refused.getMessage());
        second.close();
        assertEquals(VERSION_ANSWER, answerTo(VERSION));
    }

    @Test
    void deadDaemonsSocketIsReplaced() throws IOException {
        Path dead = served.path("dead");
        abandon(dead);
        try (ControlServer second = new ControlServer(dead, new RecordingDaemon())) {
            second.start();
            assertTrue(ControlClient.answers(dead));
        }
        assertFalse(Files.exists(dead));
    }

    /** A socket file that nobody listens on. */
    private static void abandon(Path path) throws IOException {
        try (UnixServerSocketChannel abandoned = UnixServerSocketChannel.open()) {
            abandoned.socket().bind(new UnixSocketAddress(path.toFile()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"file", "directory", "link"})
    void whatIsNoSocketIsLeftAlone(String kind) throws IOException {
        Path path = served.path(kind);
        switch (kind) {
            case "file" -> Files.writeString(path, "mine");
            case "directory" -> Files.createDirectory(path);
            default -> Files.createSymbolicLink(path, served.socket());
        }
        IOException refused =
                assertThrows(IOException.class, () -> new ControlServer(path, new RecordingDaemon()).start());
        assertEquals("cannot make the control socket " + path + ": something else has that name", refused.getMessage());
        assertEquals(kind.equals("file"), Files.isRegularFile(path));
        assertEquals(kind.equals("directory"), Files.isDirectory(path));
        assertEquals(kind.equals("link"), Files.isSymbolicLink(path));
    }

    @Test
    void pathThatNoSocketCanHaveIsRefused() {
        Path path = served.path("p".repeat(104));
        IOException refused =
                assertThrows(IOException.class, () -> new ControlServer(path, new RecordingDaemon()).start());
        assertEquals("the socket's path is longer than 103 bytes: " + path, refused.getMessage());
    }

    @Test
    void closeHangsUpAndRemovesTheSocket() throws IOException {
        try (Connection connection = served.connect()) {
            connection.send(VERSION + "\n");
            assertEquals(VERSION_ANSWER, connection.line());
            served.server().close();
            assertNull(connection.line());
        }
        assertFalse(Files.exists(served.socket()));
    }

    /** Else what it answers goes to whoever has the number of the descriptor by then. */
    @Test
    void closeLeavesTheDescriptorToTheThreadThatAnswers() throws Exception {
        List<UnixSocketChannel> others = new ArrayList<>();
        try (Connection connection = served.connect()) {
            Thread answering;
            synchronized (served.daemon()) {
                connection.send("{\"id\":1,\"method\":\"sa.flush\"}\n");
                Eventually.await("the request waits", () -> blocked() != null);
                answering = Objects.requireNonNull(blocked());
                served.server().close();
                for (int i = 0; i < 20; i++) {
                    others.addAll(List.of(UnixSocketChannel.pair()));
                }
            }
            answering.join(PATIENCE_MILLIS);
            assertFalse(answering.isAlive(), "it reads from another connection");
            for (UnixSocketChannel each : others) {
                each.configureBlocking(false);
                assertEquals(0, each.read(ByteBuffer.allocate(100)), "what was for another connection");
            }
            assertNull(connection.line());
        } finally {
            for (UnixSocketChannel each : others) {
                each.close();
            }
        }
    }

    private static @Nullable Thread blocked() {
        return threads("control-connection")
                .filter(each -> each.getState() == Thread.State.BLOCKED)
                .findFirst()
                .orElse(null);
    }

    private static Stream<Thread> threads(String name) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(each -> each.getName().equals(name));
    }

    @Test
    void closeEndsTheThreadThatAccepts() throws Exception {
        List<Thread> others = threads("control-accept").toList();
        List<Throwable> faults = Collections.synchronizedList(new ArrayList<>());
        ControlServer server = new ControlServer(served.path("t"), new RecordingDaemon());
        server.start();
        Thread accepting = threads("control-accept")
                .filter(each -> !others.contains(each))
                .findFirst()
                .orElseThrow();
        accepting.setUncaughtExceptionHandler((thread, fault) -> faults.add(fault));
        try (Connection connection = Connection.to(served.path("t"))) {
            connection.send(VERSION + "\n");
            assertEquals(VERSION_ANSWER, connection.line());
        }
        server.close();
        accepting.join(PATIENCE_MILLIS);
        assertFalse(accepting.isAlive());
        assertEquals(List.of(), faults);
    }

    @Test
    void closeLeavesASuccessorsSocketAlone() throws IOException {
        Files.delete(served.socket());
        try (ControlServer successor = new ControlServer(served.socket(), new RecordingDaemon())) {
            successor.start();
            served.server().close();
            assertTrue(ControlClient.answers(served.socket()));
        }
    }
}
