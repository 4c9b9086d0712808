package org.ipsecif.config;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrivateFileTest {
    private static final byte[] SECRET = {1, 2, 3};

    @TempDir
    private Path directory;

    private Path file(String permissions) throws IOException {
        Path file = Files.write(directory.resolve("moon.key"), SECRET);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }

    private static String refusal(Path file, int most) {
        return assertThrows(ConfigException.class, () -> PrivateFile.read(file, most, "secrets"))
                .getMessage();
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-------", "r--------", "rwx------"})
    void readsWhatIsItsOwnersAlone(String permissions) throws Exception {
        assertArrayEquals(SECRET, PrivateFile.read(file(permissions), SECRET.length, "secrets"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r-----", "rw----r--", "rw--w----", "rw-----w-"})
    void refusesWhatOthersMayReadOrWrite(String permissions) throws Exception {
        Path file = file(permissions);
        assertEquals(file + ": holds keys and is open to others than its owner; chmod 600 " + file, refusal(file, 100));
    }

    @Test
    void saysThatAFileIsEmpty() {
        assertEquals("/dev/null: empty: no secrets", refusal(Path.of("/dev/null"), 100));
    }

    @Test
    void refusesWhatIsAbsentOrTooLong() throws Exception {
        Path none = directory.resolve("none");
        assertEquals(none + ": no such file", refusal(none, 100));
        Path file = file("rw-------");
        assertEquals(file + ": too long: expected at most 2 bytes", refusal(file, 2));
    }
}
