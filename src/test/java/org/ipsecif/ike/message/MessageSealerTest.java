package org.ipsecif.ike.message;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** RFC 7296 section 3.14 and RFC 7383 section 2.5: where the parts of protected messages stand, and how long fragments are. */
class MessageSealerTest {
    private static final IkeMessage MESSAGE =
            new IkeMessage(HexMessage.AUTH, new VendorIdPayload(Octets.of(new byte[996])));
    private static final String SPIS = "0102030405060708 1112131415161718";

    private final PlainProtection protection = new PlainProtection();
    private final MessageSealer sealer = new MessageSealer(protection);

    @Test
    void encryptedPayloadStandsWhereTheRfcSays() {
        IkeMessage message = new IkeMessage(
                HexMessage.AUTH, new VendorIdPayload(Octets.ofHex("6162")), NotifyPayload.of(NotifyType.COOKIE));
        byte[] sealed = sealer.seal(message);
        String beforeIcv = SPIS + "2e 20 23 08 00000001 00000044" + "2b 00 0028" + "0000000000000001"
                + "29 00 0006 6162  00 00 0008 00 00 4006  00 01";
        byte[] expected = HexMessage.bytes(beforeIcv);
        assertEquals(expected.length + PlainProtection.ICV, sealed.length);
        assertEquals(Octets.of(expected), Octets.of(sealed, 0, expected.length));
    }

    /** RFC 9242 section 3.3.2: no IV, no padding, no ICV, and lengths that count none of them. */
    @Test
    void intermediateOctetsAreOfTheTextAlone() throws IkeException {
        IkeMessage message = new IkeMessage(HexMessage.AUTH, new VendorIdPayload(Octets.ofHex("6162")));
        byte[] expected = HexMessage.bytes(SPIS + "2e 20 23 08 00000001 00000026" + "2b 00 000a" + "00 00 0006 6162");
        assertArrayEquals(expected, message.intermediateOctets());
        byte[] sealed = sealer.seal(message);
        OpenedMessage opened = OpenedMessage.open(HexMessage.parse(sealed), sealed, 0, sealed.length, protection);
        assertArrayEquals(expected, opened.intermediateOctets());
    }

    /** What is authenticated is what came: reserved bits too, which an encoding again would clear. */
    @Test
    void intermediateOctetsAreThoseThatCame() throws IkeException {
        byte[] inner = HexMessage.bytes("00 7f 0006 6162");
        byte[] before = HexMessage.bytes(SPIS + "2e 20 2b 18 00000001 0000004c" + "2b 01 0030" + "");
        before[27] = (byte) (32 + protection.sealedLength(inner.length));
        before[31] = (byte) (4 + protection.sealedLength(inner.length));
        byte[] sealed = new OctetWriter()
                .octets(before)
                .octets(protection.seal(before, inner))
                .toBytes();
        OpenedMessage opened = OpenedMessage.open(HexMessage.parse(sealed), sealed, 0, sealed.length, protection);
        assertEquals(
                new VendorIdPayload(Octets.ofHex("6162")),
                opened.message().payloads().get(0));
        assertArrayEquals(
                HexMessage.bytes(SPIS + "2e 20 2b 18 00000001 00000026" + "2b 01 000a" + "00 7f 0006 6162"),
                opened.intermediateOctets());
    }

    @Test
    void messageThatFitsIsNotCut() {
        int length = sealer.seal(MESSAGE).length;
        assertEquals(1, sealer.seal(MESSAGE, length).size());
        List<byte[]> cut = sealer.seal(MESSAGE, length - 1);
        assertEquals(2, cut.size());
        assertEquals(PayloadType.SKF.number(), cut.get(0)[16]);
    }

    @Test
    void fragmentsAreAsLongAsAllowedAndNoLonger() throws IkeException {
        for (int max = 90; max < 1_060; max++) {
            List<byte[]> fragments = sealer.seal(MESSAGE, max);
            for (int i = 0; i < fragments.size(); i++) {
                byte[] fragment = fragments.get(i);
                assertTrue(fragment.length <= max, fragment.length + " of " + max);
                assertTrue(i == fragments.size() - 1 || fragment.length > max - 16, fragment.length + " of " + max);
                if (fragments.size() > 1) {
                    EncryptedFragmentPayload skf = HexMessage.parse(fragment)
                            .first(EncryptedFragmentPayload.class)
                            .orElseThrow();
                    assertEquals(i + 1, skf.number());
                    assertEquals(fragments.size(), skf.total());
                    assertEquals(i == 0 ? PayloadType.VENDOR_ID.number() : 0, skf.nextPayload());
                }
            }
        }
    }

    @Test
    void sizeWithoutRoomForTextIsRefused() {
        int least = 28 + 4 + 4 + PlainProtection.IV + 16 + PlainProtection.ICV;
        assertThrows(IllegalArgumentException.class, () -> sealer.seal(MESSAGE, least - 1));
        assertEquals(67, sealer.seal(MESSAGE, least).size());
    }

    @Test
    void messageTooLongForOneIsCutAllTheSame() {
        Octets large = Octets.of(new byte[40_000]);
        IkeMessage message = new IkeMessage(HexMessage.AUTH, new VendorIdPayload(large), new VendorIdPayload(large));
        assertThrows(IllegalArgumentException.class, () -> sealer.seal(message));
        assertEquals(2, sealer.seal(message, Integer.MAX_VALUE).size());
    }

    @Test
    void nothingInsideIsNothingInside() throws IkeException {
        byte[] sealed = sealer.seal(new IkeMessage(HexMessage.AUTH));
        OpenedMessage opened = OpenedMessage.open(HexMessage.parse(sealed), sealed, 0, sealed.length, protection);
        assertEquals(new IkeMessage(HexMessage.AUTH), opened.message());
    }

    @Test
    void encryptedPayloadInsideAnotherIsRefused() throws IkeException {
        IkeMessage nested = new IkeMessage(HexMessage.AUTH, new EncryptedPayload(43, Octets.ofHex("00")));
        byte[] sealed = sealer.seal(nested);
        IkeMessage outer = HexMessage.parse(sealed);
        IkeException refused =
                assertThrows(IkeException.class, () -> OpenedMessage.open(outer, sealed, 0, sealed.length, protection));
        assertTrue(refused.getMessage().contains("holds another encrypted payload"), refused.getMessage());
    }

    @Test
    void everyBitIsAuthenticated() throws IkeException {
        byte[] sealed = sealer.seal(new IkeMessage(HexMessage.AUTH, NotifyPayload.of(NotifyType.COOKIE)));
        IkeMessage outer = HexMessage.parse(sealed);
        Octets data = outer.first(EncryptedPayload.class).orElseThrow().data();
        for (int bit = 0; bit < sealed.length * 8; bit++) {
            byte[] altered = sealed.clone();
            altered[bit / 8] ^= (byte) (1 << bit % 8);
            EncryptedPayload claimed =
                    new EncryptedPayload(41, Octets.of(altered, altered.length - data.length(), data.length()));
            IkeMessage message = new IkeMessage(outer.header(), claimed);
            assertNull(OpenedMessage.open(message, altered, 0, altered.length, protection), "bit " + bit);
        }
    }
}
