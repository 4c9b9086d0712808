package org.ipsecif.crypto;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** AES-GCM in ESP (RFC 4106): nonce = salt of 4 bytes, IV of 8; the IV is the sequence number, unique under a key. */
final class GcmAead implements Aead {
    private static final int NONCE_LENGTH = 12;
    private static final int MIN_ALIGNMENT = 4;

    private final EncryptionAlgorithm algorithm;
    private final SecretKeySpec key;
    private final Cipher cipher;
    private final byte[] nonce = new byte[NONCE_LENGTH];

    GcmAead(EncryptionAlgorithm algorithm, KeyMaterial keyAndSalt) {
        this.algorithm = algorithm;
        byte[] bytes = keyAndSalt.bytes();
        int keyLength = bytes.length - algorithm.saltLength();
        key = new SecretKeySpec(bytes, 0, keyLength, "AES");
        System.arraycopy(bytes, keyLength, nonce, 0, algorithm.saltLength());
        try {
            cipher = Cipher.getInstance("AES/GCM/NoPadding");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(algorithm + " is not in this JDK", e);
        }
    }

    @Override
    public int ivLength() {
        return algorithm.ivLength();
    }

    @Override
    public int icvLength() {
        return algorithm.icvLength();
    }

    @Override
    public int blockLength() {
        return MIN_ALIGNMENT;
    }

    @Override
    public void seal(byte[] packet, int offset, int textLength, long sequence) {
        int iv = offset + ESP_HEADER;
        int text = iv + ivLength();
        for (int i = 0; i < Long.BYTES; i++) {
            packet[iv + i] = (byte) (sequence >>> (56 - 8 * i));
        }
        try {
            start(Cipher.ENCRYPT_MODE, packet, offset);
            cipher.doFinal(packet, text, textLength, packet, text);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(algorithm + " seal", e);
        }
    }

    @Override
    public boolean open(byte[] packet, int offset, int textLength, byte[] plain, int plainOffset, long sequence) {
        try {
            start(Cipher.DECRYPT_MODE, packet, offset);
            cipher.doFinal(packet, offset + ESP_HEADER + ivLength(), textLength + icvLength(), plain, plainOffset);
            return true;
        } catch (AEADBadTagException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(algorithm + " open", e);
        }
    }

    private void start(int mode, byte[] packet, int offset) throws GeneralSecurityException {
        System.arraycopy(packet, offset + ESP_HEADER, nonce, algorithm.saltLength(), ivLength());
        cipher.init(mode, key, new GCMParameterSpec(icvLength() * KeyMaterial.BITS_PER_BYTE, nonce));
        cipher.updateAAD(packet, offset, ESP_HEADER);
    }

    @Override
    public void close() {
        Arrays.fill(nonce, (byte) 0);
    }
}
