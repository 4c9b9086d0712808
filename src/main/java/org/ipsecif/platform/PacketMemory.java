package org.ipsecif.platform;

/** Makes memory that the operating system's calls can use. */
public interface PacketMemory {
    /** @param size bytes, zeroed */
    PacketBuffer newBuffer(int size);
}
