package org.ipsecif.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.ipsecif.config.SetkeyScript;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The command as its users run it: words in; exit status, text and requests to the daemon out. */
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
class IpsecifctlTest {
    private static final String SCRIPT = "dump;\nspddump;\n";

    @RegisterExtension
    final ServedDaemon served = new ServedDaemon();

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String words) {
        return run(served.socket(), words);
    }

    private int run(Path socket, String words) {
        List<String> all = new ArrayList<>(List.of("--socket", socket.toString()));
        if (!words.isEmpty()) {
            all.addAll(List.of(words.split(" ")));
        }
        return Ipsecifctl.execute(all.toArray(String[]::new), new PrintWriter(out), new PrintWriter(err, true));
    }

    private void assertDone(String words) {
        assertEquals(0, run(words), err::toString);
        assertEquals("", err.toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "create ipsec0 reqid 100 | create ipsec0 [reqid, 100]",
                "ipsec0 create reqid 100 | create ipsec0 [reqid, 100]",
                "ifconfig ipsec0 inet tunnel A B | configure ipsec0 [inet, tunnel, A, B]",
                "ipsec0 inet 10.0.0.1 -alias | configure ipsec0 [inet, 10.0.0.1, -alias]",
                "ifconfig sa up | configure sa [up]",
                "up ipsec0 | configure ipsec0 [up]",
                "down ipsec0 | configure ipsec0 [down]",
                "destroy ipsec0 | destroy ipsec0",
                "ipsec0 destroy | destroy ipsec0",
                "link add v type vti key 15 remote B local A | create v [reqid, 15, tunnel, A, B]",
                "l a v type vti key 15 remote B local A | create v [reqid, 15, tunnel, A, B]",
                "link set v up | configure v [up]",
                "link del v | destroy v",
                "link delete dev v | destroy v",
                "tunnel add v mode vti local A remote B ikey 15 | create v [reqid, 15, tunnel, A, B]",
                "tun change v local A remote B | configure v [tunnel, A, B]",
                "tunnel del v | destroy v",
                "addr add 10.0.0.1/30 dev v | configure v [10.0.0.1/30, alias]",
                "address replace 10.0.0.1/30 dev v | configure v [10.0.0.1/30, alias]",
                "a del 10.0.0.1/30 dev v | configure v [10.0.0.1, -alias]",
                "setkey -F | flush",
            })
    void everyDialectAsksTheDaemonForTheSame(String words, String asked) {
        assertDone(words);
        assertEquals(List.of(asked), served.asked());
        assertEquals("", out.toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ipsec0 bogus | 1 | \"bogus\" is not understood",
                "destroy ipsec9 | 1 | ipsec9: no such interface of ipsecif",
                "show ipsec9 | 1 | ipsec9: no such interface of ipsecif",
                "policy ipsec9 | 1 | ipsec9: no such interface of ipsecif",
                "destroy fault | 1 | internal error; the daemon's log has the details",
                "tunnel add v mode vti ttl 64 | 1 | tunnel add: ttl is not supported",
                "setkey -FP | 1 | setkey -FP: policies come from SPD templates and go with their interface;"
                        + " destroy it instead",
                "link add x type gre | 2 | link add: type gre: expected type vti ~ vti6 ~ xfrm ~ ipsec",
                "link frob | 2 | link: unknown verb \"frob\"; known are add, set, del, show",
                "tunnel frob | 2 | tunnel: unknown verb \"frob\"; known are add, change, del, show",
                "addr show | 2 | addr: unknown verb \"show\"; known are add, del",
                "link del | 2 | link del: expected the interface's name",
                "list --bogus | 2 | Unknown option: '--bogus'",
                "create | 2 | Missing required parameter: 'NAME'",
                "setkey | 2 | setkey: expected one of -f FILE, -c, -D, -DP, -F",
                "ike | 2 | ike: expected one of list, up, down, rekey, log, trace, keys",
                "ike up | 2 | Missing required parameter: 'NAME'",
                "ike up ipsec0 --timeout x | 2 | Invalid value for option '--timeout': 'x' is not an int",
                "ike up ipsec0 --timeout 3601 | 1 | expected a number seconds, 0 to 3600",
                "ike up ipsec0 --timeout -1 | 1 | expected a number seconds, 0 to 3600",
                "ike up ipsec8 | 1 | ipsec8: IKE_SA with 203.0.113.2 failed: peer does not answer",
                "ike down ipsec9 | 1 | ipsec9: no such interface of ipsecif",
                "ike rekey ipsec0 --ike --child | 2 | Error: --ike, --child are mutually exclusive (specify only one)",
                "ike log -n 1001 | 1 | expected a number lines, 0 to 1000",
                "ike keys ipsec0 /root/k | 2 | Missing required option: '--i-know'",
                "template | 2 | template: expected one of list, show, check, render",
                "template show none | 1 | template \"none\" is not in /t; there are fence",
                "template check /nonexistent.conf | 1 | /nonexistent.conf: no such file",
                "template check / | 1 | /: is a directory",
                "setkey -f / | 1 | /: is a directory",
                "setkey -f /dev/null | 1 | /dev/null: empty: no statements",
                "template render fence ipsec9 | 1 | ipsec9: no such interface of ipsecif",
                "template render fence ipsec0 --as pf | 2 | template render: --as pf: expected setkey, ip-xfrm or json",
                "setkey -D -F | 2 | setkey: expected one of -f FILE, -c, -D, -DP, -F",
                "setkey -c -P | 2 | setkey: expected one of -f FILE, -c, -D, -DP, -F",
                "'' | 2 | expected a command or an interface; see --help",
            })
    void failureIsOneLineAndItsStatusSaysWhoseFaultItIs(String words, int status, String message) {
        assertEquals(status, run(words), err::toString);
        assertEquals("ipsecifctl: " + message.replace('~', '|') + "\n", err.toString());
        assertEquals("", out.toString());
    }

    @Test
    void withoutADaemonOneLineSaysSo() {
        Path none = served.path("none");
        assertEquals(1, run(none, "list"));
        assertEquals(
                "ipsecifctl: cannot reach ipsecifd at " + none + ": no such socket (is ipsecifd running?)\n",
                err.toString());
    }

    @Test
    void answerLongerThanALineMayBeIsAFailureWithAReason() {
        served.daemon().changesAtReload(List.of("x".repeat(ControlSocket.MAX_ANSWER)));
        assertEquals(1, run("reload"));
        assertEquals("ipsecifctl: ipsecifd's answer is longer than 67108864 bytes\n", err.toString());
    }

    @ParameterizedTest
    @CsvSource({
        "--help, COMMAND",
        "show --help, show",
        "stats -h, stats",
        "setkey --help, setkey",
        "link add --help, link",
        "ipsec0 --help, ifconfig",
        "template --help, template",
        "template show -h, template show",
        "create --help, create",
        "ike --help, ike",
        "ike trace --help, ike trace",
    })
    void helpAfterACommandIsItsUsage(String words, String command) {
        assertDone(words);
        assertTrue(out.toString().startsWith("Usage: ipsecifctl "), out::toString);
        String usage = out.toString().lines().findFirst().orElseThrow();
        assertTrue((usage + " ").contains(" " + command + " "), usage);
        assertEquals(List.of(), served.asked());
    }

    @Test
    void outputThatIsNotTakenIsAFailure() {
        Writer full = new Writer() {
            @Override
            public void write(char[] text, int offset, int length) throws IOException {
                throw new IOException("full");
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        for (String words : List.of("list", "stats --json", "--help", "--version")) {
            err.getBuffer().setLength(0);
            List<String> all =
                    new ArrayList<>(List.of("--socket", served.socket().toString()));
            all.addAll(List.of(words.split(" ")));
            assertEquals(
                    1,
                    Ipsecifctl.execute(all.toArray(String[]::new), new PrintWriter(full), new PrintWriter(err, true)),
                    words);
            assertEquals("ipsecifctl: standard output: cannot be written to\n", err.toString(), words);
        }
    }

    /** As {@code /dev/zero}: more of it is never asked for than a script may have. */
    @Test
    void scriptFromStandardInputIsBounded() {
        AtomicLong read = new AtomicLong();
        InputStream before = System.in;
        System.setIn(new InputStream() {
            @Override
            public int read() {
                read.incrementAndGet();
                return 0;
            }

            @Override
            public int read(byte[] bytes, int offset, int length) {
                read.addAndGet(length);
                return length;
            }
        });
        try {
            assertEquals(1, run("setkey -c"));
        } finally {
            System.setIn(before);
        }
        assertEquals("ipsecifctl: <stdin>: too long: expected at most 4194304 bytes\n", err.toString());
        assertEquals(SetkeyScript.MAX_LENGTH + 1, read.get());
        assertEquals(List.of(), served.asked());
    }

    /** As JSON has it, a script may be longer than its bytes. */
    @Test
    void fileThatMakesARequestTooLongIsNamedBeforeItIsSent() throws IOException {
        Path file = Files.write(served.path("k"), new byte[SetkeyScript.MAX_LENGTH / 6]);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        String problem = ": too long: a request to ipsecifd has at most 4194304 bytes\n";
        assertEquals(1, run("setkey -f " + file));
        assertEquals("ipsecifctl: " + file + problem, err.toString());
        err.getBuffer().setLength(0);
        assertEquals(1, run("template check " + file));
        assertEquals("ipsecifctl: " + file + problem, err.toString());
        assertEquals(List.of(), served.asked());
    }

    @Test
    void createPrintsTheNameThatTheDaemonChose() {
        assertDone("create ipsec");
        assertEquals("ipsec0\n", out.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"show", "show ipsec0", "ipsec0", "link", "link show ipsec0", "tunnel ls", "tunnel list"})
    void showingIsTheSameInEveryDialect(String words) {
        assertDone(words);
        assertEquals(InterfaceText.block(RecordingDaemon.INTERFACE), out.toString());
    }

    @Test
    void textOfEachPrintingCommandIsItsLayout() {
        String table = InterfaceText.table(List.of(RecordingDaemon.INTERFACE));
        String sa = SaText.dump(RecordingDaemon.SA);
        String policy = PolicyText.dump(RecordingDaemon.POLICY);
        String beside = PolicyText.sideBySide(List.of(RecordingDaemon.POLICY));
        for (String words : List.of("list", "ls", "sa", "setkey -D", "policy ipsec0", "setkey -DP", "reload")) {
            assertDone(words);
        }
        assertEquals(table + table + sa + sa + beside + policy + "ipsec0: changed\n", out.toString());
    }

    @Test
    void statisticsAreThoseOfInterfacesThenOfTheHost() {
        assertDone("stats");
        assertEquals("""
            ipsec0:
            \t3 packets received
            \t300 bytes received
            \t6 packets sent
            \t600 bytes sent
            \t2 replays
            \t0 bad ICVs
            of no interface:
            \t4 unknown SPIs
            memory:
            \t87040 KiB resident
            \t9216 KiB of heap used
            \t65536 KiB of heap at most
            \t12 pauses of the serial collector
            \t34 ms of pauses
            \t5 ms the longest pause
            """, out.toString());
    }

    @Test
    void memoryThatIsNotKnownIsLeftOut() {
        String text = MemoryText.block(new MemoryStatus(null, 0, 1024, "G1", 0, 0, 0));
        assertTrue(text.startsWith("memory:\n\t0 KiB of heap used\n\t1 KiB of heap at most\n"), text);
    }

    @Test
    void statisticsOfAnInterfaceAreItsOwn() {
        assertDone("stats ipsec0");
        assertTrue(out.toString().endsWith("\t0 bad ICVs\n"), out::toString);
    }

    @Test
    void versionIsThatOfBothEnds() {
        assertDone("version");
        assertEquals("""
            ipsecifctl unpackaged
            ipsecifd 1.2.3
            Java 25.0.3 (Example) in /usr/lib/jvm/25, serial collector, at most 64 MiB of heap
            """, out.toString());
    }

    @Test
    void templatesAreListedShownAndChecked() throws IOException {
        assertDone("template list");
        assertDone("template show fence");
        Path file = Files.writeString(served.path("t.conf"), "[out]\n");
        assertDone("template check " + file);
        assertDone("template check " + Files.writeString(served.path("empty.conf"), ""));
        assertEquals(
                TemplateText.table(List.of(RecordingDaemon.TEMPLATE)) + TemplateText.file(RecordingDaemon.TEMPLATE)
                        + file + ": in order, 2 sections; the interface that it was tried on got 6 policies\n"
                        + served.path("empty.conf") + ": in order, 1 sections; not tried\n",
                out.toString());
        assertEquals(1, run("template check " + Files.writeString(served.path("bad.conf"), "bogus")));
        assertEquals("ipsecifctl: " + served.path("bad.conf") + ":1: [out] bogus: unknown key\n", err.toString());
    }

    @Test
    void ikeIsListedConnectedRekeyedAndLogged() {
        assertDone("ike list");
        assertDone("ike ls ipsec0");
        assertDone("ike up ipsec0");
        assertDone("ike up ipsec0 --timeout 5");
        assertDone("ike down ipsec0");
        assertDone("ike rekey ipsec0");
        assertDone("ike rekey ipsec0 --ike");
        assertDone("ike rekey --child ipsec0 --timeout 3");
        assertDone("ike log");
        assertDone("ike log ipsec0 -n 5");
        String sa = IkeSaText.lines(RecordingDaemon.IKE_SA);
        String event = IkeSaText.event(RecordingDaemon.EVENT, ZoneId.systemDefault());
        assertEquals(sa + sa + event + event, out.toString());
        assertEquals(
                List.of(
                        "ike up ipsec0 30",
                        "ike up ipsec0 5",
                        "ike down ipsec0",
                        "ike rekey ipsec0 null 30",
                        "ike rekey ipsec0 ike 30",
                        "ike rekey ipsec0 child 3",
                        "ike log null 100",
                        "ike log ipsec0 5"),
                served.asked());
    }

    /** What was in the log already does not come twice. */
    @Test
    void logIsFollowedUntilTheDaemonSaysOtherwiseAndLossesAreCounted() {
        assertEquals(1, run("ike log -f"));
        List<String> lines = out.toString().lines().toList();
        assertEquals(2, lines.size(), lines::toString);
        assertTrue(lines.get(0).endsWith("peer does not answer"));
        assertTrue(lines.get(1).endsWith("ipsec0: connecting"));
        assertEquals(
                "ipsecifctl: 3 events lost: they came faster than they were taken\n"
                        + "ipsecifctl: there is no stream log\n",
                err.toString());
        assertEquals(
                List.of("ike follow false null", "ike log null 100", "ike next log", "ike next log", "ike next log"),
                served.asked());
    }

    @Test
    void traceEndsAfterItsDuration() {
        assertDone("ike trace ipsec0 --duration 0");
        assertEquals("", out.toString());
        assertEquals(1, run("ike trace ipsec0 --json --duration 60"));
        assertEquals(2, out.toString().lines().count());
        assertTrue(out.toString().startsWith("{\"number\":1,\"time\":"), out::toString);
    }

    @Test
    void keysGoToAFileThatTheDaemonMakes() {
        assertDone("ike keys ipsec0 /root/k --i-know");
        assertDone("ike keys ipsec0 k --esp --i-know");
        Path here = Path.of("k").toAbsolutePath();
        assertEquals(
                "/root/k: keys of 2 SAs\nk: keys of 2 SAs; 1 left out, for Wireshark does not know their algorithms\n",
                out.toString());
        assertEquals(List.of("ike keys ipsec0 ike /root/k", "ike keys ipsec0 esp " + here), served.asked());
    }

    @Test
    void warningsGoToStandardError() {
        assertEquals(0, run("create ipsec ike 3des-sha1-modp2048"));
        assertEquals(0, run("ipsec0 ike 3des-sha1-modp2048"));
        assertEquals("ipsec0\n", out.toString());
        assertEquals("ipsecifctl: warning: ipsec0: ike: 3des is old\n".repeat(2), err.toString());
    }

    @Test
    void renderingIsTheSpdsDumpOrAScript() throws IOException {
        assertDone("template render fence ipsec0 local_networks none");
        assertDone("template render fence ipsec0 --as ip-xfrm");
        assertDone("template render --as setkey fence ipsec0");
        assertEquals(PolicyText.dump(RecordingDaemon.POLICY) + "# ip-xfrm\n# setkey\n", out.toString());
        JsonNode rendering = json(new Rendering(List.of(RecordingDaemon.POLICY), null));
        assertJson(rendering, "template render fence ipsec0 --as json");
        assertJson(rendering, "--json template render fence ipsec0");
        assertEquals(
                List.of(
                        "render fence ipsec0 [local_networks, none] null",
                        "render fence ipsec0 [] ip-xfrm",
                        "render fence ipsec0 [] setkey",
                        "render fence ipsec0 [] null",
                        "render fence ipsec0 [] null"),
                served.asked());
    }

    private static JsonNode json(Object value) throws IOException {
        return JsonRpc.JSON.readTree(JsonRpc.JSON.writeValueAsString(value));
    }

    private void assertJson(JsonNode expected, String words) throws IOException {
        out.getBuffer().setLength(0);
        assertDone(words);
        assertEquals(expected, JsonRpc.JSON.readTree(out.toString()), words);
    }

    @Test
    void everyPrintingCommandTakesJson() throws IOException {
        JsonNode interfaces = json(List.of(RecordingDaemon.INTERFACE));
        JsonNode associations = json(List.of(RecordingDaemon.SA));
        JsonNode policies = json(List.of(RecordingDaemon.POLICY));
        assertJson(interfaces, "list --json");
        assertJson(interfaces, "--json show");
        assertJson(interfaces, "link show --json");
        assertJson(interfaces, "--json ipsec0");
        assertJson(associations, "sa --json");
        assertJson(associations, "setkey -D --json");
        assertJson(policies, "policy --json");
        assertJson(json(List.of(RecordingDaemon.IKE_SA)), "ike list --json");
        assertJson(json(List.of(RecordingDaemon.EVENT)), "ike log --json");
        assertJson(json(new IkeKeyFile(2, 0)), "ike keys ipsec0 /k --i-know --json");
        assertJson(policies, "setkey -DP --json");
        assertJson(json(List.of(RecordingDaemon.TEMPLATE)), "template list --json");
        assertJson(json(List.of(RecordingDaemon.TEMPLATE)), "template show fence --json");
        assertJson(JsonRpc.JSON.readTree("{\"name\":\"ipsec0\",\"warnings\":[]}"), "create ipsec --json");
        assertJson(JsonRpc.JSON.readTree("{\"changes\":[\"ipsec0: changed\"]}"), "reload --json");
        String java = new RecordingDaemon().java();
        assertJson(
                JsonRpc.JSON.readTree(
                        "{\"ipsecifctl\":\"unpackaged\",\"ipsecifd\":\"1.2.3\",\"java\":\"" + java + "\"}"),
                "version --json");
    }

    @Test
    void statisticsInJsonHaveTheHostsOnlyWhenNoInterfaceIsNamed() throws IOException {
        String counters = json(RecordingDaemon.INTERFACE.counters()).toString();
        String interfaces = "{\"interfaces\":[{\"name\":\"ipsec0\",\"counters\":" + counters + "}],\"host\":";
        assertJson(
                JsonRpc.JSON.readTree(interfaces + json(List.of(RecordingDaemon.HOST_COUNTER)) + ",\"memory\":"
                        + json(RecordingDaemon.MEMORY) + "}"),
                "stats --json");
        assertJson(JsonRpc.JSON.readTree(interfaces + "[]}"), "stats ipsec0 --json");
    }

    @Test
    void scriptFromStandardInputIsRunAndItsDumpsPrinted() {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(SCRIPT.getBytes(StandardCharsets.UTF_8)));
        try {
            assertDone("setkey -c");
        } finally {
            System.setIn(before);
        }
        assertEquals(List.of("setkey <stdin> " + SCRIPT), served.asked());
        assertEquals(SaText.dump(RecordingDaemon.SA) + PolicyText.dump(RecordingDaemon.POLICY), out.toString());
    }

    @Test
    void scriptFromAFileIsRunIfTheFileIsPrivate() throws IOException {
        Path file = Files.writeString(served.path("k"), SCRIPT);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        assertEquals(1, run("setkey -f " + file));
        assertEquals(
                "ipsecifctl: " + file + ": holds keys and is open to others than its owner; chmod 600 " + file + "\n",
                err.toString());
        assertEquals(List.of(), served.asked());
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        assertEquals(0, run("setkey -f " + file));
        assertEquals(List.of("setkey " + file + " " + SCRIPT), served.asked());
    }
}
