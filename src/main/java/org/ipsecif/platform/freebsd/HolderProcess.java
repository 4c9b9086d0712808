package org.ipsecif.platform.freebsd;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts {@link TunHolderMain} with this process's own Java and libraries, and as little memory as it can do with. */
final class HolderProcess implements HolderStarter {
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

    private final String main;
    private final String socket;

    /** @param socket where it is to listen */
    HolderProcess(String socket) {
        this(TunHolderMain.class.getName(), socket);
    }

    /** @param main the class to run */
    HolderProcess(String main, String socket) {
        this.main = main;
        this.socket = socket;
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
        process.getOutputStream().close();
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
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    }
}
