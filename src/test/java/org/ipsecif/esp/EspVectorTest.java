package org.ipsecif.esp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.Stream;
import org.ipsecif.crypto.Aead;
import org.ipsecif.crypto.EncryptionAlgorithm;
import org.ipsecif.crypto.IntegrityAlgorithm;
import org.ipsecif.crypto.KeyMaterial;
import org.ipsecif.crypto.VectorFile;
import org.ipsecif.crypto.VectorFile.Vector;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.SaParameters;
import org.ipsecif.sa.SecurityAssociation;
import org.ipsecif.sa.Verdict;
import org.ipsecif.wire.Bytes;
import org.ipsecif.wire.IpProtocol;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Complete ESP packets of the McGrew draft and of RFC 7634, through an SA. All but the latter say that ICMP is inside
 * (next header 1), which is not tunnel mode: they come as far as the last check. The draft's three sequence numbers of
 * 2^63 and more no SA reaches; {@code PacketVectorTest} has them. Nor can what we send be the same to the byte, as our
 * IVs are sequence numbers: there, {@code PacketVectorTest} compares the cipher, and this class what goes into it.
 */
class EspVectorTest {
    private static final int WINDOW = 64;
    private static final int MAX = 2_000;

    static Stream<Vector> vectors() {
        return VectorFile.read("esp-packets.txt").filter(vector -> sequence(vector) > 0);
    }

    private static long sequence(Vector vector) {
        return Long.parseUnsignedLong(vector.text("seq"), 16);
    }

    @Test
    void allButThreeAreThere() {
        assertEquals(18 - 3, vectors().count());
    }

    private static SecurityAssociation association(Vector vector) {
        byte[] key = vector.bytes("key");
        byte[] material = Arrays.copyOf(key, key.length + 4);
        System.arraycopy(vector.bytes("nonce"), 0, material, key.length, 4);
        return new SecurityAssociation(
                new SaParameters(
                        IpAddress.parse("192.0.2.1"),
                        IpAddress.parse("192.0.2.2"),
                        Bytes.i32(vector.bytes("packet"), 0),
                        100,
                        EncryptionAlgorithm.valueOf(vector.text("algorithm")),
                        KeyMaterial.copyOf(material),
                        IntegrityAlgorithm.NONE,
                        KeyMaterial.none(),
                        WINDOW,
                        vector.text("seq").length() == 16),
                0);
    }

    /** One that has seen the packet before the vector's. */
    private static SecurityAssociation receiver(Vector vector) {
        SecurityAssociation sa = association(vector);
        sa.replayWindow().advance(sequence(vector) - 1);
        return sa;
    }

    private static int nextHeader(byte[] text) {
        return text[text.length - 1];
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void decapsulatesThePublishedPacket(Vector vector) {
        byte[] packet = vector.bytes("packet");
        byte[] text = vector.bytes("plaintext");
        SecurityAssociation sa = receiver(vector);
        EspDecapsulator decapsulator = new EspDecapsulator(MAX);
        packet[packet.length - 1] ^= 1;
        assertEquals(Verdict.INBOUND_BAD_ICV, decapsulator.decapsulate(sa, packet, 0, packet.length));
        packet[packet.length - 1] ^= 1;
        Verdict expected = nextHeader(text) == IpProtocol.IPV4 ? Verdict.DELIVERED : Verdict.INBOUND_BAD_NEXT_HEADER;
        assertEquals(expected, decapsulator.decapsulate(sa, packet, 0, packet.length));
        int at = decapsulator.innerOffset();
        assertArrayEquals(text, Arrays.copyOfRange(decapsulator.innerBuffer(), at, at + text.length));
        assertEquals(sequence(vector), sa.replayWindow().highest());
        assertEquals(Verdict.INBOUND_REPLAYED, decapsulator.decapsulate(sa, packet, 0, packet.length));
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void encapsulatesTheSameTextUnderTheSameHeader(Vector vector) {
        byte[] text = vector.bytes("plaintext");
        int innerLength = text.length - EspEncapsulator.TRAILER - text[text.length - EspEncapsulator.TRAILER];
        byte[] buffer = new byte[EspEncapsulator.HEADROOM + text.length + EspEncapsulator.TAILROOM];
        System.arraycopy(text, 0, buffer, EspEncapsulator.HEADROOM, innerLength);
        SecurityAssociation sa = association(vector);
        sa.skipTo(sequence(vector) - 1);
        int length = EspEncapsulator.encapsulate(
                sa, sa.nextSequence(), buffer, EspEncapsulator.HEADROOM, innerLength, nextHeader(text));
        byte[] published = vector.bytes("packet");
        int offset = EspEncapsulator.espOffset(sa, EspEncapsulator.HEADROOM);
        assertEquals(published.length, length);
        assertEquals(Bytes.i64(published, 0), Bytes.i64(buffer, offset));
        assertEquals(sequence(vector), Bytes.i64(buffer, offset + Aead.ESP_HEADER));
        byte[] plain = new byte[length];
        assertTrue(association(vector).aead().open(buffer, offset, text.length, plain, 0, sequence(vector)));
        assertArrayEquals(text, Arrays.copyOf(plain, text.length));
    }

    /** RFC 7634 appendix A: a ping from 198.51.100.5 to 192.0.2.5. */
    @Test
    void deliversTheInnerPacketOfRfc7634() {
        Vector vector = vectors()
                .filter(each -> each.toString().startsWith("RFC 7634"))
                .findFirst()
                .orElseThrow();
        byte[] packet = vector.bytes("packet");
        EspDecapsulator decapsulator = new EspDecapsulator(MAX);
        assertEquals(Verdict.DELIVERED, decapsulator.decapsulate(receiver(vector), packet, 0, packet.length));
        assertEquals(84, decapsulator.inner().totalLength());
        assertEquals(IpAddress.parse("198.51.100.5").low(), decapsulator.inner().sourceLow());
        assertEquals(IpAddress.parse("192.0.2.5").low(), decapsulator.inner().destinationLow());
    }
}
