package org.ipsecif.tunnel;

import org.ipsecif.esp.EspEncapsulator;
import org.ipsecif.esp.TransportHeaders;
import org.ipsecif.platform.EspTransport;
import org.ipsecif.platform.EspTransport.Encapsulation;
import org.ipsecif.platform.UdpEndpoint;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.OutboundAssociations;
import org.ipsecif.sa.PacketSettings;
import org.ipsecif.sa.PathMtu;
import org.ipsecif.sa.SecurityAssociation;
import org.ipsecif.sa.SecurityPolicyDatabase;
import org.ipsecif.sa.TunnelEndpoints;
import org.ipsecif.wire.PacketView;
import org.jspecify.annotations.Nullable;

/**
 * All that the packet walks of one interface need to know, published as one immutable snapshot.
 *
 * @param transport carries the interface's ESP
 * @param peer where ESP is sent to; the remote endpoint, and a port
 * @param policies the interface's SPD
 * @param outbound the SAs to send with
 * @param settings what is done to packets beside ESP
 * @param mtu the interface's, bytes
 * @param pathMtu of outer packets to the peer; the one part that changes
 * @param inner4 the interface's first inner IPv4 address, or null
 * @param inner6 the interface's first inner IPv6 address, or null
 */
public record TunnelState(
        TunnelEndpoints endpoints,
        EspTransport transport,
        UdpEndpoint peer,
        SecurityPolicyDatabase policies,
        OutboundAssociations outbound,
        PacketSettings settings,
        int mtu,
        PathMtu pathMtu,
        @Nullable IpAddress inner4,
        @Nullable IpAddress inner6) {
    private static final int UDP_HEADER = 8;
    private static final int TCP_HEADER = 20;

    // The longest of the algorithms: AES-CBC with HMAC-SHA2-512-256.
    private static final int LONGEST_IV = 16;
    private static final int LONGEST_ICV = 32;
    private static final int LONGEST_BLOCK = 16;

    /** Bytes of outer headers around ESP. */
    int outerOverhead() {
        return outerOverhead(endpoints.family(), transport.encapsulation());
    }

    private static int outerOverhead(Family family, Encapsulation encapsulation) {
        return (family == Family.INET ? PacketView.IPV4_HEADER : PacketView.IPV6_HEADER)
                + (encapsulation == Encapsulation.UDP ? UDP_HEADER : 0);
    }

    IpsecMode mode() {
        return policies.mode();
    }

    /** Bytes of the longest inner packet that passes the path in one piece. */
    int maxInnerOnPath(SecurityAssociation sa) {
        return EspEncapsulator.maxInnerLength(sa, pathMtu.mtu() - outerOverhead())
                + headerOutside(mode(), endpoints.family());
    }

    /** Of the inner packet's bytes, those that ESP does not protect. */
    private static int headerOutside(IpsecMode mode, Family family) {
        return mode == IpsecMode.TRANSPORT ? TransportHeaders.length(family == Family.INET6) : 0;
    }

    /**
     * The interface MTU at which outer packets fit a path.
     *
     * @param mode of the interface's policies
     * @param outbound which the interface sends with: that with the longest header and trailer counts, or of all algorithms the one
     *     that has it
     */
    public static int innerMtu(
            int pathMtu, Family family, Encapsulation encapsulation, IpsecMode mode, OutboundAssociations outbound) {
        int espLength = Math.min(pathMtu, 65_535) - outerOverhead(family, encapsulation);
        int longest = outbound.all().stream()
                .mapToInt(sa -> EspEncapsulator.maxInnerLength(sa, espLength))
                .min()
                .orElseGet(() -> EspEncapsulator.maxInnerLength(espLength, LONGEST_IV, LONGEST_ICV, LONGEST_BLOCK));
        return longest + headerOutside(mode, family);
    }

    /**
     * The segment size that TCP SYNs are lowered to, or 0 for none.
     *
     * @param sa that the connection's packets go with, or null if there is none
     */
    int maxSegmentSize(boolean inet6, @Nullable SecurityAssociation sa) {
        int mss = settings.mss();
        if (mss != PacketSettings.MSS_AUTO) {
            return mss;
        }
        int longest = sa == null ? mtu : Math.min(mtu, maxInnerOnPath(sa));
        int headers = (inet6 ? PacketView.IPV6_HEADER : PacketView.IPV4_HEADER) + TCP_HEADER;
        return Math.max(PacketSettings.MIN_MSS, longest - headers);
    }
}
