package org.ipsecif.platform;

/**
 * The datagrams that one receive brought, and what their outer headers say. A flyweight: one per thread, filled anew each time.
 */
public final class Datagrams {
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
