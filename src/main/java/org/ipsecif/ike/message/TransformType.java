package org.ipsecif.ike.message;

import java.util.Optional;

/** IANA "Transform Type Values" (RFC 7296 section 3.3.2). */
public enum TransformType implements IanaNumber {
    ENCR(1),
    PRF(2),
    INTEG(3),
    /** Diffie-Hellman group, or key exchange method since RFC 9370. */
    KE(4),
    ESN(5),
    /** Additional key exchanges, RFC 9370; up to ADDKE7. */
    ADDKE1(6),
    ADDKE2(7),
    ADDKE3(8),
    ADDKE4(9),
    ADDKE5(10),
    ADDKE6(11),
    ADDKE7(12);

    private static final Registry<TransformType> REGISTRY = new Registry<>(values());

    private final int number;

    TransformType(int number) {
        this.number = number;
    }

    /** The entry with this number, if it is a known one. */
    public static Optional<TransformType> of(int number) {
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

    /** ADDKE1 to ADDKE7. */
    public boolean isAdditionalKeyExchange() {
        return number >= ADDKE1.number && number <= ADDKE7.number;
    }

    /** Name of a transform of this type, or its number. */
    public String transformText(int id) {
        return switch (this) {
            case ENCR -> EncryptionTransform.text(id);
            case PRF -> PrfTransform.text(id);
            case INTEG -> IntegrityTransform.text(id);
            case ESN -> EsnTransform.text(id);
            default -> KeyExchangeMethod.text(id);
        };
    }
}
