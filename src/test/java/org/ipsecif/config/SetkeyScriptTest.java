package org.ipsecif.config;

import static org.ipsecif.config.Problems.assertProblem;
import static org.ipsecif.config.Problems.assertProblemBegins;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import org.ipsecif.crypto.Aead;
import org.ipsecif.crypto.EncryptionAlgorithm;
import org.ipsecif.crypto.IntegrityAlgorithm;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.Lifetimes;
import org.ipsecif.sa.SaParameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SetkeyScriptTest {
    private static final String KEY16 = "0x00112233445566778899aabbccddeeff";
    private static final String KEY20 = KEY16 + "01020304";
    private static final String KEY32 = KEY16 + KEY16.substring(2);
    private static final String ENDS = "203.0.113.1 203.0.113.2 esp ";

    private static List<SetkeyStatement> parse(String text) throws ConfigException {
        return SetkeyScript.parse("sa", text, AllowedAlgorithms.SAFE);
    }

    private static SaParameters add(String words) throws ConfigException {
        return ((SetkeyStatement.Add) parse("add " + words + ";").get(0)).parameters();
    }

    @Test
    void addIsReadWhole() throws ConfigException {
        SaParameters sa =
                add(ENDS + "0x2001 -m tunnel -u 100 -r 128 -E aes-cbc " + KEY16 + " -A hmac-sha2-256 " + KEY32);
        assertEquals(IpAddress.parse("203.0.113.1"), sa.source());
        assertEquals(IpAddress.parse("203.0.113.2"), sa.destination());
        assertEquals(0x2001, sa.spi());
        assertEquals(100, sa.reqid());
        assertEquals(1024, sa.replayWindow());
        assertEquals(EncryptionAlgorithm.ENCR_AES_CBC, sa.encryption());
        assertEquals(128, sa.encryptionKey().bits());
        assertEquals(IntegrityAlgorithm.AUTH_HMAC_SHA2_256_128, sa.integrity());
        assertEquals(256, sa.integrityKey().bits());
    }

    @Test
    void windowIsOffUnlessAskedFor() throws ConfigException {
        assertEquals(0, add(ENDS + "4096 -E null -A hmac-sha1 " + KEY20).replayWindow());
    }

    @Test
    void lifetimesAreReadInSecondsAndBytes() throws ConfigException {
        String keys = " -E null -A hmac-sha1 " + KEY20;
        assertEquals(Lifetimes.NONE, add(ENDS + "4096" + keys).lifetimes());
        assertEquals(
                new Lifetimes(3_000, 3_600, 900_000, 1_000_000, 0, 0),
                add(ENDS + "4096 -lh 3600 -ls 3000 -bh 1000000 -bs 900000" + keys)
                        .lifetimes());
        assertEquals(
                new Lifetimes(0, 0, 0, 5_000_000_000_000L, 0, 0),
                add(ENDS + "4096 -bh 5000000000000" + keys).lifetimes());
        ConfigException wrong = assertThrows(ConfigException.class, () -> add(ENDS + "4096 -lh 60 -ls 61" + keys));
        assertEquals("sa:1: add: the soft lifetime of 61 seconds lies behind the hard one of 60", wrong.getMessage());
        assertThrows(ConfigException.class, () -> add(ENDS + "4096 -lh -1" + keys));
    }

    @Test
    void goesOnAfterTheSequenceNumberOfAnotherLife() throws ConfigException {
        String keys = " -E null -A hmac-sha1 " + KEY20;
        assertEquals(0, add(ENDS + "4096" + keys).sequence());
        assertEquals(0xffff_ffffL, add(ENDS + "4096 -seq 4294967295" + keys).sequence());
        assertEquals(
                1L << 32, add(ENDS + "4096 -seq 4294967296 -r 4 -f esn" + keys).sequence());
        ConfigException wrong = assertThrows(ConfigException.class, () -> add(ENDS + "4096 -seq 4294967296" + keys));
        assertEquals("sa:1: -seq: over 4294967295 without -f esn", wrong.getMessage());
        assertThrows(ConfigException.class, () -> add(ENDS + "4096 -seq -1" + keys));
    }

    @Test
    void keyIsTextInQuotesOrHexadecimal() throws ConfigException {
        byte[] text = icv("\"twenty bytes of text\"");
        assertArrayEquals(text, icv("0x7477656e7479206279746573206f662074657874"));
        assertArrayEquals(text, icv("0x7477656E7479206279746573206F662074657874"));
        assertFalse(Arrays.equals(text, icv("\"twenty bytes of tezt\"")));
    }

    private static byte[] icv(String key) throws ConfigException {
        SaParameters sa = add(ENDS + "4096 -E null -A hmac-sha1 " + key);
        byte[] packet = new byte[8 + 4 + 12];
        Aead.of(sa.encryption(), sa.encryptionKey(), sa.integrity(), sa.integrityKey(), false)
                .seal(packet, 0, 4, 1);
        return packet;
    }

    @Test
    void statementsCommentsAndLinesMix() throws ConfigException {
        List<SetkeyStatement> statements = parse("""
                #!/usr/sbin/setkey -f
                flush; dump esp; # two on a line
                delete -4 203.0.113.1 203.0.113.2 esp 0x100;
                add -6 2001:db8::1
                  2001:db8::2 esp 257 -E null
                  -A hmac-sha1 %s; get 203.0.113.1 203.0.113.2 esp 258;
                deleteall 203.0.113.1 203.0.113.2 esp; spddump;
                """.formatted(KEY20));
        assertEquals(
                List.of("Flush 2", "Dump 2", "Delete 3", "Add 4", "Get 6", "DeleteAll 7", "SpdDump 7"),
                statements.stream()
                        .map(each -> each.getClass().getSimpleName() + " " + each.line())
                        .toList());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "aes-cbc 0x0011 -A hmac-sha1 KEY20 | aes-cbc: the key has 16 bits, expected 128, 192 or 256",
                "aes-cbc \"short\" -A hmac-sha1 KEY20 | aes-cbc: the key has 40 bits, expected 128, 192 or 256",
                "aes-cbc KEY16 -A hmac-sha1 KEY16 | hmac-sha1: the key has 128 bits, expected 160",
                "aes-cbc 0x001 -A hmac-sha1 KEY20 | aes-cbc: the key has an odd number of hexadecimal digits",
                "aes-cbc 0x00xy -A hmac-sha1 KEY20 | aes-cbc: the key has a character that is no hexadecimal digit",
                "aes-cbc secret -A hmac-sha1 KEY20 | aes-cbc: expected a key: \"text\" in quotes, or 0x and hexadecimal digits",
                "null KEY16 -A hmac-sha1 KEY20 | null: takes no key",
                "null \"sixteen bytes ok\" -A hmac-sha1 KEY20 | null: takes no key",
                "aes-cbc KEY16 -A null KEY20 | null: takes no key",
                "aes-cbc KEY16 -A hmac-sha1 KEY20 -E null | -E: given twice",
                "aes-cbc KEY16 -u 5 -A hmac-sha1 KEY20 -u 5 | -u: given twice",
                "aes-cbc KEY16 -u KEY20 -A hmac-sha1 KEY20 | reqid: a word of 42 characters is not a number",
                "aes-cbc KEY16 -u 0x5ec4e75ec4e7 | reqid: a word of 14 characters is not 1 to 4294967295",
                "aes-cbc KEY16 | add: expected -A ALGORITHM KEY: aes-cbc alone does not protect integrity (RFC 8221 section 4)",
            })
    void wrongKeyIsNamedByItsAlgorithm(String algorithms, String problem) {
        assertProblem(
                "sa:1: " + problem,
                () -> add(ENDS + "4096 -E " + algorithms.replace("KEY16", KEY16).replace("KEY20", KEY20)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"aes-gcm-16", "aes-gcm-8", "aes-ctr", "aes-ccm-16", "chacha20-poly1305", "aes-gmac"})
    void algorithmThatARestartBreaksIsRefused(String name) {
        assertProblem(
                "sa:1: " + name
                        + ": not with manual keys: a restart would repeat IVs, which breaks it (RFC 8221 section 4,"
                        + " RFC 4106 section 2); use aes-cbc with hmac-sha2-256",
                () -> add(ENDS + "4096 -E " + name + " " + KEY20));
    }

    @Test
    void aeadKeyCarriesItsSalt() throws ConfigException {
        SetkeyStatement.Add add = (SetkeyStatement.Add)
                SetkeyScript.parse("sa", "add " + ENDS + "4096 -E aes-gcm-16 " + KEY20 + ";", AllowedAlgorithms.ANY)
                        .get(0);
        assertEquals(160, add.parameters().encryptionKey().bits());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "frobnicate; | sa:1: unknown statement; known are add, delete, deleteall, get, flush, dump, spddump",
                "spdadd 1.2.3.4 1.2.3.5 any; | sa:1: spdadd: policies come from an interface's SPD template, not from setkey",
                "flush | sa:1: flush: expected ; a",
                "add 203.0.113.1; | sa:1: the statement ends where the des",
                "add 203.0.113.1 2001:db8::1 esp 300; | sa:1: add: 203.0.113.1 and 2001:db8::1 cannot be the two ends of a tunnel",
                "add 203.0.113.1 203.0.113.2 ah 300; | sa:1: ah: not supported; the protocol is esp",
                "add 203.0.113.1 203.0.113.2 esp 255; | sa:1: SPI: 255 is not 256 to 4294967295",
                "add 203.0.113.1 203.0.113.2 esp 300 -E foo 0x00; | sa:1: -E: foo: unknown or unsupported encryption algorithm; known are null, aes-cbc,",
                "add 203.0.113.1 203.0.113.2 esp 300 -A foo 0x00; | sa:1: -A: foo: unknown or unsupported integrity algorithm; known are ",
                "add 203.0.113.1 203.0.113.2 esp 300 -z 0x00; | sa:1: add: unknown option -z; known are -m",
                "add 203.0.113.1 203.0.113.2 esp 300 foo; | sa:1: add: expected an option; known are -m",
                "get -6 203.0.113.1 203.0.113.2 esp 300; | sa:1: -6: 203.0.113.1 is not of that family",
                "delete 2001:db8::1 -4 2001:db8::2 esp 300; | sa:1: -4: 2001:db8::2 is not of that family",
                "deleteall -4 203.0.113.1 -6 203.0.113.2 esp; | sa:1: -6: follows -4",
                "add -n6 203.0.113.1 203.0.113.2 esp 300; | sa:1: -6: 203.0.113.1 is not of that family",
                "add 203.0.113.1 203.0.113.2 esp 300 -m beet; | sa:1: -m: expected tunnel, transport or any",
                "add 203.0.113.1 203.0.113.2 esp 300 -r 3; | sa:1: -r: expected 0, or bytes of bitmap from 4 (32 packets)",
            })
    void wrongStatementIsNamedByItsLine(String text, String problem) {
        assertProblemBegins(problem, () -> parse(text));
    }

    @Test
    void sameDestinationAndSpiTwiceIsRefused() {
        String add = "add " + ENDS + "300 -E null -A hmac-sha1 " + KEY20 + ";\n";
        assertProblemBegins("sa:2: add: 203.0.113.1 203.0.113.2 esp 0x0000012c has", () -> parse(add + add));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0x5ec4e75ec4e75ec4e7",
                "\"5ec4e75ec4e7\"",
                "5ec4e75ec4e7",
                "0x5ec4e75ec4e7zz",
                "0x5ec4e75ec4e",
                "\"5ec4e75ec4e7",
            })
    void noMessageHoldsAKey(String key) {
        String message = assertThrows(
                        ConfigException.class, () -> parse("add " + ENDS + "300 -E aes-cbc " + key + " -A;"))
                .getMessage();
        assertFalse(message.contains("5ec4e7"), message);
    }

    @Test
    void noMessageHoldsAMisplacedKey() {
        for (String script : List.of(
                "add " + ENDS + "300 5ec4e7;",
                "5ec4e7;",
                "add " + ENDS + "300 -E 5ec4e7 x;",
                "add " + ENDS + "300 -E null -A 5ec4e7 x;",
                "add " + ENDS + "300 -E null 0x5ec4e7 -A hmac-sha1 " + KEY20 + ";",
                "add " + ENDS + "300 -E null \"5ec4e7\" -A hmac-sha1 " + KEY20 + ";",
                "add " + ENDS + "300 -u 0x5ec4e75ec4e75ec4e75ec4e75ec4e75e;",
                "add " + ENDS + "300 -u \"5ec4e7\";",
                "add " + ENDS + "300 -lh 0x5ec4e75ec4e75ec4;",
                "add " + ENDS + "0x5ec4e75ec4e75ec4e75ec4e75ec4e75e;",
                "add 0x5ec4e75ec4e75ec4e75ec4e75ec4e75e;",
                "delete 203.0.113.1 \"5ec4e7:5ec4e7::\";")) {
            String message =
                    assertThrows(ConfigException.class, () -> parse(script)).getMessage();
            assertFalse(message.contains("5ec4e7"), message);
        }
    }

    @Test
    void parametersPrintNoKey() throws ConfigException {
        assertEquals(
                "203.0.113.1 203.0.113.2 esp 0x0000012c",
                add(ENDS + "300 -E null -A hmac-sha1 " + KEY20).toString());
    }

    @Test
    void fileOpenToOthersIsRefused(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("sa"), "flush;");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        assertProblem(
                file + ": holds keys and is open to others than its owner; chmod 600 " + file,
                () -> SetkeyScript.readFile(file, AllowedAlgorithms.SAFE));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        assertEquals(1, SetkeyScript.readFile(file, AllowedAlgorithms.SAFE).size());
    }

    @Test
    void fileIsNoLongerThanARequestMayBe(@TempDir Path directory) throws Exception {
        Path file = Files.write(directory.resolve("sa"), new byte[SetkeyScript.MAX_LENGTH + 1]);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        assertProblem(file + ": too long: expected at most 4194304 bytes", () -> SetkeyScript.readPrivate(file));
        assertProblem(
                "/dev/zero: too long: expected at most 4194304 bytes",
                () -> SetkeyScript.readPrivate(Path.of("/dev/zero")));
    }
}
