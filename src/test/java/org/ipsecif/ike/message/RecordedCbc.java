package org.ipsecif.ike.message;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** AES-CBC and HMAC-SHA2-256-128 (RFC 7296 section 3.14), with the padding that strongSwan sends. */
final class RecordedCbc implements RecordedProtection {
    private static final int BLOCK = 16;
    private static final int ICV = 16;

    private final SecretKeySpec encryption;
    private final SecretKeySpec integrity;
    private byte[] iv = new byte[BLOCK];
    private byte[] padding = new byte[0];

    RecordedCbc(byte[] encryption, byte[] integrity) {
        this.encryption = new SecretKeySpec(encryption, "AES");
        this.integrity = new SecretKeySpec(integrity, "HmacSHA256");
    }

    @Override
    public void useIvOf(byte[] sealed) {
        iv = Arrays.copyOf(sealed, BLOCK);
    }

    @Override
    public int sealedLength(int textLength) {
        return BLOCK + (textLength / BLOCK + 1) * BLOCK + ICV;
    }

    private byte[] run(int mode, byte[] input) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/CBC/NoPadding");
        cipher.init(mode, encryption, new IvParameterSpec(iv));
        return cipher.doFinal(input);
    }

    private byte[] mac(byte[] associated, byte[] ciphertext) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(integrity);
        mac.update(associated);
        mac.update(iv);
        return Arrays.copyOf(mac.doFinal(ciphertext), ICV);
    }

    @Override
    public byte[] seal(byte[] associated, byte[] text) {
        try {
            int padLength = BLOCK - 1 - text.length % BLOCK;
            byte[] padded = new OctetWriter()
                    .octets(text)
                    .octets(Arrays.copyOf(padding, padLength))
                    .u8(padLength)
                    .toBytes();
            byte[] ciphertext = run(Cipher.ENCRYPT_MODE, padded);
            return new OctetWriter()
                    .octets(iv)
                    .octets(ciphertext)
                    .octets(mac(associated, ciphertext))
                    .toBytes();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public byte[] open(byte[] associated, byte[] sealed) {
        useIvOf(sealed);
        byte[] ciphertext = Arrays.copyOfRange(sealed, BLOCK, sealed.length - ICV);
        byte[] icv = Arrays.copyOfRange(sealed, sealed.length - ICV, sealed.length);
        try {
            if (!MessageDigest.isEqual(icv, mac(associated, ciphertext))) {
                return null;
            }
            byte[] padded = run(Cipher.DECRYPT_MODE, ciphertext);
            int end = padded.length - 1 - padded[padded.length - 1];
            padding = Arrays.copyOfRange(padded, end, padded.length - 1);
            return Arrays.copyOf(padded, end);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}
