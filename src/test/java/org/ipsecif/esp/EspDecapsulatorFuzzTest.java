package org.ipsecif.esp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.ipsecif.crypto.EncryptionAlgorithm;
import org.ipsecif.crypto.IntegrityAlgorithm;
import org.ipsecif.crypto.KeyMaterial;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.SaParameters;
import org.ipsecif.sa.SecurityAssociation;
import org.ipsecif.sa.Verdict;
import org.ipsecif.wire.Bytes;
import org.ipsecif.wire.PacketView;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever bytes come, as they are or sealed by somebody who has the key: a {@link Verdict}, the right one, and no trace of a
 * packet that is not authentic. The first byte of an input chooses the algorithm.
 */
class EspDecapsulatorFuzzTest {
    private static final IpAddress SOURCE = IpAddress.parse("192.0.2.1");
    private static final IpAddress DESTINATION = IpAddress.parse("192.0.2.2");
    private static final int SPI = 0x2001;
    private static final int WINDOW = 64;
    private static final int HEAD = 8;

    /** In an input of {@link #anyText}, where the text begins. */
    private static final int TEXT = 7;

    /** Bytes of an input. */
    private static final int MAX = 4_096;

    /** Of an input's first byte: the window stands just before 2^32. */
    private static final int LATE = 0x80;

    private static final Set<Verdict> NOT_AUTHENTIC =
            EnumSet.of(Verdict.INBOUND_TRUNCATED, Verdict.INBOUND_REPLAYED, Verdict.INBOUND_BAD_ICV);

    private record Suite(EncryptionAlgorithm encryption, IntegrityAlgorithm integrity, boolean esn) {
        SecurityAssociation association() {
            return new SecurityAssociation(
                    new SaParameters(
                            SOURCE,
                            DESTINATION,
                            SPI,
                            100,
                            encryption,
                            key(encryption.keyMaterialBits().get(0)),
                            integrity,
                            key(integrity.keyBits()),
                            WINDOW,
                            esn),
                    0);
        }

        private static KeyMaterial key(int bits) {
            byte[] bytes = new byte[bits / 8];
            IntStream.range(0, bytes.length).forEach(i -> bytes[i] = (byte) (0x10 + i));
            return KeyMaterial.copyOf(bytes);
        }
    }

    /** Every encryption algorithm, every integrity algorithm, both kinds of sequence number. */
    private static final List<Suite> SUITES = suites();

    private final EspDecapsulator decapsulator = new EspDecapsulator(MAX + 200);

    private static List<Suite> suites() {
        Stream<Suite> ciphers = Stream.of(EncryptionAlgorithm.values())
                .map(each -> new Suite(
                        each, each.isAead() ? IntegrityAlgorithm.NONE : IntegrityAlgorithm.AUTH_HMAC_SHA1_96, false));
        Stream<Suite> macs = Stream.of(IntegrityAlgorithm.values())
                .filter(each -> each != IntegrityAlgorithm.NONE)
                .map(each -> new Suite(EncryptionAlgorithm.ENCR_NULL, each, false));
        return Stream.concat(ciphers, macs)
                .flatMap(each -> Stream.of(each, new Suite(each.encryption(), each.integrity(), true)))
                .toList();
    }

    private static Suite suite(byte[] input) {
        return SUITES.get((Bytes.u8(input, 0) & ~LATE) % SUITES.size());
    }

    /** One genuine packet of every suite. */
    static Stream<byte[]> packets() {
        return IntStream.range(0, SUITES.size()).mapToObj(i -> {
            SecurityAssociation sa = SUITES.get(i).association();
            int text = sa.aead().blockLength() * 6;
            byte[] esp = seal(sa, 1, inner(text - EspEncapsulator.TRAILER, 4), text);
            byte[] input = new byte[1 + esp.length];
            input[0] = (byte) i;
            System.arraycopy(esp, 0, input, 1, esp.length);
            return input;
        });
    }

