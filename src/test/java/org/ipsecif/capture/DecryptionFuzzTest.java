package org.ipsecif.capture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.sun.management.ThreadMXBean;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.ipsecif.crypto.EncryptionAlgorithm;
import org.ipsecif.crypto.IntegrityAlgorithm;
import org.ipsecif.crypto.KeyMaterial;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.SaParameters;
import org.ipsecif.wire.PacketView;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever is in a file, {@code ipsecifctl decrypt} reads it to its end or says in an {@link IOException} what is wrong, accounts
 * for every frame, and takes no more memory than its size allows. The kept inputs {@code ethernet.pcap} (by tcpdump) and
 * {@code short.pcapng} (a part of it, by editcap) are what two daemons with these SAs sent: pings, whole and in fragments.
 */
class DecryptionFuzzTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Of the buffers and ciphers that every run has. */
    private static final long FIXED_ALLOCATION = 4 << 20;

    /** A fragment of 52 bytes in the file can ask for the copies of a whole packet. */
    private static final long ALLOCATION_PER_BYTE = 2 * 65_535 / 52 + 100;

    private static final String KEY = "101112131415161718191a1b1c1d1e1f";
    private static final IpAddress A = IpAddress.parse("203.0.113.1");
    private static final IpAddress B = IpAddress.parse("203.0.113.2");
    private static final IpAddress A6 = IpAddress.parse("2001:db8:ff::1");
    private static final IpAddress B6 = IpAddress.parse("2001:db8:ff::2");

    private static SaParameters cbc(IpAddress source, IpAddress destination, int spi) {
        return new SaParameters(
                source,
                destination,
                spi,
                100,
                EncryptionAlgorithm.ENCR_AES_CBC,
                key(KEY),
                IntegrityAlgorithm.AUTH_HMAC_SHA1_96,
                key(KEY + "20212223"),
                128,
                false);
    }

    private static SaParameters gcm(IpAddress source, IpAddress destination, int spi) {
        return new SaParameters(
                source,
                destination,
                spi,
                101,
                EncryptionAlgorithm.ENCR_AES_GCM_16,
                key(KEY + "20212223"),
                IntegrityAlgorithm.NONE,
                KeyMaterial.none(),
                128,
                true);
    }

    private static KeyMaterial key(String hex) {
        return KeyMaterial.copyOf(HexFormat.of().parseHex(hex));
    }

    private static Decryption decryption() {
        List<SaParameters> associations =
                List.of(cbc(A, B, 0x1001), cbc(B, A, 0x1002), gcm(A6, B6, 0x1101), gcm(B6, A6, 0x1102));
        return new Decryption(associations, Map.of(0x1101, 0), Set.of(4500));
    }

    @ParameterizedTest
    @CsvSource({"ethernet.pcap, 10", "short.pcapng, 6"})
    void whatTheDaemonsSentIsDecrypted(String name, long expected) throws IOException {
        try (Decryption decryption = decryption();
                InputStream file = getClass().getResourceAsStream("DecryptionFuzzTestInputs/anyFile/" + name);
                PcapWriter writer = new PcapWriter(OutputStream.nullOutputStream())) {
            Decryption.Summary summary = decryption.run(new PcapReader(file), writer);
            assertEquals(expected, decrypted(summary));
            assertTrue(summary.isComplete());
        }
    }

    static Stream<byte[]> files() {
        return PcapReaderTest.FILES.stream().map(PcapReaderTest::bytes);
    }

    @MethodSource("files")
    @Timeout(10)
    @FuzzTest(maxDuration = "10m")
    void anyFile(byte[] file) throws IOException {
        long most = FIXED_ALLOCATION + ALLOCATION_PER_BYTE * file.length;
        long allocated = decrypt(file);
        if (allocated > most) {
            allocated = decrypt(file); // the first time, classes were loaded and instrumented
        }
        assertTrue(allocated <= most, allocated + " bytes");
    }

    /** @return bytes allocated on the way */
    private static long decrypt(byte[] file) throws IOException {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Decryption.Summary summary = null;
        long number = 0;
        try (Decryption decryption = decryption();
                PcapReader reader = new PcapReader(new ByteArrayInputStream(file));
                PcapWriter writer = new PcapWriter(out)) {
            summary = decryption.run(reader, writer);
            number = reader.number();
        } catch (IOException e) {
            assertTrue(e.getMessage().length() > 10, "an exception that says nothing");
        }
        long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
        if (summary != null) {
            assertAccountsFor(number, summary);
            assertEquals(decrypted(summary), packetsIn(out.toByteArray()));
        }
        return allocated;
    }

    private static void assertAccountsFor(long number, Decryption.Summary summary) {
        assertEquals(number, sum(summary.frames().values()));
        long failed = summary.associations().stream()
                .mapToLong(each -> sum(each.failures().values()))
                .sum();
        long dummies = summary.associations().stream()
                .mapToLong(Decryption.AssociationSummary::dummies)
                .sum();
        long unknown = summary.unknown().stream()
                .mapToLong(Decryption.UnknownSpi::packets)
                .sum();
        long esp = summary.frames().getOrDefault("esp", 0L);
        assertEquals(esp, decrypted(summary) + dummies + failed + unknown + summary.unlisted());
        assertEquals(
                summary.frames().getOrDefault("link_type_unsupported", 0L),
                sum(summary.unsupportedLinkTypes().values()));
        assertTrue(!summary.isComplete() || failed + unknown + summary.incomplete() == 0);
    }

    private static long decrypted(Decryption.Summary summary) {
        return summary.associations().stream()
                .mapToLong(Decryption.AssociationSummary::decrypted)
                .sum();
    }

    private static long sum(Collection<Long> counts) {
        return counts.stream().mapToLong(Long::longValue).sum();
    }

    /** What was written can be read, and is IP packets without a byte too many. */
    private static long packetsIn(byte[] file) throws IOException {
        PacketView view = new PacketView();
        PcapReader reader = new PcapReader(new ByteArrayInputStream(file));
        while (reader.next()) {
            assertTrue(view.parse(reader.data(), 0, reader.length()));
            assertEquals(reader.length(), view.totalLength());
        }
        return reader.number();
    }
}
