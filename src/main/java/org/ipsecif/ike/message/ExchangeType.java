package org.ipsecif.ike.message;

import java.util.Optional;

/** IANA "IKEv2 Exchange Types". */
public enum ExchangeType implements IanaNumber {
    IKE_SA_INIT(34),
    IKE_AUTH(35),
    CREATE_CHILD_SA(36),
    INFORMATIONAL(37),
    /** RFC 5723. */
    IKE_SESSION_RESUME(38),
    /** RFC 9242. */
    IKE_INTERMEDIATE(43),
    /** RFC 9370. */
    IKE_FOLLOWUP_KE(44);

    private static final Registry<ExchangeType> REGISTRY = new Registry<>(values());

    private final int number;

    ExchangeType(int number) {
        this.number = number;
    }

    /** The entry with this number, if it is a known one. */
    public static Optional<ExchangeType> of(int number) {
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
