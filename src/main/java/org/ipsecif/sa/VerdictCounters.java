package org.ipsecif.sa;

import java.util.concurrent.atomic.AtomicLongArray;

/** One count per {@link Verdict}. Any thread counts, any thread reads, nobody waits. */
@SuppressWarnings("EnumOrdinal") // an index within this process, never stored
public final class VerdictCounters {
    private static final int SIZE = Verdict.values().length;

    private final AtomicLongArray counts = new AtomicLongArray(SIZE);

    public void count(Verdict verdict) {
        counts.getAndIncrement(verdict.ordinal());
    }

    /** Counts several packets. */
    public void count(Verdict verdict, int packets) {
        counts.getAndAdd(verdict.ordinal(), packets);
    }

    /** Adds what another has counted. */
    public void addAll(VerdictCounters other) {
        for (int i = 0; i < SIZE; i++) {
            counts.getAndAdd(i, other.counts.get(i));
        }
    }

    public long get(Verdict verdict) {
        return counts.get(verdict.ordinal());
    }
}
