package org.ipsecif.crypto;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** AES-CBC with a random IV, and a MAC over everything before the ICV (RFC 7296 section 3.14, RFC 3602). */
final class CbcIkeCipher extends IkeCipher {
    private static final int BLOCK = 16;

    private final IntegrityAlgorithm integrity;
    private final KeyMaterial encryptionKey;
    private final KeyMaterial integrityKey;

    CbcIkeCipher(IkeSuite suite, KeyMaterial encryptionKey, KeyMaterial integrityKey) {
        this.integrity = suite.integrity();
        this.encryptionKey = encryptionKey;
        this.integrityKey = integrityKey;
    }

    private static int paddedLength(int plainLength) {
        return (plainLength + PAD_LENGTH + BLOCK - 1) / BLOCK * BLOCK;
    }

    @Override
    public int sealedLength(int plainLength) {
        return BLOCK + paddedLength(plainLength) + integrity.icvLength();
    }

    @Override
    public byte[] seal(byte[] associated, byte[] plain) {
        byte[] iv = new byte[BLOCK];
        new SecureRandom().nextBytes(iv);
        byte[] padded = Arrays.copyOf(plain, paddedLength(plain.length));
        padded[padded.length - PAD_LENGTH] = (byte) (padded.length - plain.length - PAD_LENGTH);
        byte[] sealed = Arrays.copyOf(iv, sealedLength(plain.length));
        try {
            int end = BLOCK + cipher(Cipher.ENCRYPT_MODE, iv).doFinal(padded, 0, padded.length, sealed, BLOCK);
            System.arraycopy(icv(associated, sealed, end), 0, sealed, end, integrity.icvLength());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-CBC seal", e);
        } finally {
            Arrays.fill(padded, (byte) 0);
        }
        return sealed;
    }

    @Override
    public byte @Nullable [] open(byte[] associated, byte[] sealed) {
        int end = sealed.length - integrity.icvLength();
        if (end < 2 * BLOCK || end % BLOCK != 0) {
            return null;
        }
        try {
            byte[] received = Arrays.copyOfRange(sealed, end, sealed.length);
            if (!MessageDigest.isEqual(received, icv(associated, sealed, end))) {
                return null;
            }
            byte[] iv = Arrays.copyOf(sealed, BLOCK);
            byte[] padded = cipher(Cipher.DECRYPT_MODE, iv).doFinal(sealed, BLOCK, end - BLOCK);
            return withoutPadding(padded, 0, padded.length);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-CBC open", e);
        }
    }

    private Cipher cipher(int mode, byte[] iv) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/CBC/NoPadding");
        cipher.init(mode, new SecretKeySpec(encryptionKey.bytes(), "AES"), new IvParameterSpec(iv));
        return cipher;
    }

    private byte[] icv(byte[] associated, byte[] sealed, int end) throws GeneralSecurityException {
        PacketMac mac = PacketMac.of(integrity, integrityKey);
        mac.update(associated, 0, associated.length);
        mac.update(sealed, 0, end);
        byte[] full = new byte[mac.length()];
        mac.finish(full);
        return Arrays.copyOf(full, integrity.icvLength());
    }

    @Override
    public void close() {
        encryptionKey.close();
        integrityKey.close();
    }
}
