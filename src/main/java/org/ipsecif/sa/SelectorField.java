package org.ipsecif.sa;

import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * One field of a packet, its values cut at every place where the set of selectors that take them changes. Each interval between
 * two cuts has a row of bits: bit {@code i} says whether selector {@code i} takes the values in it. Values are 128 bits,
 * unsigned. Immutable.
 */
final class SelectorField {
    /** Turns the order of signed numbers into that of unsigned ones. */
    private static final long SIGN = Long.MIN_VALUE;

    /** The values that one selector takes: both ends belong to them. None if the last is before the first. */
    record Range(long firstHigh, long firstLow, long lastHigh, long lastLow) {
        static Range of(long first, long last) {
            return new Range(0, first, 0, last);
        }

        boolean isEmpty() {
            int high = Long.compareUnsigned(firstHigh, lastHigh);
            return high > 0 || (high == 0 && Long.compareUnsigned(firstLow, lastLow) > 0);
        }
    }

    private record Cut(long high, long low) implements Comparable<Cut> {
        @Override
        public int compareTo(Cut other) {
            int byHigh = Long.compareUnsigned(high, other.high);
            return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
        }
    }

    private final int words;
    private final boolean wide;
    private final long[] highs;
    private final long[] lows;
    private final long[] rows;

    /**
     * @param ranges one for each selector
     * @param wide whether values have more than 64 bits
     */
    SelectorField(List<Range> ranges, boolean wide) {
        this(wide, ranges.stream().map(List::of).toList());
    }

    private SelectorField(boolean wide, List<List<Range>> sets) {
        this.wide = wide;
        this.words = (sets.size() + 63) / 64;
        List<Cut> cuts = cuts(sets.stream().flatMap(List::stream).toList());
        highs = cuts.stream().mapToLong(cut -> cut.high() ^ SIGN).toArray();
        lows = cuts.stream().mapToLong(cut -> cut.low() ^ SIGN).toArray();
        rows = new long[cuts.size() * words];
        for (int i = 0; i < sets.size(); i++) {
            for (Range range : sets.get(i)) {
                if (!range.isEmpty()) {
                    mark(i, range);
                }
            }
        }
    }

    /** @param sets any number of ranges for each selector */
    static SelectorField ofSets(List<List<Range>> sets, boolean wide) {
        return new SelectorField(wide, sets);
    }

    /** The first value of each interval, in ascending order; the first of all is 0. */
    private static List<Cut> cuts(List<Range> ranges) {
        SortedSet<Cut> cuts = new TreeSet<>();
        cuts.add(new Cut(0, 0));
        for (Range range : ranges) {
            cuts.add(new Cut(range.firstHigh(), range.firstLow()));
            boolean carry = range.lastLow() == -1;
            if (!carry || range.lastHigh() != -1) { // behind the last value of all there is nothing
                cuts.add(new Cut(range.lastHigh() + (carry ? 1 : 0), range.lastLow() + 1));
            }
        }
        return List.copyOf(cuts);
    }

    private void mark(int selector, Range range) {
        int last = interval(range.lastHigh(), range.lastLow());
        for (int at = interval(range.firstHigh(), range.firstLow()); at <= last; at++) {
            rows[at * words + selector / 64] |= 1L << selector;
        }
    }

    /** Where the row of a value begins in {@link #rows()}. */
    int row(long high, long low) {
        return interval(high, low) * words;
    }

    long[] rows() {
        return rows;
    }

    private int interval(long high, long low) {
        return wide ? search(high ^ SIGN, low ^ SIGN) : search(low ^ SIGN);
    }

    /** Halves what is left with a conditional move: the processor need not guess the way. */
    private int search(long low) {
        int at = 0;
        int left = lows.length;
        while (left > 1) {
            int half = left >>> 1;
            at = lows[at + half] <= low ? at + half : at;
            left -= half;
        }
        return at;
    }

    private int search(long high, long low) {
        int at = 0;
        int left = lows.length;
        while (left > 1) {
            int half = left >>> 1;
            long middle = highs[at + half];
            at = middle < high || (middle == high && lows[at + half] <= low) ? at + half : at;
            left -= half;
        }
        return at;
    }
}
