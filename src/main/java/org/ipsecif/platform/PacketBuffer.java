package org.ipsecif.platform;

import java.nio.ByteBuffer;

/** Memory outside the heap, which system calls take packets from and leave them in. One thread at a time. */
public final class PacketBuffer {
    private final ByteBuffer bytes;
    private final long address;

    /**
     * @param bytes direct, in native byte order
     * @param address of its first byte
     */
    public PacketBuffer(ByteBuffer bytes, long address) {
        this.bytes = bytes;
        this.address = address;
    }

    public ByteBuffer bytes() {
        return bytes;
    }

    public long address() {
        return address;
    }

    public int size() {
        return bytes.capacity();
    }
}
