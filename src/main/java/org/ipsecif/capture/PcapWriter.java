package org.ipsecif.capture;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/** Writes a pcap file of bare IP packets (LINKTYPE_RAW) with timestamps in nanoseconds. */
final class PcapWriter implements AutoCloseable {
    private static final int PCAP_NANOSECONDS = 0xa1b23c4d;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final OutputStream out;

    PcapWriter(OutputStream out) throws IOException {
        this.out = new BufferedOutputStream(out, 1 << 16);
        this.out.write(ByteBuffer.allocate(24)
                .putInt(PCAP_NANOSECONDS)
                .putShort((short) 2)
                .putShort((short) 4)
                .putLong(0)
                .putInt(PcapReader.MAX_PACKET)
                .putInt(LinkLayer.RAW)
                .array());
    }

    void write(long timestampNanos, byte[] packet, int offset, int length) throws IOException {
        out.write(ByteBuffer.allocate(16)
                .putInt((int) (timestampNanos / NANOS_PER_SECOND))
                .putInt((int) (timestampNanos % NANOS_PER_SECOND))
                .putInt(length)
                .putInt(length)
                .array());
        out.write(packet, offset, length);
    }

    void flush() throws IOException {
        out.flush();
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
