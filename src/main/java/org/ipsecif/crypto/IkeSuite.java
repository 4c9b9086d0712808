package org.ipsecif.crypto;

/**
 * How an IKE SA or a Child SA protects what it carries: the lengths of its keys follow.
 *
 * @param keyBits Key Length attribute of the encryption transform, without salt; of an algorithm with one length, that length
 * @param integrity NONE with a combined-mode cipher
 */
public record IkeSuite(EncryptionAlgorithm encryption, int keyBits, IntegrityAlgorithm integrity) {
    public IkeSuite {
        int bits = keyBits + encryption.saltLength() * KeyMaterial.BITS_PER_BYTE;
        if (!encryption.keyMaterialBits().contains(bits)) {
            throw new IllegalArgumentException(encryption + " has no keys of " + keyBits + " bits");
        }
        if (encryption.isAead() == (integrity != IntegrityAlgorithm.NONE)) {
            throw new IllegalArgumentException(encryption + " with " + integrity + " (RFC 8221 section 4)");
        }
    }

    /** Bytes of SK_e, or of a Child SA's encryption key: key and salt. */
    public int encryptionKeyLength() {
        return keyBits / KeyMaterial.BITS_PER_BYTE + encryption.saltLength();
    }

    /** Bytes of SK_a, or of a Child SA's integrity key. */
    public int integrityKeyLength() {
        return integrity.keyBits() / KeyMaterial.BITS_PER_BYTE;
    }
}
