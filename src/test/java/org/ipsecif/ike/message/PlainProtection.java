package org.ipsecif.ike.message;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import org.ipsecif.wire.Bytes;

/**
 * Protects nothing, in the form of a block cipher with a MAC: 8 bytes of IV, blocks of 16 bytes, 12 bytes of ICV, which is a hash
 * without a key. Anybody can seal, as fuzz targets must.
 */
final class PlainProtection implements MessageProtection {
    static final int IV = 8;
    static final int ICV = 12;
    private static final int BLOCK = 16;

    private long sealed;

    @Override
    public int sealedLength(int textLength) {
        return IV + (textLength / BLOCK + 1) * BLOCK + ICV;
    }

    private static byte[] icv(byte[] associated, byte[] sealed) {
        try {
            MessageDigest hash = MessageDigest.getInstance("SHA-256");
            hash.update(associated);
            hash.update(sealed, 0, sealed.length - ICV);
            return Arrays.copyOf(hash.digest(), ICV);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public byte[] seal(byte[] associated, byte[] text) {
        byte[] out = Arrays.copyOf(new byte[IV], sealedLength(text.length));
        Bytes.put64(out, 0, ++sealed);
        System.arraycopy(text, 0, out, IV, text.length);
        int padLengthAt = out.length - ICV - 1;
        out[padLengthAt] = (byte) (padLengthAt - IV - text.length);
        System.arraycopy(icv(associated, out), 0, out, out.length - ICV, ICV);
        return out;
    }

    @Override
    public byte[] open(byte[] associated, byte[] sealed) {
        int padLengthAt = sealed.length - ICV - 1;
        if (sealed.length < sealedLength(0)
                || !Arrays.equals(
                        Arrays.copyOfRange(sealed, sealed.length - ICV, sealed.length), icv(associated, sealed))) {
            return null;
        }
        int end = padLengthAt - Bytes.u8(sealed, padLengthAt);
        return end < IV ? null : Arrays.copyOfRange(sealed, IV, end);
    }
}
