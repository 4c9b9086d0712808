package org.ipsecif.platform.freebsd;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts {@link TunHolderMain} with this process's own Java and libraries, and as little memory as it can do with. */
final class HolderProcess implements HolderStarter {
    private static final Logger LOG = LoggerFactory.getLogger(HolderProcess.class);
    private static final List<String> LITTLE = List.of(
            "-Xint",
            "-Xmx8m",
            "-Xss256k",
            "-XX:+UseSerialGC",
            "-Xshare:auto",
            "-XX:-UsePerfData",
            "-XX:+IgnoreUnrecognizedVMOptions",
            "-XX:+UnlockDiagnosticVMOptions",
            "-XX:ArchiveRelocationMode=0");

    /** Since Java 24 it complains otherwise. */
    private static final List<String> NATIVE =
            List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow");

    private static final int READY_SECONDS = 60;
    private static final int END_SECONDS = 5;

    private final String main;
    private final String socket;
    private final int readySeconds;

    /** @param socket where it is to listen */
    HolderProcess(String socket) {
        this(TunHolderMain.class.getName(), socket, READY_SECONDS);
    }

    /**
     * @param main the class to run
     * @param readySeconds one that does not listen by then is killed
     */
    HolderProcess(String main, String socket, int readySeconds) {
        this.main = main;
        this.socket = socket;
        this.readySeconds = readySeconds;
    }

    private List<String> command() {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(LITTLE);
        if (Runtime.version().feature() >= 24) {
            command.addAll(NATIVE);
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main, socket));
        return command;
    }

    @Override
    public void start() throws IOException {
        Process process =
                new ProcessBuilder(command()).redirectErrorStream(true).start();
        AtomicBoolean late = new AtomicBoolean();
        CompletableFuture<Void> deadline = CompletableFuture.runAsync(
                () -> {
                    late.set(true);
                    process.toHandle().destroyForcibly(); // which ends what it says
                },
                CompletableFuture.delayedExecutor(readySeconds, TimeUnit.SECONDS));
        try {
            process.getOutputStream().close();
            awaitReady(process);
        } catch (IOException e) {
            process.toHandle().destroyForcibly();
            throw late.get() ? new IOException("it did not listen within " + readySeconds + " s", e) : e;
        } finally {
            deadline.cancel(false);
        }
    }

    /** @throws IOException with its last words if it ends first */
    private static void awaitReady(Process process) throws IOException {
        String last = "it ended without a word";
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); !TunHolderMain.READY.equals(line); line = lines.readLine()) {
                if (line == null) {
                    throw new IOException(last);
                }
                last = line;
            }
        }
    }

    @Override
    public void kill(int pid) {
        ProcessHandle.of(pid).filter(ProcessHandle::destroyForcibly).ifPresent(HolderProcess::awaitEnd);
    }

    private static void awaitEnd(ProcessHandle process) {
        try {
            process.onExit().get(END_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("process {} was killed, and has not ended yet", process.pid());
        }
    }
}
