package org.ipsecif.ike.message;

import java.util.Optional;

/** IANA "Transform Type 5", extended sequence numbers (RFC 7296 section 3.3.2, names since RFC 9827). */
public enum EsnTransform implements TransformId {
    /** 32-bit sequential numbers. */
    NO_ESN(0),
    /** Partially transmitted 64-bit sequential numbers. */
    ESN(1),
    /** 32-bit unspecified numbers. */
    UNSPECIFIED_32_BIT(2);

    private static final Registry<EsnTransform> REGISTRY = new Registry<>(values());

    private final int number;

    EsnTransform(int number) {
        this.number = number;
    }

    /** The entry with this number, if it is a known one. */
    public static Optional<EsnTransform> of(int number) {
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
        return TransformType.ESN;
    }
}
