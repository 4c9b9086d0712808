package org.ipsecif.wire;

import java.nio.ByteBuffer;

/**
 * Joins consecutive packets of one flow into one that the host takes at once and may cut again into the same (receive offload): TCP
 * segments that follow each other, UDP datagrams of one length. What is joined could be told from what came by nothing but IPv4
 * identifications where DF is set (RFC 6864 section 4.1). One per thread; packets are put together in memory outside the heap.
 *
 * <p>Only whole packets without IP options or extension headers are joined, whose checksum is right, and which differ in nothing but
 * lengths, identification, sequence number, PSH on the last, and checksums.
 */
public final class Coalescer {
    private static final int MAX_PACKET = 65_535;
    private static final int MAX_DATAGRAMS = 64; // UDP_MAX_SEGMENTS of Linux, linux/udp.h
    private static final int MAX_HEADER = PacketView.IPV6_HEADER + 60;
    private static final int TCP_HEADER = 20;
    private static final int UDP_HEADER = 8;
    private static final int TCP_CHECKSUM = 16;
    private static final int UDP_CHECKSUM = 6;
    private static final int TCP_FLAGS = 13;
    private static final int ACK = 0x10;
    private static final int PUSH = 0x08;

    private final byte[] header = new byte[MAX_HEADER];
    private final ByteBuffer target;
    private final int start;
    private int length;
    private int count;

    // Of the packet that is being put together; of no meaning unless it is open.
    private boolean open;
    private boolean tcp;
    private boolean inet6;
    private int ipLength;
    private int headerLength;
    private int segmentSize;
    private int nextSequence;
    private boolean dontFragment;
    private int identification;
    private boolean pushed;

    // Of the packet that is being looked at.
    private int candidateHeader;
    private int candidatePayload;

    /**
     * @param target where packets are put together
     * @param start where in it they begin, with room for 65,535 bytes after
     */
    public Coalescer(ByteBuffer target, int start) {
        this.target = target;
        this.start = start;
    }

    /** How many packets are in it. */
    public int count() {
        return count;
    }

    /** Begins with a packet, whatever it is; there is nothing in it but this. */
    public void begin(byte[] packet, int offset, PacketView view, boolean joinTcp, boolean joinUdp) {
        length = view.totalLength();
        count = 1;
        target.put(start, packet, offset, length);
        open = isCandidate(packet, offset, view, joinTcp, joinUdp) && isChecksumRight(packet, offset);
        if (!open) {
            return;
        }
        headerLength = candidateHeader;
        segmentSize = candidatePayload;
        System.arraycopy(packet, offset, header, 0, headerLength);
        dontFragment = view.dontFragment();
        identification = inet6 ? 0 : Bytes.u16(packet, 4 + offset);
        if (tcp) {
            nextSequence = Bytes.i32(packet, offset + ipLength + 4) + segmentSize;
            pushed = (flags(packet, offset) & PUSH) != 0;
            open = !pushed;
        }
    }

    /** Joins a packet to what there is. @return false if it does not belong there; nothing is changed then */
    public boolean add(byte[] packet, int offset, PacketView view) {
        if (!open || count == 0) {
            return false;
        }
        if (length + view.totalLength() - headerLength > MAX_PACKET || !follows(packet, offset, view)) {
            return false;
        }
        target.put(start + length, packet, offset + headerLength, candidatePayload);
        length += candidatePayload;
        count++;
        identification++;
        if (tcp) {
            nextSequence += candidatePayload;
            pushed = (flags(packet, offset) & PUSH) != 0;
        }
        open = candidatePayload == segmentSize && !(tcp && pushed) && (tcp || count < MAX_DATAGRAMS);
        return true;
    }

    private boolean follows(byte[] packet, int offset, PacketView view) {
        return view.isInet6() == inet6
                && view.protocol() == (tcp ? IpProtocol.TCP : IpProtocol.UDP)
                && isCandidate(packet, offset, view, tcp, !tcp)
                && candidateHeader == headerLength
                && candidatePayload <= segmentSize
                && hasSameHeader(packet, offset)
                && (!tcp || Bytes.i32(packet, offset + ipLength + 4) == nextSequence)
                && (inet6 || dontFragment || Bytes.u16(packet, offset + 4) == (identification + 1 & 0xffff))
                && isChecksumRight(packet, offset);
    }

