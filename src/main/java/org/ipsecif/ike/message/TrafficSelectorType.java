package org.ipsecif.ike.message;

import java.util.Optional;

/** IANA "IKEv2 Traffic Selector Types" (RFC 7296 section 3.13.1). */
public enum TrafficSelectorType implements IanaNumber {
    TS_IPV4_ADDR_RANGE(7),
    TS_IPV6_ADDR_RANGE(8),
    /** RFC 4595. */
    TS_FC_ADDR_RANGE(9),
    /** RFC 9478. */
    TS_SECLABEL(10);

    private static final Registry<TrafficSelectorType> REGISTRY = new Registry<>(values());

    private final int number;

    TrafficSelectorType(int number) {
        this.number = number;
    }

    /** The entry with this number, if it is a known one. */
    public static Optional<TrafficSelectorType> of(int number) {
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
