package org.ipsecif.ike.message;

import java.util.Optional;

/** IANA "Transform Type 2 - Pseudorandom Function Transform IDs". */
public enum PrfTransform implements TransformId {
    PRF_HMAC_MD5(1),
    PRF_HMAC_SHA1(2),
    PRF_HMAC_TIGER(3),
    PRF_AES128_XCBC(4),
    PRF_HMAC_SHA2_256(5),
    PRF_HMAC_SHA2_384(6),
    PRF_HMAC_SHA2_512(7),
    PRF_AES128_CMAC(8),
    PRF_HMAC_STREEBOG_512(9);

    private static final Registry<PrfTransform> REGISTRY = new Registry<>(values());

    private final int number;

    PrfTransform(int number) {
        this.number = number;
    }

    /** The entry with this number, if it is a known one. */
    public static Optional<PrfTransform> of(int number) {
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
        return name();
    }

    @Override
    public TransformType transformType() {
        return TransformType.PRF;
    }
}
