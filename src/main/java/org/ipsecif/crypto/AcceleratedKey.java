package org.ipsecif.crypto;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * An SA's key in an accelerator's memory. It is wiped as soon as it is closed and no burst uses it: a worker that still has packets of an
 * SA that is gone must not seal them with what is left of its key.
 */
public abstract class AcceleratedKey implements AutoCloseable {
    private static final int CLOSED = Integer.MIN_VALUE;

    /** How many bursts use it, and {@link #CLOSED}. */
    private final AtomicInteger users = new AtomicInteger();

    /** @return false if it is closed; else {@link #release()} has to follow */
    public final boolean acquire() {
        int now;
        do {
            now = users.get();
            if (now < 0) {
                return false;
            }
        } while (!users.compareAndSet(now, now + 1));
        return true;
    }

    public final void release() {
        if (users.decrementAndGet() == CLOSED) {
            wipe();
        }
    }

    /** Idempotent. */
    @Override
    public final void close() {
        int now;
        do {
            now = users.get();
            if (now < 0) {
                return;
            }
        } while (!users.compareAndSet(now, now | CLOSED));
        if (now == 0) {
            wipe();
        }
    }

    /** Overwrites it. Once, by whoever was the last. */
    protected abstract void wipe();
}
