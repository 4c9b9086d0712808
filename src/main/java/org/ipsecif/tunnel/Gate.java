package org.ipsecif.tunnel;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Lets threads in until it is shut, and whoever shuts it waits until all have left: a descriptor that was closed under a writer may be
 * another interface's a moment later. Inside nobody blocks.
 */
final class Gate {
    private static final long MOMENT = 10_000;
    private static final int SHUT = Integer.MIN_VALUE;

    /** How many are inside, and {@link #SHUT}. */
    private final AtomicInteger inside = new AtomicInteger();

    /** @return false if it is shut; else {@link #leave()} has to follow */
    boolean enter() {
        if (inside.incrementAndGet() > 0) {
            return true;
        }
        inside.decrementAndGet();
        return false;
    }

    void leave() {
        inside.decrementAndGet();
    }

    /** For good. Idempotent. */
    void shut() {
        int now;
        do {
            now = inside.get();
        } while (now >= 0 && !inside.compareAndSet(now, now | SHUT));
        while (inside.get() != SHUT) {
            LockSupport.parkNanos(MOMENT);
        }
    }
}
