package org.ipsecif.ike.message;

import java.util.Optional;

/** IANA "IKEv2 Authentication Method" (RFC 7296 section 3.8). */
public enum AuthenticationMethod implements IanaNumber {
    RSA_DIGITAL_SIGNATURE(1),
    SHARED_KEY_MIC(2),
    DSS_DIGITAL_SIGNATURE(3),
    /** RFC 4754, and the next two. */
    ECDSA_SHA2_256_P256(9),
    ECDSA_SHA2_384_P384(10),
    ECDSA_SHA2_512_P521(11),
    /** RFC 6467. */
    GENERIC_SECURE_PASSWORD(12),
    /** RFC 7619. */
    NULL_AUTHENTICATION(13),
    /** RFC 7427. */
    DIGITAL_SIGNATURE(14);

    private static final Registry<AuthenticationMethod> REGISTRY = new Registry<>(values());

    private final int number;

    AuthenticationMethod(int number) {
        this.number = number;
    }

    /** The entry with this number, if it is a known one. */
    public static Optional<AuthenticationMethod> of(int number) {
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
}
