package org.ipsecif.config;

import static org.ipsecif.config.Problems.assertProblem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.List;
import org.ipsecif.crypto.KeyMaterial;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The forms of ipsec.secrets(5), and a secret alone. */
class PskFileTest {
    @TempDir
    Path directory;

    private static PskFile parse(String text) throws ConfigException {
        return PskFile.parse("psk", text.getBytes(StandardCharsets.UTF_8));
    }

    private static void assertSecret(String hex, KeyMaterial secret) {
        assertTrue(KeyMaterial.copyOf(HexFormat.of().parseHex(hex)).sameAs(secret), "secret of " + secret.bits());
    }

    private static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "correct horse battery staple",
                "correct horse battery staple\n",
                "correct horse battery staple\r\n",
                "\n\ncorrect horse battery staple\n\n",
            })
    void oneLineIsTheSecret(String text) throws ConfigException {
        PskFile file = parse(text);
        assertEquals(1, file.entries().size());
        assertEquals(List.of(), file.entries().get(0).identities());
        assertSecret(hex("correct horse battery staple"), file.entries().get(0).secret());
        assertEquals(List.of(), file.warnings());
    }

    @ParameterizedTest
    @CsvSource({
        "0x000102030405060708090a0b0c0d0eFF, 000102030405060708090a0b0c0d0eff",
        "0sAAECAwQFBgcICQoLDA0O/w==, 000102030405060708090a0b0c0d0eff",
        ": PSK 0x000102030405060708090a0b0c0d0eff, 000102030405060708090a0b0c0d0eff",
        ": psk 0sAAECAwQFBgcICQoLDA0O/w== # a comment, 000102030405060708090a0b0c0d0eff",
        ": PSK \"0x000102\", 3078303030313032",
        ": PSK 'it is \"quoted\"', 6974206973202271756f74656422",
        "pass:word, 706173733a776f7264",
        "g\u00e9heim, 67c3a96865696d",
    })
    void secretIsTextOrHexadecimalOrBase64(String text, String hex) throws ConfigException {
        assertSecret(hex, parse(text).entries().get(0).secret());
    }

    @Test
    void linesHaveIdentities() throws ConfigException {
        PskFile file = parse("""
                # secrets

                branch7.example.org : PSK "sixteen bytes ok"
                \t203.0.113.1 2001:db8::1 "C=DE, CN=x"  :  PSK  "another sixteen!"
                %any : PSK 0x000102030405060708090a0b0c0d0e0f
                : PSK "everybody else's"
                """);
        assertEquals(
                List.of(
                        List.of("branch7.example.org"),
                        List.of("203.0.113.1", "2001:db8::1", "C=DE, CN=x"),
                        List.of("%any"),
                        List.of()),
                file.entries().stream().map(PskFile.Entry::identities).toList());
        assertEquals(
                List.of(3, 4, 5, 6),
                file.entries().stream().map(PskFile.Entry::line).toList());
        assertSecret(hex("another sixteen!"), file.entries().get(1).secret());
        assertEquals(List.of("psk:5: %any: whoever has this secret may be any peer"), file.warnings());
    }

    @Test
    void shortSecretIsWarnedAboutByItsLength() throws ConfigException {
        assertEquals(
                List.of(
                        "psk:2: the secret has 6 bytes; 16 random ones or more are not found by trying (RFC 7296 section"
                                + " 2.15)"),
                parse("a : PSK \"0123456789abcdef\"\nb : PSK \"secret\"\n").warnings());
    }

    @ParameterizedTest
    @CsvSource({
        "a, b, 1", "b, a, 1", "a, c, 2", "x, c, 2", "x, b, 4", "x, d, 3", "x, y, 4", "e, y, 5", "e, a, 5", "x, a, 5"
    })
    void entryThatSaysMostIsTaken(String local, String remote, int entry) throws ConfigException {
        PskFile file = parse("""
                a b : PSK "0123456789abcde1"
                c : PSK "0123456789abcde2"
                d : PSK "0123456789abcde3"
                : PSK "0123456789abcde4"
                e a %any : PSK "0123456789abcde5"
                """);
        KeyMaterial secret = file.secret(local::equals, remote::equals);
        assertSame(file.entries().get(entry - 1).secret(), secret);
    }

    @Test
    void whereNoEntryFitsThereIsNoSecret() throws ConfigException {
        PskFile file = parse("a b : PSK \"0123456789abcdef\"\nc : PSK \"0123456789abcdef\"\n");
        assertNull(file.secret("a"::equals, "x"::equals));
        assertNull(file.secret("x"::equals, "b"::equals));
        assertNull(file.secret("x"::equals, "y"::equals));
    }

    @Test
    void closingWipesTheSecrets() throws ConfigException {
        PskFile file = parse("correct horse battery staple");
        KeyMaterial secret = file.entries().get(0).secret();
        file.close();
        assertTrue(KeyMaterial.copyOf(new byte[28]).sameAs(secret));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "a : PSK | :1: expected one secret after PSK, in quotes if it has white space",
                "a : PSK hunter22 | :1: expected a secret in quotes, 0x and hexadecimal digits, or 0s and Base64",
                "a : PSK \"hunter22 | :1: a quote is not closed",
                "a : PSK \"hunter22\" hunter23 | :1: expected one secret after PSK, in quotes if it has white space",
                "a : PSK \"\" | :1: the secret is empty",
                "a : PSK 0x | :1: the secret is empty",
                "a : PSK 0xhunter22 | :1: the secret has a character that is no hexadecimal digit",
                "a : PSK 0x123 | :1: the secret has an odd number of hexadecimal digits",
                "a : PSK 0shunter22? | :1: the secret after 0s is not Base64",
                "a : RSA hunter22 | :1: expected PSK after the colon; a secret that has one is written in quotes",
                "hunter22 : hunter23 | :1: expected PSK after the colon; a secret that has one is written in quotes",
                "# hunter22 | :1: begins with # or a quote; expected the secret as it is, or : PSK and the secret in quotes",
                "\"hunter22\" | :1: begins with # or a quote; expected the secret as it is, or : PSK and the secret in quotes",
                "0xhunter22 | :1: the secret has a character that is no hexadecimal digit",
                "~ hunter22~ | :1: begins or ends with white space; such a secret is written as : PSK \"secret\"",
                "~hunter22\t~ | :1: begins or ends with white space; such a secret is written as : PSK \"secret\"",
                "# x\\nhunter22 | :2: expected ID ... : PSK \"secret\"; a file with a secret alone has no other line",
                "a : PSK \"hunter22\"\\nb PSK hunter22 | :2: expected ID ... : PSK \"secret\"; a file with a secret alone has no other line",
                "# x\\n# y\\n | : no secret; expected ID ... : PSK \"secret\", or a secret alone",
                "# a : PSK \"hunter22\" | : no secret; expected ID ... : PSK \"secret\", or a secret alone",
                "203.0.113.256 : PSK \"hunter22\" | :1: \"203.0.113.256\" is no address; expected ",
            })
    void wrongLineIsNamedAndNothingOfASecret(String text, String problem) {
        String message = String.valueOf(assertThrows(ConfigException.class, () -> parse(text.replace("\\n", "\n")))
                .getMessage());
        assertEquals("psk" + problem, message.substring(0, Math.min(message.length(), problem.length() + 3)));
        assertFalse(message.contains("hunter"), message);
    }

    @Test
    void fileMustBeItsOwnersAlone() throws Exception {
        Path file = Files.writeString(directory.resolve("a.psk"), "correct horse battery staple\n");
        for (String open : List.of("rw-r-----", "rw-----w-", "rw----r--")) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(open));
            assertProblem(
                    file + ": holds keys and is open to others than its owner; chmod 600 " + file,
                    () -> PskFile.read(file));
        }
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        try (PskFile read = PskFile.read(file)) {
            assertEquals(1, read.entries().size());
        }
    }

    @Test
    void fileThatIsNotThereOrEmptyIsSaidSo() throws Exception {
        Path none = directory.resolve("none.psk");
        assertProblem(none + ": no such file", () -> PskFile.read(none));
        Path empty = Files.createFile(directory.resolve("empty.psk"));
        assertProblem(empty + ": empty: no secrets", () -> PskFile.read(empty));
        assertProblem("psk: no secret; expected ID ... : PSK \"secret\", or a secret alone", () -> parse("\n"));
    }
}
