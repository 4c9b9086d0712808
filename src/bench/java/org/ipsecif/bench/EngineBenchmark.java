package org.ipsecif.bench;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.Security;
import java.util.concurrent.TimeUnit;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.ipsecif.bare.Bare;
import org.ipsecif.bare.BareAead;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The JDK's engines against Bouncy Castle's, by the same calls of JCE, where both have the algorithm. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class EngineBenchmark {
    /** Bytes of text: an inner packet of 1,400 bytes, padded. */
    private static final int TEXT = 1408;

    private static final int TEXT_AT = Bare.ESP_HEADER + 8;

    /** Who does it. */
    public enum Engine {
        JDK(Security.getProvider("SunJCE")),
        BOUNCY_CASTLE(new BouncyCastleProvider());

        private final Provider provider;

        Engine(Provider provider) {
            this.provider = provider;
        }
    }

    /** What both have. */
    public enum Algorithm {
        AES_128_GCM("AES/GCM/NoPadding", 16),
        CHACHA20_POLY1305("ChaCha20-Poly1305", 32),
        AES_128_CBC("AES/CBC/NoPadding", 16),
        AES_128_CTR("AES/CTR/NoPadding", 16),
        TRIPLE_DES_CBC("DESede/CBC/NoPadding", 24),
        HMAC_SHA1("HmacSHA1", 20),
        HMAC_SHA2_256("HmacSHA256", 32),
        HMAC_SHA2_384("HmacSHA384", 48),
        HMAC_SHA2_512("HmacSHA512", 64);

        private final String jceName;
        private final byte[] key;

        Algorithm(String jceName, int keyBytes) {
            this.jceName = jceName;
            this.key = new byte[keyBytes];
            for (int i = 0; i < keyBytes; i++) {
                key[i] = (byte) i;
            }
        }

        private SecretKeySpec keySpec() {
            return new SecretKeySpec(key, jceName.split("/")[0]);
        }
    }

    /** The work on one packet. */
    private interface Work {
        void run(byte[] packet, long sequence) throws GeneralSecurityException;
    }

    @Param
    public Algorithm algorithm;

    @Param
    public Engine engine;

    private final byte[] packet = new byte[TEXT_AT + TEXT + 64];
    private Work work;
    private long sequence;

    @Setup
    public void setUp() throws GeneralSecurityException {
        work = switch (algorithm) {
            case AES_128_GCM, CHACHA20_POLY1305 -> {
                Bare aead = new BareAead(algorithm.jceName, engine.provider, algorithm.key, 4, 16);
                yield (bytes, number) -> aead.seal(bytes, 0, TEXT, number);
            }
            case AES_128_CBC, AES_128_CTR, TRIPLE_DES_CBC -> cipher();
            default -> mac();
        };
    }

    private Work mac() throws GeneralSecurityException {
        Mac mac = Mac.getInstance(algorithm.jceName, engine.provider);
        mac.init(algorithm.keySpec());
        return (bytes, number) -> {
            mac.update(bytes, TEXT_AT, TEXT);
            mac.doFinal(bytes, TEXT_AT + TEXT);
        };
    }

    private Work cipher() throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(algorithm.jceName, engine.provider);
        SecretKeySpec key = algorithm.keySpec();
        ByteBuffer iv = ByteBuffer.allocate(cipher.getBlockSize());
        return (bytes, number) -> {
            IvParameterSpec parameters =
                    new IvParameterSpec(iv.putLong(0, number).array());
            cipher.init(Cipher.ENCRYPT_MODE, key, parameters);
            cipher.doFinal(bytes, TEXT_AT, TEXT, bytes, TEXT_AT);
        };
    }

    @Benchmark
    public byte[] engine() throws GeneralSecurityException {
        work.run(packet, ++sequence);
        return packet;
    }
}
