package org.ipsecif.platform.freebsd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Buffers of bpf(4), made by hand. */
class BpfBatchTest {
    private static final byte[] PACKET = WirePackets.hex("0a0b0c0d0e0f 01020304050607");

    private static BpfBatch batch(byte[]... records) {
        byte[] all = WirePackets.join(records);
        BpfBatch batch = new BpfBatch(
                ByteBuffer.wrap(Arrays.copyOf(all, all.length + 100)).order(ByteOrder.nativeOrder()));
        batch.begin(all.length);
        return batch;
    }

    private static List<String> packets(BpfBatch batch) {
        List<String> found = new ArrayList<>();
        while (batch.advance()) {
            found.add(batch.at() + "+" + batch.length() + (batch.isCut() ? " cut" : ""));
        }
        assertFalse(batch.advance());
        return found;
    }

    /** 26 + 13 = 39, so that the second begins at 40. */
    @Test
    void recordsBeginAtMultiplesOfEight() {
        byte[] one = WirePackets.record(PACKET);
        assertEquals(40, one.length);
        assertEquals(List.of("26+13", "66+13", "106+13"), packets(batch(one, one, one)));
    }

    /** struct bpf_hdr: struct timeval of 16, caplen, datalen, hdrlen. */
    @Test
    void recordIsThis() {
        String record = "00f15365 00000000 0500000000000000 04000000 09000000 1a00" + "0a0b0c0d" + "0000";
        assertEquals(List.of("26+4 cut"), packets(batch(WirePackets.hex(record))));
    }

    /** Bytes that align the last one need not be there (sys/net/bpf.c, catchpacket). */
    @Test
    void lastRecordMayLackItsPadding() {
        byte[] one = WirePackets.record(PACKET);
        assertEquals(List.of("26+13", "66+13"), packets(batch(one, Arrays.copyOf(one, 39))));
    }

    @Test
    void headersMayBeLonger() {
        assertEquals(
                List.of("28+13", "80+13"),
                packets(batch(WirePackets.record(PACKET, 13, 28), WirePackets.record(PACKET, 13, 32))));
    }

    @Test
    void whatIsCutOffEndsTheBatch() {
        byte[] one = WirePackets.record(PACKET);
        for (int length = 0; length < 39; length++) {
            assertEquals(List.of("26+13"), packets(batch(one, Arrays.copyOf(one, length))), "length " + length);
        }
    }

    @Test
    void emptyPacketIsOne() {
        assertEquals(
                List.of("26+0 cut", "58+13"),
                packets(batch(WirePackets.record(PACKET, 0, 26), WirePackets.record(PACKET))));
    }

    @Test
    void lengthsThatAreLiesEndTheBatch() {
        for (int caplen : new int[] {14, 15, 1_000, Integer.MAX_VALUE, -1, Integer.MIN_VALUE}) {
            byte[] liar = WirePackets.record(PACKET);
            ByteBuffer.wrap(liar).order(ByteOrder.nativeOrder()).putInt(16, caplen);
            List<String> expected = caplen == 14 ? List.of("26+14 cut") : List.of();
            assertEquals(expected, packets(batch(liar)), "caplen " + caplen);
        }
        for (int hdrlen : new int[] {0, 1, 25, 28, 0x7fff, 0xffff}) {
            byte[] liar = WirePackets.record(PACKET);
            ByteBuffer.wrap(liar).order(ByteOrder.nativeOrder()).putShort(24, (short) hdrlen);
            assertEquals(List.of(), packets(batch(liar)), "hdrlen " + hdrlen);
        }
    }

    @Test
    void noiseNeverLeadsOutside() {
        Random random = new Random(7);
        for (int round = 0; round < 20_000; round++) {
            byte[] noise = new byte[random.nextInt(200)];
            random.nextBytes(noise);
            for (int at = 16; at + 10 <= noise.length; at += 8) { // small numbers lead further
                noise[at + 1] = 0;
                noise[at + 2] = 0;
                noise[at + 3] = 0;
                noise[at + 9] = 0;
            }
            BpfBatch batch = new BpfBatch(ByteBuffer.wrap(noise).order(ByteOrder.nativeOrder()));
            batch.begin(noise.length);
            int last = 0;
            while (batch.advance()) {
                assertTrue(batch.at() >= last && batch.length() >= 0);
                last = batch.at() + batch.length();
                assertTrue(last <= noise.length);
            }
        }
    }
}
