package org.ipsecif.ike.message;

import static org.ipsecif.ike.message.HexMessage.bytes;
import static org.ipsecif.ike.message.HexMessage.parse;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Header and payload chain, by bytes written by hand from RFC 7296 sections 3.1 and 3.2. */
class IkeMessageTest {
    private static final String SPIS = "0102030405060708 1112131415161718";

    private static byte[] information(String flags, String rest) {
        byte[] payloads = bytes(rest);
        return new OctetWriter()
                .octets(bytes(SPIS + "2b 20 25" + flags + "00000102"))
                .u32(28 + payloads.length)
                .octets(payloads)
                .toBytes();
    }

    /** INFORMATIONAL response 258 { V "ab", N(COOKIE) "xy" }. */
    private static final IkeMessage MESSAGE = new IkeMessage(
            new IkeHeader(HexMessage.SPI_I, HexMessage.SPI_R, ExchangeType.INFORMATIONAL, false, true, 258),
            new VendorIdPayload(Octets.ofHex("6162")),
            NotifyPayload.of(NotifyType.COOKIE, Octets.ofHex("7879")));

    private static final String PAYLOADS = "29 00 0006 6162  00 00 000a 00 00 4006 7879";

    @Test
    void fieldsStandWhereTheRfcSays() throws IkeException {
        byte[] bytes = information("20", PAYLOADS);
        assertEquals(MESSAGE, parse(bytes));
        assertArrayEquals(bytes, MESSAGE.encode());
    }

    @Test
    void messageMayStandAnywhereInAnArray() throws IkeException {
        byte[] bytes = MESSAGE.encode();
        byte[] larger = new byte[bytes.length + 9];
        Arrays.fill(larger, (byte) 0xff);
        System.arraycopy(bytes, 0, larger, 4, bytes.length);
        assertEquals(MESSAGE, IkeMessage.parse(larger, 4, bytes.length));
    }

    /** RFC 7296 sections 2.5 and 3.1: reserved bits, the V bit and the critical bit of known payloads are ignored. */
    @Test
    void reservedBitsAreIgnored() throws IkeException {
        assertEquals(MESSAGE, parse(information("f7", "29 ff 0006 6162  00 80 000a 00 00 4006 7879")));
    }

    @Test
    void exchangeThatNobodyKnowsIsKept() throws IkeException {
        byte[] bytes = information("20", PAYLOADS);
        bytes[18] = (byte) 200;
        bytes[17] = 0x2f;
        IkeHeader header = parse(bytes).header();
        assertEquals(200, header.exchange());
        assertEquals(15, header.minorVersion());
        assertArrayEquals(bytes, parse(bytes).encode());
    }

    @ParameterizedTest
    @CsvSource({"0x10, IKEv1", "0x30, IKEv3", "0x00, IKEv0"})
    void otherVersionIsRefusedByItsOwnKind(String version, String words) {
        byte[] bytes = MESSAGE.encode();
        bytes[17] = Integer.decode(version).byteValue();
        IkeException refused = assertThrows(IkeException.class, () -> parse(bytes));
        assertEquals(NotifyType.INVALID_MAJOR_VERSION, refused.kind());
        assertTrue(refused.getMessage().contains(words), refused.getMessage());
    }

    @Test
    void unknownPayloadIsSkippedAndKept() throws IkeException {
        byte[] bytes = information("20", "c8 00 0006 6162  29 00 0005 07  00 00 0008 00 00 4006");
        IkeMessage message = parse(bytes);
        assertEquals(
                new UnknownPayload(200, false, Octets.ofHex("07")),
                message.payloads().get(1));
        assertTrue(message.has(NotifyType.COOKIE));
        assertArrayEquals(bytes, message.encode());
    }

    @Test
    void unknownCriticalPayloadIsRefusedWithItsType() {
        byte[] bytes = information("20", "c8 00 0006 6162  00 80 0005 07");
        IkeException refused = assertThrows(IkeException.class, () -> parse(bytes));
        assertEquals(NotifyType.UNSUPPORTED_CRITICAL_PAYLOAD, refused.kind());
        assertEquals(Octets.ofHex("c8"), refused.data());
        assertEquals(new NotifyPayload(0, Octets.EMPTY, 1, Octets.ofHex("c8")), refused.notification());
    }

