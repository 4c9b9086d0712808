package org.ipsecif.sa;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.ipsecif.wire.Bytes;
import org.junit.jupiter.params.provider.MethodSource;

/** Any order of arrivals, against the set of all numbers that came before. */
class ReplayWindowFuzzTest {
    private static final int STEP = 5;

    /** Around the places where words of the ring, the window and the low half end. */
    static Stream<byte[]> arrivals() {
        byte[] input = new byte[3 + 8 * STEP];
        Bytes.put16(input, 0, 96);
        int[] places = {1, 64, 63, 1, 0x7fff_ffff, -31, -97, 200};
        for (int i = 0; i < places.length; i++) {
            Bytes.put32(input, 4 + i * STEP, places[i]);
        }
        byte[] near = input.clone();
        near[2] = 1;
        return Stream.of(input, near);
    }

    /**
     * Input: window (2 bytes); whether it begins just before 2^32; then for each arrival one byte that says how it is placed, and the
     * distance from the highest number, or its low half.
     */
    @MethodSource("arrivals")
    @FuzzTest(maxDuration = "2m")
    void agreesWithTheSetOfAllNumbers(byte[] input) {
        if (input.length < 3) {
            return;
        }
        int size = ReplayWindow.MIN_SIZE + Bytes.u16(input, 0) % (ReplayWindow.MAX_SIZE - ReplayWindow.MIN_SIZE + 1);
        ReplayWindow window = new ReplayWindow(size);
        Set<Long> seen = new HashSet<>();
        long highest = 0;
        if ((input[2] & 1) != 0) {
            highest = (1L << 32) - 20;
            window.advance(highest);
            seen.add(highest);
        }
        for (int at = 3; at + STEP <= input.length; at += STEP) {
            int number = Bytes.i32(input, at + 1);
            long sequence = (input[at] & 1) == 0 ? highest + number % (2 * size) : extended(number, highest, size);
            boolean expected = sequence > 0 && sequence > highest - size && !seen.contains(sequence);
            if (sequence >= 0) {
                assertEquals(expected, window.check(sequence), sequence + " after " + highest);
            }
            if ((input[at] & 1) != 0) {
                assertEquals(sequence, window.extend(number), number + " after " + highest);
            }
            if (expected) {
                window.advance(sequence);
                seen.add(sequence);
                highest = Math.max(highest, sequence);
            }
            assertEquals(highest, window.highest());
        }
    }

    /** RFC 4303 appendix A2: the one number with this low half that is not left of the window, and next to its bottom. */
    private static long extended(int low, long highest, int size) {
        long bottom = highest - size + 1;
        long candidate = Integer.toUnsignedLong(low) + (Math.floorDiv(bottom, 1L << 32) << 32);
        long sequence = candidate >= bottom ? candidate : candidate + (1L << 32);
        return sequence < 0 ? -1 : sequence;
    }
}
