package org.ipsecif.capture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ipsecif.crypto.EncryptionAlgorithm;
import org.ipsecif.crypto.IntegrityAlgorithm;
import org.ipsecif.crypto.KeyMaterial;
import org.ipsecif.esp.EspEncapsulator;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.SaParameters;
import org.ipsecif.sa.SecurityAssociation;
import org.ipsecif.wire.IpProtocol;
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
        try (Decryption decryption = new Decryption(List.of(), Map.of(), Set.of(4500));
                PcapWriter writer = new PcapWriter(OutputStream.nullOutputStream())) {
            PcapReader reader = new PcapReader(new ByteArrayInputStream(file.toByteArray()));
            Decryption.Summary summary = decryption.run(reader, writer);
            assertEquals(Decryption.MAX_UNKNOWN, summary.unknown().size());
            assertEquals(2, summary.unknown().get(Decryption.MAX_UNKNOWN - 1).packets());
            assertEquals(10, summary.unlisted());
            assertFalse(summary.isComplete());
        }
    }

    /** RFC 4303 section 2.6: authentic, with nothing inside. */
    @Test
    void dummiesAreCounted() throws IOException {
        SaParameters parameters = new SaParameters(
                IpAddress.parse("10.0.0.1"),
                IpAddress.parse("10.0.0.2"),
                0x1001,
                0,
                EncryptionAlgorithm.ENCR_NULL,
                KeyMaterial.none(),
                IntegrityAlgorithm.AUTH_HMAC_SHA1_96,
                KeyMaterial.copyOf(new byte[20]),
                64,
                false);
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (PcapWriter writer = new PcapWriter(file);
                SecurityAssociation sender = new SecurityAssociation(parameters, 0)) {
            for (int sequence = 1; sequence <= 2; sequence++) {
                byte[] packet = dummy(sender, sequence);
                writer.write(0, packet, 0, packet.length);
            }
        }
        try (Decryption decryption = new Decryption(List.of(parameters), Map.of(), Set.of());
                PcapWriter writer = new PcapWriter(OutputStream.nullOutputStream())) {
            Decryption.Summary summary =
                    decryption.run(new PcapReader(new ByteArrayInputStream(file.toByteArray())), writer);
            String association = "10.0.0.1 10.0.0.2 esp 0x00001001";
            assertEquals(
                    List.of(new Decryption.AssociationSummary(association, 0, 2, Map.of())), summary.associations());
            assertTrue(summary.isComplete());
            assertEquals(
                    "frames:\n\t2 esp\n" + association + ":\n\t0 decrypted\n\t2 inbound dummy packets (RFC 4303 2.6)\n",
                    SummaryText.of(summary, "sa"));
        }
    }

    /** Whoever could send a packet before the first genuine one would otherwise choose where the window is. */
    @Test
    void forgedPacketsDoNotUseUpTheGivenHighHalf() throws IOException {
        SaParameters parameters = new SaParameters(
                IpAddress.parse("10.0.0.1"),
                IpAddress.parse("10.0.0.2"),
                0x1001,
                0,
                EncryptionAlgorithm.ENCR_NULL,
                KeyMaterial.none(),
                IntegrityAlgorithm.AUTH_HMAC_SHA1_96,
                KeyMaterial.copyOf(new byte[20]),
                64,
                true);
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (PcapWriter writer = new PcapWriter(file);
                SecurityAssociation sender = new SecurityAssociation(parameters, 0)) {
            for (long sequence : new long[] {0xffff_fff0L, 0, 5, 7, 6}) {
                byte[] packet = dummy(sender, (3L << 32) + sequence);
                packet[packet.length - 1] ^= (byte) (sequence == 0 || sequence == 0xffff_fff0L ? 1 : 0);
                writer.write(0, packet, 0, packet.length);
            }
        }
        try (Decryption decryption = new Decryption(List.of(parameters), Map.of(0x1001, 3), Set.of());
                PcapWriter writer = new PcapWriter(OutputStream.nullOutputStream())) {
            Decryption.Summary summary =
                    decryption.run(new PcapReader(new ByteArrayInputStream(file.toByteArray())), writer);
            assertEquals(
                    List.of(new Decryption.AssociationSummary(
                            "10.0.0.1 10.0.0.2 esp 0x00001001", 0, 3, Map.of("inbound_bad_icv", 2L))),
                    summary.associations());
        }
    }

    private static byte[] dummy(SecurityAssociation sender, long sequence) {
        byte[] header = Arrays.copyOf(ESP_FOR_10_0_0_2, 20);
        byte[] esp = new byte[100];
        int length = EspEncapsulator.encapsulate(
                sender, sequence, esp, EspEncapsulator.HEADROOM, 10, IpProtocol.NO_NEXT_HEADER);
        int offset = EspEncapsulator.espOffset(sender, EspEncapsulator.HEADROOM);
        byte[] packet = Arrays.copyOf(header, header.length + length);
        packet[3] = (byte) packet.length;
        System.arraycopy(esp, offset, packet, header.length, length);
        return packet;
    }
}
