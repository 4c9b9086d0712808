package org.ipsecif.platform.freebsd;

import java.nio.ByteBuffer;

/**
 * The packets that one read of bpf(4) brought, one after the other. What does not fit in with the buffer ends it. One thread.
 *
 * <pre>
 * struct bpf_hdr { struct timeval bh_tstamp; bpf_u_int32 bh_caplen, bh_datalen; u_short bh_hdrlen; };   // 26 used; the packet at bh_hdrlen
 * </pre>
 */
final class BpfBatch {
    private static final int LEAST_HEADER = BpfAbi.BPF_HDR_BH_HDRLEN + Short.BYTES;

    private final ByteBuffer bytes;
    private int next;
    private int end;
    private int at;
    private int length;
    private int whole;

    /** @param bytes in native order */
    BpfBatch(ByteBuffer bytes) {
        this.bytes = bytes;
    }

    ByteBuffer bytes() {
        return bytes;
    }

    /** Begins anew. @param length bytes that were read */
    void begin(int length) {
        next = 0;
        end = length;
    }

    /** Goes to the next packet. @return false if there is none */
    boolean advance() {
        if (end - next < LEAST_HEADER) {
            end = next;
            return false;
        }
        int header = bytes.getShort(next + BpfAbi.BPF_HDR_BH_HDRLEN) & 0xffff;
        long captured = Integer.toUnsignedLong(bytes.getInt(next + BpfAbi.BPF_HDR_BH_CAPLEN));
        if (header < LEAST_HEADER || header + captured > end - next) {
            end = next;
            return false;
        }
        at = next + header;
        length = (int) captured;
        whole = bytes.getInt(next + BpfAbi.BPF_HDR_BH_DATALEN);
        next += Math.min(end - next, Abi.align(header + length));
        return true;
    }

    /** Where the packet begins, link layer and all. */
    int at() {
        return at;
    }

    /** Bytes of it that are here. */
    int length() {
        return length;
    }

    /** Whether that is not all. */
    boolean isCut() {
        return whole != length;
    }
}
