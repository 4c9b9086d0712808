package org.ipsecif.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Packets of any bytes, whatever the host says of them, cut within their bounds; and of any order, joined and cut into the same. */
class OffloadFuzzTest {
    private static final int OFFSET = 3;
    private static final int MAX_PACKET = 65_535;

    /** Kind, and 4 if the checksum is left to us; bytes of a segment in two, where its transport header begins in two. */
    private static final int DESCRIPTION = 5;

    private final Offload offload = new Offload();
    private final PacketView view = new PacketView();
    private final Segmenter segmenter = new Segmenter();

    static Stream<byte[]> described() {
        return Stream.of(InnerPacket.tcp(false), InnerPacket.tcp(true), InnerPacket.udp(false), InnerPacket.udp(true))
                .map(packet -> packet.payload(100))
                .map(packet -> {
                    int kind = packet.checksumField() == 6 ? 3 : packet.ipLength() == 20 ? 1 : 2;
                    byte[] head = {(byte) (4 | kind), 0, 30, 0, (byte) packet.ipLength()};
                    return concat(List.of(head, packet.partial()));
                });
    }

    @MethodSource("described")
    @FuzzTest(maxDuration = "2m")
    void whateverIsCutIsCutWithinItsBounds(byte[] input) {
        if (input.length < DESCRIPTION) {
            return;
        }
        Offload.Kind kind = Offload.Kind.values()[input[0] & 3];
        offload.clear();
        if ((input[0] & 4) != 0) {
            offload.setChecksum(Bytes.u16(input, 3), kind == Offload.Kind.UDP ? 6 : 16);
        }
        offload.setSegments(kind, Bytes.u16(input, 1), 0);
        int length = Math.min(MAX_PACKET, input.length - DESCRIPTION);
        ByteBuffer packet = ByteBuffer.allocate(OFFSET + length).put(OFFSET, input, DESCRIPTION, length);
        byte[] before = packet.array().clone();
        if (!segmenter.begin(packet, OFFSET, length, offload)) {
            return;
        }
        assertTrue(offload.isSegmented() && offload.segmentSize() > 0);
        int start = offload.checksumStart();
        int header = start + (kind == Offload.Kind.UDP ? 8 : (Bytes.u8(input, DESCRIPTION + start + 12) >>> 4) * 4);
        int longest = segmenter.longest();
        assertEquals(header + Math.min(offload.segmentSize(), length - header), longest);
        byte[] piece = new byte[OFFSET + longest]; // a byte more would be out of bounds
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        for (int size = segmenter.next(piece, OFFSET); size > 0; size = segmenter.next(piece, OFFSET)) {
            assertTrue(size > header && (size == longest || payload.size() + size - header == length - header));
            payload.write(piece, OFFSET + header, size - header);
        }
        assertArrayEquals(before, packet.array());
        assertArrayEquals(Arrays.copyOfRange(input, DESCRIPTION + header, DESCRIPTION + length), payload.toByteArray());
    }

    /** Packets, each behind its length in two bytes, of which the uppermost bit says that its checksums are to be made right. */
    static Stream<byte[]> streams() {
        return Stream.of(InnerPacket.tcp(false), InnerPacket.tcp(true), InnerPacket.udp(false), InnerPacket.udp(true))
                .map(packet -> {
                    List<byte[]> parts = new ArrayList<>();
                    for (byte[] each : packet.fragment(0).payload(100).cut(30)) {
                        parts.add(new byte[] {(byte) (0x80 | each.length >> 8), (byte) each.length});
                        parts.add(each);
                    }
                    return concat(parts);
                });
    }

    private static byte[] concat(List<byte[]> parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        parts.forEach(all::writeBytes);
        return all.toByteArray();
    }

    @MethodSource("streams")
    @FuzzTest(maxDuration = "2m")
    void whatIsJoinedAndCutIsAsItCame(byte[] input) {
        ByteBuffer target = ByteBuffer.allocate(OFFSET + MAX_PACKET);
        Coalescer coalescer = new Coalescer(target, OFFSET);
        List<byte[]> in = new ArrayList<>();
        List<byte[]> out = new ArrayList<>();
        for (int at = 0; at + 2 < input.length; ) {
            int length = Math.min(Bytes.u16(input, at) & 0x7fff, input.length - at - 2);
            byte[] packet = new byte[OFFSET + length];
            System.arraycopy(input, at + 2, packet, OFFSET, length);
            boolean repaired = input[at] < 0;
            at += 2 + length;
            if (!view.parse(packet, OFFSET, length)) {
                continue;
            }
            if (repaired) {
                repair(packet);
            }
            in.add(Arrays.copyOfRange(packet, OFFSET, OFFSET + view.totalLength()));
            if (!coalescer.add(packet, OFFSET, view)) {
                cut(coalescer, target, out);
                coalescer.begin(packet, OFFSET, view, true, true);
            }
        }
        cut(coalescer, target, out);
        assertEquals(in.size(), out.size());
        for (int i = 0; i < in.size(); i++) {
            forgetIdentification(in.get(i));
            forgetIdentification(out.get(i));
            assertArrayEquals(in.get(i), out.get(i));
        }
    }

    /** RFC 6864 section 4.1: with DF it means nothing. Its part of the header's checksum goes too. */
    private static void forgetIdentification(byte[] packet) {
        if (packet[0] >>> 4 == 4 && (packet[6] & 0x40) != 0) {
            int checksum = Checksum.update(Bytes.u16(packet, 10), Bytes.u16(packet, 4), 0);
            Bytes.put16(packet, 10, checksum == 0xffff ? 0 : checksum);
            Bytes.put16(packet, 4, 0);
        }
    }

    private void repair(byte[] packet) {
        int ip = view.headerLength();
        if (!view.isInet6()) {
            Bytes.put16(packet, OFFSET + 10, 0);
            Bytes.put16(packet, OFFSET + 10, Checksum.of(packet, OFFSET, ip));
        }
        boolean tcp = view.protocol() == IpProtocol.TCP;
        int field = OFFSET + ip + (tcp ? 16 : 6);
        int covered = view.totalLength() - ip;
        if ((tcp || view.protocol() == IpProtocol.UDP) && field + 2 <= OFFSET + view.totalLength()) {
            Bytes.put16(packet, field, 0);
            long pseudo = Checksum.pseudoHeader(packet, OFFSET, view.protocol(), covered);
            int checksum = Checksum.finish(Checksum.sum(pseudo, packet, OFFSET + ip, covered));
            Bytes.put16(packet, field, checksum == 0 && !tcp ? 0xffff : checksum);
        }
    }

    private void cut(Coalescer coalescer, ByteBuffer target, List<byte[]> out) {
        int count = coalescer.count();
        int length = coalescer.finish(offload);
        byte[] packet = new byte[length];
        target.get(OFFSET, packet);
        if (!offload.isSegmented()) {
            assertTrue(count <= 1);
            if (count == 1) {
                out.add(packet);
            }
            return;
        }
        assertTrue(count > 1 && segmenter.begin(target, OFFSET, length, offload));
        byte[] piece = new byte[MAX_PACKET];
        int before = out.size();
        for (int size = segmenter.next(piece, 0); size > 0; size = segmenter.next(piece, 0)) {
            out.add(Arrays.copyOf(piece, size));
        }
        assertEquals(count, out.size() - before);
    }
}
