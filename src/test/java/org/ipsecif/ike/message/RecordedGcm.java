package org.ipsecif.ike.message;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** AES-GCM with an ICV of 16 bytes (RFC 5282): the key is followed by a salt of 4 bytes, padding is none. */
final class RecordedGcm implements RecordedProtection {
    private static final int SALT = 4;
    private static final int IV = 8;
    private static final int ICV = 16;

    private final byte[] keyAndSalt;
    private byte[] iv = new byte[IV];

    RecordedGcm(byte[] keyAndSalt) {
        this.keyAndSalt = keyAndSalt;
    }

    @Override
    public void useIvOf(byte[] sealed) {
        iv = Arrays.copyOf(sealed, IV);
    }

    @Override
    public int sealedLength(int textLength) {
        return IV + textLength + 1 + ICV;
    }

    private byte[] run(int mode, byte[] associated, byte[] input, int from) throws GeneralSecurityException {
        int keyLength = keyAndSalt.length - SALT;
        byte[] nonce = Arrays.copyOf(Arrays.copyOfRange(keyAndSalt, keyLength, keyAndSalt.length), SALT + IV);
        System.arraycopy(iv, 0, nonce, SALT, IV);
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(keyAndSalt, 0, keyLength, "AES"), new GCMParameterSpec(ICV * 8, nonce));
        cipher.updateAAD(associated);
        return cipher.doFinal(input, from, input.length - from);
    }

    @Override
    public byte[] seal(byte[] associated, byte[] text) {
        try {
            byte[] sealed = run(Cipher.ENCRYPT_MODE, associated, Arrays.copyOf(text, text.length + 1), 0);
            return new OctetWriter().octets(iv).octets(sealed).toBytes();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public byte[] open(byte[] associated, byte[] sealed) {
        useIvOf(sealed);
        try {
            byte[] padded = run(Cipher.DECRYPT_MODE, associated, sealed, IV);
            return Arrays.copyOf(padded, padded.length - 1 - padded[padded.length - 1]);
        } catch (AEADBadTagException e) {
            return null;
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}
