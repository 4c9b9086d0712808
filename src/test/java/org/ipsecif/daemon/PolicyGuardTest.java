package org.ipsecif.daemon;

import static org.ipsecif.daemon.Policies.entries;
import static org.ipsecif.daemon.Policies.protect;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.AbstractList;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.ipsecif.daemon.PolicyGuard.Response;
import org.ipsecif.platform.InstalledPolicy;
import org.ipsecif.platform.KernelEvent;
import org.ipsecif.platform.KernelEvent.Change;
import org.ipsecif.platform.KernelMonitor;
import org.ipsecif.sa.PolicyKey;
import org.ipsecif.sa.SecurityPolicy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The test runs what the guard queues for the control thread, so that it knows when a look has been taken. */
class PolicyGuardTest {
    private static final int OTHERS = 7;
    private static final KernelEvent LOST = new KernelEvent.Lost();

    /** Hands over what a test puts in, batch by batch. */
    private static final class Events implements KernelMonitor {
        private final BlockingQueue<List<KernelEvent>> queue = new LinkedBlockingQueue<>();
        private static final List<KernelEvent> END = List.of();
        private static final List<KernelEvent> LAST = List.of(LOST);
        private volatile boolean faulty;
        private List<KernelEvent> next = END;

        @Override
        public boolean awaitReadable() {
            try {
                next = queue.take();
                return next != END;
            } catch (InterruptedException e) {
                return false;
            }
        }

        @Override
        public int receive(Consumer<KernelEvent> listener) {
            next.forEach(listener);
            if (faulty) {
                faulty = false;
                throw new IllegalStateException("planned");
            }
            return next == LAST ? GONE : 1;
        }

        @Override
        public void nudge() {}

        @Override
        public void wakeup() {
            queue.add(END);
        }

        @Override
        public void close() {}
    }

    private final MemorySpd kernel = new MemorySpd();
    private final KernelSpd spd = new KernelSpd(kernel);
    private final Events events = new Events();
    private final BlockingQueue<Runnable> control = new LinkedBlockingQueue<>();
    private final Deque<Runnable> later = new ArrayDeque<>();
    private final List<SecurityPolicy> policies = List.of(protect("10.1.0.0/16", 1), protect("10.2.0.0/16", 1));
    private PolicyGuard guard = guard(Response.RESTORE);

    private PolicyGuard guard(Response response) {
        PolicyGuard.Delay delay = (nanos, task) -> {
            assertEquals(PolicyGuard.REST_NANOS, nanos);
            later.add(task);
        };
        return new PolicyGuard(events, spd, control::add, delay, response);
    }

    private void start() throws Exception {
        spd.replace("ipsec0", List.of(), policies, new Undo());
        guard.start();
        look();
        rest();
        assertEquals(0, guard.restored());
    }

    @AfterEach
    void close() {
        guard.close();
    }

    /** Waits for the monitor's thread to ask for the control thread, and is it. */
    private void look() throws InterruptedException {
        Runnable task = control.poll(30, TimeUnit.SECONDS);
        if (task == null) {
            fail("nothing was queued");
        } else {
            task.run();
        }
    }

    private void rest() {
        later.remove().run();
    }

    private static KernelEvent removal(int origin, SecurityPolicy policy) {
        return new KernelEvent.PolicyChanged(origin, Change.REMOVED, InstalledPolicy.of(policy));
    }

    private void remove(SecurityPolicy policy) {
        kernel.entries.remove(PolicyKey.of(policy));
        events.queue.add(List.of(removal(OTHERS, policy)));
    }

    @Test
    void whatOthersDeleteIsPutBackAndCounted() throws Exception {
        start();
        remove(policies.get(1));
        look();
        assertEquals(entries(policies), kernel.entries);
        assertEquals(1, guard.restored());
    }

    @Test
    void whatOthersChangeIsPutBackAndCounted() throws Exception {
        start();
        SecurityPolicy changed = protect("10.2.0.0/16", 77);
        kernel.put(changed);
        events.queue.add(List.of(new KernelEvent.PolicyChanged(OTHERS, Change.UPDATED, InstalledPolicy.of(changed))));
        look();
        assertEquals(entries(policies), kernel.entries);
        assertEquals(1, guard.restored());
    }

    /** FreeBSD tells nothing but the number. */
    @Test
    void anEntryThatOthersRemoveByItsNumberIsPutBack() throws Exception {
        start();
        InstalledPolicy numbered = new InstalledPolicy(null, null, Set.of(), 7);
        kernel.entries.remove(PolicyKey.of(policies.get(1)));
        events.queue.add(List.of(new KernelEvent.PolicyChanged(OTHERS, Change.REMOVED, numbered)));
        look();
        assertEquals(entries(policies), kernel.entries);
    }

