package org.ipsecif.crypto;

import javax.crypto.Cipher;
import javax.crypto.ShortBufferException;

/**
 * A CBC or CTR cipher of the JDK. Told to work in place, such a cipher first copies the text to an array that it makes for it; here
 * it is copied to one that stays. One thread at a time.
 */
final class InPlaceCipher implements PacketCipher.Chain {
    /** Bytes at a time: whole blocks of every cipher, and still in a first-level cache when the cipher reads them. */
    private static final int CHUNK = 2048;

    private final Cipher cipher;
    private final byte[] scratch = new byte[CHUNK];

    InPlaceCipher(Cipher cipher) {
        this.cipher = cipher;
    }

    @Override
    public void update(byte[] in, int inOffset, int length, byte[] out, int outOffset) {
        try {
            if (in == out && inOffset == outOffset) {
                updateInPlace(in, inOffset, length);
            } else {
                cipher.update(in, inOffset, length, out, outOffset);
            }
        } catch (ShortBufferException e) {
            throw new IllegalStateException(e);
        }
    }

    private void updateInPlace(byte[] bytes, int offset, int length) throws ShortBufferException {
        for (int done = 0; done < length; done += CHUNK) {
            int chunk = Math.min(CHUNK, length - done);
            System.arraycopy(bytes, offset + done, scratch, 0, chunk);
            cipher.update(scratch, 0, chunk, bytes, offset + done);
        }
    }
}
