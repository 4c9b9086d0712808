package org.ipsecif.crypto;

import java.security.GeneralSecurityException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;

/** AES-GMAC (RFC 4543 section 3.3): AAD is SPI, sequence number, IV and the text, which stays in the clear. */
final class GmacAead extends GcmAead {
    GmacAead(EncryptionAlgorithm algorithm, KeyMaterial keyAndSalt, boolean esn) throws GeneralSecurityException {
        super(algorithm, keyAndSalt, esn, null);
    }

    private Cipher start(int mode, byte[] packet, int text, int textLength) throws GeneralSecurityException {
        Cipher cipher = start(mode);
        cipher.updateAAD(packet, text - ivLength(), ivLength() + textLength);
        return cipher;
    }

    @Override
    void sealText(byte[] packet, int text, int textLength) {
        try {
            start(Cipher.ENCRYPT_MODE, packet, text, textLength).doFinal(packet, text + textLength);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(algorithm + " seal", e);
        }
    }

    @Override
    boolean openText(byte[] packet, int text, int textLength, byte[] plain, int plainOffset) {
        try {
            start(Cipher.DECRYPT_MODE, packet, text, textLength)
                    .doFinal(packet, text + textLength, icvLength(), plain, plainOffset);
        } catch (AEADBadTagException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(algorithm + " open", e);
        }
        System.arraycopy(packet, text, plain, plainOffset, textLength);
        return true;
    }
}
