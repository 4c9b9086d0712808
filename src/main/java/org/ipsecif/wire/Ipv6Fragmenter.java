package org.ipsecif.wire;

import java.util.concurrent.ThreadLocalRandom;

/**
 * Cuts what follows an IPv6 header into fragments that pass every path (RFC 8200 section 4.5). One per thread.
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  Next Header  |   Reserved    |      Fragment Offset    |Res|M|
 * |                         Identification                        |
 * |                         a part of the packet                  |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 */
public final class Ipv6Fragmenter {
    /**
     * Of a fragment at most, bytes, fragment header included: the least MTU (RFC 8200 section 5) without an IPv6
     * header.
     */
    public static final int MAX_LENGTH = 1280 - PacketView.IPV6_HEADER;

    private static final int HEADER = 8;
    private static final int ROOM = (MAX_LENGTH - HEADER) & ~7;
    private static final int MORE_FRAGMENTS = 1;

    private final int nextHeader;
    private int identification = ThreadLocalRandom.current().nextInt(); // RFC 7739: not to be foreseen by others
    private byte[] packet = {};
    private int at;
    private int end;
    private int start;

    /** @param nextHeader of what is cut, an IANA protocol number */
    public Ipv6Fragmenter(int nextHeader) {
        this.nextHeader = nextHeader;
    }

    /** Begins with the bytes at {@code offset}, which stay as they are until the last fragment was taken. */
    public void begin(byte[] source, int offset, int length) {
        packet = source;
        start = offset;
        at = offset;
        end = offset + length;
        identification++;
    }

    /** Writes the next fragment, with its header. @return its length, or 0 after the last */
    public int next(byte[] target) {
        if (at == end) {
            return 0;
        }
        int size = Math.min(ROOM, end - at);
        boolean more = at + size < end;
        target[0] = (byte) nextHeader;
        target[1] = 0;
        Bytes.put16(target, 2, (at - start) | (more ? MORE_FRAGMENTS : 0));
        Bytes.put32(target, 4, identification);
        System.arraycopy(packet, at, target, HEADER, size);
        at += size;
        return HEADER + size;
    }
}
