package org.ipsecif.esp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.ipsecif.crypto.EncryptionAlgorithm;
import org.ipsecif.crypto.IntegrityAlgorithm;
import org.ipsecif.crypto.KeyMaterial;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.SaParameters;
import org.ipsecif.sa.SecurityAssociation;
import org.ipsecif.sa.Verdict;
import org.ipsecif.wire.Bytes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What we send is taken apart here with the JDK's primitives alone, and what we take apart is put together with them. */
class EspTest {
    private static final int SPI = 0x2001;
    private static final int MAX = 70_000;

    record Suite(EncryptionAlgorithm encryption, int keyBytes, IntegrityAlgorithm integrity, boolean esn) {
        Suite(EncryptionAlgorithm encryption, int keyBytes, IntegrityAlgorithm integrity) {
            this(encryption, keyBytes, integrity, false);
        }

        Suite withEsn() {
            return new Suite(encryption, keyBytes, integrity, true);
        }
    }

    static Stream<Suite> suites() {
        return Stream.of(
                new Suite(EncryptionAlgorithm.ENCR_AES_CBC, 16, IntegrityAlgorithm.AUTH_HMAC_SHA2_256_128),
                new Suite(EncryptionAlgorithm.ENCR_AES_CBC, 24, IntegrityAlgorithm.AUTH_HMAC_SHA2_256_128),
                new Suite(EncryptionAlgorithm.ENCR_AES_CBC, 32, IntegrityAlgorithm.AUTH_HMAC_SHA1_96),
                new Suite(EncryptionAlgorithm.ENCR_NULL, 0, IntegrityAlgorithm.AUTH_HMAC_SHA2_256_128),
                new Suite(EncryptionAlgorithm.ENCR_AES_GCM_16, 20, IntegrityAlgorithm.NONE),
                new Suite(EncryptionAlgorithm.ENCR_AES_GCM_16, 36, IntegrityAlgorithm.NONE));
    }

    /** Every algorithm, with and without extended sequence numbers. */
    static Stream<Suite> allSuites() {
        Stream<Suite> ciphers = Stream.of(EncryptionAlgorithm.values())
                .filter(each -> !each.isAead())
                .flatMap(each -> each.keyMaterialBits().stream()
                        .map(bits -> new Suite(each, bits / 8, IntegrityAlgorithm.AUTH_HMAC_SHA2_256_128)));
        Stream<Suite> aeads = Stream.of(EncryptionAlgorithm.values())
                .filter(EncryptionAlgorithm::isAead)
                .flatMap(each -> each.keyMaterialBits().stream()
                        .map(bits -> new Suite(each, bits / 8, IntegrityAlgorithm.NONE)));
        Stream<Suite> macs = Stream.of(IntegrityAlgorithm.values())
                .filter(each -> each != IntegrityAlgorithm.NONE)
                .map(each -> new Suite(EncryptionAlgorithm.ENCR_AES_CBC, 16, each));
        return Stream.of(ciphers, aeads, macs).flatMap(all -> all).flatMap(each -> Stream.of(each, each.withEsn()));
    }

    private static byte[] counting(int length, int from) {
        byte[] bytes = new byte[length];
        IntStream.range(0, length).forEach(i -> bytes[i] = (byte) (from + i));
        return bytes;
    }

    private static byte[] encryptionKey(Suite suite) {
        return counting(suite.keyBytes(), 0x10);
    }

    private static byte[] integrityKey(Suite suite) {
        return counting(suite.integrity().keyBits() / 8, 0x80);
    }

    private static SecurityAssociation association(Suite suite, int window) {
        return new SecurityAssociation(
                new SaParameters(
                        IpAddress.parse("192.0.2.1"),
                        IpAddress.parse("192.0.2.2"),
                        SPI,
                        100,
                        suite.encryption(),
                        KeyMaterial.copyOf(encryptionKey(suite)),
                        suite.integrity(),
                        KeyMaterial.copyOf(integrityKey(suite)),
                        suite.esn() ? 64 : window,
                        suite.esn()),
                0);
    }

    /** An IPv4 packet of {@code length} bytes, 20 or more. */
    private static byte[] inner(int length) {
        byte[] packet = counting(length, 1);
        packet[0] = 0x45;
        Bytes.put16(packet, 2, length);
        packet[9] = 17;
        return packet;
    }

