package org.ipsecif.sa;

import java.util.concurrent.atomic.AtomicLong;

/** Packets and bytes that passed in one direction. Bytes are those of inner packets. */
public final class TrafficCounters {
    private final AtomicLong packets = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();

    public void count(int length) {
        packets.getAndIncrement();
        bytes.getAndAdd(length);
    }

    public long packets() {
        return packets.get();
    }

    public long bytes() {
        return bytes.get();
    }
}
