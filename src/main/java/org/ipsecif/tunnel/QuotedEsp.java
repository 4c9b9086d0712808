package org.ipsecif.tunnel;

import org.ipsecif.platform.EspTransport;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.wire.Bytes;
import org.ipsecif.wire.IpProtocol;
import org.ipsecif.wire.PacketView;
import org.jspecify.annotations.Nullable;

/**
 * An ESP packet of ours, as far as an ICMP error quotes it. Whoever can forge these four can see the tunnel's packets.
 *
 * @param spi of an outbound SA
 * @param sequence the lower 32 bits, unsigned
 */
public record QuotedEsp(IpAddress source, IpAddress destination, int spi, long sequence) {
    private static final int UDP_HEADER = 8;
    private static final int MIN_ESP = 8;

    /**
     * Reads a quotation, which may be cut (RFC 792: 8 bytes behind the IP header).
     *
     * @param length bytes that there are
     * @return null if it is not of an ESP packet, or too short to tell
     */
    static @Nullable QuotedEsp read(Family family, byte[] bytes, int offset, int length) {
        boolean inet = family == Family.INET;
        int least = inet ? PacketView.IPV4_HEADER : PacketView.IPV6_HEADER;
        if (length < least || Bytes.u8(bytes, offset) >>> 4 != (inet ? 4 : 6)) {
            return null;
        }
        int header = inet ? (Bytes.u8(bytes, offset) & 0xf) * 4 : least;
        int protocol = Bytes.u8(bytes, offset + (inet ? 9 : 6));
        boolean laterFragment = inet && (Bytes.u16(bytes, offset + 6) & 0x1fff) != 0;
        int at = header;
        if (protocol == IpProtocol.UDP && length >= header + UDP_HEADER && isEspPort(bytes, offset + header)) {
            at += UDP_HEADER;
        } else if (protocol != IpProtocol.ESP) {
            return null;
        }
        if (header < least || laterFragment || length < at + MIN_ESP) {
            return null;
        }
        IpAddress source = IpAddress.ofBytes(family, bytes, offset + (inet ? 12 : 8));
        IpAddress destination = IpAddress.ofBytes(family, bytes, offset + (inet ? 16 : 24));
        return new QuotedEsp(source, destination, Bytes.i32(bytes, offset + at), Bytes.u32(bytes, offset + at + 4));
    }

    private static boolean isEspPort(byte[] bytes, int udp) {
        return Bytes.u16(bytes, udp) == EspTransport.UDP_PORT;
    }
}
