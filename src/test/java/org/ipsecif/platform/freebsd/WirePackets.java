package org.ipsecif.platform.freebsd;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;

/** IP packets and what bpf(4) makes of them, by code of their own. */
final class WirePackets {
    private WirePackets() {}

    static byte[] hex(String text) {
        return HexFormat.of().parseHex(text.replaceAll("\\s", ""));
    }

    static byte[] join(byte[]... parts) {
        int length = 0;
        for (byte[] each : parts) {
            length += each.length;
        }
        ByteBuffer all = ByteBuffer.allocate(length);
        for (byte[] each : parts) {
            all.put(each);
        }
        return all.array();
    }

    /** RFC 791, with the checksum. @param options a multiple of four bytes */
    static byte[] inet(
            String source,
            String destination,
            int protocol,
            int id,
            int fragmentation,
            String options,
            byte[] payload) {
        byte[] more = hex(options);
        ByteBuffer packet = ByteBuffer.allocate(20 + more.length + payload.length);
        packet.put((byte) (0x45 + more.length / 4)).put((byte) 0xb8).putShort((short) packet.capacity());
        packet.putShort((short) id).putShort((short) fragmentation);
        packet.put((byte) 61).put((byte) protocol).putShort((short) 0);
        packet.put(hex(source)).put(hex(destination)).put(more).put(payload);
        packet.putShort(10, (short) checksum(packet.array(), 0, 20 + more.length));
        return packet.array();
    }

    /** RFC 1071, the slow way. */
    static int checksum(byte[] bytes, int from, int to) {
        int sum = 0;
        for (int i = from; i < to; i += 2) {
            sum += (bytes[i] & 0xff) << 8 | (i + 1 < to ? bytes[i + 1] & 0xff : 0);
            sum = (sum & 0xffff) + (sum >> 16);
        }
        return ~sum & 0xffff;
    }

    /** RFC 8200: traffic class 0xb8, hop limit 61. */
    static byte[] inet6(String source, String destination, int next, byte[] payload) {
        ByteBuffer packet = ByteBuffer.allocate(40 + payload.length);
        packet.putInt(0x6b80_1234)
                .putShort((short) payload.length)
                .put((byte) next)
                .put((byte) 61);
        return packet.put(hex(source)).put(hex(destination)).put(payload).array();
    }

    static byte[] ethernet(int type, byte[] packet) {
        return join(hex("020000000001 020000000002"), new byte[] {(byte) (type >> 8), (byte) type}, packet);
    }

    /**
     * A record of bpf(4) on amd64: struct timeval (16), caplen, datalen, hdrlen, then 2 or more bytes until the network header is aligned to 8.
     *
     * @param hdrlen 18 to 26 and what aligns
     */
    static byte[] record(byte[] packet, int captured, int hdrlen) {
        int size = hdrlen + captured + 7 & ~7;
        ByteBuffer record = ByteBuffer.allocate(size).order(ByteOrder.nativeOrder());
        record.putLong(1_700_000_000L).putLong(5);
        record.putInt(captured).putInt(packet.length).putShort((short) hdrlen);
        record.put(hdrlen, packet, 0, captured);
        return record.array();
    }

    /** On Ethernet, whose header of 14 bytes makes hdrlen 26: 40 is a multiple of 8. */
    static byte[] record(byte[] packet) {
        return record(packet, packet.length, 26);
    }
}
