package org.ipsecif.sa;

/**
 * One selector of an SA for one end of its packets: what IKE calls a traffic selector (RFC 7296 section 3.13.1), and RFC 4301 section
 * 4.4.1.1 a range of addresses, of ports, and a next layer protocol.
 *
 * @param protocol IANA number, or {@link Selector#ANY_PROTOCOL}
 * @param firstPort 0 to 65,535; for ICMP the type in the upper, the code in the lower eight bits
 * @param lastPort belongs to the range; 0 with a first port of 65,535 is OPAQUE: packets that show no port
 * @param last belongs to the range; of the same family as {@code first}
 */
public record TrafficRange(int protocol, int firstPort, int lastPort, IpAddress first, IpAddress last) {
    public static final int MAX_PORT = 0xffff;

    public TrafficRange {
        if (first.family() != last.family()) {
            throw new IllegalArgumentException("a range from " + first + " to " + last);
        }
    }

    /** All protocols and ports of a prefix. */
    public static TrafficRange of(IpPrefix prefix) {
        return new TrafficRange(Selector.ANY_PROTOCOL, 0, MAX_PORT, prefix.address(), prefix.last());
    }

    public Family family() {
        return first.family();
    }

    boolean isOpaque() {
        return firstPort == MAX_PORT && lastPort == 0;
    }

    boolean isAnyPort() {
        return firstPort == 0 && lastPort == MAX_PORT;
    }

    /** Whether it takes every packet of its family. */
    boolean takesAll() {
        IpPrefix any = IpPrefix.any(family());
        return protocol == Selector.ANY_PROTOCOL
                && isAnyPort()
                && first.equals(any.address())
                && last.equals(any.last());
    }

    TrafficRange withAnyPort() {
        return new TrafficRange(protocol, 0, MAX_PORT, first, last);
    }
}
