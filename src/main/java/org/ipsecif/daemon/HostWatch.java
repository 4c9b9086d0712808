package org.ipsecif.daemon;

import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.LinkMonitor;
import org.ipsecif.platform.PacketChannel;
import org.ipsecif.sa.InnerAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The hook for what others do: addresses that they give our interfaces or take away. A thread of its own waits for notices; all else
 * happens on the control thread. Closed by who made it, after which it looks no more.
 */
final class HostWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HostWatch.class);

    /** Between two looks: a look at thousands of interfaces takes its time. */
    private static final long REST_NANOS = 50_000_000L;

    private final LinkMonitor monitor;
    private final Host host;
    private final InterfaceRegistry registry;
    private final Thread thread = new Thread(this::watch, "link-monitor");
    private final AtomicBoolean queued = new AtomicBoolean();

    // Control thread only
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

    private void look() {
        try {
            Map<Integer, List<InnerAddress>> addresses = host.links().addresses();
            for (ManagedInterface each : registry.all()) {
                registry.addressesSeen(
                        each, addresses.getOrDefault(each.tunnel().index(), List.of()));
            }
            failing = false;
        } catch (ErrnoException e) {
            if (!failing) {
                LOG.error("cannot look at the host's addresses: {}", e.getMessage());
            }
            failing = true;
        }
    }

    /** On the control thread. */
    @Override
    public void close() {
        closed = true;
        monitor.wakeup();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        monitor.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
