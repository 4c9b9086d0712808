package org.ipsecif.esp;

import org.ipsecif.crypto.Aead;
import org.ipsecif.sa.SecurityAssociation;
import org.ipsecif.wire.Bytes;
import org.ipsecif.wire.IpProtocol;

/**
 * Outbound ESP (RFC 4303 section 3.3), in place: the caller leaves {@link #HEADROOM} bytes before the
 * inner packet and {@link #TAILROOM} after it. Stateless; the state is the SA's.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |               Security Parameters Index (SPI)                 |
 * |                      Sequence Number                          |
 * |                    IV (algorithm's length)                    |
 * |         Inner packet, or what its IP header carried           |
 * +               +-----------------------------------------------+
 * |               |     Padding (0-255 bytes: 1, 2, 3, ...)       |
 * +-+-+-+-+-+-+-+-+               +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                               |  Pad Length   | Next Header   |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |               Integrity Check Value (variable)                |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 */
public final class EspEncapsulator {
    /** SPI, sequence number and the longest IV. */
    public static final int HEADROOM = Aead.ESP_HEADER + Aead.MAX_IV;

    /** Padding to the longest block, trailer and the longest ICV. */
    public static final int TAILROOM = 16 + 2 + Aead.MAX_ICV;

    static final int TRAILER = 2;

    private EspEncapsulator() {}

    /** Where the ESP packet begins when the inner packet is at {@code innerOffset}. */
    public static int espOffset(SecurityAssociation sa, int innerOffset) {
        return innerOffset - Aead.ESP_HEADER - sa.aead().ivLength();
    }

    /** Bytes of the ESP packet around an inner packet of {@code innerLength} bytes. */
    public static int espLength(SecurityAssociation sa, int innerLength) {
        Aead aead = sa.aead();
        return Aead.ESP_HEADER + aead.ivLength() + textLength(aead, innerLength) + aead.icvLength();
    }

    /**
     * Bytes of the longest inner packet whose ESP packet has at most {@code espLength} bytes; may be negative when nothing fits.
     */
    public static int maxInnerLength(SecurityAssociation sa, int espLength) {
        Aead aead = sa.aead();
        return maxInnerLength(espLength, aead.ivLength(), aead.icvLength(), aead.blockLength());
    }

    /** As above, for lengths of an algorithm not yet known. */
    public static int maxInnerLength(int espLength, int ivLength, int icvLength, int blockLength) {
        int text = espLength - Aead.ESP_HEADER - ivLength - icvLength;
        return Math.floorDiv(text, blockLength) * blockLength - TRAILER;
    }

    private static int textLength(Aead aead, int innerLength) {
        int block = aead.blockLength();
        return (innerLength + TRAILER + block - 1) / block * block;
    }

    /**
     * Turns the inner packet in {@code buffer} into an ESP packet that begins at {@link #espOffset}.
     *
     * @param innerLength its bytes, traffic flow confidentiality padding behind it included (RFC 4303 section 2.7)
     * @param nextHeader {@link IpProtocol#IPV4}, {@link IpProtocol#IPV6}, the packet's own in transport mode, or
     *     {@link IpProtocol#NO_NEXT_HEADER} for a dummy
     * @param sequence the SA's next sequence number
     * @return bytes of the ESP packet
     */
    public static int encapsulate(
            SecurityAssociation sa, long sequence, byte[] buffer, int innerOffset, int innerLength, int nextHeader) {
        Aead aead = sa.aead();
        int textLength = write(sa, sequence, buffer, innerOffset, innerLength, nextHeader);
        int offset = espOffset(sa, innerOffset);
        aead.seal(buffer, offset, textLength, sequence);
        return innerOffset - offset + textLength + aead.icvLength();
    }

    /** As {@link #encapsulate}, but leaves the text open and the ICV unwritten, for {@link EspBurst#seal}; for an SA that it takes. */
    public static int prepare(
            SecurityAssociation sa, long sequence, byte[] buffer, int innerOffset, int innerLength, int nextHeader) {
        Aead aead = sa.aead();
        int textLength = write(sa, sequence, buffer, innerOffset, innerLength, nextHeader);
        Bytes.put64(buffer, innerOffset - Long.BYTES, sequence);
        return innerOffset - espOffset(sa, innerOffset) + textLength + aead.icvLength();
    }

    /** Header and trailer, which every algorithm has. */
    private static int write(
            SecurityAssociation sa, long sequence, byte[] buffer, int innerOffset, int innerLength, int nextHeader) {
        int textLength = textLength(sa.aead(), innerLength);
        int offset = espOffset(sa, innerOffset);
        Bytes.put32(buffer, offset, sa.parameters().spi());
        Bytes.put32(buffer, offset + 4, (int) sequence);
        writeTrailer(buffer, innerOffset + innerLength, textLength - innerLength - TRAILER, nextHeader);
        return textLength;
    }

    /** RFC 4303 section 2.4: padding bytes count from 1. */
    private static void writeTrailer(byte[] buffer, int at, int padLength, int nextHeader) {
        for (int i = 0; i < padLength; i++) {
            buffer[at + i] = (byte) (i + 1);
        }
        buffer[at + padLength] = (byte) padLength;
        buffer[at + padLength + 1] = (byte) nextHeader;
    }
}
