package org.ipsecif.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ChecksumTest {
    /** RFC 1071 section 3. */
    @Test
    void rfc1071Example() {
        byte[] data = {0x00, 0x01, (byte) 0xf2, 0x03, (byte) 0xf4, (byte) 0xf5, (byte) 0xf6, (byte) 0xf7};
        assertEquals(0xddf2, ~Checksum.of(data, 0, data.length) & 0xffff);
    }

    @Test
    void anOddByteCountsAsIfAZeroFollowed() {
        assertEquals(Checksum.of(new byte[] {1, 2, 3, 0}, 0, 4), Checksum.of(new byte[] {1, 2, 3}, 0, 3));
    }

    /** RFC 1624 section 4: the example that RFC 1141 gets wrong. */
    @Test
    void rfc1624Example() {
        assertEquals(0x0000, Checksum.update(0xdd2f, 0x5555, 0x3285));
    }

    @Test
    void anUpdateEqualsTheWholeSum() {
        Random random = new Random(1);
        for (int i = 0; i < 10_000; i++) {
            byte[] data = new byte[40];
            random.nextBytes(data);
            Bytes.put16(data, 10, 0);
            Bytes.put16(data, 10, Checksum.of(data, 0, 40));
            int after = random.nextInt(0x1_0000);
            int updated = Checksum.update(Bytes.u16(data, 10), Bytes.u16(data, 20), after);
            Bytes.put16(data, 20, after);
            Bytes.put16(data, 10, 0);
            assertEquals(Checksum.of(data, 0, 40), updated);
        }
    }
}