    private static byte[] encapsulate(SecurityAssociation sa, byte[] inner) {
        byte[] buffer = new byte[EspEncapsulator.HEADROOM + inner.length + EspEncapsulator.TAILROOM];
        System.arraycopy(inner, 0, buffer, EspEncapsulator.HEADROOM, inner.length);
        int length = EspEncapsulator.encapsulate(
                sa, sa.nextSequence(), buffer, EspEncapsulator.HEADROOM, inner.length, inner[0] >>> 4 == 6 ? 41 : 4);
        assertEquals(EspEncapsulator.espLength(sa, inner.length), length);
        int offset = EspEncapsulator.espOffset(sa, EspEncapsulator.HEADROOM);
        return Arrays.copyOfRange(buffer, offset, offset + length);
    }

    /** RFC 4303 with the JDK alone: IV and text of an ESP packet to plaintext, the ICV verified. */
    private static byte[] referenceOpen(Suite suite, byte[] esp) throws Exception {
        int iv = suite.encryption().ivLength();
        if (suite.encryption() == EncryptionAlgorithm.ENCR_AES_GCM_16) {
            byte[] key = encryptionKey(suite);
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            byte[] nonce = new byte[12];
            System.arraycopy(key, key.length - 4, nonce, 0, 4);
            System.arraycopy(esp, 8, nonce, 4, 8);
            cipher.init(
                    Cipher.DECRYPT_MODE,
                    new SecretKeySpec(key, 0, key.length - 4, "AES"),
                    new GCMParameterSpec(128, nonce));
            cipher.updateAAD(esp, 0, 8);
            return cipher.doFinal(esp, 16, esp.length - 16);
        }
        int icv = suite.integrity().icvLength();
        String name = icv == 12 ? "HmacSHA1" : "HmacSHA256";
        Mac mac = Mac.getInstance(name);
        mac.init(new SecretKeySpec(integrityKey(suite), name));
        mac.update(esp, 0, esp.length - icv);
        assertArrayEquals(
                Arrays.copyOf(mac.doFinal(), icv), Arrays.copyOfRange(esp, esp.length - icv, esp.length), "ICV");
        if (iv == 0) {
            return Arrays.copyOfRange(esp, 8, esp.length - icv);
        }
        Cipher cipher = Cipher.getInstance("AES/CBC/NoPadding");
        cipher.init(
                Cipher.DECRYPT_MODE, new SecretKeySpec(encryptionKey(suite), "AES"), new IvParameterSpec(esp, 8, iv));
        return cipher.doFinal(esp, 8 + iv, esp.length - 8 - iv - icv);
    }

    /** Any text, padding and trailer included, as an ESP packet, by the JDK alone. */
    private static byte[] referenceSeal(Suite suite, int sequence, byte[] text) throws Exception {
        int iv = suite.encryption().ivLength();
        int icv = suite.integrity().icvLength();
        byte[] esp = new byte[8 + iv + text.length + icv];
        Bytes.put32(esp, 0, SPI);
        Bytes.put32(esp, 4, sequence);
        byte[] ivBytes = counting(iv, 0x33);
        System.arraycopy(ivBytes, 0, esp, 8, iv);
        byte[] sealed = text;
        if (iv > 0) {
            Cipher cipher = Cipher.getInstance("AES/CBC/NoPadding");
            cipher.init(
                    Cipher.ENCRYPT_MODE, new SecretKeySpec(encryptionKey(suite), "AES"), new IvParameterSpec(ivBytes));
            sealed = cipher.doFinal(text);
        }
        System.arraycopy(sealed, 0, esp, 8 + iv, sealed.length);
        String name = icv == 12 ? "HmacSHA1" : "HmacSHA256";
        Mac mac = Mac.getInstance(name);
        mac.init(new SecretKeySpec(integrityKey(suite), name));
        mac.update(esp, 0, esp.length - icv);
        System.arraycopy(mac.doFinal(), 0, esp, esp.length - icv, icv);
        return esp;
    }

    @ParameterizedTest
    @MethodSource("suites")
    void sendsWhatTheReferenceReads(Suite suite) throws Exception {
        SecurityAssociation sa = association(suite, 0);
        for (int length : new int[] {20, 21, 22, 23, 30, 48, 576, 1400, 9000}) {
            byte[] inner = inner(length);
            byte[] esp = encapsulate(sa, inner);
            assertEquals(SPI, Bytes.i32(esp, 0));
            assertEquals(sa.sequence(), Bytes.u32(esp, 4));
            byte[] text = referenceOpen(suite, esp);
            int pad = text[text.length - 2] & 0xff;
            assertArrayEquals(inner, Arrays.copyOf(text, length));
            assertEquals(text.length, length + pad + 2);
            assertArrayEquals(counting(pad, 1), Arrays.copyOfRange(text, length, length + pad));
            assertEquals(4, text[text.length - 1]);
            assertEquals(0, text.length % Math.max(4, suite.encryption().blockLength()));
        }
    }

