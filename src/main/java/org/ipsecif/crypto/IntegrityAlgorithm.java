package org.ipsecif.crypto;

import java.util.Arrays;
import java.util.Optional;

/** IKEv2 Transform Type 3, "Integrity Algorithm Transform IDs" (IANA, RFC 8221), as ESP uses them. */
public enum IntegrityAlgorithm {
    /** Only with a combined-mode cipher. */
    NONE("null", "", 0, 0),
    /** RFC 2404. */
    AUTH_HMAC_SHA1_96("hmac-sha1", "HmacSHA1", 160, 12),
    /** RFC 4868. */
    AUTH_HMAC_SHA2_256_128("hmac-sha2-256", "HmacSHA256", 256, 16);

    private final String setkeyName;
    private final String jcaName;
    private final int keyBits;
    private final int icvLength;

    IntegrityAlgorithm(String setkeyName, String jcaName, int keyBits, int icvLength) {
        this.setkeyName = setkeyName;
        this.jcaName = jcaName;
        this.keyBits = keyBits;
        this.icvLength = icvLength;
    }

    public String setkeyName() {
        return setkeyName;
    }

    String jcaName() {
        return jcaName;
    }

    /** The only key length allowed (RFC 2404 section 3, RFC 4868 section 2.1.1). */
    public int keyBits() {
        return keyBits;
    }

    /** Bytes of ICV in every packet. */
    public int icvLength() {
        return icvLength;
    }

    public static Optional<IntegrityAlgorithm> bySetkeyName(String name) {
        return Arrays.stream(values()).filter(a -> a.setkeyName.equals(name)).findFirst();
    }
}
