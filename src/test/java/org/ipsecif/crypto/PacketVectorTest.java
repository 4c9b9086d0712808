package org.ipsecif.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.Stream;
import org.ipsecif.crypto.VectorFile.Vector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Complete ESP packets of RFC 4106, RFC 4543 and RFC 7634, both ways. {@code EspVectorTest} takes them through an SA.
 */
class PacketVectorTest {
    private static final int SALT = 4;
    private static final int IV = 8;

    static Stream<Vector> vectors() {
        return VectorFile.read("esp-packets.txt");
    }

    @Test
    void allAreThere() {
        assertEquals(17 + 1, vectors().count());
    }

    private static boolean isExtended(Vector vector) {
        return vector.bytes("seq").length == Long.BYTES;
    }

    private static long sequence(Vector vector) {
        return Long.parseUnsignedLong(vector.text("seq"), 16);
    }

    private static SaltedAead engine(Vector vector) {
        byte[] key = vector.bytes("key");
        byte[] material = Arrays.copyOf(key, key.length + SALT);
        System.arraycopy(vector.bytes("nonce"), 0, material, key.length, SALT);
        return (SaltedAead) Aead.of(
                EncryptionAlgorithm.valueOf(vector.text("algorithm")),
                KeyMaterial.copyOf(material),
                IntegrityAlgorithm.NONE,
                KeyMaterial.none(),
                isExtended(vector));
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void opensThePublishedPacket(Vector vector) {
        byte[] packet = vector.bytes("packet");
        byte[] text = vector.bytes("plaintext");
        byte[] plain = new byte[packet.length];
        SaltedAead engine = engine(vector);
        assertTrue(engine.open(packet, 0, text.length, plain, 0, sequence(vector)));
        assertArrayEquals(text, Arrays.copyOf(plain, text.length));
        long other = sequence(vector) ^ (isExtended(vector) ? 1L << Integer.SIZE : 1);
        assertFalse(engine.open(packet, 0, text.length, plain, 0, other), "another sequence number");
        packet[packet.length - 1] ^= 1;
        assertFalse(engine.open(packet, 0, text.length, plain, 0, sequence(vector)), "another ICV");
    }

    /** The engine would put the sequence number where these packets have other IVs, so their nonce is given to it. */
    @ParameterizedTest
    @MethodSource("vectors")
    void sealsThePublishedPacket(Vector vector) {
        byte[] expected = vector.bytes("packet");
        byte[] text = vector.bytes("plaintext");
        int header = Aead.ESP_HEADER + IV;
        byte[] packet = Arrays.copyOf(expected, expected.length);
        Arrays.fill(packet, header, packet.length, (byte) 0);
        System.arraycopy(text, 0, packet, header, text.length);
        SaltedAead engine = engine(vector);
        System.arraycopy(vector.bytes("nonce"), 0, engine.nonce, 0, SALT + IV);
        System.arraycopy(packet, 0, engine.aad, 0, 4);
        SaltedAead.putBigEndian(engine.aad, 4, sequence(vector), engine.aad.length - 4);
        engine.sealText(packet, header, text.length);
        assertArrayEquals(expected, packet);
    }
}
