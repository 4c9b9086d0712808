package org.ipsecif.ike.message;

import java.util.Optional;

/** The Code field of EAP packets (RFC 3748 section 4). */
public enum EapCode implements IanaNumber {
    REQUEST(1),
    RESPONSE(2),
    SUCCESS(3),
    FAILURE(4);

    private static final Registry<EapCode> REGISTRY = new Registry<>(values());

    private final int number;

    EapCode(int number) {
        this.number = number;
    }

    /** The entry with this number, if it is a known one. */
    public static Optional<EapCode> of(int number) {
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
