package org.ipsecif.wire;

/**
 * Cuts an IPv4 packet into fragments (RFC 791 section 3.2, RFC 1812 section 4.2.2.7). One per thread: it keeps the packet while
 * the fragments are taken.
 */
public final class Ipv4Fragmenter {
    private static final int MIN_HEADER = 20;
    private static final int COPIED = 0x80;
    private static final int END_OF_OPTIONS = 0;
    private static final int NO_OPERATION = 1;
    private static final int MORE_FRAGMENTS = 0x2000;
    private static final int FRAGMENT_FLAGS = 0xe000;

    private final byte[] packet = new byte[0xffff];
    private final byte[] laterHeader = new byte[60];
    private int headerLength;
    private int laterHeaderLength;
    private int totalLength;
    private int limit;
    private int taken;
    private boolean first;

    /**
     * Begins with a packet whose header has been checked, as by {@link PacketView#parse}.
     *
     * @param limit bytes of a fragment at most, 68 or more (RFC 791)
     */
    public void begin(byte[] source, int offset, int length, int limit) {
        System.arraycopy(source, offset, packet, 0, length);
        this.limit = limit;
        totalLength = length;
        headerLength = (Bytes.u8(packet, 0) & 0xf) * 4;
        copyLaterOptions();
        taken = 0;
        first = true;
    }

    /** RFC 791 section 3.1: the first fragment has all options, the later ones those that say so. */
    private void copyLaterOptions() {
        System.arraycopy(packet, 0, laterHeader, 0, MIN_HEADER);
        int to = MIN_HEADER;
        int at = MIN_HEADER;
        while (at < headerLength) {
            int kind = Bytes.u8(packet, at);
            if (kind == END_OF_OPTIONS) {
                break;
            }
            int length = kind == NO_OPERATION ? 1 : at + 1 < headerLength ? Bytes.u8(packet, at + 1) : 0;
            if (length == 0 || at + length > headerLength || (kind != NO_OPERATION && length < 2)) {
                break; // malformed; not ours to judge
            }
            if ((kind & COPIED) != 0) {
                System.arraycopy(packet, at, laterHeader, to, length);
                to += length;
            }
            at += length;
        }
        laterHeaderLength = (to + 3) & ~3;
        java.util.Arrays.fill(laterHeader, to, laterHeaderLength, (byte) END_OF_OPTIONS);
        laterHeader[0] = (byte) (0x40 | laterHeaderLength / 4);
    }

    /** Writes the next fragment. @return its length, or 0 after the last */
    public int next(byte[] target, int offset) {
        int payload = totalLength - headerLength;
        if (taken >= payload) {
            return 0;
        }
        byte[] header = first ? packet : laterHeader;
        int length = first ? headerLength : laterHeaderLength;
        int room = (limit - length) & ~7;
        boolean last = payload - taken <= limit - length;
        int size = last ? payload - taken : room;
        System.arraycopy(header, 0, target, offset, length);
        System.arraycopy(packet, headerLength + taken, target, offset + length, size);
        int original = Bytes.u16(packet, 6);
        int flags = (original & FRAGMENT_FLAGS) | (last ? 0 : MORE_FRAGMENTS);
        Bytes.put16(target, offset + 2, length + size);
        Bytes.put16(target, offset + 6, flags | ((original & ~FRAGMENT_FLAGS & 0xffff) + taken / 8));
        Bytes.put16(target, offset + 10, 0);
        Bytes.put16(target, offset + 10, Checksum.of(target, offset, length));
        taken += size;
        first = false;
        return length + size;
    }
}
