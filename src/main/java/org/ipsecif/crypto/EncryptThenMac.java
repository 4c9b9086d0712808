package org.ipsecif.crypto;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * A cipher (or none) and an HMAC over everything before the ICV: RFC 4303 section 3.3.2.1, RFC 3602, RFC 2410, RFC 2404,
 * RFC 4868.
 *
 * <p>CBC needs no initialisation per packet: the cipher runs on as one endless chain, and a packet's IV is the chain's
 * next ciphertext block, made from a counter. That is an encrypted value nobody can predict, as RFC 3602 section 3 and
 * NIST SP 800-38A appendix C want it. To decrypt, the chain takes the IV as one more ciphertext block, whose plaintext
 * is thrown away.
 */
final class EncryptThenMac implements Aead {
    private static final int MIN_ALIGNMENT = 4;

    private final EncryptionAlgorithm encryption;
    private final int icvLength;
    private final @Nullable Cipher encryptor;
    private final @Nullable Cipher decryptor;
    private final Mac mac;
    private final byte[] fullIcv;
    private final byte[] receivedIcv;
    private final byte[] computedIcv;
    private long ivCounter;

    EncryptThenMac(
            EncryptionAlgorithm encryption,
            KeyMaterial encryptionKey,
            IntegrityAlgorithm integrity,
            KeyMaterial integrityKey) {
        this.encryption = encryption;
        this.icvLength = integrity.icvLength();
        this.receivedIcv = new byte[icvLength];
        this.computedIcv = new byte[icvLength];
        try {
            mac = Mac.getInstance(integrity.jcaName());
            mac.init(new SecretKeySpec(integrityKey.bytes(), integrity.jcaName()));
            fullIcv = new byte[mac.getMacLength()];
            boolean encrypts = encryption != EncryptionAlgorithm.ENCR_NULL;
            encryptor = encrypts ? cbc(Cipher.ENCRYPT_MODE, encryptionKey) : null;
            decryptor = encrypts ? cbc(Cipher.DECRYPT_MODE, encryptionKey) : null;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(encryption + " with " + integrity + " is not in this JDK", e);
        }
    }

    private static Cipher cbc(int mode, KeyMaterial key) throws GeneralSecurityException {
        byte[] chainStart = new byte[16];
        new SecureRandom().nextBytes(chainStart);
        Cipher cipher = Cipher.getInstance("AES/CBC/NoPadding");
        cipher.init(mode, new SecretKeySpec(key.bytes(), "AES"), new IvParameterSpec(chainStart));
        return cipher;
    }

    @Override
    public int ivLength() {
        return encryption.ivLength();
    }

    @Override
    public int icvLength() {
        return icvLength;
    }

    @Override
    public int blockLength() {
        return Math.max(MIN_ALIGNMENT, encryption.blockLength());
    }

    @Override
    public void seal(byte[] packet, int offset, int textLength, long sequence) {
        int textOffset = offset + ESP_HEADER + ivLength();
        if (encryptor != null) {
            writeIvSeed(packet, offset + ESP_HEADER);
            update(encryptor, packet, offset + ESP_HEADER, ivLength() + textLength, packet, offset + ESP_HEADER);
        }
        mac.update(packet, offset, textOffset + textLength - offset);
        finishMac(packet, textOffset + textLength);
    }

    private void writeIvSeed(byte[] packet, int ivOffset) {
        Arrays.fill(packet, ivOffset, ivOffset + ivLength(), (byte) 0);
        long counter = ++ivCounter;
        for (int i = 0; i < Long.BYTES; i++) {
            packet[ivOffset + i] = (byte) (counter >>> (8 * i));
        }
    }

    @Override
    public boolean open(byte[] packet, int offset, int textLength, byte[] plain, int plainOffset, long sequence) {
        int textOffset = offset + ESP_HEADER + ivLength();
        System.arraycopy(packet, textOffset + textLength, receivedIcv, 0, icvLength);
        mac.update(packet, offset, textOffset + textLength - offset);
        finishMac(computedIcv, 0);
        if (!MessageDigest.isEqual(receivedIcv, computedIcv)) {
            return false;
        }
        if (decryptor != null) {
            int iv = ivLength();
            update(decryptor, packet, offset + ESP_HEADER, iv + textLength, plain, plainOffset - iv);
        } else {
            System.arraycopy(packet, textOffset, plain, plainOffset, textLength);
        }
        return true;
    }

    private void finishMac(byte[] to, int at) {
        try {
            mac.doFinal(fullIcv, 0);
        } catch (ShortBufferException e) {
            throw new IllegalStateException(e);
        }
        System.arraycopy(fullIcv, 0, to, at, icvLength);
    }

    private static void update(Cipher cipher, byte[] in, int inOffset, int length, byte[] out, int outOffset) {
        try {
            cipher.update(in, inOffset, length, out, outOffset);
        } catch (ShortBufferException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The JDK's ciphers have no way to wipe their key schedule; what is ours goes. */
    @Override
    public void close() {
        Arrays.fill(fullIcv, (byte) 0);
        Arrays.fill(computedIcv, (byte) 0);
    }
}
