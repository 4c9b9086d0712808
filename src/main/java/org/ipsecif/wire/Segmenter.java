package org.ipsecif.wire;

import java.nio.ByteBuffer;

/**
 * Cuts a packet that the host left whole into the packets that it stands for, as a network card would (segmentation offload): TCP
 * segments (RFC 9293) or UDP datagrams, each with its own lengths, identification, sequence number, flags and checksums. One per thread.
 */
public final class Segmenter {
    private static final int MAX_HEADER = 60 + 60;
    private static final int MAX_EXTENSIONS = 256;
    private static final int TCP_HEADER = 20;
    private static final int UDP_HEADER = 8;
    private static final int TCP_CHECKSUM = 16;
    private static final int UDP_CHECKSUM = 6;
    private static final int TCP_FLAGS = 13;
    private static final int FIN = 0x01;
    private static final int PUSH = 0x08;
    private static final int CWR = 0x80;

    private final byte[] header = new byte[MAX_HEADER + MAX_EXTENSIONS];
    private ByteBuffer packet = ByteBuffer.allocate(0);
    private int payloadAt;
    private int payloadEnd;
    private int segmentSize;
    private int ipLength;
    private int headerLength;
    private boolean inet6;
    private boolean tcp;
    private int identification;
    private int sequence;
    private int flags;
    private int count;
    private long pseudoHeader;
    private long fixedSum;

    /**
     * Begins with the packet at {@code offset}, which stays where it is until the last segment was taken.
     *
     * @return false if headers and offload do not fit each other: it cannot be cut
     */
    public boolean begin(ByteBuffer packet, int offset, int length, Offload offload) {
        ipLength = offload.checksumStart();
        tcp = offload.kind() != Offload.Kind.UDP;
        int least = ipLength + (tcp ? TCP_HEADER : UDP_HEADER);
        if (!offload.isSegmented() || offload.segmentSize() <= 0 || least > header.length || least > length) {
            return false;
        }
        inet6 = packet.get(offset) >>> 4 == 6;
        packet.get(offset, header, 0, Math.min(length, header.length));
        headerLength = ipLength + (tcp ? (Bytes.u8(header, ipLength + 12) >>> 4) * 4 : UDP_HEADER);
        boolean fits = headerLength >= least
                && headerLength <= header.length
                && headerLength < length
                && ipLength >= (inet6 ? PacketView.IPV6_HEADER : PacketView.IPV4_HEADER)
                && (inet6 || ipLength == (Bytes.u8(header, 0) & 0xf) * 4);
        if (!fits) {
            return false;
        }
        this.packet = packet;
        payloadAt = offset + headerLength;
        payloadEnd = offset + length;
        segmentSize = offload.segmentSize();
        count = 0;
        readTemplate(length - ipLength, offload.needsChecksum());
        return true;
    }

    /** The host has put the sum of the pseudo-header where the checksum belongs: also right where a routing header hides an address. */
    private void readTemplate(int covered, boolean hasPseudoHeader) {
        int checksumAt = ipLength + (tcp ? TCP_CHECKSUM : UDP_CHECKSUM);
        identification = Bytes.u16(header, 4);
        pseudoHeader = hasPseudoHeader
                ? Bytes.u16(header, checksumAt) + (~covered & 0xffff)
                : Checksum.pseudoHeader(header, 0, tcp ? IpProtocol.TCP : IpProtocol.UDP, 0);
        Bytes.put16(header, checksumAt, 0);
        if (tcp) {
            sequence = Bytes.i32(header, ipLength + 4);
            flags = Bytes.u8(header, ipLength + TCP_FLAGS);
        }
        if (!inet6) {
            Bytes.put16(header, 2, 0);
            Bytes.put16(header, 4, 0);
            Bytes.put16(header, 10, 0);
            fixedSum = Checksum.sum(0, header, 0, ipLength);
        }
    }

    /** Bytes of the longest packet to come, which all are but the last. */
    public int longest() {
        return headerLength + Math.min(segmentSize, payloadEnd - payloadAt);
    }

    /** Writes the next packet. @return its length, or 0 after the last */
    public int next(byte[] target, int at) {
        int size = Math.min(segmentSize, payloadEnd - payloadAt);
        if (size <= 0) {
            return 0;
        }
        boolean last = payloadAt + size == payloadEnd;
        System.arraycopy(header, 0, target, at, headerLength);
        packet.get(payloadAt, target, at + headerLength, size);
        writeIp(target, at, headerLength + size);
        writeTransport(target, at, size, last);
        payloadAt += size;
        count++;
        return headerLength + size;
    }

    private void writeIp(byte[] target, int at, int length) {
        if (inet6) {
            Bytes.put16(target, at + 4, length - PacketView.IPV6_HEADER);
            return;
        }
        int id = identification + count & 0xffff;
        Bytes.put16(target, at + 2, length);
        Bytes.put16(target, at + 4, id);
        Bytes.put16(target, at + 10, Checksum.finish(fixedSum + length + id));
    }

    private void writeTransport(byte[] target, int at, int size, boolean last) {
        int start = at + ipLength;
        int length = headerLength - ipLength + size;
        if (tcp) {
            int cleared = (last ? 0 : FIN | PUSH) | (count == 0 ? 0 : CWR);
            Bytes.put32(target, start + 4, sequence + count * segmentSize);
            target[start + TCP_FLAGS] = (byte) (flags & ~cleared);
        } else {
            Bytes.put16(target, start + 4, length);
        }
        int checksum = Checksum.finish(Checksum.sum(pseudoHeader + length, target, start, length));
        if (tcp) {
            Bytes.put16(target, start + TCP_CHECKSUM, checksum);
        } else {
            Bytes.put16(target, start + UDP_CHECKSUM, checksum == 0 ? 0xffff : checksum);
        }
    }
}
