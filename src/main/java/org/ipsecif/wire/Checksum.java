package org.ipsecif.wire;

import java.nio.ByteOrder;

/** The Internet checksum: whole (RFC 1071), and after a change of one word (RFC 1624). */
public final class Checksum {
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
        int at = offset;
        int end = offset + length;
        long result = sum;
        if (length >= BLOCK) {
            int blocks = length & -BLOCK;
            result += inNetworkOrder(blocks(bytes, at, at + blocks));
            at += blocks;
        }
        for (; at + Integer.BYTES <= end; at += Integer.BYTES) {
            result += Bytes.u32(bytes, at);
        }
        if (at + 1 < end) {
            result += Bytes.u16(bytes, at);
            at += 2;
        }
        return at == end ? result : result + (Bytes.u8(bytes, at) << 8);
    }

    /**
     * Of all words their sum that wraps, and the sum of their upper halves, which does not: so the sum of the lower halves is what the two
     * differ by. Four of each, since a processor adds as many at a time.
     *
     * @return in the machine's byte order, folded to below 2^48
     */
    private static long blocks(byte[] bytes, int from, int to) {
        long all1 = 0;
        long all2 = 0;
        long all3 = 0;
        long all4 = 0;
        long upper1 = 0;
        long upper2 = 0;
        long upper3 = 0;
        long upper4 = 0;
        for (int at = from; at < to; at += BLOCK) {
            long a = Bytes.native64(bytes, at);
            long b = Bytes.native64(bytes, at + 8);
            long c = Bytes.native64(bytes, at + 16);
            long d = Bytes.native64(bytes, at + 24);
            all1 += a;
            upper1 += a >>> Integer.SIZE;
            all2 += b;
            upper2 += b >>> Integer.SIZE;
            all3 += c;
            upper3 += c >>> Integer.SIZE;
            all4 += d;
            upper4 += d >>> Integer.SIZE;
        }
        long upper = upper1 + upper2 + upper3 + upper4;
        long lower = all1 + all2 + all3 + all4 - (upper << Integer.SIZE);
        return lower + upper;
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
