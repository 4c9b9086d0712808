package org.ipsecif.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.ipsecif.crypto.VectorFile.Vector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** RFC 2202, RFC 4231, RFC 4868: keys of every length, so by the engine behind the algorithms of fixed key lengths. */
class MacVectorTest {
    static Stream<Vector> vectors() {
        return VectorFile.read("hmac.txt");
    }

    @Test
    void allAreThere() {
        assertEquals(7 + 3 * 7 + 3 * 4, vectors().count());
        assertEquals(3 + 3 * 4, ofPacketKeys().count());
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void macIsThePublishedOne(Vector vector) throws Exception {
        PacketMac mac = new PacketMac.Hmac(vector.text("algorithm"), KeyMaterial.copyOf(vector.bytes("key")));
        byte[] message = vector.bytes("message");
        byte[] expected = vector.bytes("mac");
        byte[] full = new byte[mac.length()];
        for (int packet = 0; packet < 2; packet++) { // one engine serves packet after packet
            mac.update(message, 0, message.length);
            mac.finish(full);
            assertArrayEquals(expected, Arrays.copyOf(full, expected.length));
        }
    }

    /** Those whose keys an ESP algorithm can have: all of RFC 4868, and three of RFC 2202. */
    static Stream<Vector> ofPacketKeys() {
        return vectors().filter(vector -> algorithm(vector).isPresent());
    }

    private static Optional<IntegrityAlgorithm> algorithm(Vector vector) {
        String name =
                vector.text("algorithm").replace("HmacSHA1", "AUTH_HMAC_SHA1_").replace("HmacSHA", "AUTH_HMAC_SHA2_");
        int bits = KeyMaterial.BITS_PER_BYTE * vector.bytes("key").length;
        return Stream.of(IntegrityAlgorithm.values())
                .filter(each -> each.name().startsWith(name) && each.keyBits() == bits)
                .findFirst();
    }

    /** The message is SPI, sequence number and text of a packet without encryption; its ICV is the MAC, cut. */
    @ParameterizedTest
    @MethodSource("ofPacketKeys")
    void icvIsThePublishedMacCut(Vector vector) {
        IntegrityAlgorithm algorithm = algorithm(vector).orElseThrow();
        byte[] message = vector.bytes("message");
        byte[] packet = Arrays.copyOf(message, message.length + algorithm.icvLength());
        Aead.of(
                        EncryptionAlgorithm.ENCR_NULL,
                        KeyMaterial.none(),
                        algorithm,
                        KeyMaterial.copyOf(vector.bytes("key")),
                        false)
                .seal(packet, 0, message.length - Aead.ESP_HEADER, 1);
        assertArrayEquals(
                Arrays.copyOf(vector.bytes("mac"), algorithm.icvLength()),
                Arrays.copyOfRange(packet, message.length, packet.length));
    }
}
