package org.ipsecif.platform;

import java.nio.ByteBuffer;

/**
 * The datagrams that one receive brought, and what their outer headers say. A flyweight: one per thread, filled anew each time.
 */
public final class Datagrams {
    private static final int MIN_IPV4_HEADER = 20;

    private final int[] offsets;
    private final int[] lengths;
    private final int[] trafficClasses;
    private final int[] hopLimits;
    private int count;

    /** @param most datagrams there may be */
    public Datagrams(int most) {
        offsets = new int[most];
        lengths = new int[most];
        trafficClasses = new int[most];
        hopLimits = new int[most];
    }

    public int capacity() {
        return offsets.length;
    }

    public int count() {
        return count;
    }

    public void clear() {
        count = 0;
    }

    /** @param length 0 is a datagram too */
    public void add(int offset, int length, int trafficClass, int hopLimit) {
        offsets[count] = offset;
        lengths[count] = length;
        trafficClasses[count] = trafficClass;
        hopLimits[count] = hopLimit;
        count++;
    }

    /**
     * Adds one that lies behind its IPv4 header, as raw sockets hand it over; of what is too short for a header, nothing.
     *
     * @param at where the header begins
     * @param length bytes, with the header
     */
    public void addWithHeader(ByteBuffer bytes, int at, int length) {
        if (length < MIN_IPV4_HEADER) {
            add(at, 0, 0, 0);
            return;
        }
        int header = Math.min(length, (bytes.get(at) & 0xf) * 4);
        add(at + header, length - header, bytes.get(at + 1) & 0xff, bytes.get(at + 8) & 0xff);
    }

    public int offset(int index) {
        return offsets[index];
    }

    public int length(int index) {
        return lengths[index];
    }

    public int trafficClass(int index) {
        return trafficClasses[index];
    }

    public int hopLimit(int index) {
        return hopLimits[index];
    }
}
