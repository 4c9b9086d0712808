package org.ipsecif.config;

import static org.ipsecif.config.Problems.assertProblem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.ipsecif.crypto.KeyMaterial;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Post-quantum preshared keys by their names. */
class PpkFileTest {
    private static final String KEY = "0123456789abcdef0123456789abcdef";

    @TempDir
    Path directory;

    private static PpkFile parse(String text) throws ConfigException {
        return PpkFile.parse("ppk", text.replace("\\n", "\n").getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void linesHaveNamesAndKeys() throws Exception {
        PpkFile file =
                parse("# keys\n\n branch7 : PPK \"" + KEY + "\"\n'of all' : ppk 0x" + KEY + KEY + " # hexadecimal\n");
        assertEquals(
                List.of(3, 4), file.entries().stream().map(PpkFile.Entry::line).toList());
        PpkFile.Entry named = file.entry("branch7");
        assertNotNull(named);
        assertTrue(named.secret().sameAs(KeyMaterial.copyOf(KEY.getBytes(StandardCharsets.US_ASCII))));
        PpkFile.Entry other = file.entry("of all");
        assertNotNull(other);
        assertEquals(256, other.secret().bits());
        assertNull(file.entry("branch8"));
        assertEquals(List.of(), file.warnings());
        file.close();
        assertTrue(other.secret().sameAs(KeyMaterial.copyOf(new byte[32])));
    }

    @Test
    void shortKeyIsALineForTheLog() throws Exception {
        assertEquals(
                List.of(
                        "ppk:1: the key has 5 bytes; 32 random ones or more resist a quantum computer (RFC 8784 section 6)"),
                parse("a : PPK \"short\"").warnings());
    }

    @Test
    void othersMayNotReadIt() throws Exception {
        Path path = Files.writeString(directory.resolve("a.ppk"), "a : PPK \"" + KEY + "\"\n");
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r-----"));
        ConfigException open = assertThrows(ConfigException.class, () -> PpkFile.read(path));
        assertTrue(String.valueOf(open.getMessage()).contains("chmod 600"), open.getMessage());
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        assertEquals(1, PpkFile.read(path).entries().size());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "# nothing | ppk: no key; expected ID : PPK \"secret\"",
                "correct horse | ppk:1: expected ID : PPK \"secret\"",
                "a : PSK \"x\" | ppk:1: expected PPK after the colon; a secret that has one is written in quotes",
                ": PPK \"x\" | ppk:1: expected one name before the colon, 1 to 255 bytes, in quotes if it has white space",
                "a b : PPK \"x\" | ppk:1: expected one name before the colon, 1 to 255 bytes, in quotes if it has white space",
                "a : PPK | ppk:1: expected one secret after PPK, in quotes if it has white space",
                "a : PPK \"x\" \"y\" | ppk:1: expected one secret after PPK, in quotes if it has white space",
                "a : PPK x | ppk:1: expected a secret in quotes, 0x and hexadecimal digits, or 0s and Base64",
                "a : PPK 0x123 | ppk:1: the secret has an odd number of hexadecimal digits",
                "a : PPK \"x\"\\na : PPK \"y\" | ppk:2: a second key of this name; the first is in line 1",
            })
    void wrongLineIsNamedAndNoKeyQuoted(String text, String problem) {
        assertProblem(problem, () -> parse(text));
    }
}
