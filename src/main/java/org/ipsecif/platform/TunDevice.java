package org.ipsecif.platform;

import org.ipsecif.wire.Offload;

/**
 * A layer-3 tunnel device of the operating system, named as the interface. Packets are bare IP. Neither call blocks or
 * throws. The device outlives {@link #close()} and the process, however that ends, and has no carrier then: addresses, routes and
 * whatever else hangs on it are not lost by a restart. {@link #remove()} removes it.
 */
public interface TunDevice extends PacketChannel, PacketMemory {
    String name();

    /** The operating system's index of the interface. */
    int index();

    /** Bytes before a packet in a buffer that {@link #read} and {@link #write} use for what the host wants to know beside it. */
    int HEADROOM = 16;

    /** Bytes of a buffer that every packet fits in, also one that is still to be cut. */
    int BUFFER = HEADROOM + 65_535 + 40;

    /**
     * Reads one packet the host sent into the interface to {@link #HEADROOM}.
     *
     * @param offload is set to what the host has left to do
     * @return its length in bytes, {@link #NOTHING} or {@link #GONE}
     */
    int read(PacketBuffer into, Offload offload);

    /**
     * Hands one packet to the host as received on the interface.
     *
     * @param from has it at {@link #HEADROOM}
     * @param offload what is left to the host; segments only if {@link #joins} says so
     * @return false if the host did not take it (interface down, queue full, or it does not cut such packets)
     */
    boolean write(PacketBuffer from, int length, Offload offload);

    /** Whether packets of this kind may be joined for {@link #write}. */
    boolean joins(Offload.Kind kind);

    /** The host has refused joined packets that it took one by one: they are joined no more. Any thread. */
    void stopJoining();

    /** Whether the host shall take the link for up. Without effect where a kernel cannot say so. Control thread. */
    void setCarrier(boolean up);

    /** Removes the device, which is still to be closed. Control thread. */
    void remove();

    /**
     * Gives the device, which is still to be closed, back to whoever made it: they may remove it then, and whether it outlives the process is
     * their affair. Control thread.
     */
    default void release() {}
}
