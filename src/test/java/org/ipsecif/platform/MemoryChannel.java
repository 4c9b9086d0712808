package org.ipsecif.platform;

import java.util.concurrent.Semaphore;
import org.ipsecif.platform.posix.DirectBuffer;

/** A channel in memory: who waits sleeps until somebody wakes it up for good. */
public class MemoryChannel implements PacketChannel {
    private final Semaphore woken = new Semaphore(0);

    /** As platforms' own buffers, of so many bytes. */
    public static PacketBuffer buffer(int size) {
        DirectBuffer memory = new DirectBuffer(size);
        return new PacketBuffer(memory.bytes(), memory.pointer().address());
    }

    @Override
    public boolean awaitReadable() {
        woken.acquireUninterruptibly();
        woken.release();
        return false;
    }

    @Override
    public void nudge() {}

    @Override
    public void wakeup() {
        woken.release();
    }

    /** For the channels that have buffers. */
    public PacketBuffer newBuffer(int size) {
        return buffer(size);
    }

    @Override
    public void close() {}
}
