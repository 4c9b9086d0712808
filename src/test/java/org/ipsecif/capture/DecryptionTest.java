package org.ipsecif.capture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DecryptionTest {
    private static final byte[] ESP_FOR_10_0_0_2 =
            HexFormat.of().parseHex("4500001c00010000403200000a0000010a000002" + "0000000000000001");

    /** The memory that a capture takes does not grow with the SPIs that somebody puts into it. */
    @Test
    void onlySoManyUnknownSpisAreListed() throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (PcapWriter writer = new PcapWriter(file)) {
            for (int round = 0; round < 2; round++) {
                for (int spi = 300; spi < 300 + Decryption.MAX_UNKNOWN + 5; spi++) {
                    byte[] packet = ESP_FOR_10_0_0_2.clone();
                    packet[22] = (byte) (spi >> 8);
                    packet[23] = (byte) spi;
                    writer.write(0, packet, 0, packet.length);
                }
            }
        }
        try (Decryption decryption = new Decryption(List.of(), Map.of(), 4500);
                PcapWriter writer = new PcapWriter(OutputStream.nullOutputStream())) {
            PcapReader reader = new PcapReader(new ByteArrayInputStream(file.toByteArray()));
            Decryption.Summary summary = decryption.run(reader, writer);
            assertEquals(Decryption.MAX_UNKNOWN, summary.unknown().size());
            assertEquals(2, summary.unknown().get(Decryption.MAX_UNKNOWN - 1).packets());
            assertEquals(10, summary.unlisted());
            assertFalse(summary.isComplete());
        }
    }
}
