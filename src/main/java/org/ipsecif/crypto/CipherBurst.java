package org.ipsecif.crypto;

import java.nio.ByteBuffer;

/**
 * ESP packets of one SA that are sealed or opened in one call, in place, outside of the heap; laid out as {@link Aead} says. One thread.
 * {@link #begin}, up to {@link #MAX_PACKETS} {@code add}, {@link #run}; then {@link #isRight}, if they were opened.
 */
public interface CipherBurst {
    int MAX_PACKETS = 64;

    /** Whether the key is of the same accelerator. */
    boolean takes(AcceleratedKey key);

    /**
     * @param key that it takes
     * @param memory direct, in native byte order, all packets lie in it
     * @param address of its first byte
     * @return false if the key is closed: nothing is begun
     */
    boolean begin(AcceleratedKey key, ByteBuffer memory, long address);

    /**
     * A packet to seal: the text is there, SPI, low sequence number and IV are, with room for the ICV behind.
     *
     * @param offset in the memory
     * @param textLength bytes
     * @param sequence the full 64-bit number, which the IV is of too, never used before with this key
     */
    void addToSeal(int offset, int textLength, long sequence);

    /**
     * A packet to open.
     *
     * @param offset in the memory
     * @param textLength bytes
     * @param sequence the full 64-bit number
     */
    void addToOpen(int offset, int textLength, long sequence);

    /** How many were added. */
    int count();

    /** Does it, and ends the burst. */
    void run();

    /** Whether the ICV of a packet that was opened is right; its text is of no use otherwise. @param index from 0, as they were added */
    boolean isRight(int index);
}
