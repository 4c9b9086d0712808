package org.ipsecif.capture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The command as its users run it, on the capture that {@link DecryptionFuzzTest} keeps. */
class DecryptCommandTest {
    private static final String KEY = "0x101112131415161718191a1b1c1d1e1f";
    private static final String SAS = """
            add 203.0.113.1 203.0.113.2 esp 0x1001 -r 16 -E aes-cbc KEY -A hmac-sha1 KEY20212223;
            add 203.0.113.2 203.0.113.1 esp 0x1002 -r 16 -E aes-cbc KEY -A hmac-sha1 KEY20212223;
            add 2001:db8:ff::1 2001:db8:ff::2 esp 0x1101 -r 16 -f esn -E aes-gcm-16 KEY20212223;
            add 2001:db8:ff::2 2001:db8:ff::1 esp 0x1102 -r 16 -f esn -E aes-gcm-16 KEY20212223;
            """.replace("KEY", KEY);

    @TempDir
    Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private Path capture = Path.of("");
    private Path associations = Path.of("");

    @BeforeEach
    void writeFiles() throws IOException {
        capture = Files.write(directory.resolve("in.pcap"), ethernet());
        associations = privately("in.sa", SAS);
    }

    private static byte[] ethernet() throws IOException {
        try (InputStream file =
                DecryptCommandTest.class.getResourceAsStream("DecryptionFuzzTestInputs/anyFile/ethernet.pcap")) {
            return file.readAllBytes();
        }
    }

    private Path privately(String name, String text) throws IOException {
        Path file = Files.writeString(directory.resolve(name), text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    private int run(Object... words) {
        CommandLine command = new CommandLine(new DecryptCommand());
        command.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        command.setExecutionExceptionHandler((e, failed, parsed) -> {
            err.append(e.getMessage());
            return 1;
        });
        command.setParameterExceptionHandler((e, ignored) -> {
            err.append(e.getMessage());
            return 2;
        });
        return command.execute(Arrays.stream(words).map(Object::toString).toArray(String[]::new));
    }

    private int decrypt(Object... more) {
        return run(Stream.concat(Stream.of("-r", capture, "-f", associations), Arrays.stream(more))
                .toArray());
    }

    private void assertFails(int status, String problem, Object... more) {
        assertEquals(status, decrypt(more));
        assertEquals(problem, err.toString());
    }

    private static long packets(byte[] file) throws IOException {
        try (PcapReader reader = new PcapReader(new ByteArrayInputStream(file))) {
            while (reader.next()) {
                assertEquals(LinkLayer.RAW, reader.linkType());
            }
            return reader.number();
        }
    }

    private void assertNothingIsLeftBeside(String... names) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            List<String> left = files.map(each -> each.getFileName().toString())
                    .filter(each -> !each.startsWith("in."))
                    .sorted()
                    .toList();
            assertEquals(List.of(names), left);
        }
    }

    @Test
    void whatIsDecryptedIsWrittenAndCounted() throws IOException {
        Path inside = directory.resolve("out.pcap");
        assertEquals(0, decrypt("-w", inside), err::toString);
        assertEquals(10, packets(Files.readAllBytes(inside)));
        assertTrue(out.toString().contains("203.0.113.1 203.0.113.2 esp 0x00001001:\n\t"), out::toString);
        assertNothingIsLeftBeside("out.pcap");
    }

    @ParameterizedTest
    @ValueSource(strings = {"itself", "symbolic", "hard"})
    void noInputIsOverwritten(String link) throws IOException {
        for (Path input : List.of(capture, associations)) {
            byte[] before = Files.readAllBytes(input);
            Path output = directory.resolve("in." + link);
            Files.deleteIfExists(output);
            switch (link) {
                case "symbolic" -> Files.createSymbolicLink(output, input);
                case "hard" -> Files.createLink(output, input);
                default -> output = input;
            }
            err.getBuffer().setLength(0);
            String what = input.equals(capture) ? "the capture itself" : "the file of the SAs";
            assertFails(1, "-w: " + output + " is " + what, "-w", output);
            assertArrayEquals(before, Files.readAllBytes(input));
        }
    }

    @Test
    void captureThatIsCutOffIsDecryptedUpToThere() throws IOException {
        byte[] whole = Files.readAllBytes(capture);
        Files.write(capture, Arrays.copyOf(whole, whole.length / 2));
        Path inside = Files.writeString(directory.resolve("out.pcap"), "of before");
        assertEquals(1, decrypt("-w", inside));
        String problem = "\\Q" + capture + "\\E: packet \\d+: the file ends within its (header|data)";
        assertTrue(err.toString().matches(problem), err::toString);
        assertTrue(out.toString().startsWith("frames:\n\t"), out::toString);
        long decrypted = Pattern.compile("(\\d+) decrypted")
                .matcher(out.toString())
                .results()
                .mapToLong(count -> Long.parseLong(count.group(1)))
                .sum();
        assertTrue(decrypted > 0 && decrypted < 10, out::toString);
        assertEquals(decrypted, packets(Files.readAllBytes(inside)));
        assertNothingIsLeftBeside("out.pcap");
    }

    @Test
    void outputOfBeforeStaysIfNothingCanBeRead() throws IOException {
        Path inside = Files.writeString(directory.resolve("out.pcap"), "of before");
        Files.write(capture, new byte[10]);
        assertFails(1, capture + ": is no pcap or pcapng file", "-w", inside);
        assertEquals("of before", Files.readString(inside));
        assertNothingIsLeftBeside("out.pcap");
    }