    @Test
    void flushAndLossOfEventsLeadToALookAtEverything() throws Exception {
        start();
        for (KernelEvent event : List.of(new KernelEvent.PoliciesFlushed(OTHERS), LOST)) {
            kernel.entries.clear();
            events.queue.add(List.of(event));
            look();
            assertEquals(entries(policies), kernel.entries);
            rest();
        }
        assertEquals(4, guard.restored());
    }

    @Test
    void ourOwnChangesAndOthersEntriesAndSasLeadToNoLook() throws Exception {
        start();
        int dumps = kernel.dumps;
        events.queue.add(List.of(
                removal(MemorySpd.ORIGIN, policies.get(0)),
                new KernelEvent.PolicyChanged(
                        MemorySpd.ORIGIN, Change.REMOVED, new InstalledPolicy(null, null, Set.of(), 7)),
                new KernelEvent.SasFlushed(OTHERS),
                new KernelEvent.PolicyChanged(OTHERS, Change.ADDED, new InstalledPolicy(null, null, Set.of())),
                removal(OTHERS, protect("10.1.0.0/16", 1, OTHERS))));
        look();
        assertEquals(dumps, kernel.dumps);
        assertTrue(control.isEmpty() && later.isEmpty());
    }

    @Test
    void manyEventsLeadToOneLookAtOnceAndOneWhenTheRestIsOver() throws Exception {
        start();
        remove(policies.get(0));
        look();
        int dumps = kernel.dumps;
        for (int i = 0; i < 1_000; i++) {
            remove(policies.get(i % 2));
        }
        look();
        assertEquals(dumps, kernel.dumps, "it rests");
        events.queue.add(List.of(LOST));
        awaitAllRead();
        rest();
        assertEquals(dumps + 1, kernel.dumps);
        assertEquals(entries(policies), kernel.entries);
        assertEquals(3, guard.restored());
        assertTrue(control.isEmpty());
        rest();
        assertEquals(dumps + 1, kernel.dumps);
    }

    /** The monitor's thread is back in its wait for more once it has taken a batch that nobody hears of. */
    private void awaitAllRead() throws InterruptedException {
        CountDownLatch read = new CountDownLatch(1);
        events.queue.add(new AbstractList<>() {
            @Override
            public KernelEvent get(int index) {
                read.countDown();
                return new KernelEvent.SasFlushed(OTHERS);
            }

            @Override
            public int size() {
                return 1;
            }
        });
        assertTrue(read.await(30, TimeUnit.SECONDS));
    }

    @Test
    void asConfiguredItIsLeft() throws Exception {
        guard = guard(Response.LEAVE);
        start();
        remove(policies.get(0));
        look();
        assertEquals(entries(policies.subList(1, 2)), kernel.entries);
        assertEquals(0, guard.restored());
    }

    @Test
    void lookThatFailsIsTakenAgain() throws Exception {
        start();
        kernel.broken = true;
        remove(policies.get(0));
        look();
        look(); // queued by the failure, and waits for the rest to be over
        kernel.broken = false;
        rest();
        assertEquals(entries(policies), kernel.entries);
    }

    @Test
    void faultInTheMonitorLeadsToALook() throws Exception {
        start();
        events.faulty = true;
        kernel.entries.clear();
        events.queue.add(List.of(new KernelEvent.SasFlushed(OTHERS)));
        look();
        assertEquals(entries(policies), kernel.entries);
    }

    @Test
    void idsOfOthersAreReadAgainAfterTheirChangesAndAlwaysOnceNobodyWatches() throws Exception {
        start();
        spd.idsInUse();
        int dumps = kernel.dumps;
        spd.idsInUse();
        assertEquals(dumps, kernel.dumps);
        events.queue.add(List.of(removal(OTHERS, protect("10.1.0.0/16", 1, OTHERS))));
        look();
        spd.idsInUse();
        assertEquals(dumps + 1, kernel.dumps);
        events.queue.add(Events.LAST);
        look();
        guard.close();
        int before = kernel.dumps;
        spd.idsInUse();
        spd.idsInUse();
        assertEquals(before + 2, kernel.dumps);
    }

    @Test
    void closedGuardLooksNoMore() throws Exception {
        start();
        remove(policies.get(0));
        Runnable queued = control.poll(30, TimeUnit.SECONDS);
        guard.close();
        int dumps = kernel.dumps;
        if (queued == null) {
            fail("nothing was queued");
        } else {
            queued.run();
        }
        assertEquals(dumps, kernel.dumps);
    }
}