    /** Whether it is a packet that may be joined to others at all. Sets what is said of the candidate, protocol and header lengths. */
    private boolean isCandidate(byte[] packet, int offset, PacketView view, boolean joinTcp, boolean joinUdp) {
        boolean isTcp = view.protocol() == IpProtocol.TCP;
        if (!(isTcp ? joinTcp : joinUdp && view.protocol() == IpProtocol.UDP) || view.isFragment()) {
            return false;
        }
        int ip = view.isInet6() ? PacketView.IPV6_HEADER : PacketView.IPV4_HEADER;
        int least = ip + (isTcp ? TCP_HEADER : UDP_HEADER);
        if (view.headerLength() != ip || view.totalLength() <= least) {
            return false;
        }
        tcp = isTcp;
        inet6 = view.isInet6();
        ipLength = ip;
        candidateHeader = ip + (isTcp ? (Bytes.u8(packet, offset + ip + 12) >>> 4) * 4 : UDP_HEADER);
        candidatePayload = view.totalLength() - candidateHeader;
        if (candidatePayload <= 0 || candidateHeader < least) {
            return false;
        }
        if (isTcp) {
            return (flags(packet, offset) & ~PUSH) == ACK;
        }
        return Bytes.u16(packet, offset + ip + 4) == UDP_HEADER + candidatePayload
                && Bytes.u16(packet, offset + ip + UDP_CHECKSUM) != 0;
    }

    private int flags(byte[] packet, int offset) {
        return Bytes.u8(packet, offset + ipLength + TCP_FLAGS);
    }

    private boolean hasSameHeader(byte[] packet, int offset) {
        boolean sameIp = inet6
                ? same(packet, offset, 0, 4) && same(packet, offset, 6, ipLength)
                : same(packet, offset, 0, 2) && same(packet, offset, 6, 10) && same(packet, offset, 12, ipLength);
        if (!sameIp || !same(packet, offset, ipLength, ipLength + 4)) {
            return false;
        }
        return !tcp
                || (same(packet, offset, ipLength + 8, ipLength + TCP_FLAGS)
                        && same(packet, offset, ipLength + TCP_FLAGS + 1, ipLength + TCP_CHECKSUM)
                        && same(packet, offset, ipLength + TCP_CHECKSUM + 2, headerLength));
    }

    private boolean same(byte[] packet, int offset, int from, int to) {
        int at = from;
        for (; at + Long.BYTES <= to; at += Long.BYTES) {
            if (Bytes.i64(packet, offset + at) != Bytes.i64(header, at)) {
                return false;
            }
        }
        for (; at < to; at++) {
            if (packet[offset + at] != header[at]) {
                return false;
            }
        }
        return true;
    }

    /**
     * A wrong one would come out right of joining and cutting: such a packet goes as it came (RFC 9293 section 3.1). So does one that
     * says 0xffff for zero, which cutting would not (RFC 1624 section 3); of UDP that is the only zero (RFC 768).
     */
    private boolean isChecksumRight(byte[] packet, int offset) {
        int covered = candidateHeader - ipLength + candidatePayload;
        boolean usual = (inet6 || Bytes.u16(packet, offset + 10) != 0xffff)
                && (!tcp || Bytes.u16(packet, offset + ipLength + TCP_CHECKSUM) != 0xffff);
        if (!usual || (!inet6 && Checksum.of(packet, offset, ipLength) != 0)) {
            return false;
        }
        long pseudo = Checksum.pseudoHeader(packet, offset, tcp ? IpProtocol.TCP : IpProtocol.UDP, covered);
        return Checksum.finish(Checksum.sum(pseudo, packet, offset + ipLength, covered)) == 0;
    }

    /**
     * Ends the packet: writes the headers of what was joined.
     *
     * @param offload is set to what the host has to know of it
     * @return its length, bytes; 0 if there is nothing
     */
    public int finish(Offload offload) {
        offload.clear();
        int result = length;
        if (count > 1) {
            writeHeaders();
            target.put(start, header, 0, headerLength);
            offload.setSegments(kind(), segmentSize, headerLength);
            offload.setChecksum(ipLength, tcp ? TCP_CHECKSUM : UDP_CHECKSUM);
        }
        length = 0;
        count = 0;
        open = false;
        return result;
    }

    private Offload.Kind kind() {
        if (!tcp) {
            return Offload.Kind.UDP;
        }
        return inet6 ? Offload.Kind.TCP_INET6 : Offload.Kind.TCP_INET;
    }

    private void writeHeaders() {
        if (inet6) {
            Bytes.put16(header, 4, length - ipLength);
        } else {
            Bytes.put16(header, 2, length);
            Bytes.put16(header, 10, 0);
            Bytes.put16(header, 10, Checksum.of(header, 0, ipLength));
        }
        int covered = length - ipLength;
        long pseudo = Checksum.pseudoHeader(header, 0, tcp ? IpProtocol.TCP : IpProtocol.UDP, covered);
        if (tcp) {
            if (pushed) {
                header[ipLength + TCP_FLAGS] |= PUSH;
            }
            Bytes.put16(header, ipLength + TCP_CHECKSUM, Checksum.partial(pseudo));
        } else {
            Bytes.put16(header, ipLength + 4, covered);
            Bytes.put16(header, ipLength + UDP_CHECKSUM, Checksum.partial(pseudo));
        }
    }
}
