package org.ipsecif.wire;

/**
 * What policies look at in an IP packet. A flyweight: one per thread, filled by {@link #parse}, valid until the next.
 * Addresses are two words as in {@code IpAddress}: IPv4 sits in the lower 32 bits of the low word.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |Version|  IHL  |Type of Service|          Total Length         |  RFC 791 section 3.1
 * |         Identification        |Flags|     Fragment Offset     |
 * |  Time to Live |    Protocol   |        Header Checksum        |
 * |                        Source Address                         |
 * |                     Destination Address                       |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |Version| Traffic Class |             Flow Label                |  RFC 8200 section 3
 * |         Payload Length        |  Next Header  |   Hop Limit   |
 * |                   Source Address, 16 bytes                    |
 * |                 Destination Address, 16 bytes                 |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 */
public final class PacketView {
    /** The packet does not show it: a later fragment, or a protocol without ports. */
    public static final int UNKNOWN = -1;

    public static final int IPV4_HEADER = 20;
    public static final int IPV6_HEADER = 40;

    private static final int FRAGMENT_OFFSET_MASK = 0x1fff;
    private static final int MORE_FRAGMENTS = 0x2000;
    private static final int DONT_FRAGMENT = 0x4000;
    private static final int MAX_PACKET = 0xffff;
    private static final int MAX_EXTENSION_HEADERS = 16;

    private boolean inet6;
    private long sourceHigh;
    private long sourceLow;
    private long destinationHigh;
    private long destinationLow;
    private int protocol;
    private int sourcePort;
    private int destinationPort;
    private int totalLength;
    private int headerLength;
    private int fragmentOffset;
    private boolean moreFragments;
    private long fragmentId;
    private int trafficClass;
    private int hopLimit;
    private int flowLabel;
    private boolean dontFragment;

    /**
     * Reads the headers of the packet at {@code offset}.
     *
     * @param length bytes there are; may exceed the packet's own length (RFC 4303 section 2.7 padding)
     * @return false if this is no IPv4 or IPv6 packet, it claims more bytes than there are, or it is an IPv4 fragment of a packet
     *     longer than any: cut again, its offset would not fit its field
     */
    public boolean parse(byte[] packet, int offset, int length) {
        protocol = UNKNOWN;
        sourcePort = UNKNOWN;
        destinationPort = UNKNOWN;
        fragmentOffset = 0;
        moreFragments = false;
        if (length < IPV4_HEADER) {
            return false;
        }
        return switch (Bytes.u8(packet, offset) >>> 4) {
            case 4 -> parseInet(packet, offset, length);
            case 6 -> length >= IPV6_HEADER && parseInet6(packet, offset, length);
            default -> false;
        };
    }

    private boolean parseInet(byte[] packet, int offset, int length) {
        headerLength = (Bytes.u8(packet, offset) & 0xf) * 4;
        totalLength = Bytes.u16(packet, offset + 2);
        int fragment = Bytes.u16(packet, offset + 6);
        fragmentOffset = (fragment & FRAGMENT_OFFSET_MASK) * 8;
        if (headerLength < IPV4_HEADER || totalLength < headerLength || totalLength > length) {
            return false;
        }
        if (fragmentOffset + totalLength > MAX_PACKET) {
            return false;
        }
        inet6 = false;
        sourceHigh = 0;
        sourceLow = Bytes.u32(packet, offset + 12);
        destinationHigh = 0;
        destinationLow = Bytes.u32(packet, offset + 16);
        protocol = Bytes.u8(packet, offset + 9);
        trafficClass = Bytes.u8(packet, offset + 1);
        hopLimit = Bytes.u8(packet, offset + 8);
        flowLabel = 0;
        dontFragment = (fragment & DONT_FRAGMENT) != 0;
        moreFragments = (fragment & MORE_FRAGMENTS) != 0;
        fragmentId = Bytes.u16(packet, offset + 4);
        if (fragmentOffset == 0) {
            readPorts(packet, offset + headerLength, offset + totalLength);
        }
        return true;
    }

    private boolean parseInet6(byte[] packet, int offset, int length) {
        totalLength = IPV6_HEADER + Bytes.u16(packet, offset + 4);
        if (totalLength > length) {
            return false;
        }
        inet6 = true;
        int first = Bytes.i32(packet, offset);
        trafficClass = first >>> 20 & 0xff;
        flowLabel = first & 0xf_ffff;
        hopLimit = Bytes.u8(packet, offset + 7);
        dontFragment = true;
        sourceHigh = Bytes.i64(packet, offset + 8);
        sourceLow = Bytes.i64(packet, offset + 16);
        destinationHigh = Bytes.i64(packet, offset + 24);
        destinationLow = Bytes.i64(packet, offset + 32);
        readExtensionHeaders(packet, offset);
        return true;
    }

