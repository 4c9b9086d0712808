package org.ipsecif.wire;

/**
 * What is left to do to a packet that the host handed over early: cut it into segments, or only fill in its checksum; and what the
 * host is asked to do to one that it is given. A flyweight: one per thread, set anew for each packet. The fields are those of the
 * virtio network header (Virtual I/O Device 1.2, section 5.1.6), offsets count from the packet's first byte.
 */
public final class Offload {
    /** What is cut. */
    public enum Kind {
        /** Nothing: it is one packet. */
        NONE,
        TCP_INET,
        TCP_INET6,
        /** Datagrams of one flow, over either IP (USO). */
        UDP
    }

    private Kind kind = Kind.NONE;
    private int segmentSize;
    private boolean needsChecksum;
    private int checksumStart;
    private int checksumOffset;
    private int headerLength;

    /** One packet, complete. */
    public void clear() {
        kind = Kind.NONE;
        segmentSize = 0;
        needsChecksum = false;
        checksumStart = 0;
        checksumOffset = 0;
        headerLength = 0;
    }

    /** @param segmentSize bytes of payload in each segment but the last */
    public void setSegments(Kind kind, int segmentSize, int headerLength) {
        this.kind = kind;
        this.segmentSize = segmentSize;
        this.headerLength = headerLength;
    }

    /**
     * The checksum is not made: its field holds the sum of the pseudo-header.
     *
     * @param start where what it covers begins
     * @param offset of the field from there
     */
    public void setChecksum(int start, int offset) {
        needsChecksum = true;
        checksumStart = start;
        checksumOffset = offset;
    }

    public Kind kind() {
        return kind;
    }

    public boolean isSegmented() {
        return kind != Kind.NONE;
    }

    /** Bytes of payload in each segment but the last. */
    public int segmentSize() {
        return segmentSize;
    }

    public boolean needsChecksum() {
        return needsChecksum;
    }

    public int checksumStart() {
        return checksumStart;
    }

    public int checksumOffset() {
        return checksumOffset;
    }

    /** Bytes of all headers; a hint. */
    public int headerLength() {
        return headerLength;
    }
}
