package org.ipsecif.platform;

/**
 * Datagrams to send that lie one behind the other in a buffer, all of one length but the last, which may be shorter: what can go out in
 * one system call. Whoever sends takes from the front what went out. One thread.
 */
public final class DatagramRun {
    /** UDP_SEGMENT takes no more at once (UDP_MAX_SEGMENTS, linux/udp.h). */
    public static final int MAX_DATAGRAMS = 64;

    /** Bytes of several at most: the longest UDP payload over IPv4. */
    public static final int MAX_BYTES = 65_507;

    /** Bytes of a buffer that the longest datagram fits in too, which is alone then: not in UDP it may be longer. */
    public static final int BUFFER = 65_535;

    private final PacketBuffer buffer;
    private int offset;
    private int length;
    private int segment;
    private int count;
    private boolean closed;

    public DatagramRun(PacketBuffer buffer) {
        this.buffer = buffer;
    }

    public PacketBuffer buffer() {
        return buffer;
    }

    /** Where the first datagram begins. */
    public int offset() {
        return offset;
    }

    /** Bytes of all. */
    public int length() {
        return length;
    }

    /** Bytes of each but the last. */
    public int segment() {
        return segment;
    }

    /** How many there are. */
    public int count() {
        return count;
    }

    public boolean isEmpty() {
        return count == 0;
    }

    /** Bytes of the first. */
    public int firstLength() {
        return Math.min(segment, length);
    }

    /** Whether a datagram of this length may go behind those that are there. */
    public boolean takes(int bytes) {
        return count == 0
                || (!closed && bytes <= segment && count < MAX_DATAGRAMS && offset + length + bytes <= MAX_BYTES);
    }

    /** Puts a datagram behind the others, which {@link #takes} has allowed. */
    public void add(byte[] from, int at, int bytes) {
        if (count == 0) {
            offset = 0;
            length = 0;
            segment = bytes;
        }
        buffer.bytes().put(offset + length, from, at, bytes);
        length += bytes;
        count++;
        closed = bytes < segment;
    }

    /** So many from the front went out, or are given up. */
    public void skip(int datagrams) {
        int bytes = Math.min(length, datagrams * segment);
        offset += bytes;
        length -= bytes;
        count -= datagrams;
        if (count <= 0) {
            clear();
        }
    }

    public void clear() {
        offset = 0;
        length = 0;
        count = 0;
        closed = false;
    }
}
