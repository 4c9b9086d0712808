package org.ipsecif.ike;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.ipsecif.ike.message.ConfigurationAttributeType;
import org.ipsecif.ike.message.ConfigurationPayload;
import org.ipsecif.ike.message.ConfigurationPayload.Attribute;
import org.ipsecif.ike.message.ConfigurationType;
import org.ipsecif.ike.message.ConfigurationValue;
import org.ipsecif.ike.message.IkeException;
import org.ipsecif.ike.message.IkeMessage;
import org.ipsecif.ike.message.NotifyPayload;
import org.ipsecif.ike.message.NotifyType;
import org.ipsecif.ike.message.OctetWriter;
import org.ipsecif.ike.message.Octets;
import org.ipsecif.ike.message.Payload;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.jspecify.annotations.Nullable;

/** The configuration payloads of IKE_AUTH, at either end (RFC 7296 sections 2.19, 3.15). */
final class Assignment {
    private Assignment() {}

    /** What the initiator asks for; nothing if it has its addresses from elsewhere. */
    static List<Payload> request(InnerAddresses own) {
        List<Attribute> wanted = new ArrayList<>();
        for (Family family : own.asks()) {
            IpAddress before = of(family, own.addresses());
            wanted.add(
                    before == null
                            ? new Attribute(addressType(family), Octets.EMPTY)
                            : ConfigurationValue.of(addressType(family), before));
        }
        return wanted.isEmpty() ? List.of() : List.of(new ConfigurationPayload(ConfigurationType.CFG_REQUEST, wanted));
    }

    /** Whether the peer has refused the Child SA for want of an address. */
    static boolean isRefusal(NotifyPayload error) {
        return error.is(NotifyType.INTERNAL_ADDRESS_FAILURE) || error.is(NotifyType.FAILED_CP_REQUIRED);
    }

    /** The addresses that the peer assigns, one of each family that was asked for at most. */
    static List<IpAddress> assigned(InnerAddresses own, IkeMessage response) {
        Map<Family, IpAddress> found = new EnumMap<>(Family.class);
        ConfigurationPayload reply = find(response, ConfigurationType.CFG_REPLY);
        for (Attribute each : reply == null ? List.<Attribute>of() : reply.attributes()) {
            boolean wanted = own.asks().stream().anyMatch(family -> each.is(addressType(family)));
            IpAddress address = wanted ? ConfigurationValue.address(each) : null;
            if (address != null && isHost(address)) {
                found.putIfAbsent(address.family(), address);
            }
        }
        return List.copyOf(found.values());
    }

    /** Whether an interface can have it: 224.0.0.0 and above, 127.0.0.0/8, ::1 and the like are nobody's to assign. */
    private static boolean isHost(IpAddress address) {
        int first = address.toBytes()[0] & 0xff;
        boolean reserved = address.family() == Family.INET
                ? first == 0 || first == 127 || first >= 240
                : address.high() == 0 && address.low() >= 0 && address.low() <= 1;
        return !reserved && !address.isMulticast() && !address.isLinkLocal();
    }

    /**
     * What the responder answers, before the Child SA.
     *
     * @throws IkeException FAILED_CP_REQUIRED or INTERNAL_ADDRESS_FAILURE, instead of a Child SA
     */
    static List<Payload> reply(InnerAddresses own, IkeMessage request) throws IkeException {
        if (!own.assigns()) {
            return List.of(); // whoever does not assign leaves the payload alone, and the peer without
        }
        ConfigurationPayload asked = find(request, ConfigurationType.CFG_REQUEST);
        if (asked == null) {
            throw new IkeException(
                    NotifyType.FAILED_CP_REQUIRED, "peer asks for no inner address, and has to have one of the pool's");
        }
        List<Attribute> given = new ArrayList<>();
        for (Family family : Family.values()) {
            IpAddress address = of(family, own.addresses());
            if (address != null && isAsked(asked, addressType(family))) {
                given.add(ConfigurationValue.of(addressType(family), address));
            }
        }
        if (given.isEmpty()) {
            throw new IkeException(
                    NotifyType.INTERNAL_ADDRESS_FAILURE, "there is no inner address of what the peer asks for");
        }
        for (IpAddress server : own.dns()) {
            ConfigurationAttributeType type = server.family() == Family.INET
                    ? ConfigurationAttributeType.INTERNAL_IP4_DNS
                    : ConfigurationAttributeType.INTERNAL_IP6_DNS;
            if (isAsked(asked, type)) {
                given.add(ConfigurationValue.of(type, server));
            }
        }
        if (isAsked(asked, ConfigurationAttributeType.SUPPORTED_ATTRIBUTES)) {
            given.add(supported());
        }
        return List.of(new ConfigurationPayload(ConfigurationType.CFG_REPLY, given));
    }

    private static Attribute supported() {
        OctetWriter types = new OctetWriter();
        for (ConfigurationAttributeType each : List.of(
                ConfigurationAttributeType.INTERNAL_IP4_ADDRESS,
                ConfigurationAttributeType.INTERNAL_IP4_DNS,
                ConfigurationAttributeType.INTERNAL_IP6_ADDRESS,
                ConfigurationAttributeType.INTERNAL_IP6_DNS,
                ConfigurationAttributeType.SUPPORTED_ATTRIBUTES)) {
            types.u16(each.number());
        }
        return new Attribute(ConfigurationAttributeType.SUPPORTED_ATTRIBUTES, types.toOctets());
    }

    /**
     * What an INFORMATIONAL exchange is answered with: this end does not say its version (RFC 7296 section 2.20), and lets nobody set
     * anything.
     */
    static List<Payload> informational(IkeMessage request) {
        ConfigurationPayload asked = find(request, ConfigurationType.CFG_REQUEST);
        if (asked != null) {
            boolean version = isAsked(asked, ConfigurationAttributeType.APPLICATION_VERSION);
            return List.of(new ConfigurationPayload(
                    ConfigurationType.CFG_REPLY,
                    version
                            ? List.of(new Attribute(ConfigurationAttributeType.APPLICATION_VERSION, Octets.EMPTY))
                            : List.of()));
        }
        return find(request, ConfigurationType.CFG_SET) == null
                ? List.of()
                : List.of(new ConfigurationPayload(ConfigurationType.CFG_ACK, List.of()));
    }

    private static ConfigurationAttributeType addressType(Family family) {
        return family == Family.INET
                ? ConfigurationAttributeType.INTERNAL_IP4_ADDRESS
                : ConfigurationAttributeType.INTERNAL_IP6_ADDRESS;
    }

    private static boolean isAsked(ConfigurationPayload asked, ConfigurationAttributeType type) {
        return asked.attributes().stream().anyMatch(each -> each.is(type));
    }

    private static @Nullable ConfigurationPayload find(IkeMessage message, ConfigurationType type) {
        return message.all(ConfigurationPayload.class).stream()
                .filter(each -> each.is(type))
                .findFirst()
                .orElse(null);
    }

    private static @Nullable IpAddress of(Family family, List<IpAddress> addresses) {
        return addresses.stream()
                .filter(each -> each.family() == family)
                .findFirst()
                .orElse(null);
    }
}
