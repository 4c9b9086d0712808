package org.ipsecif.platform;

import org.ipsecif.sa.Family;

/** Sends whole IP packets, headers included, by the host's routes, as if the host had made them. Any thread; never blocks. */
public interface PacketSender extends AutoCloseable {
    /**
     * Sends one packet to the destination in its header.
     *
     * @param family of the packet
     * @return 0, or the operating system's errno
     */
    int send(Family family, byte[] packet, int length);

    @Override
    void close();
}
