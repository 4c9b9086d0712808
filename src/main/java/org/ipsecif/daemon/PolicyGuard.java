package org.ipsecif.daemon;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.ipsecif.daemon.KernelSpd.Differences;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.KernelEvent;
import org.ipsecif.platform.KernelMonitor;
import org.ipsecif.platform.PacketChannel;
import org.ipsecif.sa.PolicyKey;
import org.ipsecif.tunnel.Worker;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices what others delete from or change in our part of the kernel's SPD, and puts it back, or leaves it. A thread of its own
 * reads the kernel's events and collects which entries they are about; all else happens on the control thread. Closed by who made
 * it, after which it looks no more.
 */
final class PolicyGuard implements AutoCloseable {
    /** What to do about others' changes of our entries. */
    enum Response {
        RESTORE,
        LEAVE
    }

    /** Runs something on the control thread, later. */
    interface Delay {
        void after(long nanos, Runnable task);
    }

    private static final Logger LOG = LoggerFactory.getLogger(PolicyGuard.class);

    /** Between two looks: whoever changes thousands of entries, or always the same one, takes no more of our time. */
    static final long REST_NANOS = 100_000_000L;

    private static final int MOST_KEYS = 1_000;
    private static final int MOST_NAMES = 4;

    /** Entries that events were about; shared by the two threads, under its own lock. */
    private static final class Touched {
        private Set<PolicyKey> keys = new HashSet<>();
        private boolean any;

        /** @return whether these are the first since the last {@link #take} */
        synchronized boolean add(Set<PolicyKey> more, boolean all) {
            boolean first = isEmpty();
            keys.addAll(more);
            if (all || keys.size() > MOST_KEYS) {
                any = true;
                keys.clear();
            }
            return first;
        }

        synchronized boolean isEmpty() {
            return keys.isEmpty() && !any;
        }

        synchronized boolean take(KernelSpd kernel) {
            boolean concerned = any || kernel.concerns(keys);
            keys = new HashSet<>();
            any = false;
            return concerned;
        }
    }

    private final KernelMonitor monitor;
    private final KernelSpd kernel;
    private final Executor control;
    private final Delay delay;
    private final Response response;
    private final Touched touched = new Touched();
    private final Thread thread;
    private final AtomicLong restored = new AtomicLong();

    // Control thread only
    private boolean resting;
    private boolean closed;
    private boolean failing;
    private Differences left = new Differences(List.of(), List.of(), List.of());

    /**
     * Takes over the monitor.
     *
     * @param control runs tasks on the control thread, in their order
     * @param delay as well, later
     */
    PolicyGuard(KernelMonitor monitor, KernelSpd kernel, Executor control, Delay delay, Response response) {
        this.monitor = monitor;
        this.kernel = kernel;
        this.control = control;
        this.delay = delay;
        this.response = response;
        thread = new Thread(this::watch, "kernel-monitor");
        thread.setDaemon(true);
    }

    /** Begins to watch. What happened before is found at the first look, which is now. */
    void start() {
        kernel.setWatched(true);
        thread.start();
        touch(Set.of(), true);
    }

    /** How many entries were put back. */
    long restored() {
        return restored.get();
    }

    private void watch() {
        boolean going = true;
        while (going && monitor.awaitReadable()) {
            try {
                going = monitor.receive(this::note) != PacketChannel.GONE;
            } catch (RuntimeException e) {
                LOG.error("fault in reading the kernel's events, which goes on", e);
                note(new KernelEvent.Lost());
            }
        }
        kernel.setWatched(false);
        if (!going) {
            LOG.error("the kernel's events cannot be read any more: what others do to our policies goes unnoticed");
        }
    }

    private void note(KernelEvent event) {
        if (event instanceof KernelEvent.PolicyChanged changed) {
            if (changed.origin() != kernel.origin()) {
                kernel.othersChanged();
                PolicyKey key = changed.policy().key();
                boolean any = key == null && changed.change() == KernelEvent.Change.REMOVED;
                touch(key == null ? Set.of() : Set.of(key), any);
            }
        } else if (event instanceof KernelEvent.PoliciesFlushed || event instanceof KernelEvent.Lost) {
            kernel.othersChanged();
            touch(Set.of(), true);
        }
    }

    private void touch(Set<PolicyKey> keys, boolean all) {
        if ((all || !keys.isEmpty()) && touched.add(keys, all)) {
            control.execute(this::look);
        }
    }

    /** The first event has us look at once; those of the time of rest that follows, at its end. */
    private void look() {
        if (closed || resting || !touched.take(kernel)) {
            return;
        }
        check();
        resting = true;
        delay.after(REST_NANOS, () -> {
            resting = false;
            if (!touched.isEmpty()) {
                look();
            }
        });
    }

    private void check() {
        try {
            Differences all = kernel.differences();
            Differences found = new Differences(all.missing(), all.altered(), List.of());
            if (response == Response.RESTORE && !found.isEmpty()) {
                String names = names(found);
                int repaired = kernel.repair(found);
                restored.addAndGet(repaired);
                report(found, names, repaired + " put back");
            } else if (!found.isEmpty() && !found.equals(left)) {
                report(found, names(found), "left so, as configured");
            }
            left = found;
            failing = false;
        } catch (ErrnoException e) {
            if (!failing) {
                LOG.error("cannot compare the kernel's SPD with ours, and try again: {}", e.getMessage());
            }
            failing = true;
            touch(Set.of(), true);
        }
    }

    private static void report(Differences found, String names, String outcome) {
        LOG.warn(
                "other programs deleted {} and changed {} of our policies in the kernel's SPD: {}: {}",
                found.missing().size(),
                found.altered().size(),
                names,
                outcome);
    }

    private String names(Differences found) {
        String some = Stream.concat(found.missing().stream(), found.altered().stream())
                .limit(MOST_NAMES)
                .map(kernel::describe)
                .collect(Collectors.joining(", "));
        return found.missing().size() + found.altered().size() > MOST_NAMES ? some + ", ..." : some;
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
