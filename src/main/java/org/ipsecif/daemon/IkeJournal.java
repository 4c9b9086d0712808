package org.ipsecif.daemon;

import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.ipsecif.control.IkeEvent;
import org.jspecify.annotations.Nullable;

/** The last events of each interface's IKE, and of strangers, in bounded memory. Any thread; nobody waits for a reader. */
final class IkeJournal {
    /** Events that are kept of an interface, and of all strangers together. */
    static final int KEPT = 100;

    private final Clock clock;
    private final Map<String, Deque<IkeEvent>> byInterface = new HashMap<>();
    private final Deque<IkeEvent> ofStrangers = new ArrayDeque<>();
    private long last;

    IkeJournal(Clock clock) {
        this.clock = clock;
    }

    /** From now on the interface has events of its own. */
    synchronized void open(String name) {
        byInterface.computeIfAbsent(name, key -> new ArrayDeque<>());
    }

    /** It is no more. */
    synchronized void forget(String name) {
        byInterface.remove(name);
    }

    synchronized IkeEvent add(String kind, String peer, String text) {
        IkeEvent event = new IkeEvent(++last, clock.instant().toString(), kind, peer, text);
        Deque<IkeEvent> ring = byInterface.getOrDefault(peer, ofStrangers);
        if (ring.size() == KEPT) {
            ring.remove();
        }
        ring.add(event);
        notifyAll();
        return event;
    }

    /** The number of the last event; 0 before the first. */
    synchronized long last() {
        return last;
    }

    /** In order. @param name of an interface, or null for all and for strangers; @param most the last ones */
    synchronized List<IkeEvent> events(@Nullable String name, int most) {
        List<IkeEvent> all = new ArrayList<>();
        if (name != null) {
            all.addAll(byInterface.getOrDefault(name, new ArrayDeque<>()));
        } else {
            byInterface.values().forEach(all::addAll);
            all.addAll(ofStrangers);
            all.sort(Comparator.comparingLong(IkeEvent::number));
        }
        return List.copyOf(all.subList(Math.max(0, all.size() - most), all.size()));
    }

    /** An interface's last event of a kind after the one of that number, or null. @param kind null for any */
    @Nullable
    IkeEvent lastOf(String name, @Nullable String kind, long after) {
        IkeEvent found = null;
        for (IkeEvent each : events(name, KEPT)) {
            if (each.number() > after && (kind == null || each.kind().equals(kind))) {
                found = each;
            }
        }
        return found;
    }

    /** Waits for an event after the one of that number, of whomever, at most so long. */
    synchronized void await(long number, long millis) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        long left = millis;
        while (last == number && left > 0) {
            wait(left);
            left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        }
    }
}
