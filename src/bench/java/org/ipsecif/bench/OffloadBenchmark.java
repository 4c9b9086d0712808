package org.ipsecif.bench;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.ipsecif.wire.Checksum;
import org.ipsecif.wire.Coalescer;
import org.ipsecif.wire.InnerPacket;
import org.ipsecif.wire.Offload;
import org.ipsecif.wire.PacketView;
import org.ipsecif.wire.Segmenter;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What stands for a packet of nearly 64 KiB and the segments of 1,398 bytes that it is cut into and joined from; for one segment. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class OffloadBenchmark {
    /** Bytes of a segment, an IP packet. */
    static final int SEGMENT = 1_398;

    private static final int SEGMENTS = 46;
    private static final int START = 16;

    /** IPv6 or IPv4. */
    @Param({"false", "true"})
    public boolean inet6;

    private final Offload offload = new Offload();
    private final Offload joined = new Offload();
    private final Segmenter segmenter = new Segmenter();
    private final Coalescer coalescer = new Coalescer(ByteBuffer.allocateDirect(START + 65_535), START);
    private final ByteBuffer whole = ByteBuffer.allocateDirect(65_535);
    private final byte[] segment = new byte[SEGMENT];
    private final byte[][] segments = new byte[SEGMENTS][];
    private final PacketView[] views = new PacketView[SEGMENTS];
    private int wholeLength;

    @Setup
    public void setUp() {
        int headers = InnerPacket.tcp(inet6).ipLength() + 20;
        int payload = SEGMENT - headers;
        InnerPacket packet = InnerPacket.tcp(inet6).payload(SEGMENTS * payload);
        byte[] bytes = packet.partial();
        wholeLength = bytes.length;
        whole.put(0, bytes);
        packet.describe(offload, payload);
        List<byte[]> cut = packet.cut(payload);
        for (int i = 0; i < SEGMENTS; i++) {
            segments[i] = cut.get(i);
            views[i] = new PacketView();
            if (!views[i].parse(segments[i], 0, SEGMENT)) {
                throw new IllegalStateException("segment " + i);
            }
        }
    }

    @Benchmark
    public long checksum() {
        return Checksum.sum(0, segments[0], 0, SEGMENT);
    }

    @Benchmark
    @OperationsPerInvocation(SEGMENTS)
    public int cut() {
        int count = 0;
        boolean fits = segmenter.begin(whole, 0, wholeLength, offload);
        while (fits && segmenter.next(segment, 0) > 0) {
            count++;
        }
        return all(count);
    }

    @Benchmark
    @OperationsPerInvocation(SEGMENTS)
    public int join() {
        coalescer.begin(segments[0], 0, views[0], true, true);
        int count = 1;
        while (count < SEGMENTS && coalescer.add(segments[count], 0, views[count])) {
            count++;
        }
        coalescer.finish(joined);
        return all(count);
    }

    /** Less would be a measurement of something else. */
    private static int all(int count) {
        if (count != SEGMENTS) {
            throw new IllegalStateException(count + " segments");
        }
        return count;
    }
}
