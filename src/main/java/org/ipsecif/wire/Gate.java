package org.ipsecif.wire;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Around what somebody may take away while others use it, a key or a descriptor: lets threads in until it is shut, and tells who was the
 * last inside. Any thread.
 */
public final class Gate {
    private static final long MOMENT = 10_000;
    private static final int SHUT = Integer.MIN_VALUE;

    /** How many are inside, and {@link #SHUT}. */
    private final AtomicInteger inside = new AtomicInteger();

    /** @return false if it is shut; else {@link #leave()} has to follow */
    public boolean enter() {
        int now;
        do {
            now = inside.get();
            if (now < 0) {
                return false;
            }
        } while (!inside.compareAndSet(now, now + 1));
        return true;
    }

    /** @return true for the last, if it is shut: nobody will be inside any more */
    public boolean leave() {
        return inside.decrementAndGet() == SHUT;
    }

    /**
     * For good.
     *
     * @return true once, if nobody is inside: nobody will be any more. Else that is told to who leaves last
     */
    public boolean shut() {
        int now;
        do {
            now = inside.get();
            if (now < 0) {
                return false;
            }
        } while (!inside.compareAndSet(now, now | SHUT));
        return now == 0;
    }

    /** Waits until nobody is inside of what has been shut. For gates inside of which nobody blocks. */
    public void awaitEmpty() {
        while (inside.get() != SHUT) {
            LockSupport.parkNanos(MOMENT);
        }
    }
}
