package org.ipsecif.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import jnr.unixsocket.UnixServerSocketChannel;
import jnr.unixsocket.UnixSocketAddress;
import jnr.unixsocket.UnixSocketChannel;
import org.ipsecif.config.ConfigException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command, the client and the server over a real Unix socket; the daemon behind them writes down what it is asked. */
class ControlTest {
    @TempDir
    Path directory;

    private Path socket;
    private ControlServer server;
    private final Recorder daemon = new Recorder();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    /** Answers with fixed facts. */
    private static final class Recorder implements DaemonControl {
        final List<String> asked = new ArrayList<>();

        private static final SaStatus SA = new SaStatus(
                "203.0.113.1",
                "203.0.113.2",
                0x2001,
                100,
                "ipsec0",
                "out",
                "tunnel",
                "ENCR_AES_CBC/128",
                "AUTH_HMAC_SHA1_96",
                1024,
                7,
                6,
                600,
                5,
                List.of());

        @Override
        public synchronized String create(String name, List<String> words) {
            asked.add("create " + name + " " + words);
            return name.equals("ipsec") ? "ipsec0" : name;
        }

        @Override
        public synchronized void configure(String name, List<String> words) throws ConfigException {
            asked.add("configure " + name + " " + words);
            if (words.contains("bogus")) {
                throw new ConfigException("\"bogus\" is not understood");
            }
        }

        @Override
        public synchronized void destroy(String name) throws RefusedException {
            asked.add("destroy " + name);
            if (name.equals("ipsec9")) {
                throw new RefusedException("there is no interface ipsec9");
            }
            if (name.equals("fault")) {
                throw new IllegalStateException("planned");
            }
        }

        @Override
        public List<InterfaceStatus> interfaces(String name) {
            return List.of(new InterfaceStatus(
                    "ipsec0",
                    7,
                    List.of("UP", "POINTOPOINT", "RUNNING", "MULTICAST"),
                    1400,
                    "branch 7",
                    "203.0.113.1",
                    "203.0.113.2",
                    "udp",
                    100,
                    "route-based",
                    List.of(
                            new InterfaceStatus.AddressStatus("inet", "10.0.0.1", 30, "10.0.0.2"),
                            new InterfaceStatus.AddressStatus("inet6", "2001:db8::1", 64, null)),
                    "active",
                    List.of(SA),
                    List.of(
                            new Counter("inbound_packets", "packets received", 3),
                            new Counter("inbound_bytes", "bytes received", 300),
                            new Counter("outbound_packets", "packets sent", 6),
                            new Counter("outbound_bytes", "bytes sent", 600),
                            new Counter("inbound_replayed", "replays", 2),
                            new Counter("inbound_bad_icv", "bad ICVs", 0))));
        }

        @Override
        public synchronized SetkeyResult setkey(String origin, String script) {
            asked.add("setkey " + origin + " " + script);
            return new SetkeyResult(List.of(), List.of());
        }

        @Override
        public List<SaStatus> securityAssociations() {
            return List.of(SA);
        }

        @Override
        public synchronized void flushSecurityAssociations() {
            asked.add("flush");
        }

        @Override
        public List<PolicyStatus> policies(String name) {
            return List.of(new PolicyStatus(
                    "ipsec0",
                    "out/inet",
                    "out",
                    "0.0.0.0/0",
                    "0.0.0.0/0",
                    "any",
                    "protect",
                    List.of("esp/tunnel/203.0.113.1-203.0.113.2/unique:100"),
                    1000,
                    "if_id 0x64",
                    true));
        }

        @Override
        public List<Counter> hostCounters() {
            return List.of(new Counter("inbound_unknown_spi", "unknown SPIs", 4));
        }

        @Override
        public List<String> reload() {
            return List.of("ipsec0: changed");
        }

        @Override
        public String version() {
            return "1.2.3";
        }
    }

    @BeforeEach
    void start() throws IOException {
        socket = directory.resolve("s");
        server = new ControlServer(socket, daemon);
        server.start();
    }

    @AfterEach
    void stop() {
        server.close();
        assertFalse(Files.exists(socket));
    }

    private int ctl(String... args) {
        List<String> all = new ArrayList<>(List.of("--socket", socket.toString()));
        all.addAll(List.of(args));
        return Ipsecifctl.execute(all.toArray(String[]::new), new PrintWriter(out), new PrintWriter(err, true));
    }

    private static JsonNode answer(LineReader lines) throws IOException {
        return JsonRpc.JSON.readTree(lines.next());
    }

    private UnixSocketChannel connect() throws IOException {
        return UnixSocketChannel.open(new UnixSocketAddress(socket.toFile()));
    }

    private static LineReader lines(UnixSocketChannel channel) {
        return new LineReader(Channels.newInputStream(channel), ControlSocket.MAX_LINE);
    }

