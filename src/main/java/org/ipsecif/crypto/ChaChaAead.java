package org.ipsecif.crypto;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** ChaCha20-Poly1305 (RFC 7634), by the JDK. */
final class ChaChaAead extends SaltedAead {
    private final SecretKeySpec keySpec;
    private final Cipher cipher = Cipher.getInstance("ChaCha20-Poly1305");

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
            startOpen();
            cipher.updateAAD(aad);
            cipher.doFinal(packet, text, textLength + icvLength(), plain, plainOffset);
            return true;
        } catch (AEADBadTagException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(algorithm + " open", e);
        }
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
