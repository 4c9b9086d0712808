package org.ipsecif.daemon;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.ipsecif.control.DaemonControl.RefusedException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of keys are made new, for their owner alone, or not at all. */
class PrivateOutputTest {
    private static final List<byte[]> CONTENT =
            List.of("one\n".getBytes(StandardCharsets.US_ASCII), "two\n".getBytes(StandardCharsets.US_ASCII));

    @TempDir
    Path directory;

    @BeforeEach
    void makePrivate() throws IOException {
        mode(directory, "rwx------");
    }

    private static void mode(Path path, String permissions) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }

    private static String refusal(Path file) {
        return String.valueOf(assertThrows(RefusedException.class, () -> PrivateOutput.write(file, CONTENT))
                .getMessage());
    }

    @Test
    void fileIsItsOwnersAlone() throws Exception {
        Path file = directory.resolve("keys");
        PrivateOutput.write(file, CONTENT);
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        assertArrayEquals("one\ntwo\n".getBytes(StandardCharsets.US_ASCII), Files.readAllBytes(file));
        assertEquals(file + ": is there already; expected a name that nothing has", refusal(file));
    }

    @Test
    void linkIsNotFollowed() throws Exception {
        Path target = directory.resolve("target");
        Path link = Files.createSymbolicLink(directory.resolve("link"), target);
        assertEquals(link + ": is there already; expected a name that nothing has", refusal(link));
        assertFalse(Files.exists(target));
    }

    @Test
    void directoryOfOthersIsRefused() throws Exception {
        Path real = directory.toRealPath();
        Path file = directory.resolve("keys");
        for (String each : List.of("rwxr-x---", "rwx-----x", "rwx-w----")) {
            mode(directory, each);
            assertEquals(real + ": others than its owner may use it; chmod 700 " + real, refusal(file));
        }
        mode(directory, "rwx------");
        Path open = Files.createDirectory(directory.resolve("open"));
        Path below = Files.createDirectory(open.resolve("below"));
        mode(open, "rwxrwxrwx");
        mode(below, "rwx------");
        assertEquals(
                open.toRealPath() + ": others than its owner may replace what is in it",
                refusal(below.resolve("keys")));
        Path linked = Files.createSymbolicLink(directory.resolve("linked"), open);
        assertEquals(
                open.toRealPath() + ": others than its owner may use it; chmod 700 " + open.toRealPath(),
                refusal(linked.resolve("keys")));
    }

    @Test
    void pathIsAbsoluteAndItsDirectoryThere() {
        assertEquals("keys: expected an absolute path of a file", refusal(Path.of("keys")));
        assertEquals("/: expected an absolute path of a file", refusal(Path.of("/")));
        Path none = directory.resolve("none/keys");
        assertEquals(none + ": no such directory", refusal(none));
    }
}
