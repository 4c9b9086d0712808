package org.ipsecif.platform;

/**
 * A layer-3 tunnel device of the operating system, named as the interface. Packets are bare IP. Neither call blocks or
 * throws. The device outlives {@link #close()} and the process, however that ends, and has no carrier then: addresses, routes and
 * whatever else hangs on it are not lost by a restart. {@link #remove()} removes it.
 */
public interface TunDevice extends PacketChannel {
    String name();

    /** The operating system's index of the interface. */
    int index();

    /**
     * Reads one packet the host sent into the interface.
     *
     * @return its length in bytes, {@link #NOTHING} or {@link #GONE}
     */
    int read(byte[] buffer, int offset, int length);

    /**
     * Hands one packet to the host as received on the interface.
     *
     * @return false if the host did not take it (interface down, queue full)
     */
    boolean write(byte[] buffer, int offset, int length);

    /** Whether the host shall take the link for up. Without effect where a kernel cannot say so. Control thread. */
    void setCarrier(boolean up);

    /** Removes the device, which is still to be closed. Control thread. */
    void remove();
}