    @Test
    void linkToTheOutputStaysALink() throws IOException {
        Path inside = Files.writeString(directory.resolve("out.pcap"), "of before");
        Files.setPosixFilePermissions(inside, PosixFilePermissions.fromString("rw-r-----"));
        Path link = Files.createSymbolicLink(directory.resolve("out.link"), inside);
        assertEquals(0, decrypt("-w", link), err::toString);
        assertTrue(Files.isSymbolicLink(link));
        assertEquals(10, packets(Files.readAllBytes(inside)));
        assertEquals("rw-r-----", PosixFilePermissions.toString(Files.getPosixFilePermissions(inside)));
    }

    @ParameterizedTest
    @CsvSource({
        "/dev/full, /dev/full: no space left on device",
        "/, /: is a directory",
        "/nonexistent/x, /nonexistent/x: no such directory",
    })
    void outputThatCannotBeWrittenIsNamed(String output, String problem) {
        assertFails(1, problem, "-w", output);
        assertEquals("", out.toString());
    }

    @ParameterizedTest
    @CsvSource({"/nonexistent, /nonexistent: no such file", "/, /: is a directory"})
    void inputThatCannotBeReadIsNamed(String input, String problem) {
        assertEquals(1, run("-r", input, "-f", associations));
        assertEquals(problem, err.toString());
        err.getBuffer().setLength(0);
        assertEquals(1, run("-r", capture, "-f", input));
        assertEquals(problem, err.toString());
    }

    @Test
    void dashesAreStandardInputAndOutput() throws IOException {
        ByteArrayOutputStream inside = new ByteArrayOutputStream();
        InputStream inBefore = System.in;
        PrintStream outBefore = System.out;
        System.setIn(Files.newInputStream(capture));
        System.setOut(new PrintStream(inside, false, StandardCharsets.UTF_8));
        try {
            assertEquals(0, run("-r", "-", "-f", associations, "-w", "-"), err::toString);
        } finally {
            System.setIn(inBefore);
            System.setOut(outBefore);
        }
        assertEquals(10, packets(inside.toByteArray()));
        assertEquals("", out.toString());
        assertTrue(err.toString().startsWith("frames:\n\t"), err::toString);
    }

    /** A pipe has no position to ask for. */
    @Test
    void pipeIsRead() throws Exception {
        Path pipe = directory.resolve("in.pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        Process cat =
                new ProcessBuilder("sh", "-c", "exec cat \"$0\" >\"$1\"", capture.toString(), pipe.toString()).start();
        assertEquals(0, run("-r", pipe, "-f", associations), err::toString);
        assertEquals(0, cat.waitFor());
    }

    @ParameterizedTest
    @CsvSource({
        "0x1101, '--esn-hi: \"0x1101\" is not SPI=N, two numbers of 32 bits'",
        "0x1101=, '--esn-hi: \"0x1101=\" is not SPI=N, two numbers of 32 bits'",
        "=1, '--esn-hi: \"=1\" is not SPI=N, two numbers of 32 bits'",
        "0x1101=4294967296, '--esn-hi: \"0x1101=4294967296\" is not SPI=N, two numbers of 32 bits'",
    })
    void highHalfOfAWrongFormIsWrongUsage(String half, String problem) {
        assertFails(2, problem, "--esn-hi", half);
    }

    @Test
    void highHalfIsOfAnAssociationThatHasOne() {
        assertEquals(0, decrypt("--esn-hi", "0x1101=0", "--esn-hi", "0x1102=0"), err::toString);
        assertFails(2, "--esn-hi: SPI 0x00001101 is given twice", "--esn-hi", "0x1101=0", "--esn-hi", "4353=1");
        err.getBuffer().setLength(0);
        assertFails(1, "--esn-hi: no SA has the SPI 0x00004010", "--esn-hi", "0x4010=1");
        err.getBuffer().setLength(0);
        assertFails(
                1,
                "--esn-hi: the SA 203.0.113.1 203.0.113.2 esp 0x00001001 has no extended sequence numbers (-f esn)",
                "--esn-hi",
                "0x1001=1");
    }

    @Test
    void portsOfEspInUdpAreGivenInsteadOf4500() {
        assertEquals(0, decrypt("--udp-port", 4501, "--udp-port", 4500), err::toString);
        String both = out.toString();
        out.getBuffer().setLength(0);
        assertEquals(0, decrypt(), err::toString);
        assertEquals(out.toString(), both);
        out.getBuffer().setLength(0);
        assertEquals(0, decrypt("--udp-port", 4501), err::toString);
        assertFalse(out.toString().equals(both), "4500 was looked at");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 65_536})
    void portIsInItsRange(int port) {
        assertFails(2, "--udp-port: " + port + " is not 1 to 65535", "--udp-port", port);
    }

    @Test
    void linkTypesThatAreNotSupportedAreNamed() throws IOException {
        byte[] file = Files.readAllBytes(capture);
        int big = file[0] == (byte) 0xa1 ? 23 : 20;
        file[big] = (byte) 147;
        Files.write(capture, file);
        assertEquals(1, decrypt());
        assertTrue(
                out.toString().matches("(?s)frames:\n\t\\d+ of link type 147, which is not supported\n203.*"),
                out::toString);
    }
}
