package org.ipsecif.ike.message;

import java.util.Optional;

/** IANA "IKEv2 Configuration Payload CFG Types" (RFC 7296 section 3.15). */
public enum ConfigurationType implements IanaNumber {
    CFG_REQUEST(1),
    CFG_REPLY(2),
    CFG_SET(3),
    CFG_ACK(4);

    private static final Registry<ConfigurationType> REGISTRY = new Registry<>(values());

    private final int number;

    ConfigurationType(int number) {
        this.number = number;
    }

    /** The entry with this number, if it is a known one. */
    public static Optional<ConfigurationType> of(int number) {
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
