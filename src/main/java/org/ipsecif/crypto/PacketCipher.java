package org.ipsecif.crypto;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.engines.CamelliaEngine;
import org.bouncycastle.crypto.modes.CBCBlockCipher;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.crypto.params.ParametersWithIV;

/** A cipher without integrity, for {@link EncryptThenMac}. The text follows the IV, as in a packet. One thread at a time. */
interface PacketCipher {
    /** Writes an IV at {@code iv} and encrypts the text behind it in place. */
    void encrypt(byte[] packet, int iv, int textLength, long sequence);

    /** Decrypts the text behind the IV to {@code plain}; the bytes of an IV before {@code plainOffset} may be overwritten. */
    void decrypt(byte[] packet, int iv, int textLength, byte[] plain, int plainOffset);

    static PacketCipher of(EncryptionAlgorithm algorithm, KeyMaterial key) throws GeneralSecurityException {
        return switch (algorithm) {
            case ENCR_NULL -> new Null();
            case ENCR_AES_CBC ->
                new Cbc(
                        algorithm,
                        jdkChain(algorithm, "AES", Cipher.ENCRYPT_MODE, key),
                        jdkChain(algorithm, "AES", Cipher.DECRYPT_MODE, key));
            case ENCR_3DES ->
                new Cbc(
                        algorithm,
                        jdkChain(algorithm, "DESede", Cipher.ENCRYPT_MODE, key),
                        jdkChain(algorithm, "DESede", Cipher.DECRYPT_MODE, key));
            case ENCR_CAMELLIA_CBC -> new Cbc(algorithm, camelliaChain(true, key), camelliaChain(false, key));
            case ENCR_AES_CTR -> new Ctr(algorithm, key);
            default -> throw new IllegalArgumentException(algorithm + " is a combined mode");
        };
    }

    /** One endless CBC chain. */
    interface Chain {
        void update(byte[] in, int inOffset, int length, byte[] out, int outOffset);
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new SecureRandom().nextBytes(bytes);
        return bytes;
    }

    private static Chain jdkChain(EncryptionAlgorithm algorithm, String name, int mode, KeyMaterial key)
            throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(name + "/CBC/NoPadding");
        cipher.init(mode, new SecretKeySpec(key.bytes(), name), new IvParameterSpec(random(algorithm.blockLength())));
        return new InPlaceCipher(cipher);
    }

    private static Chain camelliaChain(boolean encrypt, KeyMaterial key) {
        var cipher = CBCBlockCipher.newInstance(new CamelliaEngine());
        int block = cipher.getBlockSize();
        cipher.init(encrypt, new ParametersWithIV(new KeyParameter(key.bytes()), random(block)));
        return (in, inOffset, length, out, outOffset) -> {
            for (int at = 0; at < length; at += block) {
                cipher.processBlock(in, inOffset + at, out, outOffset + at);
            }
        };
    }

    /** RFC 2410. */
    final class Null implements PacketCipher {
        @Override
        public void encrypt(byte[] packet, int iv, int textLength, long sequence) {}

        @Override
        public void decrypt(byte[] packet, int iv, int textLength, byte[] plain, int plainOffset) {
            System.arraycopy(packet, iv, plain, plainOffset, textLength);
        }
    }

    /**
     * RFC 3602, 4312, 2451. CBC needs no initialisation per packet: the cipher runs on as one endless chain, and a packet's
     * IV is the chain's next ciphertext block, made from a counter. That is an encrypted value nobody can predict, as RFC
     * 3602 section 3 and NIST SP 800-38A appendix C want it. To decrypt, the chain takes the IV as one more ciphertext
     * block, whose plaintext is thrown away.
     */
    final class Cbc implements PacketCipher {
        private final int ivLength;
        private final Chain encryptor;
        private final Chain decryptor;
        private long counter;

        Cbc(EncryptionAlgorithm algorithm, Chain encryptor, Chain decryptor) {
            this.ivLength = algorithm.ivLength();
            this.encryptor = encryptor;
            this.decryptor = decryptor;
        }

        @Override
        public void encrypt(byte[] packet, int iv, int textLength, long sequence) {
            Arrays.fill(packet, iv, iv + ivLength, (byte) 0);
            SaltedAead.putBigEndian(packet, iv, ++counter, Long.BYTES);
            encryptor.update(packet, iv, ivLength + textLength, packet, iv);
        }

        @Override
        public void decrypt(byte[] packet, int iv, int textLength, byte[] plain, int plainOffset) {
            decryptor.update(packet, iv, ivLength + textLength, plain, plainOffset - ivLength);
        }
    }

    /** RFC 3686: counter block of nonce, IV and a block number from 1. The IV is the sequence number, unique under a key. */
    final class Ctr implements PacketCipher {
        private static final int BLOCK = 16;

        private final EncryptionAlgorithm algorithm;
        private final SecretKeySpec key;
        private final Cipher cipher;
        private final Chain stream;
        private final byte[] counterBlock = new byte[BLOCK];

        Ctr(EncryptionAlgorithm algorithm, KeyMaterial keyAndNonce) throws GeneralSecurityException {
            this.algorithm = algorithm;
            byte[] bytes = keyAndNonce.bytes();
            int keyLength = bytes.length - algorithm.saltLength();
            key = new SecretKeySpec(bytes, 0, keyLength, "AES");
            cipher = Cipher.getInstance("AES/CTR/NoPadding");
            stream = new InPlaceCipher(cipher);
            System.arraycopy(bytes, keyLength, counterBlock, 0, algorithm.saltLength());
            counterBlock[BLOCK - 1] = 1;
        }

        @Override
        public void encrypt(byte[] packet, int iv, int textLength, long sequence) {
            SaltedAead.putBigEndian(packet, iv, sequence, Long.BYTES);
            int text = iv + algorithm.ivLength();
            apply(packet, iv, textLength, packet, text);
        }

        @Override
        public void decrypt(byte[] packet, int iv, int textLength, byte[] plain, int plainOffset) {
            apply(packet, iv, textLength, plain, plainOffset);
        }

        /** Encrypting twice is decrypting. */
        private void apply(byte[] packet, int iv, int textLength, byte[] out, int outOffset) {
            System.arraycopy(packet, iv, counterBlock, algorithm.saltLength(), algorithm.ivLength());
            try {
                cipher.init(Cipher.ENCRYPT_MODE, key, new IvParameterSpec(counterBlock));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(algorithm.name(), e);
            }
            stream.update(packet, iv + algorithm.ivLength(), textLength, out, outOffset);
        }
    }
}
