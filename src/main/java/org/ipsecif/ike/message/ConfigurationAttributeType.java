package org.ipsecif.ike.message;

import java.util.Optional;

/** IANA "IKEv2 Configuration Payload Attribute Types" (RFC 7296 section 3.15.1). */
public enum ConfigurationAttributeType implements IanaNumber {
    INTERNAL_IP4_ADDRESS(1),
    INTERNAL_IP4_NETMASK(2),
    INTERNAL_IP4_DNS(3),
    INTERNAL_IP4_NBNS(4),
    INTERNAL_IP4_DHCP(6),
    APPLICATION_VERSION(7),
    INTERNAL_IP6_ADDRESS(8),
    INTERNAL_IP6_DNS(10),
    INTERNAL_IP6_DHCP(12),
    INTERNAL_IP4_SUBNET(13),
    SUPPORTED_ATTRIBUTES(14),
    INTERNAL_IP6_SUBNET(15),
    MIP6_HOME_PREFIX(16),
    /** RFC 5739, and the next. */
    INTERNAL_IP6_LINK(17),
    INTERNAL_IP6_PREFIX(18),
    HOME_AGENT_ADDRESS(19),
    P_CSCF_IP4_ADDRESS(20),
    P_CSCF_IP6_ADDRESS(21),
    FTT_KAT(22),
    EXTERNAL_SOURCE_IP4_NAT_INFO(23),
    TIMEOUT_PERIOD_FOR_LIVENESS_CHECK(24),
    /** RFC 8598, and the next. */
    INTERNAL_DNS_DOMAIN(25),
    INTERNAL_DNSSEC_TA(26);

    private static final Registry<ConfigurationAttributeType> REGISTRY = new Registry<>(values());

    private final int number;

    ConfigurationAttributeType(int number) {
        this.number = number;
    }

    /** The entry with this number, if it is a known one. */
    public static Optional<ConfigurationAttributeType> of(int number) {
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
