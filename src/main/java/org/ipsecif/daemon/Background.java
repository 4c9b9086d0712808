package org.ipsecif.daemon;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.ipsecif.control.ControlClient;

/** A start without {@code --foreground}: the daemon is another process, and this one ends when that one is ready. */
final class Background {
    private static final long READY_SECONDS = 60;
    private static final long POLL_MILLIS = 20;
    private static final String LOG = "ipsecifd.log";

    /** In the foreground a service manager adds them. */
    private static final List<String> TIMESTAMPS = List.of(
            "-Dorg.slf4j.simpleLogger.showDateTime=true",
            "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ssXXX");

    private Background() {}

    /** @throws IOException with the daemon's own last line if it does not come up */
    static void start(List<String> arguments, DaemonOptions options) throws IOException, InterruptedException {
        if (ControlClient.answers(options.socket())) {
            throw new IOException("another ipsecifd answers on " + options.socket());
        }
        Files.createDirectories(options.stateDirectory());
        File log = options.stateDirectory().resolve(LOG).toFile();
        Process daemon = new ProcessBuilder(command(arguments))
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(log)
                .start();
        for (long waited = 0; waited < TimeUnit.SECONDS.toMillis(READY_SECONDS); waited += POLL_MILLIS) {
            if (daemon.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                throw new IOException(lastLine(log.toPath()));
            }
            if (ControlClient.answers(options.socket())) {
                return;
            }
        }
        daemon.destroy();
        throw new IOException("the daemon was not ready after " + READY_SECONDS + " s; see " + log);
    }

    /** This process's own command, in the foreground, in a session of its own so that no terminal's end reaches it. */
    private static List<String> command(List<String> arguments) {
        ProcessHandle.Info self = ProcessHandle.current().info();
        List<String> command = new ArrayList<>();
        if (Files.isExecutable(Path.of("/usr/bin/setsid"))) {
            command.add("/usr/bin/setsid");
        }
        command.add(self.command().orElse("java"));
        command.addAll(TIMESTAMPS);
        List<String> all = List.of(self.arguments().orElse(new String[0]));
        command.addAll(all.subList(0, all.size() - arguments.size()));
        command.addAll(arguments);
        command.add("--foreground");
        return command;
    }

    private static String lastLine(Path log) throws IOException {
        Optional<String> last =
                Files.readAllLines(log).stream().filter(line -> !line.isBlank()).reduce((first, second) -> second);
        return last.map(line -> line.replaceFirst("^ipsecifd: ", "")).orElse("the daemon ended without a word");
    }
}
