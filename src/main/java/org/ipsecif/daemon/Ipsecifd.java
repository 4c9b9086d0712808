package org.ipsecif.daemon;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.ipsecif.config.AllowedAlgorithms;
import org.ipsecif.config.ConfigException;
import org.ipsecif.config.Configuration;
import org.ipsecif.control.ControlSocket;
import org.ipsecif.platform.OffloadSettings;
import org.ipsecif.platform.Platform;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code ipsecifd}. Exit status: 0 done, 1 failed (one line says why), 2 wrong usage. */
@Command(
        name = "ipsecifd",
        mixinStandardHelpOptions = true,
        versionProvider = Ipsecifd.VersionLine.class,
        description = "Route-based IPsec interfaces in userspace.")
public final class Ipsecifd implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(Ipsecifd.class);
    private static final Path INSTALLED_TEMPLATES = Path.of("/usr/local/share/ipsecif/templates");

    /** For {@code --version}. */
    static final class VersionLine implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"ipsecifd " + Version.STRING, JavaRuntime.line()};
        }
    }

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(names = "--rc-conf", paramLabel = "FILE", description = "rc.conf(5) file; repeatable, later ones override.")
    private @Nullable List<Path> rcConfs;

    @Option(names = "--conf", paramLabel = "FILE", description = "ipsecif.conf file.")
    private @Nullable Path conf;

    @Option(names = "--socket", paramLabel = "PATH", description = "Control socket (default: ${DEFAULT-VALUE}).")
    private Path socket = ControlSocket.DEFAULT_PATH;

    @Option(names = "--state-dir", paramLabel = "DIR", description = "What a crash must not lose, and the log.")
    private @Nullable Path stateDirectory;

    @Option(names = "--templates", paramLabel = "DIR", description = "SPD templates.")
    private @Nullable Path templates;

    @Option(
            names = "--hooks",
            paramLabel = "DIR",
            description = "Executables to run after interfaces were made, changed, removed.")
    private @Nullable Path hooks;

    @Option(
            names = "--others-changes",
            paramLabel = "restore|leave",
            description = "What to do when others change our policies in the kernel (default: restore).")
    private PolicyGuard.Response othersChanges = PolicyGuard.Response.RESTORE;

    @Option(names = "--foreground", description = "Stay in the foreground, log to standard error.")
    private boolean foreground;

    @Option(names = "--check", description = "Read everything, print what would be made, exit.")
    private boolean check;

    @Option(
            names = "--insecure-manual-aead",
            description = "Take AEAD and counter-mode algorithms with manual keys, for tests: a restart repeats IVs.")
    private boolean allowAead;

    @Option(names = "--legacy-algorithms", description = "Take 3des-cbc, for a peer that has nothing better.")
    private boolean allowLegacy;

    /** What can be done for many packets at once. */
    enum OffloadKind {
        TUN,
        SEND,
        RECEIVE,
        CIPHER,
        PRIORITY
    }

    @Option(
            names = "--no-offload",
            paramLabel = "tun|send|receive|cipher|priority",
            split = ",",
            arity = "0..1",
            fallbackValue = "tun,send,receive,cipher,priority",
            description =
                    "One packet a call: with the TUN device, when sending, receiving or by the cipher; no queues of their own for"
                            + " control traffic; without a value, all of them.")
    private Set<OffloadKind> noOffload = EnumSet.noneOf(OffloadKind.class);

    public static void main(String[] args) {
        CommandLine commandLine = new CommandLine(new Ipsecifd()).setCaseInsensitiveEnumValuesAllowed(true);
        int status = commandLine.execute(args);
        System.exit(status);
    }

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter err = spec.commandLine().getErr();
        try {
            OperatingSystem system = OperatingSystem.current();
            DaemonOptions options = options(system);
            if (check) {
                Configuration configuration = Reload.read(options);
                Planner planner = new Planner(options.templates(), allowed(), open(options, configuration, system));
                new ConfigurationCheck(planner, spec.commandLine().getOut()).run(configuration);
            } else if (foreground) {
                Acceleration.choose(!noOffload.contains(OffloadKind.CIPHER));
                run(options, system);
            } else {
                Background.start(spec.commandLine().getParseResult().originalArgs(), options);
            }
            return 0;
        } catch (ConfigException | IOException | UnsupportedOperationException e) {
            err.println("ipsecifd: " + e.getMessage());
            return 1;
        } catch (StartFailedException e) {
            err.println("ipsecifd: " + e.getMessage());
            return 1;
        }
    }

    private DaemonOptions options(OperatingSystem system) {
        List<Path> files = rcConfs != null
                ? rcConfs
                : system.rcConfs().stream().filter(Files::exists).toList();
        boolean named = rcConfs != null || conf != null;
        return new DaemonOptions(
                files,
                named || !Files.exists(system.conf()) ? conf : system.conf(),
                socket,
                stateDirectory != null ? stateDirectory : system.state(),
                templateDirectory(),
                hooks != null ? hooks : system.hooks(),
                allowed(),
                othersChanges,
                new OffloadSettings(
                        !noOffload.contains(OffloadKind.TUN),
                        !noOffload.contains(OffloadKind.SEND),
                        !noOffload.contains(OffloadKind.RECEIVE),
                        !noOffload.contains(OffloadKind.PRIORITY)));
    }

    private AllowedAlgorithms allowed() {
        return new AllowedAlgorithms(allowAead, allowLegacy);
    }

    private Path templateDirectory() {
        if (templates != null) {
            return templates;
        }
        String dist = System.getProperty("ipsecif.dist");
        return dist == null ? INSTALLED_TEMPLATES : Path.of(dist, "share", "ipsecif", "templates");
    }

    private static Platform open(DaemonOptions options, Configuration configuration, OperatingSystem system)
            throws ConfigException {
        return system.open(options.offloads(), system.spdAccess(configuration), options.stateDirectory());
    }

    private static void run(DaemonOptions options, OperatingSystem system)
            throws ConfigException, StartFailedException, InterruptedException {
        Thread.setDefaultUncaughtExceptionHandler(
                (thread, e) -> LOG.error("fault in thread {}, which goes on", thread.getName(), e));
        Configuration configuration = Reload.read(options);
        Daemon daemon = new Daemon(
                options,
                configuration,
                SpdWay.of(system::spdAccess, configuration),
                open(options, configuration, system));
        Signals.handle("TERM", daemon::stop);
        Signals.handle("INT", daemon::stop);
        Signals.handle("USR2", daemon::stopAndLeave);
        Signals.handle("HUP", daemon::reload);
        try {
            daemon.start();
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            throw new StartFailedException(e);
        }
        daemon.awaitEnd();
        LOG.info("ended");
    }

    /** Nothing was left behind. */
    private static final class StartFailedException extends Exception {
        private static final long serialVersionUID = 1L;

        StartFailedException(Exception cause) {
            super(cause.getMessage() == null ? cause.toString() : cause.getMessage(), cause);
        }
    }
}
