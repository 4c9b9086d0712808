package org.ipsecif.platform;

/**
 * What a worker reads packets from. One thread at a time reads; any thread may call {@link #wakeup()}. {@link #close()} only after
 * the reader has ended.
 */
public interface PacketChannel extends AutoCloseable {
    /** Nothing to read now. */
    int NOTHING = 0;
    /** The channel is gone for good (interface deleted, descriptor bad); the reader ends. */
    int GONE = -1;

    /**
     * Blocks until a packet can be read, or {@link #nudge()} or {@link #wakeup()} was called.
     *
     * @return false once {@link #wakeup()} was called, and from then on
     */
    boolean awaitReadable();

    /** Makes {@link #awaitReadable()} return true once, packet or not: there is something else for its reader to do. */
    void nudge();

    /** Makes {@link #awaitReadable()} return false. Idempotent. */
    void wakeup();

    @Override
    void close();
}
