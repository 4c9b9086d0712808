package org.ipsecif.crypto;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * IKEv2 Transform Type 1, "Encryption Algorithm Transform IDs" (IANA, RFC 8221), as ESP uses them.
 * {@code setkeyName} is the word of setkey(8).
 */
public enum EncryptionAlgorithm {
    ENCR_NULL("null", Kind.CIPHER, 0, 1, 0, 0),
    ENCR_AES_CBC("aes-cbc", Kind.CIPHER, 16, 16, 0, 0, 128, 192, 256),
    /** RFC 4106: the key is followed by a salt of 4 bytes, the IV is 8 bytes. */
    ENCR_AES_GCM_16("aes-gcm-16", Kind.AEAD, 8, 1, 16, 4, 128, 192, 256);

    /** Whether the algorithm protects integrity itself. */
    private enum Kind {
        CIPHER,
        AEAD
    }

    private final String setkeyName;
    private final Kind kind;
    private final int ivLength;
    private final int blockLength;
    private final int icvLength;
    private final int saltLength;
    private final List<Integer> keyBits;

    EncryptionAlgorithm(
            String setkeyName,
            Kind kind,
            int ivLength,
            int blockLength,
            int icvLength,
            int saltLength,
            Integer... keyBits) {
        this.setkeyName = setkeyName;
        this.kind = kind;
        this.ivLength = ivLength;
        this.blockLength = blockLength;
        this.icvLength = icvLength;
        this.saltLength = saltLength;
        this.keyBits = keyBits.length == 0 ? List.of(0) : List.of(keyBits);
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
     * section 2).
     */
    public boolean needsFreshKeys() {
        return kind == Kind.AEAD;
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

    public static Optional<EncryptionAlgorithm> bySetkeyName(String name) {
        return Arrays.stream(values()).filter(a -> a.setkeyName.equals(name)).findFirst();
    }
}