    @ParameterizedTest
    @MethodSource("allSuites")
    void deliversWhatItSentAtEverySize(Suite suite) {
        SecurityAssociation sender = association(suite, 0);
        SecurityAssociation receiver = association(suite, 64);
        EspDecapsulator decapsulator = new EspDecapsulator(MAX);
        for (int length = 20; length < 200; length++) {
            byte[] inner = inner(length);
            byte[] esp = encapsulate(sender, inner);
            assertEquals(Verdict.DELIVERED, decapsulator.decapsulate(receiver, esp, 0, esp.length));
            int at = decapsulator.innerOffset();
            assertEquals(length, decapsulator.inner().totalLength());
            assertArrayEquals(inner, Arrays.copyOfRange(decapsulator.innerBuffer(), at, at + length));
        }
    }

    @ParameterizedTest
    @MethodSource("allSuites")
    void everyFlippedBitIsABadIcvOrAReplayAndTheOriginalStillPasses(Suite suite) {
        SecurityAssociation receiver = association(suite, 64);
        EspDecapsulator decapsulator = new EspDecapsulator(MAX);
        byte[] esp = encapsulate(association(suite, 0), inner(40));
        for (int bit = 32; bit < esp.length * 8; bit++) { // the SPI chose the SA
            byte[] damaged = esp.clone();
            damaged[bit / 8] ^= (byte) (1 << (bit % 8));
            Verdict verdict = decapsulator.decapsulate(receiver, damaged, 0, damaged.length);
            // Number 0 is never sent; with ESN, the last numbers below 2^32 would lie before the first packet.
            long sequence = Bytes.u32(damaged, 4);
            boolean impossible = sequence == 0 || (suite.esn() && sequence > (1L << 32) - 64);
            Verdict expected = impossible ? Verdict.INBOUND_REPLAYED : Verdict.INBOUND_BAD_ICV;
            assertEquals(expected, verdict, "bit " + bit);
        }
        assertEquals(Verdict.DELIVERED, decapsulator.decapsulate(receiver, esp, 0, esp.length));
        assertEquals(Verdict.INBOUND_REPLAYED, decapsulator.decapsulate(receiver, esp, 0, esp.length));
    }

    @ParameterizedTest
    @MethodSource("allSuites")
    void everyTruncationIsRefused(Suite suite) {
        SecurityAssociation receiver = association(suite, 64);
        EspDecapsulator decapsulator = new EspDecapsulator(MAX);
        byte[] esp = encapsulate(association(suite, 0), inner(64));
        for (int length = 8; length < esp.length; length++) {
            Verdict verdict = decapsulator.decapsulate(receiver, Arrays.copyOf(esp, length), 0, length);
            int text = length - 8 - receiver.aead().ivLength() - receiver.aead().icvLength();
            boolean blocks = text >= receiver.aead().blockLength()
                    && text % receiver.aead().blockLength() == 0;
            assertEquals(blocks ? Verdict.INBOUND_BAD_ICV : Verdict.INBOUND_TRUNCATED, verdict, "length " + length);
        }
        assertEquals(0, receiver.replayWindow().highest());
    }

    @Test
    void namesWhatIsWrongInsideAnAuthenticPacket() throws Exception {
        Suite suite = new Suite(EncryptionAlgorithm.ENCR_AES_CBC, 16, IntegrityAlgorithm.AUTH_HMAC_SHA1_96);
        Object[][] table = {
            {"padding longer than the text", text(inner(20), 0, 255, 4), Verdict.INBOUND_BAD_PADDING},
            {"padding that does not count", zeroPadded(inner(20)), Verdict.INBOUND_BAD_PADDING},
            {"dummy", text(inner(20), 10, 10, 59), Verdict.INBOUND_DUMMY},
            {"TCP inside", text(inner(20), 10, 10, 6), Verdict.INBOUND_BAD_NEXT_HEADER},
            {"IPv4 said to be IPv6", text(inner(20), 10, 10, 41), Verdict.INBOUND_NOT_IP},
            {"inner packet longer than the text", longer(inner(20)), Verdict.INBOUND_NOT_IP},
            {"all well", text(inner(20), 10, 10, 4), Verdict.DELIVERED},
            {"TFC padding after the inner packet", text(Arrays.copyOf(inner(20), 46), 0, 0, 4), Verdict.DELIVERED},
        };
        int sequence = 1;
        SecurityAssociation receiver = association(suite, 64);
        EspDecapsulator decapsulator = new EspDecapsulator(MAX);
        for (Object[] row : table) {
            byte[] esp = referenceSeal(suite, sequence++, (byte[]) row[1]);
            assertEquals(row[2], decapsulator.decapsulate(receiver, esp, 0, esp.length), (String) row[0]);
        }
    }

