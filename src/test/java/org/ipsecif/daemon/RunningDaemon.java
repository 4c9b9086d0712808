package org.ipsecif.daemon;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.ipsecif.config.AllowedAlgorithms;
import org.ipsecif.config.Configuration;
import org.ipsecif.control.ControlClient;
import org.ipsecif.platform.OffloadSettings;
import org.ipsecif.platform.Platform;

/**
 * A whole daemon in this process, on the platform that a test gives: its control socket, state, rc.conf, hooks and ipsecif.conf,
 * if there is one at the start, are in one directory, its templates those that ship. Another one, on the same directory and a platform of the same kernel, is the next start.
 */
public final class RunningDaemon implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path TEMPLATES = Path.of("templates");

    private final Daemon daemon;
    private final Path directory;

    private RunningDaemon(Daemon daemon, Path directory) {
        this.daemon = daemon;
        this.directory = directory;
    }

    /**
     * Starts one, and returns when it is ready.
     *
     * @param directory short, for the control socket's path is in it (103 bytes)
     * @param rcConf the text of the only rc.conf
     * @throws Exception as the start says; then nothing is left
     */
    public static RunningDaemon start(Platform platform, Path directory, String rcConf) throws Exception {
        return start(platform, directory, TEMPLATES, rcConf);
    }

    /** Likewise with templates from elsewhere. */
    public static RunningDaemon start(Platform platform, Path directory, Path templates, String rcConf)
            throws Exception {
        Path file = Files.writeString(directory.resolve("rc.conf"), rcConf);
        Path conf = directory.resolve("ipsecif.conf");
        DaemonOptions options = new DaemonOptions(
                List.of(file),
                Files.exists(conf) ? conf : null,
                socket(directory),
                directory.resolve("state"),
                templates,
                directory.resolve("hooks.d"),
                new AllowedAlgorithms(true, false),
                PolicyGuard.Response.RESTORE,
                OffloadSettings.NONE);
        OperatingSystem system = OperatingSystem.valueOf(platform.system().toUpperCase(Locale.ROOT));
        Configuration configuration = Reload.read(options);
        Daemon daemon = new Daemon(options, configuration, SpdWay.of(system::spdAccess, configuration), platform);
        daemon.start();
        return new RunningDaemon(daemon, directory);
    }

    private static Path socket(Path directory) {
        return directory.resolve("s");
    }

    /** For ipsecifctl's {@code --socket}. */
    public Path socket() {
        return socket(directory);
    }

    /**
     * One call of the control protocol (docs/control-protocol.md).
     *
     * @param params as JSON, with ' for "
     * @throws java.io.IOException with the daemon's words if it refuses
     */
    public JsonNode call(String method, String params) throws Exception {
        try (ControlClient client = ControlClient.connect(socket())) {
            return client.call(method, JSON.readTree(params.replace('\'', '"')));
        }
    }

    /** With this text in rc.conf from now on. */
    public JsonNode reload(String rcConf) throws Exception {
        Files.writeString(directory.resolve("rc.conf"), rcConf);
        return call("reload", "{}");
    }

    /** As SIGTERM: removes what it made. Returns when it has ended. */
    @Override
    public void close() throws InterruptedException {
        daemon.stop();
        daemon.awaitEnd();
    }

    /** As SIGUSR2: leaves all on the host as it is. Returns when it has ended. */
    public void leave() throws InterruptedException {
        daemon.stopAndLeave();
        daemon.awaitEnd();
    }
}