    private static void send(UnixSocketChannel channel, String text) throws IOException {
        Channels.newOutputStream(channel).write(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void socketIsItsOwnersAlone() throws IOException {
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{\"id\":1,\"method\":\"version\"} | 1 | 0",
                "{\"id\":\"a\",\"method\":\"interface.destroy\",\"params\":{\"name\":\"ipsec0\"}} | \"a\" | 0",
                "not json | null | -32700",
                "[] | null | -32600",
                "{\"id\":2} | 2 | -32600",
                "{\"id\":3,\"method\":7} | 3 | -32600",
                "{\"id\":4,\"method\":\"nothing\"} | 4 | -32601",
                "{\"id\":5,\"method\":\"interface.destroy\"} | 5 | -32602",
                "{\"id\":6,\"method\":\"interface.destroy\",\"params\":{\"name\":7}} | 6 | -32602",
                "{\"id\":7,\"method\":\"interface.create\",\"params\":{\"name\":\"x\",\"words\":[1]}} | 7 | -32602",
                "{\"id\":8,\"method\":\"interface.destroy\",\"params\":{\"name\":\"fault\"}} | 8 | -32603",
                "{\"id\":9,\"method\":\"interface.configure\",\"params\":{\"name\":\"x\",\"words\":[\"bogus\"]}} | 9 | 1",
                "{\"id\":10,\"method\":\"interface.destroy\",\"params\":{\"name\":\"ipsec9\"}} | 10 | 2",
            })
    void everyRequestIsAnsweredUnderItsId(String request, String id, int code) throws IOException {
        try (UnixSocketChannel channel = connect()) {
            send(channel, request + "\n");
            JsonNode response = answer(lines(channel));
            assertEquals("2.0", response.get("jsonrpc").asText());
            assertEquals(id, response.get("id").toString());
            assertEquals(code, response.path("error").path("code").asInt(0));
            assertEquals(code == 0, response.has("result"));
        }
    }

    @Test
    void connectionServesManyRequestsAndANotificationHasNoAnswer() throws IOException {
        try (UnixSocketChannel channel = connect()) {
            LineReader lines = lines(channel);
            send(channel, "{\"method\":\"sa.flush\"}\n{\"id\":1,\"method\":\"ver");
            send(channel, "sion\"}\n{\"id\":2,\"method\":\"version\"}\n");
            assertEquals(1, answer(lines).get("id").asInt());
            assertEquals(2, answer(lines).get("id").asInt());
            assertEquals(List.of("flush"), daemon.asked);
        }
    }

    @Test
    void connectionThatStallsHoldsUpNobody() throws IOException {
        try (UnixSocketChannel stalled = connect();
                UnixSocketChannel other = connect()) {
            send(stalled, "{\"id\":1,");
            send(other, "{\"id\":2,\"method\":\"version\"}\n");
            assertEquals(
                    "1.2.3", answer(lines(other)).path("result").path("version").asText());
        }
    }

    @Test
    void endlessLineEndsItsConnectionOnly() throws IOException {
        try (UnixSocketChannel channel = connect()) {
            ByteBuffer junk = ByteBuffer.wrap(new byte[1 << 16]);
            assertThrows(IOException.class, () -> {
                while (true) {
                    channel.write(junk.clear());
                }
            });
        }
        assertEquals(0, ctl("version"));
    }

    @Test
    void randomRequestsAreAnsweredAndTheServerGoesOn() throws IOException {
        String good =
                "{\"id\":1,\"method\":\"interface.configure\",\"params\":{\"name\":\"x\",\"words\":[\"mtu\",\"1300\"]}}";
        Random random = new Random(2);
        try (UnixSocketChannel channel = connect()) {
            LineReader lines = lines(channel);
            for (int round = 0; round < 2_000; round++) {
                StringBuilder text = new StringBuilder(good);
                for (int i = random.nextInt(5); i >= 0; i--) {
                    text.setCharAt(random.nextInt(text.length()), "{}[]\":,x\\\u00e9 ".charAt(random.nextInt(11)));
                }
                send(channel, text + "\n{\"id\":\"next\",\"method\":\"version\"}\n");
                JsonNode response = answer(lines);
                assertTrue(response.has("result") != response.has("error"), response.toString());
                while (!response.path("id").asText().equals("next")) {
                    response = answer(lines);
                }
            }
        }
    }

    @Test
    void liveSocketIsNotTakenADeadOneIs() throws IOException {
        IOException refused = assertThrows(IOException.class, () -> new ControlServer(socket, new Recorder()).start());
        assertEquals("another ipsecifd answers on " + socket, refused.getMessage());
        Path dead = directory.resolve("dead");
        UnixServerSocketChannel abandoned = UnixServerSocketChannel.open();
        abandoned.socket().bind(new UnixSocketAddress(dead.toFile()));
        abandoned.close();
        try (ControlServer second = new ControlServer(dead, new Recorder())) {
            second.start();
            assertTrue(ControlClient.answers(dead));
        }
        Path file = Files.writeString(directory.resolve("file"), "mine");
        assertThrows(IOException.class, () -> new ControlServer(file, new Recorder()).start());
        assertEquals("mine", Files.readString(file));
    }

    /** The three dialects end in the same request. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "create ipsec0 reqid 100 | create ipsec0 [reqid, 100]",
                "ipsec0 create reqid 100 | create ipsec0 [reqid, 100]",
                "ifconfig ipsec0 inet tunnel A B | configure ipsec0 [inet, tunnel, A, B]",
                "ipsec0 inet 10.0.0.1 -alias | configure ipsec0 [inet, 10.0.0.1, -alias]",
                "up ipsec0 | configure ipsec0 [up]",
                "down ipsec0 | configure ipsec0 [down]",
                "destroy ipsec0 | destroy ipsec0",
                "ipsec0 destroy | destroy ipsec0",
                "link del sti15 | destroy sti15",
                "link del dev sti15 | destroy sti15",
                "link set sti15 up mtu 1300 | configure sti15 [up, mtu, 1300]",
                "link set dev sti15 down | configure sti15 [down]",
                "tunnel del sti15 | destroy sti15",
            })
    void wordsOfEveryDialectAreUnderstood(String words, String asked) {
        assertEquals(0, ctl(words.split(" ")), err::toString);
        assertEquals(List.of(asked), daemon.asked);
    }

    @Test
    void ipLinkAndIpTunnelAskForTheSame() {
        assertEquals(0, ctl("link add sti15 type vti key 15 remote 203.0.113.2 local 203.0.113.1".split(" ")));
        assertEquals(0, ctl("tunnel add sti15 mode vti local 203.0.113.1 remote 203.0.113.2 ikey 15".split(" ")));
        assertEquals(2, daemon.asked.size());
        assertEquals(daemon.asked.get(0), daemon.asked.get(1));
        assertTrue(daemon.asked.get(0).startsWith("create sti15 "), daemon.asked.get(0));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "list | 0",
                "ipsec0 bogus | 1",
                "destroy ipsec9 | 1",
                "link add x type vti ikey 1 okey 2 local 203.0.113.1 remote 203.0.113.2 | 1",
                "link add x type gre | 2",
                "link add x type vti colour blue | 2",
                "list --bogus | 2",
                "setkey | 2",
            })
    void exitStatusSaysWhoseFaultItIs(String words, int status) {
        assertEquals(status, ctl(words.split(" ")));
        assertEquals(status == 0, err.toString().isEmpty());
    }

    @Test
    void noCommandIsWrongUsage() {
        assertEquals(2, ctl());
        assertEquals("ipsecifctl: expected a command or an interface; see --help\n", err.toString());
    }

    @Test
    void withoutADaemonOneLineSaysSo() {
        socket = directory.resolve("none");
        assertEquals(1, ctl("list"));
        assertEquals(
                "ipsecifctl: cannot reach ipsecifd at " + socket + ": no such socket (is ipsecifd running?)\n",
                err.toString());
        server.close();
        socket = directory.resolve("s");
    }

    @Test
    void showPrintsIfconfigsBlock() {
        assertEquals(0, ctl("show", "ipsec0"));
        assertEquals("""
                ipsec0: flags=8051<UP,POINTOPOINT,RUNNING,MULTICAST> metric 0 mtu 1400
                \tdescription: branch 7
                \ttunnel inet 203.0.113.1 --> 203.0.113.2 encap udp
                \tinet 10.0.0.1 --> 10.0.0.2 netmask 0xfffffffc
                \tinet6 2001:db8::1 prefixlen 64
                \treqid: 100
                \ttemplate: route-based
                \tstatus: active
                \tsa out 203.0.113.1 --> 203.0.113.2 spi 0x00002001 ENCR_AES_CBC/128 AUTH_HMAC_SHA1_96 replay 1024 seq 7, 6 packets, 600 bytes
                \tin: 3 packets, 300 bytes
                \tout: 6 packets, 600 bytes
                \t2 replays
                """, out.toString());
    }

    @Test
    void setkeyDumpHasSetkeysLayout() {
        assertEquals(0, ctl("setkey", "-D"));
        assertEquals("""
                203.0.113.1 203.0.113.2
                \tesp mode=tunnel spi=8193(0x00002001) reqid=100(0x00000064)
                \tE: ENCR_AES_CBC/128
                \tA: AUTH_HMAC_SHA1_96
                \tseq=0x00000007 replay=128 flags=0x00000000 state=mature
                \tage: 5(s)\tcurrent: 600(bytes)\tallocated: 6
                \tinterface=ipsec0 direction=out
                """, out.toString());
    }

    @Test
    void policyDumpHasSetkeysLayout() {
        assertEquals(0, ctl("setkey", "-DP"));
        assertEquals("""
                0.0.0.0/0 0.0.0.0/0 any
                \tout ipsec
                \tesp/tunnel/203.0.113.1-203.0.113.2/unique:100
                \tinterface=ipsec0 entry=out/inet priority=1000 scope=if_id 0x64 kernel=yes
                """, out.toString());
    }

    @ParameterizedTest
    @CsvSource({"list, name, ipsec0", "show, status, active", "policy, scope, if_id 0x64", "sa, spi, 8193"})
    void everyPrintingCommandTakesJson(String command, String field, String value) throws IOException {
        assertEquals(0, ctl(command, "--json"));
        assertEquals(
                value, JsonRpc.JSON.readTree(out.toString()).get(0).get(field).asText());
    }
}
