package org.ipsecif.bench;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import org.ipsecif.bare.Ring;
import org.ipsecif.bare.Suite;
import org.ipsecif.esp.EspDecapsulator;
import org.ipsecif.sa.SecurityAssociation;
import org.ipsecif.sa.Verdict;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * One packet inbound, replay window and all. The window must be given new sequence numbers: between two measured passes over the
 * ring the sending SA seals it anew, so that one receiving SA takes in an unbroken stream, as in a daemon. What decapsulation alone
 * costs is therefore counted here, not by JMH's profilers.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(Ring.SIZE)
public class DecapsulateBenchmark {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @Param
    public Suite suite;

    /** Of the inner packet. */
    @Param({"64", "512", "1400"})
    public int bytes;

    /** What decapsulation took, and of how many packets. */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.EVENTS)
    public static class Cost {
        public long allocatedBytes;
        public long cpuNanos;
        public long packets;
    }

    private SecurityAssociation receiver;
    private EspDecapsulator decapsulator;
    private Ring ring;
    private long bytesBefore;
    private long nanosBefore;

    @Setup
    public void setUp() {
        receiver = suite.association();
        ring = new Ring(suite.association(), bytes);
        decapsulator = new EspDecapsulator(ring.espLength());
    }

    @Setup(Level.Invocation)
    public void seal() {
        ring.seal();
        bytesBefore = THREADS.getCurrentThreadAllocatedBytes();
        nanosBefore = THREADS.getCurrentThreadCpuTime();
    }

    @TearDown(Level.Invocation)
    public void account(Cost cost) {
        cost.cpuNanos += THREADS.getCurrentThreadCpuTime() - nanosBefore;
        cost.allocatedBytes += THREADS.getCurrentThreadAllocatedBytes() - bytesBefore;
        cost.packets += Ring.SIZE;
    }

    @Benchmark
    public EspDecapsulator decapsulate() {
        for (byte[] packet : ring.packets()) {
            Verdict verdict = decapsulator.decapsulate(receiver, packet, ring.offset(), ring.espLength());
            if (verdict != Verdict.DELIVERED) {
                throw new IllegalStateException(verdict.name());
            }
        }
        return decapsulator;
    }
}
