package org.ipsecif.crypto;

import java.security.GeneralSecurityException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** AES-GCM with an ICV of 16 or 12 bytes (RFC 4106), by the JDK. */
class GcmAead extends SaltedAead {
    private final SecretKeySpec keySpec;
    private final Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    private final @Nullable AcceleratedKey accelerated;

    /** @param accelerator that is to have the key too, or null */
    GcmAead(EncryptionAlgorithm algorithm, KeyMaterial keyAndSalt, boolean esn, @Nullable CipherAccelerator accelerator)
            throws GeneralSecurityException {
        super(algorithm, keyAndSalt, esn);
        keySpec = new SecretKeySpec(key, "AES");
        accelerated = accelerator == null ? null : accelerator.newKey(algorithm, key, salt(), esn);
    }

    @Override
    public @Nullable AcceleratedKey acceleratedKey() {
        return accelerated;
    }

    @Override
    public void close() {
        super.close();
        if (accelerated != null) {
            accelerated.close();
        }
    }

    /** The cipher, ready for the current packet's text. */
    Cipher start(int mode) throws GeneralSecurityException {
        cipher.init(mode, keySpec, new GCMParameterSpec(icvLength() * KeyMaterial.BITS_PER_BYTE, nonce));
        cipher.updateAAD(aad);
        return cipher;
    }

    @Override
    void sealText(byte[] packet, int text, int textLength) {
        try {
            start(Cipher.ENCRYPT_MODE).doFinal(packet, text, textLength, packet, text);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(algorithm + " seal", e);
        }
    }

    @Override
    boolean openText(byte[] packet, int text, int textLength, byte[] plain, int plainOffset) {
        try {
            start(Cipher.DECRYPT_MODE).doFinal(packet, text, textLength + icvLength(), plain, plainOffset);
            return true;
        } catch (AEADBadTagException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(algorithm + " open", e);
        }
    }
}
