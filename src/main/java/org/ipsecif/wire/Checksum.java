package org.ipsecif.wire;

import java.nio.ByteOrder;

/** The Internet checksum: whole (RFC 1071), and after a change of one word (RFC 1624). */
public final class Checksum {
    private static final long LOW = 0xffff_ffffL;
    private static final int BLOCK = 4 * Long.BYTES;
    private static final boolean BIG_ENDIAN = ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN;

    private Checksum() {}

    /**
     * The sum of 16-bit words, an odd last byte padded with zero, added to {@code sum}; not yet folded. It is summed in the machine's
     * own byte order and turned at the end, and in words of eight bytes whose halves add up to the same (RFC 1071 section 2(B), (C)).
     *
     * @param sum below 2^48
     */
    public static long sum(long sum, byte[] bytes, int offset, int length) {
        long one = 0;
        long two = 0;
        int at = offset;
        int end = offset + length;
        for (int last = end - BLOCK; at <= last; at += BLOCK) {
            long a = Bytes.native64(bytes, at);
            long b = Bytes.native64(bytes, at + 8);
            long c = Bytes.native64(bytes, at + 16);
            long d = Bytes.native64(bytes, at + 24);
            one += (a & LOW) + (a >>> Integer.SIZE) + (b & LOW) + (b >>> Integer.SIZE);
            two += (c & LOW) + (c >>> Integer.SIZE) + (d & LOW) + (d >>> Integer.SIZE);
        }
        long result = sum + (at == offset ? 0 : inNetworkOrder(one + two));
        for (; at + 1 < end; at += 2) {
            result += Bytes.u16(bytes, at);
        }
        return at == end ? result : result + (Bytes.u8(bytes, at) << 8);
    }

    private static int inNetworkOrder(long sum) {
        int folded = partial(sum);
        return BIG_ENDIAN ? folded : Short.toUnsignedInt(Short.reverseBytes((short) folded));
    }

    /** The 16 bits that a header carries for a sum. */
    public static int finish(long sum) {
        long folded = sum;
        while (folded >>> 16 != 0) {
            folded = (folded & 0xffff) + (folded >>> 16);
        }
        return (int) ~folded & 0xffff;
    }

    /** The sum that {@link #finish} makes a checksum of, in 16 bits: what a packet holds whose checksum the host makes. */
    public static int partial(long sum) {
        return ~finish(sum) & 0xffff;
    }

    /** Of {@code length} bytes, among them a checksum field of zero. */
    public static int of(byte[] bytes, int offset, int length) {
        return finish(sum(0, bytes, offset, length));
    }

    /**
     * Makes the checksum that the sender has left to others: its field holds the sum of the pseudo-header.
     *
     * @param start where in the packet what it covers begins; to the packet's end
     * @param field its offset from there
     * @return false if it would lie outside of the packet
     */
    public static boolean complete(byte[] packet, int offset, int length, int start, int field) {
        if (start + field + 2 > length) {
            return false;
        }
        int checksum = of(packet, offset + start, length - start);
        // Of UDP, which alone has its checksum there, 0 means that there is none (RFC 768). For others 0 and 0xffff are
        // one.
        Bytes.put16(packet, offset + start + field, checksum == 0 && field == 6 ? 0xffff : checksum);
        return true;
    }

    /** RFC 1624 equation 3: the checksum after a 16-bit word that it covers went from {@code before} to {@code after}. */
    public static int update(int checksum, int before, int after) {
        return finish((~checksum & 0xffff) + (~before & 0xffff) + (long) after);
    }

    /** The pseudo-header of TCP, UDP and ICMPv6 (RFC 9293 section 3.1, RFC 8200 section 8.1), not yet folded. */
    public static long pseudoHeader(byte[] packet, int offset, int protocol, int length) {
        boolean inet6 = Bytes.u8(packet, offset) >>> 4 == 6;
        long addresses = inet6 ? sum(0, packet, offset + 8, 32) : sum(0, packet, offset + 12, 8);
        return addresses + protocol + (length & 0xffff) + (length >>> 16);
    }
}
