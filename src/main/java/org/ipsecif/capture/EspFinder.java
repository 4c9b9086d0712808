package org.ipsecif.capture;

import java.util.Set;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.wire.Bytes;
import org.ipsecif.wire.IpProtocol;
import org.ipsecif.wire.OuterHeader;
import org.ipsecif.wire.PacketView;

/** Finds the ESP packet in a captured IP packet: protocol 50, or in UDP (RFC 3948). */
final class EspFinder {
    /** What a captured frame holds. */
    enum Found {
        ESP,
        /** Of a whole packet that has not all come yet. */
        FRAGMENT,
        IKE,
        KEEPALIVE,
        OTHER,
        NOT_IP,
        LINK_TYPE_UNSUPPORTED,
        CUT
    }

    private static final int UDP_HEADER = 8;
    private static final int NON_ESP_MARKER = 4;

    private final Set<Integer> udpPorts;
    private final PacketView outer = new PacketView();
    private final FragmentReassembler reassembler = new FragmentReassembler();

    private IpAddress source = IpAddress.ANY_INET;
    private IpAddress destination = IpAddress.ANY_INET;
    private byte[] bytes = new byte[0];
    private int offset;
    private int length;

    /** @param udpPorts either port of a UDP packet that may hold ESP */
    EspFinder(Set<Integer> udpPorts) {
        this.udpPorts = udpPorts;
    }

    /** Looks into the reader's current packet. */
    Found find(PcapReader packet) {
        byte[] frame = packet.data();
        int ip = LinkLayer.ipOffset(packet.linkType(), frame, packet.length());
        if (ip < 0) {
            return ip == LinkLayer.UNSUPPORTED ? Found.LINK_TYPE_UNSUPPORTED : Found.NOT_IP;
        }
        if (!outer.parse(frame, ip, packet.length() - ip)) {
            return packet.isCut() ? Found.CUT : Found.NOT_IP;
        }
        if (outer.protocol() != IpProtocol.ESP && outer.protocol() != IpProtocol.UDP) {
            return Found.OTHER;
        }
        readAddresses();
        int payload = ip + outer.headerLength();
        int payloadLength = outer.totalLength() - outer.headerLength();
        if (!outer.isFragment()) {
            return take(frame, payload, payloadLength);
        }
        byte[] whole = reassembler.add(source, destination, outer, frame, payload, payloadLength);
        return whole == null ? Found.FRAGMENT : take(whole, 0, whole.length);
    }

    /** What the outer IP header says of the packet found. */
    void readHeader(OuterHeader header) {
        header.set(outer.trafficClass(), outer.hopLimit(), outer.flowLabel(), outer.dontFragment());
    }

    private void readAddresses() {
        Family family = outer.isInet6() ? Family.INET6 : Family.INET;
        source = new IpAddress(family, outer.sourceHigh(), outer.sourceLow());
        destination = new IpAddress(family, outer.destinationHigh(), outer.destinationLow());
    }

    private Found take(byte[] from, int at, int size) {
        bytes = from;
        offset = at;
        length = size;
        if (outer.protocol() == IpProtocol.ESP) {
            return Found.ESP;
        }
        if (size < UDP_HEADER
                || !(udpPorts.contains(Bytes.u16(from, at)) || udpPorts.contains(Bytes.u16(from, at + 2)))) {
            return Found.OTHER;
        }
        offset = at + UDP_HEADER;
        length = size - UDP_HEADER;
        if (length <= 1) {
            return Found.KEEPALIVE;
        }
        return length >= NON_ESP_MARKER && Bytes.i32(from, offset) == 0 ? Found.IKE : Found.ESP;
    }

    IpAddress source() {
        return source;
    }

    IpAddress destination() {
        return destination;
    }

    /** The array with the ESP packet, after {@link Found#ESP}. */
    byte[] bytes() {
        return bytes;
    }

    int offset() {
        return offset;
    }

    int length() {
        return length;
    }

    /** Packets of which some fragments are not in the capture. */
    int incomplete() {
        return reassembler.incomplete();
    }
}