    @Test
    void everyTruncationIsRefused() {
        byte[] bytes = MESSAGE.encode();
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertKind(NotifyType.INVALID_SYNTAX, cut);
            if (length >= IkeHeader.LENGTH) {
                cut[27] = (byte) length; // the header agrees, the payloads do not
                if (length > IkeHeader.LENGTH) {
                    assertKind(NotifyType.INVALID_SYNTAX, cut);
                }
            }
        }
    }

    private static void assertKind(NotifyType kind, byte[] bytes) {
        IkeException refused = assertThrows(IkeException.class, () -> parse(bytes), "length " + bytes.length);
        assertEquals(kind, refused.kind());
        assertTrue(refused.getMessage().startsWith("malformed IKE message: "), refused.getMessage());
    }

    @Test
    void bytesBehindTheMessageAreRefused() {
        assertKind(NotifyType.INVALID_SYNTAX, Arrays.copyOf(MESSAGE.encode(), 50));
        assertKind(NotifyType.INVALID_SYNTAX, information("20", PAYLOADS + "00"));
        assertKind(NotifyType.INVALID_SYNTAX, HexMessage.init(0, new byte[4]));
    }

    @ParameterizedTest
    @CsvSource({"0", "3", "7", "ffff"})
    void payloadLengthThatIsNotItsOwnIsRefused(String length) {
        String field = "0000".substring(length.length()) + length;
        assertKind(NotifyType.INVALID_SYNTAX, information("20", PAYLOADS.replace("0006", field)));
    }

    @Test
    void nothingFollowsTheEncryptedPayload() {
        assertKind(NotifyType.INVALID_SYNTAX, HexMessage.init(46, bytes("29 00 0006 6162  00 00 0008 00 00 4006")));
    }

    @Test
    void messageWithoutPayloadsIsOne() throws IkeException {
        byte[] bytes = HexMessage.init(0, new byte[0]);
        assertEquals(List.of(), parse(bytes).payloads());
        assertArrayEquals(bytes, parse(bytes).encode());
    }

    @Test
    void absurdlyManyPayloadsAreRefused() throws IkeException {
        assertEquals(256, parse(HexMessage.init(43, vendorIds(256))).payloads().size());
        assertKind(NotifyType.INVALID_SYNTAX, HexMessage.init(43, vendorIds(257)));
    }

    private static byte[] vendorIds(int count) {
        OctetWriter out = new OctetWriter();
        for (int i = 1; i <= count; i++) {
            out.u8(i < count ? 43 : 0).u8(0).u16(4);
        }
        return out.toBytes();
    }

    @Test
    void whatDoesNotFitIsNotEncoded() {
        Octets large = Octets.of(new byte[40_000]);
        IkeMessage message = new IkeMessage(HexMessage.INIT, new VendorIdPayload(large), new VendorIdPayload(large));
        assertThrows(IllegalArgumentException.class, message::encode);
        IkeMessage longPayload = new IkeMessage(HexMessage.INIT, new VendorIdPayload(Octets.of(new byte[70_000])));
        assertThrows(IllegalArgumentException.class, longPayload::encode);
        IkeMessage badId = new IkeMessage(new IkeHeader(1, 2, ExchangeType.IKE_AUTH, true, false, 1L << 32), List.of());
        assertThrows(IllegalArgumentException.class, badId::encode);
    }

    @Test
    void replyIsOfTheOtherEnd() {
        IkeHeader reply = HexMessage.AUTH.reply();
        assertEquals(new IkeHeader(HexMessage.SPI_I, HexMessage.SPI_R, ExchangeType.IKE_AUTH, false, true, 1), reply);
        assertEquals(7, HexMessage.INIT.withResponderSpi(7).responderSpi());
    }

    @Test
    void payloadsAreFoundByKind() {
        IkeMessage message = new IkeMessage(
                HexMessage.AUTH,
                new IdentificationPayload(true, IdentificationType.ID_FQDN, Octets.ofHex("61")),
                new IdentificationPayload(false, IdentificationType.ID_FQDN, Octets.ofHex("62")),
                new TrafficSelectorPayload(false, List.of()),
                NotifyPayload.of(NotifyType.MOBIKE_SUPPORTED),
                NotifyPayload.of(NotifyType.TS_UNACCEPTABLE),
                new NotifyPayload(0, Octets.EMPTY, 8_191, Octets.EMPTY));
        assertEquals(
                Octets.ofHex("62"), message.identification(false).orElseThrow().data());
        assertTrue(message.trafficSelectors(true).isEmpty());
        assertEquals(3, message.all(NotifyPayload.class).size());
        assertTrue(message.error().orElseThrow().is(NotifyType.TS_UNACCEPTABLE));
        assertTrue(message.all(NotifyPayload.class).get(2).isError());
        assertFalse(message.has(NotifyType.COOKIE));
    }
}
