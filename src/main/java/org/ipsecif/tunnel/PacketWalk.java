package org.ipsecif.tunnel;

/** One packet's way from a {@code PacketChannel} to its end, run to completion. */
interface PacketWalk {
    /**
     * Takes the next packet, if there is one, all the way.
     *
     * @return {@code PacketChannel.NOTHING}, {@code PacketChannel.GONE}, or a positive number:
     *     bytes, or how many packets
     */
    int step();

    /** There is nothing more to take; its worker will wait. Outside of its turn. */
    default void rest() {}
}
