package org.ipsecif.ike.message;

import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;

/** Configuration attributes as people write them (RFC 7296 section 3.15.1). */
final class ConfigurationText {
    private static final int INET = 4;
    private static final int INET6 = 16;

    private ConfigurationText() {}

    /** The type, then the value if there is one. */
    static String of(ConfigurationPayload.Attribute attribute) {
        String type = ConfigurationAttributeType.text(attribute.type());
        return attribute.value().isEmpty() ? type : type + " " + value(attribute);
    }

    private static String value(ConfigurationPayload.Attribute attribute) {
        Octets value = attribute.value();
        ConfigurationAttributeType type =
                ConfigurationAttributeType.of(attribute.type()).orElse(null);
        if (type == null) {
            return value.toString();
        }
        return switch (type) {
            case INTERNAL_IP4_ADDRESS, INTERNAL_IP4_NETMASK, INTERNAL_IP4_DNS, INTERNAL_IP4_NBNS, INTERNAL_IP4_DHCP ->
                value.length() == INET ? address(Family.INET, value, 0) : value.toString();
            case INTERNAL_IP4_SUBNET ->
                value.length() == 2 * INET
                        ? address(Family.INET, value, 0) + " " + address(Family.INET, value, INET)
                        : value.toString();
            case INTERNAL_IP6_DNS, INTERNAL_IP6_DHCP ->
                value.length() == INET6 ? address(Family.INET6, value, 0) : value.toString();
            case INTERNAL_IP6_ADDRESS, INTERNAL_IP6_SUBNET ->
                value.length() == INET6 + 1
                        ? address(Family.INET6, value, 0) + "/" + value.at(INET6)
                        : value.toString();
            case APPLICATION_VERSION, INTERNAL_DNS_DOMAIN -> "\"" + IdentityText.printable(value) + "\"";
            default -> value.toString();
        };
    }

    private static String address(Family family, Octets value, int offset) {
        return IpAddress.ofBytes(family, value.toBytes(), offset).toString();
    }
}