    /** Input: suite, then the ESP packet. */
    @MethodSource("packets")
    @FuzzTest(maxDuration = "10m")
    void anyPacket(byte[] input) {
        if (input.length < 1 + HEAD || input.length > MAX) {
            return;
        }
        byte[] packet = Arrays.copyOfRange(input, 1, input.length);
        try (SecurityAssociation sa = suite(input).association()) {
            Verdict first = decapsulate(sa, packet, packet.length);
            Verdict second = decapsulate(sa, packet, packet.length);
            assertEquals(NOT_AUTHENTIC.contains(first) ? first : Verdict.INBOUND_REPLAYED, second);
        }
    }

    /** Texts of all that the decapsulator tells apart: suite, flipped bit, sequence number, text with trailer. */
    static Stream<byte[]> texts() {
        byte[] dummy = text(inner(30, 0), 0, 59);
        byte[] mismatch = text(inner(40, 6), 6, 4);
        byte[] longer = text(inner(40, 4), 6, 4);
        Bytes.put16(longer, 2, 41);
        byte[] uncounted = text(inner(40, 4), 6, 4);
        uncounted[41] = 0;
        return Stream.of(
                        text(inner(40, 4), 6, 4),
                        text(inner(62, 4), 0, 4),
                        text(inner(48, 6), 14, 41),
                        text(inner(40, 4), 6, 6),
                        text(new byte[0], 14, 4),
                        text(new byte[0], 255, 4),
                        dummy,
                        mismatch,
                        longer,
                        uncounted)
                .flatMap(text -> IntStream.range(0, SUITES.size())
                        .filter(i -> i % 7 == text.length % 7)
                        .mapToObj(i -> {
                            byte[] input = new byte[TEXT + text.length];
                            input[0] = (byte) ((i & 2) == 0 ? i : i | LATE);
                            Bytes.put16(input, 1, 17 * i);
                            Bytes.put32(input, 3, 5 * i - 50);
                            System.arraycopy(text, 0, input, TEXT, text.length);
                            return input;
                        }));
    }

    /** Input: suite and {@link #LATE}, the bit that is flipped on the way (2 bytes), sequence number (4), text with trailer; zeros if cut. */
    @MethodSource("texts")
    @FuzzTest(maxDuration = "10m")
    void anyText(byte[] given) {
        byte[] input = Arrays.copyOf(given, Math.min(MAX, Math.max(TEXT, given.length)));
        try (SecurityAssociation sa = suite(input).association()) {
            int block = sa.aead().blockLength();
            int length = Math.max(1, (input.length - TEXT) / block) * block;
            byte[] text = Arrays.copyOfRange(input, TEXT, TEXT + length);
            if ((input[0] & LATE) != 0) {
                sa.replayWindow().advance((1L << 32) - 40);
            }
            long sequence = Math.max(1, sa.received(Bytes.i32(input, 3)));
            byte[] packet = seal(sa, sequence, text, length);
            byte[] damaged = packet.clone();
            int bit = Bytes.u16(input, 1) % (packet.length * 8);
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            assertTrue(NOT_AUTHENTIC.contains(decapsulate(sa, damaged, damaged.length)), "bit " + bit);

            boolean fresh = sa.replayWindow().check(sequence);
            Verdict verdict = decapsulate(sa, packet, packet.length);
            assertEquals(fresh ? expected(text) : Verdict.INBOUND_REPLAYED, verdict);
            if (verdict == Verdict.DELIVERED) {
                assertDelivers(text);
            }
            assertEquals(Verdict.INBOUND_REPLAYED, decapsulate(sa, packet, packet.length));
        }
    }

    /** Decapsulates; the packet stays as it was, and a packet that is not authentic leaves the window as it was. */
    private Verdict decapsulate(SecurityAssociation sa, byte[] packet, int length) {
        byte[] shifted = new byte[3 + length + 5];
        System.arraycopy(packet, 0, shifted, 3, length);
        byte[] before = shifted.clone();
        long sequence = sa.received(Bytes.i32(packet, 4));
        long highest = sa.replayWindow().highest();
        boolean fresh = sequence >= 0 && sa.replayWindow().check(sequence);
        Verdict verdict = decapsulator.decapsulate(sa, shifted, 3, length);
        assertArrayEquals(before, shifted);
        if (NOT_AUTHENTIC.contains(verdict)) {
            assertEquals(highest, sa.replayWindow().highest());
            assertEquals(fresh, sequence >= 0 && sa.replayWindow().check(sequence));
        } else {
            assertTrue(fresh);
            assertEquals(Math.max(highest, sequence), sa.replayWindow().highest());
            assertFalse(sa.replayWindow().check(sequence));
        }
        return verdict;
    }

