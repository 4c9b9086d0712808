package org.ipsecif.wire;

/**
 * The answer to a packet that is too big: ICMP destination unreachable, fragmentation needed (RFC 792, RFC 1191 section 4), or
 * ICMPv6 packet too big (RFC 4443 section 3.2), as whole IP packets.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |     Type      |     Code      |           Checksum            |
 * |  unused (v4) and MTU in 16 bits; MTU in 32 bits (v6)          |
 * |  as much of the packet as fits                                |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 */
public final class IcmpTooBig {
    /** RFC 1812 section 4.3.2.3: not over 576 bytes; RFC 4443 section 3.2: not over the IPv6 minimum MTU. */
    public static final int MAX_LENGTH = 1280;

    private static final int MAX_INET = 576;
    private static final int ICMP_HEADER = 8;
    private static final int HOP_LIMIT = 64;
    private static final int HOP_LIMIT6 = 255;
    private static final int DESTINATION_UNREACHABLE = 3;
    private static final int FRAGMENTATION_NEEDED = 4;
    private static final int PACKET_TOO_BIG = 2;
    private static final int FIRST_INFORMATIONAL6 = 128;
    private static final int REDIRECT6 = 137;
    private static final long LOOPBACK = 127;

    private IcmpTooBig() {}

    /**
     * Whether the packet's sender may be answered at all: RFC 1812 section 4.3.2.7 and RFC 4443 section 2.4 (e): not an ICMP
     * error, not to a later fragment, not to a group's or nobody's address.
     */
    public static boolean mayAnswer(PacketView packet) {
        if (packet.fragmentOffset() != 0) {
            return false;
        }
        int type = packet.sourcePort();
        if (packet.isInet6()) {
            boolean error =
                    packet.protocol() == IpProtocol.ICMPV6 && (type < FIRST_INFORMATIONAL6 || type == REDIRECT6);
            boolean multicastSource = packet.sourceHigh() >>> 56 == 0xff;
            boolean nobody = packet.sourceHigh() == 0 && packet.sourceLow() <= 1;
            return !error && !multicastSource && !nobody;
        }
        boolean error = packet.protocol() == IpProtocol.ICMP && type != 8 && type != 0 && (type < 13 || type > 18);
        long source = packet.sourceLow();
        boolean oneHost = source >>> 24 != 0 && source >>> 24 != LOOPBACK && source >>> 28 < 0xe;
        return !error && oneHost && packet.destinationLow() >>> 28 < 0xe;
    }

    /**
     * Writes the answer.
     *
     * @param source 4 or 16 bytes of the packet's family: who answers
     * @param offending the packet, and where it begins
     * @param mtu bytes that would have passed
     * @param target of {@link #MAX_LENGTH} bytes
     * @return bytes written
     */
    public static int write(byte[] source, byte[] offending, int offset, int length, int mtu, byte[] target) {
        return source.length == 4
                ? writeInet(source, offending, offset, length, mtu, target)
                : writeInet6(source, offending, offset, length, mtu, target);
    }

    private static int writeInet(byte[] source, byte[] offending, int offset, int length, int mtu, byte[] target) {
        int header = PacketView.IPV4_HEADER;
        int quoted = Math.min(length, MAX_INET - header - ICMP_HEADER);
        int total = header + ICMP_HEADER + quoted;
        Bytes.put32(target, 0, 0x45c0_0000 | total); // precedence "internetwork control", RFC 1812 section 4.3.2.5
        Bytes.put32(target, 4, 0);
        Bytes.put32(target, 8, HOP_LIMIT << 24 | IpProtocol.ICMP << 16);
        System.arraycopy(source, 0, target, 12, 4);
        System.arraycopy(offending, offset + 12, target, 16, 4);
        Bytes.put16(target, 10, Checksum.of(target, 0, header));
        Bytes.put32(target, header, DESTINATION_UNREACHABLE << 24 | FRAGMENTATION_NEEDED << 16);
        Bytes.put32(target, header + 4, mtu);
        System.arraycopy(offending, offset, target, header + ICMP_HEADER, quoted);
        Bytes.put16(target, header + 2, Checksum.of(target, header, ICMP_HEADER + quoted));
        return total;
    }

    private static int writeInet6(byte[] source, byte[] offending, int offset, int length, int mtu, byte[] target) {
        int header = PacketView.IPV6_HEADER;
        int quoted = Math.min(length, MAX_LENGTH - header - ICMP_HEADER);
        int payload = ICMP_HEADER + quoted;
        Bytes.put32(target, 0, 6 << 28);
        Bytes.put32(target, 4, payload << 16 | IpProtocol.ICMPV6 << 8 | HOP_LIMIT6);
        System.arraycopy(source, 0, target, 8, 16);
        System.arraycopy(offending, offset + 8, target, 24, 16);
        Bytes.put32(target, header, PACKET_TOO_BIG << 24);
        Bytes.put32(target, header + 4, mtu);
        System.arraycopy(offending, offset, target, header + ICMP_HEADER, quoted);
        long pseudo = Checksum.pseudoHeader(target, 0, IpProtocol.ICMPV6, payload);
        Bytes.put16(target, header + 2, Checksum.finish(Checksum.sum(pseudo, target, header, payload)));
        return header + payload;
    }
}
