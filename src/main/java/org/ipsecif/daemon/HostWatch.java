package org.ipsecif.daemon;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.ipsecif.config.ConfigException;
import org.ipsecif.config.Configuration;
import org.ipsecif.config.InterfaceConfig;
import org.ipsecif.control.DaemonControl.RefusedException;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.LinkMonitor;
import org.ipsecif.platform.PacketChannel;
import org.ipsecif.sa.InnerAddress;
import org.ipsecif.tunnel.Worker;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The hook for what others do: addresses that they give our interfaces or take away, and interfaces that they make and that the
 * configuration says are ours. A thread of its own waits for notices; all else happens on the control thread. Closed by who made it,
 * after which it looks no more.
 */
final class HostWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HostWatch.class);

    /** Between two looks: a look at thousands of interfaces takes its time. */
    private static final long REST_NANOS = 50_000_000L;

    private static final int MOST_WAITS = 20;

    private final LinkMonitor monitor;
    private final Host host;
    private final InterfaceRegistry registry;
    private final Thread thread = new Thread(this::watch, "link-monitor");
    private final AtomicBoolean queued = new AtomicBoolean();

    // Control thread only
    private Configuration configuration = Configuration.NONE;

    /** Interfaces that are ours, or were let go or refused, by the index that they had: nobody adopts them again. */
    private final Map<String, Integer> tried = new HashMap<>();

    /** How often we have waited for an interface to be ready. */
    private final Map<String, Integer> waits = new HashMap<>();

    /** By another program, and told: from which name to which. */
    private final Map<String, String> renamed = new HashMap<>();

    private boolean resting;
    private boolean pending;
    private boolean closed;
    private boolean failing;

    /** Takes over the monitor. */
    HostWatch(LinkMonitor monitor, Host host, InterfaceRegistry registry) {
        this.monitor = monitor;
        this.host = host;
        this.registry = registry;
        thread.setDaemon(true);
    }

    /** Says which interfaces are ours when somebody else makes them; those that were refused or let go are tried again. */
    void setConfiguration(Configuration next) {
        configuration = next;
        tried.clear();
    }

    /** Begins to watch. What happened before is found at the first look, which is soon. */
    void start() {
        thread.start();
        notice();
    }

    private void watch() {
        while (monitor.awaitReadable()) {
            int notices = monitor.receive();
            if (notices == PacketChannel.GONE) {
                LOG.error("the kernel's notices cannot be read any more: what others do to interfaces goes unnoticed");
                return;
            }
            if (notices > 0) {
                notice();
            }
        }
    }

    private void notice() {
        if (queued.compareAndSet(false, true)) {
            host.control().execute(this::lookOrRest);
        }
    }

    /** The first notice has us look at once; those of the time of rest that follows, at its end. */
    private void lookOrRest() {
        queued.set(false);
        if (closed || resting) {
            pending = true;
            return;
        }
        look();
        resting = true;
        host.control().after(REST_NANOS, () -> {
            resting = false;
            if (pending) {
                pending = false;
                notice();
            }
        });
    }

    /** Looks at all interfaces and addresses of the host. */
    void look() {
        try {
            Map<String, Integer> indices = host.links().indices();
            Map<Integer, List<InnerAddress>> addresses = host.links().addresses();
            registry.batch(List.of(), () -> {
                seeAddresses(indices, addresses);
                adoptOurs(indices);
            });
            failing = false;
        } catch (ErrnoException | ConfigException | RefusedException e) {
            if (!failing) {
                LOG.error("cannot look at the host's addresses: {}", e.getMessage());
            }
            failing = true;
        }
    }

    private void seeAddresses(Map<String, Integer> indices, Map<Integer, List<InnerAddress>> addresses) {
        for (ManagedInterface each : registry.all()) {
            int index = each.tunnel().index();
            tried.put(each.name(), index);
            if (indices.getOrDefault(each.name(), 0) == index) {
                registry.addresses().seen(each, addresses.getOrDefault(index, List.of()));
            } else if (indices.containsValue(index)) {
                tellRenamed(each, nameOf(index, indices));
            } else {
                registry.vanished(
                        each.name()); // also into another network namespace, where its worker would not notice
            }
        }
    }

    private static String nameOf(int index, Map<String, Integer> indices) {
        return indices.entrySet().stream()
                .filter(each -> each.getValue() == index)
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow();
    }

    /** Its index is what we go by; its name is what people go by, so they are told, once. */
    private void tellRenamed(ManagedInterface subject, String now) {
        if (!now.equals(renamed.put(subject.name(), now))) {
            LOG.warn(
                    "{}: another program renamed it {}; it is still {} here, and to be renamed back, or destroyed and made again",
                    subject.name(),
                    now,
                    subject.name());
        }
    }

    private void adoptOurs(Map<String, Integer> indices) {
        tried.entrySet().retainAll(indices.entrySet());
        indices.forEach(this::adoptIfOurs);
    }

    private void adoptIfOurs(String name, int index) {
        ManagedInterface known = registry.find(name);
        if (known != null) {
            pending |= known.tunnel().index() != index; // a namesake, of one that is about to be found gone
            return;
        }
        InterfaceConfig config = tried.containsKey(name) ? null : configuration.of(name);
        if (config == null || isBeingMade(name, index)) {
            return;
        }
        tried.put(name, index);
        waits.remove(name);
        try {
            registry.checkBeside(config);
            registry.createOrAdopt(config).setFromConfiguration(true);
        } catch (ConfigException | RefusedException e) {
            LOG.warn("{}: not adopted: {}", name, e.getMessage());
        }
    }

    /** Whoever makes a device has it open for a moment, in which it has a carrier and nobody else can open it. */
    private boolean isBeingMade(String name, int index) {
        boolean waiting = hasCarrier(index) && waits.merge(name, 1, Integer::sum) <= MOST_WAITS;
        pending |= waiting;
        return waiting;
    }

    private boolean hasCarrier(int index) {
        try {
            return host.links().link(index).carrier();
        } catch (ErrnoException e) {
            return false; // gone
        }
    }

    /** On the control thread. */
    @Override
    public void close() {
        closed = true;
        monitor.wakeup();
        Worker.awaitEnd(thread);
        monitor.close();
    }
}
