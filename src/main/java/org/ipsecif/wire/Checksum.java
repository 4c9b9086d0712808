package org.ipsecif.wire;

/** The Internet checksum: whole (RFC 1071), and after a change of one word (RFC 1624). */
public final class Checksum {
    private Checksum() {}

    /** The sum of 16-bit words, an odd last byte padded with zero, added to {@code sum}; not yet folded. */
    public static long sum(long sum, byte[] bytes, int offset, int length) {
        long result = sum;
        int end = offset + (length & ~1);
        for (int at = offset; at < end; at += 2) {
            result += Bytes.u16(bytes, at);
        }
        return (length & 1) == 0 ? result : result + (Bytes.u8(bytes, end) << 8);
    }

    /** The 16 bits that a header carries for a sum. */
    public static int finish(long sum) {
        long folded = sum;
        while (folded >>> 16 != 0) {
            folded = (folded & 0xffff) + (folded >>> 16);
        }
        return (int) ~folded & 0xffff;
    }

    /** Of {@code length} bytes, among them a checksum field of zero. */
    public static int of(byte[] bytes, int offset, int length) {
        return finish(sum(0, bytes, offset, length));
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
