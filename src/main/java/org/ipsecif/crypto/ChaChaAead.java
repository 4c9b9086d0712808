package org.ipsecif.crypto;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** ChaCha20-Poly1305 (RFC 7634), by the JDK. */
final class ChaChaAead extends SaltedAead {
    private static final int FIRST_SIZE = 2048;

    private final SecretKeySpec keySpec;
    private final Cipher cipher = Cipher.getInstance("ChaCha20-Poly1305");

    /** The current packet's text and ICV, from the first byte on: found elsewhere, JDK 17 opens a copy of a copy of them. */
    private byte[] sealed = new byte[FIRST_SIZE];

    ChaChaAead(EncryptionAlgorithm algorithm, KeyMaterial keyAndSalt, boolean esn) throws GeneralSecurityException {
        super(algorithm, keyAndSalt, esn);
        keySpec = new SecretKeySpec(key, "ChaCha20");
    }

    @Override
    void sealText(byte[] packet, int text, int textLength) {
        try {
            cipher.init(Cipher.ENCRYPT_MODE, keySpec, new IvParameterSpec(nonce));
            cipher.updateAAD(aad);
            cipher.doFinal(packet, text, textLength, packet, text);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(algorithm + " seal", e);
        }
    }

    @Override
    boolean openText(byte[] packet, int text, int textLength, byte[] plain, int plainOffset) {
        try {
            int length = textLength + icvLength();
            copy(packet, text, length);
            startOpen();
            cipher.updateAAD(aad);
            cipher.doFinal(sealed, 0, length, plain, plainOffset);
            return true;
        } catch (AEADBadTagException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(algorithm + " open", e);
        }
    }

    private void copy(byte[] packet, int text, int length) {
        if (sealed.length < length) {
            sealed = new byte[Math.max(length, 2 * sealed.length)];
        }
        System.arraycopy(packet, text, sealed, 0, length);
    }

    /**
     * This cipher refuses the nonce that it had last, to decrypt too. Whoever forges a packet with the IV of the next
     * genuine one would so have that one dropped; another nonce in between makes it forget.
     */
    private void startOpen() throws GeneralSecurityException {
        try {
            cipher.init(Cipher.DECRYPT_MODE, keySpec, new IvParameterSpec(nonce));
        } catch (InvalidKeyException e) {
            int last = nonce.length - 1;
            nonce[last] ^= 1;
            cipher.init(Cipher.DECRYPT_MODE, keySpec, new IvParameterSpec(nonce));
            nonce[last] ^= 1;
            cipher.init(Cipher.DECRYPT_MODE, keySpec, new IvParameterSpec(nonce));
        }
    }
}
