package org.ipsecif.wire;

/** IANA "Assigned Internet Protocol Numbers", those the packet path looks at. */
public final class IpProtocol {
    public static final int HOP_BY_HOP = 0;
    public static final int ICMP = 1;
    public static final int IPV4 = 4;
    public static final int TCP = 6;
    public static final int UDP = 17;
    public static final int IPV6 = 41;
    public static final int ROUTING = 43;
    public static final int FRAGMENT = 44;
    public static final int ESP = 50;
    public static final int AH = 51;
    public static final int ICMPV6 = 58;
    /** RFC 4303 section 2.6: a dummy packet. */
    public static final int NO_NEXT_HEADER = 59;

    public static final int DESTINATION_OPTIONS = 60;
    public static final int SCTP = 132;
    public static final int UDP_LITE = 136;
    public static final int DCCP = 33;
    public static final int MOBILITY = 135;

    private IpProtocol() {}

    /** Whether the first four bytes of the header are two ports. */
    static boolean hasPorts(int protocol) {
        return protocol == TCP || protocol == UDP || protocol == SCTP || protocol == UDP_LITE || protocol == DCCP;
    }
}
