package org.ipsecif.sa;

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

        public boolean contains(int port) {
            return first <= port && port <= last;
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

    public Family family() {
        return source.family();
    }

    /** Selects by addresses alone. */
    public boolean isAnyProtocol() {
        return protocol == ANY_PROTOCOL && sourcePorts.equals(PortRange.ANY) && destinationPorts.equals(PortRange.ANY);
    }
}