    /** RFC 4303 sections 2.4 to 2.6 and 3.4.4, said anew. */
    private static Verdict expected(byte[] text) {
        int padLength = Bytes.u8(text, text.length - 2);
        int nextHeader = Bytes.u8(text, text.length - 1);
        int innerLength = text.length - 2 - padLength;
        if (innerLength < 0 || !IntStream.range(0, padLength).allMatch(i -> text[innerLength + i] == (byte) (i + 1))) {
            return Verdict.INBOUND_BAD_PADDING;
        }
        return switch (nextHeader) {
            case 59 -> Verdict.INBOUND_DUMMY;
            case 4 -> isInet(text, innerLength) ? Verdict.DELIVERED : Verdict.INBOUND_NOT_IP;
            case 41 -> isInet6(text, innerLength) ? Verdict.DELIVERED : Verdict.INBOUND_NOT_IP;
            default -> Verdict.INBOUND_BAD_NEXT_HEADER;
        };
    }

    private static boolean isInet(byte[] text, int length) {
        return length >= 20
                && text[0] >> 4 == 4
                && (text[0] & 0xf) >= 5
                && (text[0] & 0xf) * 4 <= Bytes.u16(text, 2)
                && Bytes.u16(text, 2) <= length
                && (Bytes.u16(text, 6) & 0x1fff) * 8 + Bytes.u16(text, 2) <= 0xffff;
    }

    private static boolean isInet6(byte[] text, int length) {
        return length >= 40 && text[0] >> 4 == 6 && 40 + Bytes.u16(text, 4) <= length;
    }

    private void assertDelivers(byte[] text) {
        int length = decapsulator.inner().totalLength();
        int at = decapsulator.innerOffset();
        byte[] inner = Arrays.copyOfRange(decapsulator.innerBuffer(), at, at + length);
        assertArrayEquals(Arrays.copyOf(text, length), inner);
        PacketView again = new PacketView();
        assertTrue(again.parse(inner, 0, length));
        assertEquals(length, again.totalLength());
        assertEquals(decapsulator.inner().protocol(), again.protocol());
        assertEquals(decapsulator.inner().sourcePort(), again.sourcePort());
    }

    private static byte[] seal(SecurityAssociation sa, long sequence, byte[] text, int length) {
        int iv = sa.aead().ivLength();
        byte[] packet = new byte[HEAD + iv + length + sa.aead().icvLength()];
        Bytes.put32(packet, 0, SPI);
        Bytes.put32(packet, 4, (int) sequence);
        System.arraycopy(text, 0, packet, HEAD + iv, Math.min(text.length, length));
        sa.aead().seal(packet, 0, length, sequence);
        return packet;
    }

    /** An IP packet of {@code length} bytes; version 0 for none. */
    private static byte[] inner(int length, int version) {
        byte[] packet = new byte[length];
        if (length > 0) {
            packet[0] = (byte) (version << 4 | 5);
        }
        if (version == 4) {
            Bytes.put16(packet, 2, length);
            packet[9] = 17;
        } else if (version == 6) {
            Bytes.put16(packet, 4, length - 40);
            packet[6] = 17;
        }
        return packet;
    }

    private static byte[] text(byte[] inner, int padLength, int nextHeader) {
        byte[] text = Arrays.copyOf(inner, Math.max(16, inner.length + Math.min(padLength, 64) + 2));
        IntStream.range(inner.length, text.length).forEach(i -> text[i] = (byte) (i - inner.length + 1));
        text[text.length - 2] = (byte) padLength;
        text[text.length - 1] = (byte) nextHeader;
        return text;
    }
}
