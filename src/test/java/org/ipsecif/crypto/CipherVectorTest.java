package org.ipsecif.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.stream.Stream;
import org.ipsecif.crypto.VectorFile.Vector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** RFC 3602, RFC 3686, RFC 3713: the IV and the text of a packet. */
class CipherVectorTest {
    static Stream<Vector> vectors() {
        return VectorFile.read("ciphers.txt");
    }

    static Stream<Vector> counterMode() {
        return vectors().filter(vector -> algorithm(vector) == EncryptionAlgorithm.ENCR_AES_CTR);
    }

    @Test
    void allAreThere() {
        assertEquals(4 + 9 + 3, vectors().count());
        assertEquals(9, counterMode().count());
    }

    private static EncryptionAlgorithm algorithm(Vector vector) {
        return EncryptionAlgorithm.valueOf(vector.text("algorithm"));
    }

    private static PacketCipher cipher(Vector vector) throws Exception {
        return PacketCipher.of(algorithm(vector), KeyMaterial.copyOf(vector.bytes("key")));
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void decryptsToThePublishedText(Vector vector) throws Exception {
        byte[] iv = vector.bytes("iv");
        byte[] text = vector.bytes("ciphertext");
        byte[] packet = Arrays.copyOf(iv, iv.length + text.length);
        System.arraycopy(text, 0, packet, iv.length, text.length);
        byte[] plain = new byte[packet.length];
        PacketCipher cipher = cipher(vector);
        for (int packets = 0; packets < 2; packets++) { // what one packet leaves behind is nothing to the next
            cipher.decrypt(packet, 0, text.length, plain, iv.length);
            assertArrayEquals(vector.bytes("plaintext"), Arrays.copyOfRange(plain, iv.length, plain.length));
        }
    }

    /** Counter mode's IV is the sequence number, so it can be the published one; CBC's is not to be foreseen. */
    @ParameterizedTest
    @MethodSource("counterMode")
    void encryptsAsPublished(Vector vector) throws Exception {
        byte[] iv = vector.bytes("iv");
        byte[] text = vector.bytes("plaintext");
        byte[] packet = new byte[iv.length + text.length];
        System.arraycopy(text, 0, packet, iv.length, text.length);
        cipher(vector).encrypt(packet, 0, text.length, ByteBuffer.wrap(iv).getLong());
        assertArrayEquals(iv, Arrays.copyOf(packet, iv.length));
        assertArrayEquals(vector.bytes("ciphertext"), Arrays.copyOfRange(packet, iv.length, packet.length));
    }
}
