package org.ipsecif.sa;

import org.ipsecif.wire.PacketView;

/**
 * What selectors look at in one packet, kept.
 *
 * @param protocol as {@link PacketView#protocol()}
 * @param sourcePort as {@link PacketView#sourcePort()}
 * @param destinationPort as {@link PacketView#destinationPort()}
 */
public record Flow(IpAddress source, IpAddress destination, int protocol, int sourcePort, int destinationPort) {
    /** Of a packet that has been parsed. */
    public static Flow of(PacketView packet) {
        Family family = packet.isInet6() ? Family.INET6 : Family.INET;
        return new Flow(
                new IpAddress(family, packet.sourceHigh(), packet.sourceLow()),
                new IpAddress(family, packet.destinationHigh(), packet.destinationLow()),
                packet.protocol(),
                packet.sourcePort(),
                packet.destinationPort());
    }

    boolean isInet6() {
        return source.family() == Family.INET6;
    }
}
