package org.ipsecif.ike.message;

import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.Selector;
import org.ipsecif.sa.TrafficRange;
import org.ipsecif.wire.IpProtocol;

/**
 * TS_IPV4_ADDR_RANGE or TS_IPV6_ADDR_RANGE (RFC 7296 section 3.13.1). Whether a range ends before it begins, and so selects
 * nothing, is not the message's business: see {@link #isEmpty()}.
 *
 * @param protocol IANA protocol number; 0 for any
 * @param startPort 0 to 65,535; ICMP has its type in the upper, its code in the lower eight bits
 * @param endPort 65535 with a start of 0 for any; 0 with a start of 65535 is OPAQUE (RFC 4301 section 4.4.1.1)
 * @param end of the same family as {@code start}
 */
public record AddressRange(int protocol, int startPort, int endPort, IpAddress start, IpAddress end)
        implements TrafficSelector {
    public static final int ANY_PROTOCOL = 0;
    public static final int MAX_PORT = 0xffff;

    public AddressRange {
        if (start.family() != end.family()) {
            throw new IllegalArgumentException("a range from " + start + " to " + end);
        }
    }

    /** All protocols and ports of these addresses. */
    public static AddressRange of(IpAddress start, IpAddress end) {
        return new AddressRange(ANY_PROTOCOL, 0, MAX_PORT, start, end);
    }

    public Family family() {
        return start.family();
    }

    /** Whether it has this address, whatever the protocol. */
    public boolean includes(IpAddress address) {
        return address.family() == family() && start.compareTo(address) <= 0 && address.compareTo(end) <= 0;
    }

    /** As the SAD has it. */
    public TrafficRange toTrafficRange() {
        return new TrafficRange(
                protocol == ANY_PROTOCOL ? Selector.ANY_PROTOCOL : protocol, startPort, endPort, start, end);
    }

    public boolean isOpaque() {
        return startPort == MAX_PORT && endPort == 0;
    }

    /** Whether no packet can match. */
    public boolean isEmpty() {
        return start.compareTo(end) > 0 || (startPort > endPort && !isOpaque());
    }

    /** {@code 10.0.0.0/24[tcp/443]}, or {@code 10.0.0.1-10.0.0.7} where no prefix says it. */
    public String text() {
        int prefix = prefixLength();
        String addresses = prefix >= 0 ? start + "/" + prefix : start + "-" + end;
        return protocol == ANY_PROTOCOL && isAnyPort()
                ? addresses
                : addresses + "[" + protocolText() + portText() + "]";
    }

    private boolean isAnyPort() {
        return startPort == 0 && endPort == MAX_PORT;
    }

    private String protocolText() {
        return switch (protocol) {
            case ANY_PROTOCOL -> "any";
            case IpProtocol.ICMP -> "icmp";
            case IpProtocol.TCP -> "tcp";
            case IpProtocol.UDP -> "udp";
            case IpProtocol.ICMPV6 -> "ipv6-icmp";
            default -> Integer.toString(protocol);
        };
    }

    private String portText() {
        if (isAnyPort()) {
            return "";
        }
        return isOpaque() ? "/opaque" : startPort == endPort ? "/" + startPort : "/" + startPort + "-" + endPort;
    }

    /** Of the prefix that has just these addresses, or -1. */
    private int prefixLength() {
        long high = start.high() ^ end.high();
        long low = start.low() ^ end.low();
        boolean aligned = (start.high() & high) == 0 && (start.low() & low) == 0;
        boolean ones = high == 0 ? isOnes(low) : low == -1 && isOnes(high);
        return aligned && ones ? family().addressBits() - Long.bitCount(high) - Long.bitCount(low) : -1;
    }

    /** Zeros, then ones. */
    private static boolean isOnes(long bits) {
        return (bits & (bits + 1)) == 0;
    }

    static AddressRange parse(Family family, int protocol, OctetReader in) throws IkeException {
        int startPort = in.u16();
        int endPort = in.u16();
        IpAddress start = address(family, in);
        IpAddress end = address(family, in);
        in.end();
        return new AddressRange(protocol, startPort, endPort, start, end);
    }

    private static IpAddress address(Family family, OctetReader in) throws IkeException {
        return IpAddress.ofBytes(family, in.take(family.addressLength()).toBytes(), 0);
    }

    @Override
    public int type() {
        return family() == Family.INET
                ? TrafficSelectorType.TS_IPV4_ADDR_RANGE.number()
                : TrafficSelectorType.TS_IPV6_ADDR_RANGE.number();
    }

    @Override
    public void write(OctetWriter out) {
        int length = HEADER + 2 * Short.BYTES + 2 * family().addressLength();
        out.u8(type()).u8(protocol).u16(length).u16(startPort).u16(endPort);
        out.octets(start.toBytes()).octets(end.toBytes());
    }
}
