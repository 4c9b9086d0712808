package org.ipsecif.crypto;

import java.util.Arrays;
import java.util.Optional;

/** IKEv2 Transform Type 3, "Integrity Algorithm Transform IDs" (IANA, RFC 8221), as ESP uses them. */
public enum IntegrityAlgorithm {
    /** Only with a combined-mode cipher. */
    NONE(0, "null", 0, 0),
    /** RFC 2404. */
    AUTH_HMAC_SHA1_96(2, "hmac-sha1", 160, 12),
    /** RFC 3566. */
    AUTH_AES_XCBC_96(5, "aes-xcbc-mac", 128, 12),
    /** RFC 4494. */
    AUTH_AES_CMAC_96(8, "aes-cmac", 128, 12),
    /** RFC 4868, and the next two. */
    AUTH_HMAC_SHA2_256_128(12, "hmac-sha2-256", 256, 16),
    AUTH_HMAC_SHA2_384_192(13, "hmac-sha2-384", 384, 24),
    AUTH_HMAC_SHA2_512_256(14, "hmac-sha2-512", 512, 32);

    private final int transformId;
    private final String setkeyName;
    private final int keyBits;
    private final int icvLength;

    IntegrityAlgorithm(int transformId, String setkeyName, int keyBits, int icvLength) {
        this.transformId = transformId;
        this.setkeyName = setkeyName;
        this.keyBits = keyBits;
        this.icvLength = icvLength;
    }

    public int transformId() {
        return transformId;
    }

    public String setkeyName() {
        return setkeyName;
    }

    /** The only key length allowed (RFC 2404 section 3, RFC 4868 section 2.1.1). */
    public int keyBits() {
        return keyBits;
    }

    /** Bytes of ICV in every packet. */
    public int icvLength() {
        return icvLength;
    }

    public static Optional<IntegrityAlgorithm> byTransformId(int id) {
        return Arrays.stream(values()).filter(a -> a.transformId == id).findFirst();
    }

    public static Optional<IntegrityAlgorithm> bySetkeyName(String name) {
        return Arrays.stream(values()).filter(a -> a.setkeyName.equals(name)).findFirst();
    }
}
