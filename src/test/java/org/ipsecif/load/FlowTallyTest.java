package org.ipsecif.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code src/test/netns/order.sh} relies on. */
class FlowTallyTest {
    @ParameterizedTest
    @CsvSource({
        "0 1 2 3, 4, 0, 0, 0",
        "0 3 5, 3, 3, 0, 0",
        "0 2 1 3, 4, 0, 1, 0",
        "3 2 1 0, 4, 0, 3, 0",
        "0 1 1 2, 3, 0, 0, 1",
        "0 2 1 1 0, 3, 0, 1, 2"
    })
    void tellsWhatIsMissingLateAndThereTwice(String numbers, int received, int missing, int late, int twice) {
        FlowTally tally = new FlowTally();
        for (String number : numbers.split(" ")) {
            tally.add(Integer.parseInt(number));
        }
        assertEquals(received, tally.received());
        assertEquals(missing, tally.missing());
        assertEquals(late, tally.late());
        assertEquals(twice, tally.twice());
    }

    @ParameterizedTest
    @CsvSource({"16", "17", "64", "1300"})
    void noBitOfADatagramCanChangeUnseen(int length) {
        ByteBuffer datagram = ByteBuffer.allocate(length);
        NumberedDatagram.put(datagram, 5, 77, length);
        assertFalse(datagram.flip().remaining() < length);
        assertTrue(NumberedDatagram.isWhole(datagram));
        assertEquals(5, NumberedDatagram.flow(datagram));
        assertEquals(77, NumberedDatagram.number(datagram));
        for (int bit = 0; bit < 8 * length; bit++) {
            byte was = datagram.get(bit / 8);
            datagram.put(bit / 8, (byte) (was ^ 1 << bit % 8));
            assertFalse(NumberedDatagram.isWhole(datagram), "bit " + bit);
            datagram.put(bit / 8, was);
        }
    }

    @Test
    void aDatagramOfAnotherLengthIsNotWhole() {
        ByteBuffer datagram = ByteBuffer.allocate(65);
        NumberedDatagram.put(datagram, 0, 0, 64);
        assertFalse(NumberedDatagram.isWhole(datagram.position(0).limit(63)));
        assertFalse(NumberedDatagram.isWhole(datagram.limit(65)));
        assertFalse(NumberedDatagram.isWhole(datagram.limit(11)));
    }
}
