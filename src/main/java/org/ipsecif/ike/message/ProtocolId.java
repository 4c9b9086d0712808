package org.ipsecif.ike.message;

import java.util.Optional;

/** IANA "IKEv2 Security Protocol Identifiers". */
public enum ProtocolId implements IanaNumber {
    /** In notifications about no particular SA. */
    NONE(0),
    IKE(1),
    AH(2),
    ESP(3);

    private static final Registry<ProtocolId> REGISTRY = new Registry<>(values());

    private final int number;

    ProtocolId(int number) {
        this.number = number;
    }

    /** The entry with this number, if it is a known one. */
    public static Optional<ProtocolId> of(int number) {
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
