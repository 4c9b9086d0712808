package org.ipsecif.crypto;

import org.jspecify.annotations.Nullable;

/**
 * Protects the messages of one IKE SA in one direction: what an Encrypted (and Encrypted Fragment) payload holds behind its
 * header (RFC 7296 section 3.14, RFC 5282, RFC 7634, RFC 7383).
 *
 * <pre>
 * +----+-----------------------------------------+-----+
 * | IV | payloads | padding | pad length          | ICV |
 * +----+-----------------------------------------+-----+
 * </pre>
 *
 * Between messages it holds its keys and no cipher. One thread at a time. Closing it wipes the keys.
 */
public abstract sealed class IkeCipher implements AutoCloseable permits AeadIkeCipher, CbcIkeCipher {
    static final int PAD_LENGTH = 1;

    /**
     * @param encryptionKey SK_e, with salt; belongs to the cipher from now on
     * @param integrityKey SK_a; likewise
     * @throws IllegalArgumentException if IKEv2 does not use the algorithm, or a key's length is not the suite's
     */
    public static IkeCipher of(IkeSuite suite, KeyMaterial encryptionKey, KeyMaterial integrityKey) {
        if (encryptionKey.bits() != suite.encryptionKeyLength() * KeyMaterial.BITS_PER_BYTE
                || integrityKey.bits() != suite.integrityKeyLength() * KeyMaterial.BITS_PER_BYTE) {
            throw new IllegalArgumentException("keys of " + encryptionKey.bits() + " and " + integrityKey.bits()
                    + " bits are not those of " + suite);
        }
        if (!serves(suite.encryption())) {
            throw new IllegalArgumentException(suite.encryption() + " does not protect IKE messages here");
        }
        return suite.encryption().isAead()
                ? new AeadIkeCipher(suite.encryption(), encryptionKey)
                : new CbcIkeCipher(suite, encryptionKey, integrityKey);
    }

    /** Whether it protects IKE messages: AES in CBC mode, and what both encrypts and authenticates. */
    static boolean serves(EncryptionAlgorithm algorithm) {
        return algorithm == EncryptionAlgorithm.ENCR_AES_CBC
                || (algorithm.isAead() && algorithm != EncryptionAlgorithm.ENCR_NULL_AUTH_AES_GMAC);
    }

    /** Bytes that {@link #seal} makes of so many bytes of payloads. */
    public abstract int sealedLength(int plainLength);

    /**
     * Encrypts and authenticates.
     *
     * @param associated all of the message before the IV, with the lengths that it will have
     * @param plain payloads
     * @return IV, ciphertext and ICV
     */
    public abstract byte[] seal(byte[] associated, byte[] plain);

    /**
     * Verifies and, only then, decrypts.
     *
     * @param associated all of the message before the IV
     * @param sealed IV, ciphertext and ICV, as long as the peer sent them
     * @return the payloads, without padding; null if there is a wrong length, ICV or padding
     */
    public abstract byte @Nullable [] open(byte[] associated, byte[] sealed);

    /** What stands before padding and pad length. @return null if the padding is longer than the text */
    static byte @Nullable [] withoutPadding(byte[] padded, int offset, int length) {
        int end = length - PAD_LENGTH - (length > 0 ? padded[offset + length - PAD_LENGTH] & 0xff : 0);
        if (end < 0) {
            return null;
        }
        byte[] plain = new byte[end];
        System.arraycopy(padded, offset, plain, 0, end);
        return plain;
    }

    @Override
    public abstract void close();
}
