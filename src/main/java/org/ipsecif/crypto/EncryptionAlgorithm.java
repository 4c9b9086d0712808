package org.ipsecif.crypto;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * IKEv2 Transform Type 1, "Encryption Algorithm Transform IDs" (IANA, RFC 8221), as ESP uses them.
 * {@code setkeyName} is the word of setkey(8).
 */
public enum EncryptionAlgorithm {
    /** RFC 2410. */
    ENCR_NULL(11, "null", Kind.CIPHER, 0, 1, 0, 0),
    /** RFC 3602. */
    ENCR_AES_CBC(12, "aes-cbc", Kind.CIPHER, 16, 16, 0, 0, 128, 192, 256),
    /** RFC 3686: the key is followed by a nonce of 4 bytes. */
    ENCR_AES_CTR(13, "aes-ctr", Kind.COUNTER, 8, 1, 0, 4, 128, 192, 256),
    /** RFC 4312. */
    ENCR_CAMELLIA_CBC(23, "camellia-cbc", Kind.CIPHER, 16, 16, 0, 0, 128, 192, 256),
    /** RFC 2451. SHOULD NOT (RFC 8221): blocks of 64 bits collide after a few gigabytes. */
    ENCR_3DES(3, "3des-cbc", Kind.LEGACY, 8, 8, 0, 0, 192),
    /** RFC 4106: the key is followed by a salt of 4 bytes, the IV is 8 bytes. */
    ENCR_AES_GCM_16(20, "aes-gcm-16", Kind.AEAD, 8, 1, 16, 4, 128, 192, 256),
    ENCR_AES_GCM_12(19, "aes-gcm-12", Kind.AEAD, 8, 1, 12, 4, 128, 192, 256),
    ENCR_AES_GCM_8(18, "aes-gcm-8", Kind.AEAD, 8, 1, 8, 4, 128, 192, 256),
    /** RFC 4309: a salt of 3 bytes. */
    ENCR_AES_CCM_16(16, "aes-ccm-16", Kind.AEAD, 8, 1, 16, 3, 128, 192, 256),
    ENCR_AES_CCM_12(15, "aes-ccm-12", Kind.AEAD, 8, 1, 12, 3, 128, 192, 256),
    ENCR_AES_CCM_8(14, "aes-ccm-8", Kind.AEAD, 8, 1, 8, 3, 128, 192, 256),
    /** RFC 7634. */
    ENCR_CHACHA20_POLY1305(28, "chacha20-poly1305", Kind.AEAD, 8, 1, 16, 4, 256),
    /** RFC 4543: AES-GCM that authenticates and does not encrypt. */
    ENCR_NULL_AUTH_AES_GMAC(21, "aes-gmac", Kind.AEAD, 8, 1, 16, 4, 128, 192, 256);

    /** What the algorithm needs beside it. */
    private enum Kind {
        /** An integrity algorithm. */
        CIPHER,
        /** An integrity algorithm, and keys that are never used again after a restart. */
        COUNTER,
        /** An integrity algorithm, and the user's word that he wants it. */
        LEGACY,
        /** Nothing but fresh keys. */
        AEAD
    }

    private final int transformId;
    private final String setkeyName;
    private final Kind kind;
    private final int ivLength;
    private final int blockLength;
    private final int icvLength;
    private final int saltLength;
    private final List<Integer> keyBits;

    EncryptionAlgorithm(
            int transformId,
            String setkeyName,
            Kind kind,
            int ivLength,
            int blockLength,
            int icvLength,
            int saltLength,
            Integer... keyBits) {
        this.transformId = transformId;
        this.setkeyName = setkeyName;
        this.kind = kind;
        this.ivLength = ivLength;
        this.blockLength = blockLength;
        this.icvLength = icvLength;
        this.saltLength = saltLength;
        this.keyBits = keyBits.length == 0 ? List.of(0) : List.of(keyBits);
    }

    public int transformId() {
        return transformId;
    }

    public String setkeyName() {
        return setkeyName;
    }

    /** Combined mode: brings its own ICV and takes no integrity algorithm. */
    public boolean isAead() {
        return kind == Kind.AEAD;
    }

    /** Bytes of IV in every packet. */
    public int ivLength() {
        return ivLength;
    }

    /** Bytes to a multiple of which the plaintext is padded. */
    public int blockLength() {
        return blockLength;
    }

    /** Bytes of ICV in every packet if combined mode, else 0. */
    public int icvLength() {
        return icvLength;
    }

    /**
     * A restart repeats IVs, which is fatal: such an algorithm is not for manual keys (RFC 8221 section 4, RFC 4106
     * section 2, RFC 3686 section 2.1).
     */
    public boolean needsFreshKeys() {
        return kind == Kind.AEAD || kind == Kind.COUNTER;
    }

    /** RFC 8221 says SHOULD NOT: only for a peer that has nothing better. */
    public boolean isLegacy() {
        return kind == Kind.LEGACY;
    }

    /** Bits that setkey(8) takes for a key, salt included, ascending. */
    public List<Integer> keyMaterialBits() {
        return keyBits.stream()
                .map(bits -> bits + saltLength * KeyMaterial.BITS_PER_BYTE)
                .toList();
    }

    /** Bytes of salt at the end of the key material. */
    public int saltLength() {
        return saltLength;
    }

    public static Optional<EncryptionAlgorithm> byTransformId(int id) {
        return Arrays.stream(values()).filter(a -> a.transformId == id).findFirst();
    }

    public static Optional<EncryptionAlgorithm> bySetkeyName(String name) {
        return Arrays.stream(values()).filter(a -> a.setkeyName.equals(name)).findFirst();
    }
}
