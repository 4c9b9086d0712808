package org.ipsecif.bench;

import java.security.GeneralSecurityException;
import java.util.concurrent.TimeUnit;
import org.ipsecif.bare.Bare;
import org.ipsecif.bare.Suite;
import org.ipsecif.esp.EspEncapsulator;
import org.ipsecif.sa.SecurityAssociation;
import org.ipsecif.wire.IpProtocol;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * One packet outbound. All three encrypt the same number of bytes, in place in the same array, over and over: the time does not
 * depend on what the bytes are, and no copy of a fresh packet blurs the ratio.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SealBenchmark {
    @Param
    public Suite suite;

    /** Of the inner packet. */
    @Param({"64", "512", "1400"})
    public int bytes;

    private SecurityAssociation sa;
    private Bare bare;
    private byte[] buffer;
    private int offset;
    private int textLength;
    private long sequence;

    @Setup
    public void setUp() throws GeneralSecurityException {
        sa = suite.association();
        bare = suite.bare();
        buffer = new byte[EspEncapsulator.HEADROOM + bytes + EspEncapsulator.TAILROOM];
        offset = EspEncapsulator.espOffset(sa, EspEncapsulator.HEADROOM);
        textLength = EspEncapsulator.espLength(sa, bytes)
                - (EspEncapsulator.HEADROOM - offset)
                - sa.aead().icvLength();
    }

    @Benchmark
    public byte[] bareSeal() throws GeneralSecurityException {
        bare.seal(buffer, offset, textLength, ++sequence);
        return buffer;
    }

    @Benchmark
    public byte[] seal() {
        sa.aead().seal(buffer, offset, textLength, ++sequence);
        return buffer;
    }

    @Benchmark
    public int encapsulate() {
        return EspEncapsulator.encapsulate(
                sa, sa.nextSequence(), buffer, EspEncapsulator.HEADROOM, bytes, IpProtocol.IPV4);
    }
}
