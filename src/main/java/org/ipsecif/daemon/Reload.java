package org.ipsecif.daemon;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.ipsecif.config.ConfigException;
import org.ipsecif.config.Configuration;
import org.ipsecif.config.ConfigurationReader;
import org.ipsecif.config.InterfaceConfig;
import org.ipsecif.control.DaemonControl.RefusedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the interfaces that configuration files describe what the files say. The files, the templates and the SA files
 * are all read and checked before anything changes. Interfaces that {@code ipsecifctl} made are left alone. Control
 * thread only.
 */
final class Reload implements Callable<List<String>> {
    private static final Logger LOG = LoggerFactory.getLogger(Reload.class);

    private final DaemonOptions options;
    private final InterfaceRegistry registry;
    private final Planner planner;
    private final HostWatch watch;
    private final DynamicInterfaces dynamic;
    private final SpdWay spdWay;

    Reload(
            DaemonOptions options,
            SpdWay spdWay,
            InterfaceRegistry registry,
            Planner planner,
            HostWatch watch,
            DynamicInterfaces dynamic) {
        this.dynamic = dynamic;
        this.watch = watch;
        this.options = options;
        this.spdWay = spdWay;
        this.registry = registry;
        this.planner = planner;
    }

    /** One line for each interface that was created, changed or destroyed. */
    @Override
    public List<String> call() throws ConfigException, RefusedException {
        Configuration configuration = read(options);
        boolean otherSpdWay = spdWay.differs(configuration);
        planner.readAgain();
        check(planner, configuration);
        checkBesideOthers(configuration);
        List<String> changes = make(configuration);
        if (otherSpdWay) {
            changes.add(0, "kernel-spd: a change takes effect when the daemon starts again");
        }
        return changes;
    }

    /** Makes of the host what this says, which is checked. As {@link #call}. */
    List<String> make(Configuration configuration) throws ConfigException, RefusedException {
        List<InterfaceConfig> inOrder = configuration.interfaces();
        List<String> changes = new ArrayList<>();
        watch.setConfiguration(configuration);
        try {
            registry.batch(inOrder, () -> {
                apply(configuration, changes);
                dynamic.configure(configuration.dynamic(), registry.peers(), changes);
            });
        } finally {
            registry.peers().settleAgain(registry.all());
        }
        return changes;
    }

    /** Those that {@code ipsecifctl} made stay. */
    private void checkBesideOthers(Configuration configuration) throws ConfigException {
        List<InterfaceConfig> wanted = configuration.all();
        for (ManagedInterface each : registry.all()) {
            if (configuration.of(each.name()) == null
                    && each.isMade()
                    && !each.isFromConfiguration()
                    && !dynamic.isOne(each.name())) {
                wanted.add(each.config());
            }
        }
        planner.checkTogether(wanted);
    }

    private void apply(Configuration configuration, List<String> changes) throws ConfigException, RefusedException {
        destroyOthers(configuration, changes);
        for (InterfaceConfig config : configuration.interfaces()) {
            ManagedInterface existing = registry.find(config.name());
            if (existing == null) {
                ManagedInterface made = registry.createOrAdopt(config);
                made.setFromConfiguration(true);
                changes.add(config.name() + ": " + made.origin());
            } else {
                change(existing, config, changes);
            }
        }
    }

    /** Those that no file describes any more, and others' that no glob names any more. */
    private void destroyOthers(Configuration configuration, List<String> changes) {
        for (ManagedInterface each : registry.all()) {
            boolean configurable = each.isFromConfiguration() || !each.isMade();
            if (configurable && configuration.of(each.name()) == null) {
                registry.destroy(each);
                changes.add(each.name() + (each.isMade() ? ": destroyed" : ": let go"));
            }
        }
        for (String name : registry.vanished()) {
            if (configuration.of(name) == null) {
                registry.forget(name);
                changes.add(name + ": destroyed");
            }
        }
    }

    /** Also when nothing in the configuration differs: the template and the SA file may have changed. */
    private void change(ManagedInterface existing, InterfaceConfig config, List<String> changes)
            throws ConfigException, RefusedException {
        InterfaceConfig before = existing.config();
        registry.change(existing, config);
        existing.setFromConfiguration(true);
        if (!before.equals(existing.config())) {
            changes.add(config.name() + ": changed");
        }
    }

    /** What the files say, with their warnings logged. An {@code ipsecif_enable="NO"} means no interfaces. */
    static Configuration read(DaemonOptions options) throws ConfigException {
        Configuration configuration = ConfigurationReader.read(options.rcConfs(), options.conf());
        configuration.warnings().forEach(LOG::warn);
        return configuration;
    }

    /** Renders and reads all that belongs to the interfaces, without keeping it. */
    static void check(Planner planner, Configuration configuration) throws ConfigException {
        for (InterfaceConfig config : configuration.interfaces()) {
            check(planner, config);
        }
        for (InterfaceConfig config : configuration.dynamic().kinds()) {
            check(planner, config);
        }
        planner.checkTogether(configuration.all());
    }

    /** Likewise to one. */
    static InterfaceChange.Plan check(Planner planner, InterfaceConfig config) throws ConfigException {
        return planner.plan(config.reqid() == 0 ? config.withReqid(planner.someReqid()) : config);
    }
}
