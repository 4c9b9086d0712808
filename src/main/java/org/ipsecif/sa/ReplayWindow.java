package org.ipsecif.sa;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The anti-replay window of RFC 4303 section 3.4.3, as a ring of bits (RFC 6479): sliding it clears words, it never
 * shifts them. {@link #check} before the ICV is verified, {@link #advance} after. One thread, the SA's inbound walk;
 * others may read {@link #highest()}.
 */
public final class ReplayWindow {
    public static final int MIN_SIZE = 32;
    public static final int MAX_SIZE = 65_536;

    private static final int WORD_BITS = 64;
    private static final int WORD_SHIFT = 6;

    private final int size;
    private final long[] ring;
    private final int ringMask;
    /** Written by one thread. */
    private final AtomicLong highest = new AtomicLong();

    /**
     * A window that has seen nothing.
     *
     * @param size packets, {@link #MIN_SIZE} to {@link #MAX_SIZE}; 0 accepts everything
     */
    public ReplayWindow(int size) {
        if (size != 0 && (size < MIN_SIZE || size > MAX_SIZE)) {
            throw new IllegalArgumentException(
                    "replay window of " + size + " packets is not 0 or " + MIN_SIZE + " to " + MAX_SIZE);
        }
        this.size = size;
        // One word more than the window, so that the word being entered never holds part of the window's tail.
        int words = Integer.highestOneBit(Math.max(1, size / WORD_BITS)) * 2;
        ring = new long[words * WORD_BITS >= size + WORD_BITS ? words : words * 2];
        ringMask = ring.length - 1;
    }

    /** Packets. */
    public int size() {
        return size;
    }

    /** The highest sequence number authenticated so far, 0 before the first. */
    public long highest() {
        return highest.get();
    }

    /**
     * RFC 4303 appendix A2.2: the 64-bit sequence number that the sender meant, from its low half and the window's place.
     *
     * @return negative if it would lie before the first packet
     */
    public long extend(int low) {
        long sequence = Integer.toUnsignedLong(low);
        long top = highest.getPlain();
        long topHigh = top >>> Integer.SIZE;
        long topLow = top & 0xffff_ffffL;
        long bottomLow = topLow - size + 1; // negative: the window reaches into the subspace before (case B)
        if (bottomLow >= 0) {
            return (sequence >= bottomLow ? topHigh : topHigh + 1) << Integer.SIZE | sequence;
        }
        boolean before = sequence >= bottomLow + (1L << Integer.SIZE);
        return before && topHigh == 0 ? -1 : (before ? topHigh - 1 : topHigh) << Integer.SIZE | sequence;
    }

    /** Whether {@code sequence} is new and not too old. Changes nothing. Sequence number 0 is never sent (3.3.3). */
    public boolean check(long sequence) {
        if (size == 0) {
            return true;
        }
        long top = highest.getPlain();
        if (sequence > top) {
            return true;
        }
        if (sequence == 0 || top - sequence >= size) {
            return false;
        }
        return (ring[wordOf(sequence)] & bitOf(sequence)) == 0;
    }

    /** Records an authenticated sequence number that {@link #check} let through. */
    public void advance(long sequence) {
        long top = highest.getPlain();
        if (sequence > top) {
            long from = top >>> WORD_SHIFT;
            long to = sequence >>> WORD_SHIFT;
            long steps = Math.min(to - from, ring.length);
            for (long i = 1; i <= steps; i++) {
                ring[(int) (from + i) & ringMask] = 0;
            }
            highest.setRelease(sequence);
        }
        if (size > 0) {
            ring[wordOf(sequence)] |= bitOf(sequence);
        }
    }

    /**
     * Goes on where another window stopped: everything up to {@code sequence} counts as received, since what was and what was
     * not is unknown. For a window that has seen nothing.
     *
     * @param sequence positive
     */
    public void startAfter(long sequence) {
        Arrays.fill(ring, -1);
        ring[wordOf(sequence)] = -1L >>> (WORD_BITS - 1 - (int) (sequence & (WORD_BITS - 1)));
        highest.setRelease(sequence);
    }

    private int wordOf(long sequence) {
        return (int) (sequence >>> WORD_SHIFT) & ringMask;
    }

    private static long bitOf(long sequence) {
        return 1L << (sequence & (WORD_BITS - 1));
    }
}
