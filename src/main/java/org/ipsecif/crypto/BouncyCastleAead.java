package org.ipsecif.crypto;

import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.modes.AEADCipher;
import org.bouncycastle.crypto.modes.CCMBlockCipher;
import org.bouncycastle.crypto.modes.GCMBlockCipher;
import org.bouncycastle.crypto.params.AEADParameters;
import org.bouncycastle.crypto.params.KeyParameter;

/** The combined modes that the JDK lacks: AES-CCM (RFC 4309), AES-GCM with an ICV of 8 bytes (RFC 4106). */
final class BouncyCastleAead extends SaltedAead {
    private final AEADCipher cipher;
    private final KeyParameter keyParameter;

    BouncyCastleAead(EncryptionAlgorithm algorithm, KeyMaterial keyAndSalt, boolean esn) {
        super(algorithm, keyAndSalt, esn);
        keyParameter = new KeyParameter(key);
        cipher = algorithm == EncryptionAlgorithm.ENCR_AES_GCM_8
                ? GCMBlockCipher.newInstance(AESEngine.newInstance())
                : CCMBlockCipher.newInstance(AESEngine.newInstance());
    }

    private void start(boolean seal) {
        cipher.init(seal, new AEADParameters(keyParameter, icvLength() * KeyMaterial.BITS_PER_BYTE, nonce, aad));
    }

    @Override
    void sealText(byte[] packet, int text, int textLength) {
        try {
            start(true);
            int done = cipher.processBytes(packet, text, textLength, packet, text);
            cipher.doFinal(packet, text + done);
        } catch (InvalidCipherTextException e) {
            throw new IllegalStateException(algorithm + " seal", e);
        }
    }

    @Override
    boolean openText(byte[] packet, int text, int textLength, byte[] plain, int plainOffset) {
        try {
            start(false);
            int done = cipher.processBytes(packet, text, textLength + icvLength(), plain, plainOffset);
            cipher.doFinal(plain, plainOffset + done);
            return true;
        } catch (InvalidCipherTextException e) {
            return false;
        }
    }
}
