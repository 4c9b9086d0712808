package org.ipsecif.daemon;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.function.LongSupplier;
import org.ipsecif.config.ConfigException;
import org.ipsecif.config.Configuration;
import org.ipsecif.control.ControlServer;
import org.ipsecif.control.ControlSocket;
import org.ipsecif.control.DaemonControl.RefusedException;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.KernelMonitor;
import org.ipsecif.platform.Platform;
import org.ipsecif.sa.Family;
import org.ipsecif.tunnel.IcmpErrorWorker;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running daemon: starts wholly or leaves nothing behind, serves until {@link #stop()}, then removes what it made. */
final class Daemon {
    private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);

    private final DaemonOptions options;
    private final Configuration configuration;
    private final Platform platform;
    private static final long SECOND = 1_000_000_000L;
    private static final long ROUTE_SECONDS = 30;
    private static final long HOOK_MILLIS = 10_000;

    private final ControlThread control = new ControlThread();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Undo shutdown = new Undo();
    private @Nullable Reload reload;
    private boolean started;
    private final SpdWay spdWay;
    private boolean leaving;

    /**
     * @param configuration what the files of the options say, for the start
     * @param spdWay likewise
     * @param platform taken over
     */
    Daemon(DaemonOptions options, Configuration configuration, SpdWay spdWay, Platform platform) {
        this.spdWay = spdWay;
        this.options = options;
        this.configuration = configuration;
        this.platform = platform;
    }

    /** Brings everything up. @throws Exception with a message for the user; then nothing is left behind */
    void start() throws Exception {
        control.call(() -> {
            try {
                bringUp();
            } catch (ConfigException | RefusedException | ErrnoException | IOException | RuntimeException e) {
                shutdown.rollBack();
                throw e;
            }
            return true;
        });
    }

    private void bringUp() throws ConfigException, RefusedException, ErrnoException, IOException {
        shutdown.push("end the platform's threads", platform::close);
        MemoryReport memory = new MemoryReport(platform);
        shutdown.push("end counting the collector's pauses", memory::close);
        if (options.allowed().freshKeysOnly()) {
            LOG.warn("--insecure-manual-aead: a restart with the same keys repeats IVs and exposes plaintext"
                    + " (RFC 8221 section 4); for tests only");
        }
        if (options.allowed().legacy()) {
            LOG.warn(
                    "--legacy-algorithms: 3DES has blocks of 64 bits, which collide after a few gigabytes under one key"
                            + " (RFC 8221)");
        }
        Planner planner = new Planner(options.templates(), options.allowed(), platform);
        Reload.check(planner, configuration);
        StateDirectory state = StateDirectory.open(options.stateDirectory(), platform.bootIdentity());
        shutdown.push("close the state directory", state::close);
        Host host = new Host(platform, control, state);
        shutdown.push("close the kernel's sockets", host::close);
        planner.setCopies(host.kernelCopies());
        host.kernelSpd().adopt(host.recorded());
        LongSupplier restored = watchSpd(host);
        UserHooks hooks = new UserHooks(options.hooks(), HOOK_MILLIS);
        shutdown.push("end the hooks", hooks::close);
        InterfaceRegistry registry = new InterfaceRegistry(host, planner, new Leftovers(host.recorded()), hooks);
        shutdown.push("let go of the interfaces", () -> letGo(registry, state));
        listenForIcmp(registry);
        startTicking(registry);
        HostWatch watch = new HostWatch(platform.openLinkMonitor(), host, registry);
        shutdown.push("end watching the host's interfaces", watch::close);
        DynamicInterfaces dynamic = new DynamicInterfaces(registry);
        host.ike().setDynamic(dynamic);
        host.ike().setAssigning(new AssignedAddresses(registry, host.ike().events())::assign);
        reload = new Reload(options, spdWay, registry, planner, watch, dynamic);
        reload.make(configuration);
        watch.look();
        registry.removeLeftovers();
        watch.start();
        serve(new StatusReport(host, registry, restored), host, registry, planner, memory, reload);
        started = true;
        // What the start left behind would stay: the old generation is collected when it cannot grow any more.
        System.gc();
        LOG.info("{}", Acceleration.line());
        LOG.info("{}", JavaRuntime.line());
        LOG.info(
                "ipsecifd {} ready, {} interfaces",
                Version.STRING,
                registry.all().size());
    }

    /** @return counts the entries that were put back */
    private LongSupplier watchSpd(Host host) throws ErrnoException {
        if (!host.spdAbsence().isEmpty()) {
            LOG.warn("{}: all policies are in the process alone", host.spdAbsence());
        }
        KernelMonitor monitor = platform.openKernelMonitor();
        if (monitor == null) {
            return () -> 0;
        }
        PolicyGuard guard =
                new PolicyGuard(monitor, host.kernelSpd(), control, control::after, options.othersChanges());
        shutdown.push("end watching the kernel's SPD", guard::close);
        guard.start();
        return guard::restored;
    }

    /** A start that fails takes back what it made, and leaves what was there before, which may protect something. */
    private void letGo(InterfaceRegistry registry, StateDirectory state) throws IOException, RefusedException {
        if (registry.end(each -> leaving || (!started && each.origin() != ManagedInterface.Origin.CREATED))) {
            state.clear();
        }
    }

    /** Without them the path MTU is the route's: a host that refuses raw ICMP sockets still gets its tunnels. */
    private void listenForIcmp(InterfaceRegistry registry) {
        for (Family family : Family.values()) {
            try {
                IcmpErrorWorker worker = new IcmpErrorWorker(
                        platform.openIcmpReceiver(family), family, registry.events(), System::nanoTime);
                shutdown.push("end listening for ICMP", worker::close);
            } catch (ErrnoException e) {
                LOG.warn("no path MTU discovery over {}: {}", family.word(), e.getMessage());
            }
        }
    }

    private void startTicking(InterfaceRegistry registry) {
        AutoCloseable seconds = control.every(SECOND, registry::tick);
        AutoCloseable routes = control.every(ROUTE_SECONDS * SECOND, registry::refreshPaths);
        shutdown.push("end the clock", () -> {
            seconds.close();
            routes.close();
        });
    }

    private void serve(
            StatusReport report,
            Host host,
            InterfaceRegistry registry,
            Planner planner,
            MemoryReport memory,
            Reload reloading)
            throws IOException {
        PolicyReport policies = new PolicyReport(host.kernelSpd());
        ControlFacade facade = new ControlFacade(
                control,
                registry,
                report,
                policies,
                new TemplateReport(planner, registry),
                new SetkeyRunner(host, registry, report, policies, options.allowed()),
                new IkeOperations(host, registry),
                memory,
                reloading);
        if (options.socket().equals(ControlSocket.DEFAULT_PATH)) {
            StateDirectory.makePrivate(ControlSocket.DEFAULT_DIRECTORY);
        }
        ControlServer server = new ControlServer(options.socket(), facade);
        server.start();
        shutdown.push("close the control socket", server::close);
    }

    /** SIGHUP: as {@code ipsecifctl reload}, with the outcome in the log. Returns at once. */
    void reload() {
        control.execute(() -> {
            Reload reloading = reload;
            if (reloading == null) {
                return;
            }
            try {
                reloading.call().forEach(LOG::info);
                LOG.info("configuration reloaded");
            } catch (ConfigException | RefusedException e) {
                LOG.error("reload: {}", e.getMessage());
            }
        });
    }

    /** Removes everything. Returns at once; {@link #awaitEnd()} waits. */
    void stop() {
        end(false);
    }

    /** Ends, and leaves interfaces, addresses and policies as they are, for another daemon that is about to start. Likewise. */
    void stopAndLeave() {
        end(true);
    }

    private void end(boolean leave) {
        control.execute(() -> {
            leaving = leave;
            shutdown.rollBack();
            ended.countDown();
            control.close();
        });
    }

    void awaitEnd() throws InterruptedException {
        ended.await();
    }
}
