package org.ipsecif.crypto;

import org.jspecify.annotations.Nullable;

/** The combined modes in IKEv2 (RFC 5282, RFC 7634): no alignment, so no padding; the IV is a counter, unique under a key. */
final class AeadIkeCipher extends IkeCipher {
    private final EncryptionAlgorithm algorithm;
    private final KeyMaterial keyAndSalt;
    private long messages;

    AeadIkeCipher(EncryptionAlgorithm algorithm, KeyMaterial keyAndSalt) {
        this.algorithm = algorithm;
        this.keyAndSalt = keyAndSalt;
    }

    @Override
    public int sealedLength(int plainLength) {
        return algorithm.ivLength() + plainLength + PAD_LENGTH + algorithm.icvLength();
    }

    @Override
    public byte[] seal(byte[] associated, byte[] plain) {
        int iv = algorithm.ivLength();
        byte[] sealed = new byte[sealedLength(plain.length)];
        SaltedAead.putBigEndian(sealed, 0, ++messages, iv);
        System.arraycopy(plain, 0, sealed, iv, plain.length);
        try (SaltedAead engine = engine(associated, sealed)) {
            engine.sealText(sealed, iv, plain.length + PAD_LENGTH);
        }
        return sealed;
    }

    @Override
    public byte @Nullable [] open(byte[] associated, byte[] sealed) {
        int textLength = sealed.length - algorithm.ivLength() - algorithm.icvLength();
        if (textLength < PAD_LENGTH) {
            return null;
        }
        byte[] padded = new byte[textLength];
        try (SaltedAead engine = engine(associated, sealed)) {
            return engine.openText(sealed, algorithm.ivLength(), textLength, padded, 0)
                    ? withoutPadding(padded, 0, textLength)
                    : null;
        }
    }

    private SaltedAead engine(byte[] associated, byte[] sealed) {
        SaltedAead engine = SaltedAead.of(algorithm, keyAndSalt, false, null);
        engine.start(sealed, 0, associated);
        return engine;
    }

    @Override
    public void close() {
        keyAndSalt.close();
    }
}