    private static byte[] text(byte[] inner, int padding, int padLength, int nextHeader) {
        byte[] text = new byte[(inner.length + padding + 2 + 15) / 16 * 16];
        System.arraycopy(inner, 0, text, 0, inner.length);
        System.arraycopy(counting(padding, 1), 0, text, inner.length, padding);
        text[text.length - 2] = (byte) padLength;
        text[text.length - 1] = (byte) nextHeader;
        return text;
    }

    private static byte[] zeroPadded(byte[] inner) {
        byte[] text = text(inner, 10, 10, 4);
        Arrays.fill(text, inner.length, inner.length + 10, (byte) 0);
        return text;
    }

    private static byte[] longer(byte[] inner) {
        byte[] text = text(inner, 10, 10, 4);
        Bytes.put16(text, 2, 40);
        return text;
    }

    @Test
    void ivsNeverRepeatAndDoNotCount() {
        Suite suite = suites().findFirst().orElseThrow();
        SecurityAssociation sa = association(suite, 0);
        Set<String> ivs = new HashSet<>();
        int zeros = 0;
        for (int i = 0; i < 10_000; i++) {
            byte[] esp = encapsulate(sa, inner(20));
            ivs.add(HexFormat.of().formatHex(esp, 8, 24));
            zeros += Long.bitCount(~Bytes.i64(esp, 16));
        }
        assertEquals(10_000, ivs.size());
        assertEquals(0.5, zeros / 640_000.0, 0.01);
    }

    @Test
    void twoSasOfOneKeyHaveDifferentIvs() {
        Suite suite = suites().findFirst().orElseThrow();
        byte[] first = encapsulate(association(suite, 0), inner(20));
        byte[] second = encapsulate(association(suite, 0), inner(20));
        assertNotEquals(HexFormat.of().formatHex(first), HexFormat.of().formatHex(second));
    }

    @Test
    void randomBytesAreRefusedAndChangeNothing() {
        Random random = new Random(2);
        for (Suite suite : allSuites().toList()) {
            SecurityAssociation receiver = association(suite, 64);
            EspDecapsulator decapsulator = new EspDecapsulator(MAX);
            for (int i = 0; i < 5_000; i++) {
                byte[] garbage = new byte[8 + random.nextInt(300)];
                random.nextBytes(garbage);
                assertNotEquals(Verdict.DELIVERED, decapsulator.decapsulate(receiver, garbage, 0, garbage.length));
            }
            assertEquals(0, receiver.replayWindow().highest());
        }
    }

    @ParameterizedTest
    @MethodSource("allSuites")
    void sequenceNumbersCrossTheirLowHalf(Suite suite) {
        SecurityAssociation sender = association(suite, 64);
        SecurityAssociation receiver = association(suite, 64);
        EspDecapsulator decapsulator = new EspDecapsulator(MAX);
        long first = (1L << 32) - 100;
        sender.skipTo(first - 1);
        byte[] late = null;
        for (long sequence = first; sequence < first + 200; sequence++) {
            if (sequence == 1L << 32 && !suite.esn()) {
                assertEquals(SecurityAssociation.EXHAUSTED, sender.nextSequence());
                assertEquals(true, sender.isExhausted());
                return;
            }
            byte[] esp = encapsulate(sender, inner(20));
            assertEquals((int) sequence, Bytes.i32(esp, 4));
            if (sequence == (1L << 32) - 10) {
                late = esp;
                continue;
            }
            if (suite.esn() && sequence == first) {
                receiver.replayWindow().advance(first - 1);
            }
            assertEquals(
                    Verdict.DELIVERED, decapsulator.decapsulate(receiver, esp, 0, esp.length), "number " + sequence);
            if (sequence == (1L << 32) + 20) {
                assertEquals(Verdict.DELIVERED, decapsulator.decapsulate(receiver, late, 0, late.length));
                assertEquals(Verdict.INBOUND_REPLAYED, decapsulator.decapsulate(receiver, late, 0, late.length));
            }
        }
        assertEquals(first + 199, receiver.replayWindow().highest());
    }
}
