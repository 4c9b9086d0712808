package org.ipsecif.sa;

import org.ipsecif.wire.PacketView;

/**
 * RFC 4301 section 4.4.1.1. Ports are inclusive ranges; for ICMP the source port holds the type and the destination
 * port the code, as the kernels' selectors do.
 *
 * @param source inner source addresses
 * @param destination inner destination addresses, of the same family
 * @param protocol IANA number of the next layer protocol, or {@link #ANY_PROTOCOL}
 */
public record Selector(
        IpPrefix source, IpPrefix destination, int protocol, PortRange sourcePorts, PortRange destinationPorts) {
    public static final int ANY_PROTOCOL = -1;

    /** Inclusive; 0 to 65,535. */
    public record PortRange(int first, int last) {
        public static final PortRange ANY = new PortRange(0, 65_535);

        /** @param port as {@link PacketView} gives it, unknown included */
        public boolean matches(int port) {
            return (first <= port && port <= last) || (first == 0 && last == 65_535);
        }
    }

    /** @throws IllegalArgumentException if the families differ */
    public Selector {
        if (source.family() != destination.family()) {
            throw new IllegalArgumentException(source + " and " + destination + " are of different families");
        }
    }

    /** Every packet between the two prefixes. */
    public static Selector between(IpPrefix source, IpPrefix destination) {
        return new Selector(source, destination, ANY_PROTOCOL, PortRange.ANY, PortRange.ANY);
    }

    /** Whether ports, or an ICMP type, decide: then only a whole packet can be matched (RFC 4301 section 7). */
    public boolean hasPorts() {
        return !sourcePorts.equals(PortRange.ANY) || !destinationPorts.equals(PortRange.ANY);
    }

    public Family family() {
        return source.family();
    }

    /** Selects by addresses alone. */
    public boolean isAnyProtocol() {
        return protocol == ANY_PROTOCOL && sourcePorts.equals(PortRange.ANY) && destinationPorts.equals(PortRange.ANY);
    }

    /**
     * RFC 4301 section 4.4.1.1: a packet that does not show a selector's field (a later fragment's ports) matches only
     * where any value does.
     */
    public boolean matches(PacketView packet) {
        Family family = packet.isInet6() ? Family.INET6 : Family.INET;
        return source.contains(family, packet.sourceHigh(), packet.sourceLow())
                && destination.contains(family, packet.destinationHigh(), packet.destinationLow())
                && (protocol == ANY_PROTOCOL || protocol == packet.protocol())
                && sourcePorts.matches(packet.sourcePort())
                && destinationPorts.matches(packet.destinationPort());
    }
}
