package org.ipsecif.wire;

/** Lowers the maximum segment size that a TCP SYN announces (RFC 9293 section 3.7.1), so that no segment needs to be cut. */
public final class TcpMss {
    private static final int HEADER = 20;
    private static final int FLAGS = 13;
    private static final int SYN = 0x02;
    private static final int CHECKSUM = 16;
    private static final int END_OF_OPTIONS = 0;
    private static final int NO_OPERATION = 1;
    private static final int MAXIMUM_SEGMENT_SIZE = 2;
    private static final int OPTION_LENGTH = 4;

    private TcpMss() {}

    /**
     * Changes the packet in place, its checksum too, if it is a SYN that announces more than {@code limit}.
     *
     * @param view of the packet at {@code offset}
     * @return whether it was changed
     */
    public static boolean clamp(PacketView view, byte[] packet, int offset, int limit) {
        if (view.protocol() != IpProtocol.TCP || view.fragmentOffset() != 0) {
            return false;
        }
        int tcp = offset + view.headerLength();
        int end = offset + view.totalLength();
        if (tcp + HEADER > end || (Bytes.u8(packet, tcp + FLAGS) & SYN) == 0) {
            return false;
        }
        int optionsEnd = Math.min(end, tcp + (Bytes.u8(packet, tcp + 12) >>> 4) * 4);
        int at = tcp + HEADER;
        while (at < optionsEnd) {
            int kind = Bytes.u8(packet, at);
            if (kind == END_OF_OPTIONS) {
                return false;
            }
            int length = kind == NO_OPERATION ? 1 : at + 1 < optionsEnd ? Bytes.u8(packet, at + 1) : 0;
            if (length == 0 || at + length > optionsEnd) {
                return false;
            }
            if (kind == MAXIMUM_SEGMENT_SIZE && length == OPTION_LENGTH) {
                return lower(packet, tcp, at + 2, limit);
            }
            at += length;
        }
        return false;
    }

    private static boolean lower(byte[] packet, int tcp, int at, int limit) {
        int announced = Bytes.u16(packet, at);
        if (announced <= limit) {
            return false;
        }
        Bytes.put16(packet, at, limit);
        // An option may begin at an odd place of the header; then its bytes count in the other half of the words.
        boolean odd = ((at - tcp) & 1) != 0;
        int before = odd ? Integer.reverseBytes(announced) >>> 16 : announced;
        int after = odd ? Integer.reverseBytes(limit) >>> 16 : limit;
        Bytes.put16(packet, tcp + CHECKSUM, Checksum.update(Bytes.u16(packet, tcp + CHECKSUM), before, after));
        return true;
    }
}
