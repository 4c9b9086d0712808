package org.ipsecif.platform.freebsd.sim.key;

import java.net.InetAddress;

/**
 * What the kernel reads from a packet to find its policy.
 *
 * @param protocol upper layer's; 255 for a fragment
 * @param sourcePort of TCP and UDP; ICMPv6's type; else 0
 * @param destinationPort of TCP and UDP; ICMPv6's code; else 0
 * @param forwarded not sent by this host, or not for it
 */
public record Packet(
        InetAddress source,
        InetAddress destination,
        int protocol,
        int sourcePort,
        int destinationPort,
        boolean forwarded) {}
