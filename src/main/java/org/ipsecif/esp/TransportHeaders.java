package org.ipsecif.esp;

import org.ipsecif.sa.Family;
import org.ipsecif.sa.SaParameters;
import org.ipsecif.sa.TunnelEndpoints;
import org.ipsecif.wire.Bytes;
import org.ipsecif.wire.Checksum;
import org.ipsecif.wire.OuterHeader;
import org.ipsecif.wire.PacketView;

/**
 * The one IP header of transport mode (RFC 4303 section 3.1.1): it stays outside, and what it carried is protected. The host writes the
 * packet's own header when it sends ESP, so that it is taken off here, and put back at the other end.
 */
public final class TransportHeaders {
    private static final int DONT_FRAGMENT = 0x4000;

    private TransportHeaders() {}

    /** Bytes of the header that is taken off. */
    public static int length(boolean inet6) {
        return inet6 ? PacketView.IPV6_HEADER : PacketView.IPV4_HEADER;
    }

    /**
     * Whether the packet can be carried: between the two ends themselves, whole (RFC 4303 section 3.3.4), and without options or
     * extension headers, which a socket could not put back.
     */
    public static boolean canCarry(PacketView packet, TunnelEndpoints endpoints) {
        return !packet.isFragment()
                && packet.headerLength() == length(packet.isInet6())
                && packet.isInet6() == (endpoints.family() == Family.INET6)
                && packet.sourceLow() == endpoints.local().low()
                && packet.sourceHigh() == endpoints.local().high()
                && packet.destinationLow() == endpoints.remote().low()
                && packet.destinationHigh() == endpoints.remote().high();
    }

    /** The outer header is the packet's own. */
    public static void encapsulate(PacketView packet, OuterHeader outer) {
        outer.set(packet.trafficClass(), Math.max(1, packet.hopLimit()), packet.flowLabel(), packet.dontFragment());
    }

    /**
     * Writes the header of a received packet before its payload at {@code payload}.
     *
     * @param outer traffic class and hop limit as they arrived
     * @param protocol the next header that ESP protected
     */
    static void write(SaParameters sa, OuterHeader outer, int protocol, byte[] packet, int payload, int payloadLength) {
        if (sa.source().family() == Family.INET6) {
            int at = payload - PacketView.IPV6_HEADER;
            Bytes.put32(packet, at, 6 << 28 | outer.trafficClass() << 20);
            Bytes.put32(packet, at + 4, payloadLength << 16 | protocol << 8 | outer.hopLimit());
            Bytes.put64(packet, at + 8, sa.source().high());
            Bytes.put64(packet, at + 16, sa.source().low());
            Bytes.put64(packet, at + 24, sa.destination().high());
            Bytes.put64(packet, at + 32, sa.destination().low());
            return;
        }
        int at = payload - PacketView.IPV4_HEADER;
        Bytes.put32(packet, at, 0x4500_0000 | outer.trafficClass() << 16 | PacketView.IPV4_HEADER + payloadLength);
        Bytes.put32(packet, at + 4, DONT_FRAGMENT); // whole, so that it needs no identification (RFC 6864)
        Bytes.put32(packet, at + 8, outer.hopLimit() << 24 | protocol << 16);
        Bytes.put32(packet, at + 12, (int) sa.source().low());
        Bytes.put32(packet, at + 16, (int) sa.destination().low());
        Bytes.put16(packet, at + 10, Checksum.of(packet, at, PacketView.IPV4_HEADER));
    }
}
