package org.ipsecif.load;

import java.util.BitSet;

/** What came of one flow, whose datagrams were sent with the numbers 0, 1, 2 and so on. */
final class FlowTally {
    private final BitSet seen = new BitSet();
    private int next;
    private int distinct;
    private int late;
    private int twice;

    /** One came. */
    void add(int number) {
        if (seen.get(number)) {
            twice++;
            return;
        }
        seen.set(number);
        distinct++;
        if (number < next) {
            late++;
        } else {
            next = number + 1;
        }
    }

    /** One more than the highest number that came. */
    int next() {
        return next;
    }

    /** How many came, those that came again not counted. */
    int received() {
        return distinct;
    }

    /** How many below {@link #next} did not come. */
    int missing() {
        return next - distinct;
    }

    /** How many came behind one with a higher number. */
    int late() {
        return late;
    }

    /** How many came that had come before. */
    int twice() {
        return twice;
    }
}
