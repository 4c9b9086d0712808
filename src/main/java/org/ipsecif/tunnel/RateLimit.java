package org.ipsecif.tunnel;

import java.util.function.LongSupplier;

/** A token bucket that holds one second's worth. One thread. */
final class RateLimit {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final long nanosPerToken;
    private final LongSupplier nanoClock;
    private final long capacityNanos;
    private long balanceNanos;
    private long lastNanos;

    /** @param nanoClock monotonic */
    RateLimit(int perSecond, LongSupplier nanoClock) {
        this.nanosPerToken = NANOS_PER_SECOND / perSecond;
        this.nanoClock = nanoClock;
        this.capacityNanos = NANOS_PER_SECOND;
        this.balanceNanos = capacityNanos;
        this.lastNanos = nanoClock.getAsLong();
    }

    /** Whether one more may pass now; takes its token if so. */
    boolean allows() {
        long now = nanoClock.getAsLong();
        balanceNanos = Math.min(capacityNanos, balanceNanos + (now - lastNanos));
        lastNanos = now;
        if (balanceNanos < nanosPerToken) {
            return false;
        }
        balanceNanos -= nanosPerToken;
        return true;
    }
}
