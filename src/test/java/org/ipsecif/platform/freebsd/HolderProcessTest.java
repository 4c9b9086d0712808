package org.ipsecif.platform.freebsd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Processes that do not do what is expected of them. */
@Timeout(120)
class HolderProcessTest {
    @TempDir
    private Path directory;

    private String socket() {
        return directory.resolve("holder.sock").toString();
    }

    private static List<ProcessHandle> running(Class<?> main) {
        return ProcessHandle.current()
                .children()
                .filter(each -> each.info().commandLine().orElse("").contains(main.getName()))
                .toList();
    }

    @Test
    void oneThatNeverListensIsKilledInTheEnd() throws Exception {
        HolderProcess starter = new HolderProcess(HangingMain.class.getName(), socket(), 3);
        IOException e = assertThrows(IOException.class, starter::start);
        assertEquals("it did not listen within 3 s", e.getMessage());
        for (ProcessHandle each : running(HangingMain.class)) {
            each.onExit().get(10, TimeUnit.SECONDS);
        }
    }

    /** Those that it said before it ended. */
    @Test
    void lastWordsOfOneThatFailsAreTheReason() {
        HolderProcess starter = new HolderProcess("org.example.NoSuchClass", socket(), 60);
        IOException e = assertThrows(IOException.class, starter::start);
        assertTrue(e.getMessage().contains("NoSuchClass"), e.getMessage());
    }

    /** What it holds can be opened then. */
    @Test
    void killedOneHasEnded() throws Exception {
        HolderProcess starter = new HolderProcess(HolderOnLinuxMain.class.getName(), socket(), 60);
        starter.start();
        HolderSocket socket = HolderSocket.connect(LinuxAsFreeBsd.posix(), socket());
        int pid = socket.peer().pid();
        assertTrue(ProcessHandle.of(pid).orElseThrow().isAlive());
        starter.kill(pid);
        assertFalse(ProcessHandle.of(pid).isPresent());
        socket.close();
    }
}