    /** RFC 8200 section 4: up to the next layer protocol, or to where a fragment hides it. */
    private void readExtensionHeaders(byte[] packet, int offset) {
        int end = offset + totalLength;
        int next = Bytes.u8(packet, offset + 6);
        int at = offset + IPV6_HEADER;
        for (int i = 0; i < MAX_EXTENSION_HEADERS; i++) {
            headerLength = at - offset;
            if (!isExtension(next)) {
                protocol = next;
                readPorts(packet, at, end);
                return;
            }
            if (at + 8 > end) {
                return;
            }
            if (next == IpProtocol.FRAGMENT) {
                fragmentOffset = Bytes.u16(packet, at + 2) & 0xfff8;
                moreFragments = (Bytes.u16(packet, at + 2) & 1) != 0;
                fragmentId = Bytes.u32(packet, at + 4);
                if (fragmentOffset != 0) {
                    headerLength += 8;
                    protocol = Bytes.u8(packet, at);
                    return;
                }
            }
            int headerLength = extensionLength(next, Bytes.u8(packet, at + 1));
            next = Bytes.u8(packet, at);
            at += headerLength;
        }
    }

    private static boolean isExtension(int header) {
        return switch (header) {
            case IpProtocol.HOP_BY_HOP,
                    IpProtocol.ROUTING,
                    IpProtocol.FRAGMENT,
                    IpProtocol.DESTINATION_OPTIONS,
                    IpProtocol.MOBILITY -> true;
            default -> false;
        };
    }

    private static int extensionLength(int header, int lengthField) {
        return header == IpProtocol.FRAGMENT ? 8 : 8 * (lengthField + 1);
    }

    private void readPorts(byte[] packet, int at, int end) {
        if (IpProtocol.hasPorts(protocol) && at + 4 <= end) {
            sourcePort = Bytes.u16(packet, at);
            destinationPort = Bytes.u16(packet, at + 2);
        } else if ((protocol == IpProtocol.ICMP || protocol == IpProtocol.ICMPV6) && at + 2 <= end) {
            sourcePort = Bytes.u8(packet, at);
            destinationPort = Bytes.u8(packet, at + 1);
        }
    }

    public boolean isInet6() {
        return inet6;
    }

    public long sourceHigh() {
        return sourceHigh;
    }

    public long sourceLow() {
        return sourceLow;
    }

    public long destinationHigh() {
        return destinationHigh;
    }

    public long destinationLow() {
        return destinationLow;
    }

    /** IANA number of the next layer protocol, or {@link #UNKNOWN}. */
    public int protocol() {
        return protocol;
    }

    /** Source port, or ICMP type, or {@link #UNKNOWN}. */
    public int sourcePort() {
        return sourcePort;
    }

    /** Destination port, or ICMP code, or {@link #UNKNOWN}. */
    public int destinationPort() {
        return destinationPort;
    }

    /** Bytes of the whole packet, as its header says. */
    public int totalLength() {
        return totalLength;
    }

    /** Bytes before the next layer's header, or before a later fragment's data. */
    public int headerLength() {
        return headerLength;
    }

    /** Whether this is a part of a packet only. */
    public boolean isFragment() {
        return fragmentOffset != 0 || moreFragments;
    }

    /** Where in the whole packet's payload this fragment's data belongs, bytes. */
    public int fragmentOffset() {
        return fragmentOffset;
    }

    public boolean hasMoreFragments() {
        return moreFragments;
    }

    /** The Identification that fragments of one packet share; of use only if {@link #isFragment()}. */
    public long fragmentId() {
        return fragmentId;
    }

    /** TOS or traffic class: DSCP in the upper six bits, ECN in the lower two. */
    public int trafficClass() {
        return trafficClass;
    }

    /** TTL or hop limit. */
    public int hopLimit() {
        return hopLimit;
    }

    /** 20 bits; 0 for IPv4. */
    public int flowLabel() {
        return flowLabel;
    }

    /** Whether nobody on the way may cut the packet: DF, and every IPv6 packet. */
    public boolean dontFragment() {
        return dontFragment;
    }
}
