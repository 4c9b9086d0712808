package org.ipsecif.sa;

import java.util.concurrent.atomic.AtomicLong;

/** Packets and bytes that passed in one direction. Bytes are those of inner packets. */
public final class TrafficCounters {
    private final AtomicLong packets = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();

    /** @param length bytes of all */
    public void count(int number, int length) {
        packets.getAndAdd(number);
        bytes.getAndAdd(length);
    }

    /** As {@link #count}, a packet of what one thread alone counts, which need not lock the memory. */
    void countAlone(int length) {
        packets.setRelease(packets.getPlain() + 1);
        bytes.setRelease(bytes.getPlain() + length);
    }

    public long packets() {
        return packets.get();
    }

    public long bytes() {
        return bytes.get();
    }
}
