package org.ipsecif.sa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplayWindowTest {
    private static boolean receive(ReplayWindow window, long sequence) {
        boolean fresh = window.check(sequence);
        if (fresh) {
            window.advance(sequence);
        }
        return fresh;
    }

    @Test
    void acceptsEachNumberOnce() {
        ReplayWindow window = new ReplayWindow(64);
        assertTrue(receive(window, 1));
        assertFalse(receive(window, 1));
        assertTrue(receive(window, 3));
        assertTrue(receive(window, 2));
        assertFalse(receive(window, 2));
        assertFalse(receive(window, 3));
    }

    @Test
    void neverAcceptsZero() {
        assertFalse(new ReplayWindow(64).check(0));
    }

    @ParameterizedTest
    @ValueSource(ints = {32, 33, 63, 64, 65, 128, 1000, 1024, 65_536})
    void hasExactlyItsSize(int size) {
        ReplayWindow window = new ReplayWindow(size);
        window.advance(200_000);
        assertTrue(window.check(200_000 - size + 1), "oldest inside");
        assertFalse(window.check(200_000 - size), "newest outside");
    }

    @Test
    void checkAloneChangesNothing() {
        ReplayWindow window = new ReplayWindow(32);
        assertTrue(window.check(5));
        assertTrue(window.check(5));
        assertEquals(0, window.highest());
    }

    @Test
    void offAcceptsEverything() {
        ReplayWindow window = new ReplayWindow(0);
        assertTrue(receive(window, 7));
        assertTrue(receive(window, 7));
        assertEquals(7, window.highest());
    }

    @Test
    void reachesTheLastNumber() {
        ReplayWindow window = new ReplayWindow(1024);
        assertTrue(receive(window, 0xffff_ffffL));
        assertFalse(receive(window, 0xffff_ffffL));
        assertTrue(receive(window, 0xffff_ffffL - 1023));
        assertFalse(receive(window, 0xffff_ffffL - 1024));
    }

    @ParameterizedTest
    @ValueSource(ints = {32, 100, 1024})
    void agreesWithTheDefinitionOnRandomSequences(int size) {
        Random random = new Random(size);
        ReplayWindow window = new ReplayWindow(size);
        Set<Long> seen = new HashSet<>();
        long highest = 0;
        for (int i = 0; i < 100_000; i++) {
            long jump = random.nextInt(20) == 0 ? random.nextInt(5 * size) : 1 - random.nextInt(size + 10);
            long sequence = Math.max(1, highest + jump);
            boolean expected = !seen.contains(sequence) && sequence > highest - size;
            assertEquals(expected, receive(window, sequence), "sequence " + sequence + " after " + highest);
            seen.add(sequence);
            highest = Math.max(highest, sequence);
        }
    }

    /** For every place in a word, and windows that end within one: nothing up to it comes in, everything after does, once. */
    @ParameterizedTest
    @ValueSource(ints = {32, 100, 1024})
    void takesWhatAnotherWindowMayHaveSeenForReceived(int size) {
        for (long start = 0xffff_ff00L; start < 0x1_0000_0100L; start++) {
            ReplayWindow window = new ReplayWindow(size);
            window.startAfter(start);
            assertEquals(start, window.highest());
            for (long before = start - 2L * size; before <= start; before++) {
                assertFalse(window.check(before), before + " after " + start);
            }
            assertEquals(start + 1, window.extend((int) (start + 1)));
            assertTrue(receive(window, start + 2));
            assertTrue(receive(window, start + 1));
            assertFalse(receive(window, start + 1));
            assertTrue(receive(window, start + 2L * size));
            assertFalse(window.check(start + size));
            assertTrue(receive(window, start + size + 1));
        }
    }

    @Test
    void refusesSizesOutOfRange() {
        for (int size : new int[] {-1, 1, 31, 65_537}) {
            assertThrows(IllegalArgumentException.class, () -> new ReplayWindow(size));
        }
    }

    @Test
    void lowHalfIsExtendedToTheNumberThatWasSent() {
        Random random = new Random(4303);
        for (int round = 0; round < 100_000; round++) {
            int size = ReplayWindow.MIN_SIZE + random.nextInt(ReplayWindow.MAX_SIZE - ReplayWindow.MIN_SIZE);
            long top = switch (round % 3) {
                case 0 -> random.nextLong() >>> 2;
                case 1 -> (1L + random.nextInt(9) << 32) + random.nextInt(2 * size) - size; // near a boundary
                default -> random.nextInt(3 * size);
            };
            ReplayWindow window = new ReplayWindow(size);
            window.advance(top);
            long offset = random.nextBoolean() ? -random.nextInt(size) : random.nextLong() >>> 33; // to 2^31 ahead
            long sent = top + offset;
            if (sent > 0) {
                assertEquals(sent, window.extend((int) sent), "top " + top + ", window " + size);
            }
        }
        for (long top : new long[] {0x1_0000_0000L + 63, 0x1_0000_0000L + 62, 0x2_0000_0000L + 1_000}) {
            ReplayWindow window = new ReplayWindow(64);
            window.advance(top);
            assertEquals(top - 63, window.extend((int) (top - 63)), "the window's last");
            assertEquals(top - 64 + 0x1_0000_0000L, window.extend((int) (top - 64)), "before the window, so far ahead");
        }
        ReplayWindow fresh = new ReplayWindow(64);
        assertEquals(64, fresh.size());
        assertEquals(1, fresh.extend(1));
        assertEquals(-1, fresh.extend(-1));
    }
}
