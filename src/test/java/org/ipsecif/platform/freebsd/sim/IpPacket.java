package org.ipsecif.platform.freebsd.sim;

import org.jspecify.annotations.Nullable;

/** One IP packet, parsed (RFC 791, RFC 8200). */
final class IpPacket {
    static final int ICMP = 1;
    static final int UDP = 17;
    static final int ESP = 50;
    static final int ICMPV6 = 58;
    static final int FRAGMENT = 44;
    static final int DONT_FRAGMENT = 0x4000;
    static final int IPV4_HEADER = 20;
    static final int IPV6_HEADER = 40;

    final byte[] bytes;
    final Address source;
    final Address destination;
    final int protocol;

    /** Where what the protocol gave begins. */
    final int payloadAt;

    private IpPacket(byte[] bytes, Address source, Address destination, int protocol, int payloadAt) {
        this.bytes = bytes;
        this.source = source;
        this.destination = destination;
        this.protocol = protocol;
        this.payloadAt = payloadAt;
    }

    boolean isInet() {
        return source.length() == 4;
    }

    int trafficClass() {
        return isInet() ? Words.u8(bytes, 1) : Words.net16(bytes, 0) >> 4 & 0xff;
    }

    int hopLimit() {
        return Words.u8(bytes, isInet() ? 8 : 7);
    }

    /** As the kernel's policies see it. */
    KeyKernel.Flow flow() {
        boolean ports = protocol == UDP || protocol == 6 || protocol == ICMPV6;
        boolean has = ports && bytes.length >= payloadAt + 4;
        boolean icmp = protocol == ICMPV6;
        int first = !has ? 0 : icmp ? Words.u8(bytes, payloadAt) : Words.net16(bytes, payloadAt);
        int second = !has ? 0 : icmp ? Words.u8(bytes, payloadAt + 1) : Words.net16(bytes, payloadAt + 2);
        return new KeyKernel.Flow(source.inet(), destination.inet(), protocol, first, second);
    }

    byte[] payload() {
        return Words.cut(bytes, payloadAt, bytes.length - payloadAt);
    }

    /** As ip_input and ip6_input check it; null if it is dropped. What is longer than it says is cut. */
    static @Nullable IpPacket parse(byte[] bytes) {
        if (bytes.length < IPV4_HEADER) {
            return null;
        }
        return Words.u8(bytes, 0) >> 4 == 4 ? parseInet(bytes) : parseInet6(bytes);
    }

    private static @Nullable IpPacket parseInet(byte[] bytes) {
        int header = (bytes[0] & 0xf) * 4;
        int length = Words.net16(bytes, 2);
        if (header < IPV4_HEADER
                || length < header
                || length > bytes.length
                || Words.checksum(Words.sum(0, bytes, 0, header)) != 0) {
            return null;
        }
        return new IpPacket(
                Words.cut(bytes, 0, length),
                Address.of(Words.cut(bytes, 12, 4)),
                Address.of(Words.cut(bytes, 16, 4)),
                Words.u8(bytes, 9),
                header);
    }

    private static @Nullable IpPacket parseInet6(byte[] bytes) {
        if (bytes.length < IPV6_HEADER || Words.u8(bytes, 0) >> 4 != 6) {
            return null;
        }
        int length = IPV6_HEADER + Words.net16(bytes, 4);
        if (length > bytes.length) {
            return null;
        }
        int next = Words.u8(bytes, 6);
        int at = IPV6_HEADER;
        while (next == 0 || next == 60 || next == 43) {
            if (at + 8 > length) {
                return null;
            }
            next = Words.u8(bytes, at);
            at += 8 * (Words.u8(bytes, at + 1) + 1);
        }
        if (at > length) {
            return null;
        }
        return new IpPacket(
                Words.cut(bytes, 0, length),
                Address.of(Words.cut(bytes, 8, 16)),
                Address.of(Words.cut(bytes, 24, 16)),
                next,
                at);
    }

    /**
     * A header for what {@code protocol} gives.
     *
     * @param flags of IPv4: DF
     */
    static byte[] make(
            Address source,
            Address destination,
            int protocol,
            int trafficClass,
            int hopLimit,
            int flags,
            byte[] payload) {
        if (source.length() == 4) {
            byte[] header = new byte[IPV4_HEADER];
            Words.put8(header, 0, 0x45);
            Words.put8(header, 1, trafficClass);
            Words.putNet16(header, 2, IPV4_HEADER + payload.length);
            Words.putNet16(header, 6, flags);
            Words.put8(header, 8, hopLimit);
            Words.put8(header, 9, protocol);
            Words.copy(source.bytes(), header, 12);
            Words.copy(destination.bytes(), header, 16);
            return Words.join(header, payload);
        }
        byte[] header = new byte[IPV6_HEADER];
        Words.putNet32(header, 0, 6 << 28 | trafficClass << 20);
        Words.putNet16(header, 4, payload.length);
        Words.put8(header, 6, protocol);
        Words.put8(header, 7, hopLimit);
        Words.copy(source.bytes(), header, 8);
        Words.copy(destination.bytes(), header, 24);
        return Words.join(header, payload);
    }

    /** The sum over the pseudo header and the payload. */
    static int checksum(Address source, Address destination, int protocol, byte[] payload) {
        byte[] addresses = Words.join(source.bytes(), destination.bytes());
        long sum = Words.sum(protocol + payload.length, addresses, 0, addresses.length);
        return Words.checksum(Words.sum(sum, payload, 0, payload.length));
    }
}
