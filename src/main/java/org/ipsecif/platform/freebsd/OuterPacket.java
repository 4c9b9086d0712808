package org.ipsecif.platform.freebsd;

import java.nio.ByteBuffer;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.wire.Checksum;
import org.ipsecif.wire.IpProtocol;

/**
 * Where in an IP packet ESP begins, and what the headers before it say (RFC 791 section 3.1, RFC 8200 section 4). What IP itself would drop
 * is no packet: bpf(4) sees it before IP does. A flyweight: one per thread.
 */
final class OuterPacket {
    private static final int INET_HEADER = 20;
    private static final int INET6_HEADER = 40;
    private static final int FRAGMENT_HEADER = 8;
    private static final int MORE_FRAGMENTS = 0x2000;
    private static final int FRAGMENT_OFFSET = 0x1fff;

    /** More than a packet has that is meant well. */
    private static final int MAX_EXTENSIONS = 8;

    private int payloadAt;
    private int payloadLength;
    private int trafficClass;
    private int hopLimit;
    private long sourceHigh;
    private long sourceLow;
    private boolean inet;
    private boolean fragment;
    private boolean more;
    private int fragmentOffset;
    private long fragmentId;

    /**
     * Reads one.
     *
     * @param at where the IP header begins
     * @param length bytes there are, perhaps more than the packet has
     * @return false if it is no whole, right packet that carries ESP, or a fragment of one
     */
    boolean read(ByteBuffer bytes, int at, int length) {
        fragment = false;
        fragmentOffset = 0;
        more = false;
        int version = length > 0 ? bytes.get(at) >> 4 & 0xf : 0;
        inet = version == 4;
        return inet ? readInet(bytes, at, length) : version == 6 && readInet6(bytes, at, length);
    }

    private boolean readInet(ByteBuffer bytes, int at, int length) {
        int header = (bytes.get(at) & 0xf) * 4;
        if (length < INET_HEADER || header < INET_HEADER || header > length) {
            return false;
        }
        int total = u16(bytes, at + 2);
        if (total < header || total > length || !isSumRight(bytes, at, header) || u8(bytes, at + 9) != IpProtocol.ESP) {
            return false;
        }
        int fragmentation = u16(bytes, at + 6);
        more = (fragmentation & MORE_FRAGMENTS) != 0;
        fragmentOffset = (fragmentation & FRAGMENT_OFFSET) * 8;
        fragment = more || fragmentOffset > 0;
        fragmentId = u16(bytes, at + 4);
        trafficClass = u8(bytes, at + 1);
        hopLimit = u8(bytes, at + 8);
        sourceHigh = 0;
        sourceLow = SocketAddresses.bigInt(bytes, at + 12) & 0xffff_ffffL;
        payloadAt = at + header;
        payloadLength = total - header;
        return true;
    }

    private static boolean isSumRight(ByteBuffer bytes, int at, int header) {
        long sum = 0;
        for (int i = 0; i < header; i += 2) {
            sum += u16(bytes, at + i);
        }
        return Checksum.finish(sum) == 0;
    }

    private boolean readInet6(ByteBuffer bytes, int at, int length) {
        if (length < INET6_HEADER || INET6_HEADER + u16(bytes, at + 4) > length) {
            return false;
        }
        int first = SocketAddresses.bigInt(bytes, at);
        trafficClass = first >>> 20 & 0xff;
        hopLimit = u8(bytes, at + 7);
        sourceHigh = SocketAddresses.big(bytes, at + 8);
        sourceLow = SocketAddresses.big(bytes, at + 16);
        return readExtensions(bytes, at + INET6_HEADER, at + INET6_HEADER + u16(bytes, at + 4), u8(bytes, at + 6));
    }

    private boolean readExtensions(ByteBuffer bytes, int from, int end, int nextHeader) {
        int at = from;
        int next = nextHeader;
        for (int i = 0; i <= MAX_EXTENSIONS; i++) {
            if (next == IpProtocol.ESP) {
                payloadAt = at;
                payloadLength = end - at;
                return true;
            }
            if (end - at < FRAGMENT_HEADER) {
                return false;
            }
            int following = u8(bytes, at);
            if (next == IpProtocol.FRAGMENT) {
                readFragment(bytes, at);
                at += FRAGMENT_HEADER;
                if (fragment) { // what a later one begins with is no header
                    payloadAt = at;
                    payloadLength = end - at;
                    return following == IpProtocol.ESP;
                }
            } else if (isSkipped(bytes, at, next)) {
                at += 8 + 8 * u8(bytes, at + 1);
            } else {
                return false;
            }
            if (at > end) {
                return false;
            }
            next = following;
        }
        return false;
    }

    /** Headers that are none of ours; a routing header (RFC 8200 section 4.4) only where the packet has come to its end. */
    private static boolean isSkipped(ByteBuffer bytes, int at, int type) {
        return type == IpProtocol.HOP_BY_HOP
                || type == IpProtocol.DESTINATION_OPTIONS
                || (type == IpProtocol.ROUTING && u8(bytes, at + 3) == 0);
    }

    /** One that is first and last is no fragment (RFC 6946). */
    private void readFragment(ByteBuffer bytes, int at) {
        int field = u16(bytes, at + 2);
        fragmentOffset = field & ~7;
        more = (field & 1) != 0;
        fragment = more || fragmentOffset > 0;
        fragmentId = SocketAddresses.bigInt(bytes, at + 4) & 0xffff_ffffL;
    }

    private static int u8(ByteBuffer bytes, int at) {
        return bytes.get(at) & 0xff;
    }

    private static int u16(ByteBuffer bytes, int at) {
        return u8(bytes, at) << 8 | u8(bytes, at + 1);
    }

    /** Where ESP begins, or a part of it. */
    int payloadAt() {
        return payloadAt;
    }

    int payloadLength() {
        return payloadLength;
    }

    int trafficClass() {
        return trafficClass;
    }

    int hopLimit() {
        return hopLimit;
    }

    long sourceHigh() {
        return sourceHigh;
    }

    long sourceLow() {
        return sourceLow;
    }

    IpAddress source() {
        return new IpAddress(inet ? Family.INET : Family.INET6, sourceHigh, sourceLow);
    }

    /** Whether it has only a part of an ESP packet. */
    boolean isFragment() {
        return fragment;
    }

    /** Whether others follow. */
    boolean hasMoreFragments() {
        return more;
    }

    /** Bytes before this part. */
    int fragmentOffset() {
        return fragmentOffset;
    }

    long fragmentId() {
        return fragmentId;
    }
}
