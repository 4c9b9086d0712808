package org.ipsecif.bench;

import java.security.GeneralSecurityException;
import java.util.concurrent.TimeUnit;
import org.ipsecif.bare.Bare;
import org.ipsecif.bare.Ring;
import org.ipsecif.bare.Suite;
import org.ipsecif.crypto.Aead;
import org.ipsecif.sa.SecurityAssociation;
import org.ipsecif.wire.Bytes;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The text and ICV of one packet inbound: a ring of sealed packets, opened again and again. No replay window here. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(Ring.SIZE)
public class OpenBenchmark {
    @Param
    public Suite suite;

    /** Of the inner packet. */
    @Param({"64", "512", "1400"})
    public int bytes;

    private Aead aead;
    private Bare bare;
    private Ring ring;
    private byte[] plain;
    private int textLength;

    @Setup
    public void setUp() throws GeneralSecurityException {
        SecurityAssociation sa = suite.association();
        aead = sa.aead();
        bare = suite.bare();
        ring = new Ring(sa, bytes);
        plain = new byte[Aead.MAX_IV + ring.espLength()];
        textLength = ring.espLength() - Aead.ESP_HEADER - aead.ivLength() - aead.icvLength();
    }

    @Benchmark
    public byte[] bareOpen() throws GeneralSecurityException {
        for (byte[] packet : ring.packets()) {
            bare.open(packet, ring.offset(), textLength, plain, Aead.MAX_IV);
        }
        return plain;
    }

    @Benchmark
    public byte[] open() {
        for (byte[] packet : ring.packets()) {
            long sequence = Bytes.u32(packet, ring.offset() + 4);
            if (!aead.open(packet, ring.offset(), textLength, plain, Aead.MAX_IV, sequence)) {
                throw new IllegalStateException("wrong ICV");
            }
        }
        return plain;
    }
}
