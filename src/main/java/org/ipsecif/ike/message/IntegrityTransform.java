package org.ipsecif.ike.message;

import java.util.Optional;

/** IANA "Transform Type 3 - Integrity Algorithm Transform IDs"; the text is without "AUTH_". */
public enum IntegrityTransform implements TransformId {
    NONE(0, "NO_INTEGRITY"),
    AUTH_HMAC_MD5_96(1, "HMAC_MD5_96"),
    AUTH_HMAC_SHA1_96(2, "HMAC_SHA1_96"),
    AUTH_DES_MAC(3, "DES_MAC"),
    AUTH_KPDK_MD5(4, "KPDK_MD5"),
    AUTH_AES_XCBC_96(5, "AES_XCBC_96"),
    AUTH_HMAC_MD5_128(6, "HMAC_MD5_128"),
    AUTH_HMAC_SHA1_160(7, "HMAC_SHA1_160"),
    AUTH_AES_CMAC_96(8, "AES_CMAC_96"),
    AUTH_AES_128_GMAC(9, "AES_128_GMAC"),
    AUTH_AES_192_GMAC(10, "AES_192_GMAC"),
    AUTH_AES_256_GMAC(11, "AES_256_GMAC"),
    AUTH_HMAC_SHA2_256_128(12, "HMAC_SHA2_256_128"),
    AUTH_HMAC_SHA2_384_192(13, "HMAC_SHA2_384_192"),
    AUTH_HMAC_SHA2_512_256(14, "HMAC_SHA2_512_256");

    private static final Registry<IntegrityTransform> REGISTRY = new Registry<>(values());

    private final int number;
    private final String text;

    IntegrityTransform(int number, String text) {
        this.number = number;
        this.text = text;
    }

    /** The entry with this number, if it is a known one. */
    public static Optional<IntegrityTransform> of(int number) {
        return REGISTRY.find(number);
    }

    /** Name of the entry with this number, or the number. */
    public static String text(int number) {
        return REGISTRY.text(number);
    }

    @Override
    public int number() {
        return number;
    }

    @Override
    public String text() {
        return text;
    }

    @Override
    public TransformType transformType() {
        return TransformType.INTEG;
    }
}
