package org.ipsecif.ike.message;

import org.ipsecif.ike.message.ConfigurationPayload.Attribute;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpPrefix;
import org.jspecify.annotations.Nullable;

/** Addresses and networks in configuration attributes (RFC 7296 section 3.15.1). */
public final class ConfigurationValue {
    private static final int INET = 4;
    private static final int INET6 = 16;

    private ConfigurationValue() {}

    /** An attribute of one address; INTERNAL_IP6_ADDRESS has a prefix length besides, which is that of the address alone. */
    public static Attribute of(ConfigurationAttributeType type, IpAddress address) {
        OctetWriter value = new OctetWriter().octets(Octets.of(address.toBytes()));
        if (type == ConfigurationAttributeType.INTERNAL_IP6_ADDRESS) {
            value.u8(address.family().addressBits());
        }
        return new Attribute(type, value.toOctets());
    }

    /** INTERNAL_IP4_SUBNET or INTERNAL_IP6_SUBNET. */
    public static Attribute of(IpPrefix network) {
        OctetWriter value = new OctetWriter().octets(Octets.of(network.address().toBytes()));
        if (network.family() == Family.INET) {
            long mask = 0xffff_ffffL << (Family.INET.addressBits() - network.length()) & 0xffff_ffffL;
            return new Attribute(
                    ConfigurationAttributeType.INTERNAL_IP4_SUBNET,
                    value.u32(mask).toOctets());
        }
        return new Attribute(
                ConfigurationAttributeType.INTERNAL_IP6_SUBNET,
                value.u8(network.length()).toOctets());
    }

    /** The address that an attribute has; null if it has none, or is not of its type's length. */
    public static @Nullable IpAddress address(Attribute attribute) {
        ConfigurationAttributeType type =
                ConfigurationAttributeType.of(attribute.type()).orElse(null);
        Octets value = attribute.value();
        if (type == null) {
            return null;
        }
        return switch (type) {
            case INTERNAL_IP4_ADDRESS, INTERNAL_IP4_NETMASK, INTERNAL_IP4_DNS, INTERNAL_IP4_NBNS, INTERNAL_IP4_DHCP ->
                value.length() == INET ? address(Family.INET, value) : null;
            case INTERNAL_IP6_DNS, INTERNAL_IP6_DHCP -> value.length() == INET6 ? address(Family.INET6, value) : null;
            case INTERNAL_IP6_ADDRESS ->
                value.length() == INET6 + 1 && value.at(INET6) <= Family.INET6.addressBits()
                        ? address(Family.INET6, value)
                        : null;
            default -> null;
        };
    }

    /** The network of INTERNAL_IP4_SUBNET or INTERNAL_IP6_SUBNET, from its first address; null if it has none, or a mask with holes. */
    public static @Nullable IpPrefix network(Attribute attribute) {
        Octets value = attribute.value();
        if (attribute.is(ConfigurationAttributeType.INTERNAL_IP4_SUBNET) && value.length() == 2 * INET) {
            int mask = value.at(INET) << 24 | value.at(INET + 1) << 16 | value.at(INET + 2) << 8 | value.at(INET + 3);
            int length = Integer.bitCount(mask);
            boolean whole = Integer.numberOfLeadingZeros(~mask) == length;
            return whole ? new IpPrefix(address(Family.INET, value), length) : null;
        }
        boolean inet6 = attribute.is(ConfigurationAttributeType.INTERNAL_IP6_SUBNET)
                && value.length() == INET6 + 1
                && value.at(INET6) <= Family.INET6.addressBits();
        return inet6 ? new IpPrefix(address(Family.INET6, value), value.at(INET6)) : null;
    }

    private static IpAddress address(Family family, Octets value) {
        return IpAddress.ofBytes(family, value.toBytes(), 0);
    }
}
