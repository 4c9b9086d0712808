package org.ipsecif.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.Stream;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.modes.CCMBlockCipher;
import org.bouncycastle.crypto.modes.CCMModeCipher;
import org.bouncycastle.crypto.params.AEADParameters;
import org.bouncycastle.crypto.params.KeyParameter;
import org.ipsecif.crypto.VectorFile.Vector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * RFC 4309 has no vectors and names RFC 3610's, whose nonces of 13 bytes no ESP packet can have: they show that the
 * cipher inside {@link BouncyCastleAead} is right, for ICVs of 8 bytes too. NIST's AES-CCM with nonces of 11 bytes, and
 * AES-GCM with ICVs of 12 and 8, go through the engines themselves.
 */
class CombinedModeVectorTest {
    static Stream<Vector> rfc3610() {
        return VectorFile.read("ccm-rfc3610.txt");
    }

    static Stream<Vector> nist() {
        return VectorFile.read("aead-nist.txt");
    }

    @Test
    void allAreThere() {
        assertEquals(24, rfc3610().count());
        assertEquals(30 + 30, nist().count());
    }

    @ParameterizedTest
    @MethodSource("rfc3610")
    void cipherInsideIsRight(Vector vector) throws Exception {
        byte[] plaintext = vector.bytes("plaintext");
        byte[] sealed = vector.bytes("sealed");
        assertArrayEquals(sealed, run(vector, true, plaintext));
        assertArrayEquals(plaintext, run(vector, false, sealed));
        sealed[sealed.length - 1] ^= 1;
        assertThrows(InvalidCipherTextException.class, () -> run(vector, false, sealed));
    }

    private static byte[] run(Vector vector, boolean seal, byte[] input) throws InvalidCipherTextException {
        int icvBits = 8 * (vector.bytes("sealed").length - vector.bytes("plaintext").length);
        CCMModeCipher cipher = CCMBlockCipher.newInstance(AESEngine.newInstance());
        KeyParameter key = new KeyParameter(vector.bytes("key"));
        cipher.init(seal, new AEADParameters(key, icvBits, vector.bytes("nonce"), vector.bytes("aad")));
        byte[] output = new byte[cipher.getOutputSize(input.length)];
        int done = cipher.processBytes(input, 0, input.length, output, 0);
        cipher.doFinal(output, done);
        return output;
    }

    @ParameterizedTest
    @MethodSource("nist")
    void engineSealsAndOpensAsPublished(Vector vector) {
        byte[] plaintext = vector.bytes("plaintext");
        byte[] sealed = vector.bytes("sealed");
        byte[] packet = Arrays.copyOf(plaintext, sealed.length);
        engine(vector).sealText(packet, 0, plaintext.length);
        assertArrayEquals(sealed, packet);
        byte[] opened = new byte[sealed.length];
        assertTrue(engine(vector).openText(sealed, 0, plaintext.length, opened, 0));
        assertArrayEquals(plaintext, Arrays.copyOf(opened, plaintext.length));
        sealed[sealed.length - 1] ^= 1;
        assertFalse(engine(vector).openText(sealed, 0, plaintext.length, opened, 0));
    }

    /** With the vector's AAD instead of a packet's. */
    private static SaltedAead engine(Vector vector) {
        byte[] key = vector.bytes("key");
        byte[] nonce = vector.bytes("nonce");
        EncryptionAlgorithm algorithm = EncryptionAlgorithm.valueOf(vector.text("algorithm"));
        int salt = algorithm.saltLength();
        byte[] material = Arrays.copyOf(key, key.length + salt);
        System.arraycopy(nonce, 0, material, key.length, salt);
        SaltedAead engine = (SaltedAead)
                Aead.of(algorithm, KeyMaterial.copyOf(material), IntegrityAlgorithm.NONE, KeyMaterial.none(), false);
        assertEquals(nonce.length, engine.nonce.length);
        System.arraycopy(nonce, 0, engine.nonce, 0, nonce.length);
        engine.aad = vector.bytes("aad");
        return engine;
    }
}
