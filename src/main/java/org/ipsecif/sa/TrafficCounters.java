package org.ipsecif.sa;

import java.util.concurrent.atomic.AtomicLong;

/** Packets and bytes that passed in one direction. Bytes are those of inner packets. */
public final class TrafficCounters {
    private final AtomicLong packets = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();

    public void count(int length) {
        count(1, length);
    }

    /** @param length bytes of all */
    public void count(int number, int length) {
        packets.getAndAdd(number);
        bytes.getAndAdd(length);
    }

    public long packets() {
        return packets.get();
    }

    public long bytes() {
        return bytes.get();
    }
}
