package org.ipsecif.ike.message;

import java.util.Optional;

/**
 * IANA "Transform Type 4 - Key Exchange Method Transform IDs", Diffie-Hellman groups before RFC 9370. IANA's names are phrases
 * ("2048-bit MODP Group"); these are the names that peers' logs have.
 */
public enum KeyExchangeMethod implements TransformId {
    NONE(0, "NO_KE"),
    MODP_768(1, "MODP_768"),
    MODP_1024(2, "MODP_1024"),
    /** RFC 3526, up to MODP_8192. */
    MODP_1536(5, "MODP_1536"),
    MODP_2048(14, "MODP_2048"),
    MODP_3072(15, "MODP_3072"),
    MODP_4096(16, "MODP_4096"),
    MODP_6144(17, "MODP_6144"),
    MODP_8192(18, "MODP_8192"),
    /** RFC 5903, up to ECP_521. */
    ECP_256(19, "ECP_256"),
    ECP_384(20, "ECP_384"),
    ECP_521(21, "ECP_521"),
    /** RFC 5114, up to ECP_224. */
    MODP_1024_160(22, "MODP_1024_160"),
    MODP_2048_224(23, "MODP_2048_224"),
    MODP_2048_256(24, "MODP_2048_256"),
    ECP_192(25, "ECP_192"),
    ECP_224(26, "ECP_224"),
    /** RFC 6954, up to BRAINPOOL_P512R1. */
    BRAINPOOL_P224R1(27, "BRAINPOOL_P224R1"),
    BRAINPOOL_P256R1(28, "BRAINPOOL_P256R1"),
    BRAINPOOL_P384R1(29, "BRAINPOOL_P384R1"),
    BRAINPOOL_P512R1(30, "BRAINPOOL_P512R1"),
    /** RFC 8031, and the next. */
    CURVE_25519(31, "CURVE_25519"),
    CURVE_448(32, "CURVE_448"),
    /** RFC 9385, and the next. */
    GOST3410_2012_256(33, "GOST3410_2012_256"),
    GOST3410_2012_512(34, "GOST3410_2012_512"),
    /** FIPS 203, and the next two. */
    ML_KEM_512(35, "ML_KEM_512"),
    ML_KEM_768(36, "ML_KEM_768"),
    ML_KEM_1024(37, "ML_KEM_1024");

    private static final Registry<KeyExchangeMethod> REGISTRY = new Registry<>(values());

    private final int number;
    private final String text;

    KeyExchangeMethod(int number, String text) {
        this.number = number;
        this.text = text;
    }

    /** The entry with this number, if it is a known one. */
    public static Optional<KeyExchangeMethod> of(int number) {
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
        return TransformType.KE;
    }
}
