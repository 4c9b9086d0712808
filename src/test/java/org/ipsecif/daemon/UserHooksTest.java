package org.ipsecif.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.ipsecif.Eventually;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real executables. {@link UserHooks#close()} waits for what is queued, so that each test knows when all is done. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class UserHooksTest {
    private static final long MINUTE = 60_000;
    private static final Map<String, String> FACTS = Map.of("IPSECIF_EVENT", "created", "IPSECIF_INTERFACE", "ipsec0");

    @TempDir
    private Path top;

    private Path directory;
    private Path out;

    @BeforeEach
    void makeDirectory() throws IOException {
        directory = Files.createDirectory(top.resolve("hooks.d"));
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        out = top.resolve("out");
    }

    private Path hook(String name, String mode, String script) throws IOException {
        Path file = Files.writeString(directory.resolve(name), "#!/bin/sh\n" + script + "\n");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }

    private void run(long limitMillis) {
        try (UserHooks hooks = new UserHooks(directory, limitMillis)) {
            hooks.run(FACTS);
        }
    }

    private List<String> lines() throws IOException {
        return Files.exists(out) ? Files.readAllLines(out) : List.of();
    }

    @Test
    void executablesRunInTheOrderOfTheirNamesWithTheFactsAndNothingElse() throws IOException {
        hook("20-second", "rwxr-xr-x", "echo second >>" + out);
        hook("10-first", "rwxr-xr-x", "env | grep -vE '^(PWD|SHLVL|_)=' | sort >>" + out);
        hook("15-no-executable", "rw-r--r--", "echo never >>" + out);
        run(MINUTE);
        List<String> lines = lines();
        assertEquals(4, lines.size(), lines.toString());
        assertEquals(List.of("IPSECIF_EVENT=created", "IPSECIF_INTERFACE=ipsec0"), lines.subList(0, 2));
        assertTrue(lines.get(2).startsWith("PATH="), lines.get(2));
        assertEquals("second", lines.get(3));
    }

    @Test
    void oneThatFailsDoesNotKeepTheNextFromRunning() throws IOException {
        hook("1", "rwxr-xr-x", "exit 3");
        Files.writeString(directory.resolve("2"), "#!/no/such/interpreter\n");
        Files.setPosixFilePermissions(directory.resolve("2"), PosixFilePermissions.fromString("rwxr-xr-x"));
        hook("3", "rwxr-xr-x", "echo third >>" + out);
        run(MINUTE);
        assertEquals(List.of("third"), lines());
    }

    @Test
    void whatOthersMayWriteToIsNotRun() throws IOException {
        hook("1", "rwxrwxr-x", "echo group >>" + out);
        hook("2", "rwxr-xrwx", "echo others >>" + out);
        hook("3", "rwxr-xr-x", "echo fine >>" + out);
        run(MINUTE);
        assertEquals(List.of("fine"), lines());
    }

    @Test
    void nothingOfADirectoryThatOthersMayWriteToIsRun() throws IOException {
        hook("1", "rwxr-xr-x", "echo never >>" + out);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
        run(MINUTE);
        assertEquals(List.of(), lines());
    }

    @Test
    void oneThatTakesTooLongIsKilledWithItsChildren() throws Exception {
        hook("1", "rwxr-xr-x", "echo $$ >>" + out + "; sleep 1000 & echo $! >>" + out + "; wait; echo never >>" + out);
        try (UserHooks hooks = new UserHooks(directory, 3_000)) {
            hooks.run(FACTS);
            Eventually.await("both have said their numbers", () -> lines().size() >= 2);
        }
        assertEquals(2, lines().size());
        for (String pid : lines()) {
            Eventually.await(
                    "process " + pid + " has ended",
                    () -> ProcessHandle.of(Long.parseLong(pid))
                            .filter(ProcessHandle::isAlive)
                            .isEmpty());
        }
    }

    @Test
    void whoCallsDoesNotWait() throws Exception {
        Path pipe = top.resolve("pipe");
        hook("1", "rwxr-xr-x", "mkfifo " + pipe + "; read line <" + pipe + "; echo $line >>" + out);
        try (UserHooks hooks = new UserHooks(directory, MINUTE)) {
            hooks.run(FACTS);
            assertFalse(Files.exists(out)); // it cannot have ended: it waits for what comes next
            Eventually.await("it runs", () -> Files.exists(pipe));
            Files.writeString(pipe, "after the caller went on\n");
        }
        assertEquals(List.of("after the caller went on"), lines());
    }

    @Test
    void aDirectoryThatIsNotThereHasNone() throws IOException {
        try (UserHooks hooks = new UserHooks(top.resolve("none"), MINUTE)) {
            hooks.run(FACTS);
        }
        assertEquals(List.of(), lines());
    }
}
