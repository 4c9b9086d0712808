package org.ipsecif.ike.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.ipsecif.sa.IpAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each payload beside its bytes, written by hand from the diagrams of RFC 7296 section 3 and RFC 7383 section 2.5. */
class PayloadTest {
    private static final Octets HASH = Octets.ofHex("00112233445566778899aabbccddeeff01234567");

    private static final Proposal HYBRID = new Proposal(
            1,
            ProtocolId.IKE,
            Octets.EMPTY,
            List.of(
                    Transform.of(EncryptionTransform.ENCR_AES_CBC, 256),
                    Transform.of(PrfTransform.PRF_HMAC_SHA2_256),
                    Transform.of(IntegrityTransform.AUTH_HMAC_SHA2_256_128),
                    Transform.of(KeyExchangeMethod.CURVE_25519),
                    Transform.of(TransformType.ADDKE1, KeyExchangeMethod.ML_KEM_768)));

    private static final Proposal ESP = new Proposal(
            2,
            ProtocolId.ESP,
            Octets.ofHex("c0ffee01"),
            List.of(Transform.of(EncryptionTransform.ENCR_CHACHA20_POLY1305), Transform.of(EsnTransform.NO_ESN)));

    static Stream<Arguments> payloads() {
        return Stream.of(
                Arguments.of(
                        33,
                        "02 00 0034 01 01 00 05  03 00 000c 01 00 000c 800e0100  03 00 0008 02 00 0005  03 00 0008 03 00 000c"
                                + "  03 00 0008 04 00 001f  00 00 0008 06 00 0024"
                                + "00 00 001c 02 03 04 02 c0ffee01  03 00 0008 01 00 001c  00 00 0008 05 00 0000",
                        new SaPayload(List.of(HYBRID, ESP))),
                Arguments.of(34, "001f 0000 aabb", new KeyExchangePayload(31, Octets.ofHex("aabb"))),
                Arguments.of(
                        35,
                        "02 000000 612e6578",
                        new IdentificationPayload(true, IdentificationType.ID_FQDN, Octets.ofHex("612e6578"))),
                Arguments.of(36, "0b 010203 07", new IdentificationPayload(false, 11, 0x010203, Octets.ofHex("07"))),
                Arguments.of(37, "04 3000", new CertificatePayload(4, Octets.ofHex("3000"))),
                Arguments.of(38, "04" + HASH + HASH, CertificateRequestPayload.x509(List.of(HASH, HASH))),
                Arguments.of(
                        39,
                        "0e 000000 0102",
                        new AuthenticationPayload(AuthenticationMethod.DIGITAL_SIGNATURE, Octets.ofHex("0102"))),
                Arguments.of(40, "0f".repeat(16), new NoncePayload(Octets.ofHex("0f".repeat(16)))),
                Arguments.of(
                        41,
                        "00 00 402f 0002 0003 0004",
                        NotifyPayload.of(NotifyType.SIGNATURE_HASH_ALGORITHMS, Octets.ofHex("000200030004"))),
                Arguments.of(41, "03 04 4009 c0ffee01", NotifyPayload.ofEsp(NotifyType.REKEY_SA, 0xc0ffee01)),
                Arguments.of(42, "01 00 0000", DeletePayload.ike()),
                Arguments.of(42, "03 04 0002 c0ffee01 00000100", DeletePayload.esp(0xc0ffee01, 0x100)),
                Arguments.of(42, "09 02 0001 abcd", new DeletePayload(9, 2, List.of(Octets.ofHex("abcd")))),
                Arguments.of(43, "6162", new VendorIdPayload(Octets.ofHex("6162"))),
                Arguments.of(
                        44,
                        "03 000000 07 06 0010 01bb 01bb 0a000000 0a0000ff"
                                + " 08 00 0028 0000 ffff 20010db8000000000000000000000000 20010db8ffffffffffffffffffffffff"
                                + " 0a 00 0007 616263",
                        new TrafficSelectorPayload(
                                true,
                                List.of(
                                        new AddressRange(
                                                6,
                                                443,
                                                443,
                                                IpAddress.parse("10.0.0.0"),
                                                IpAddress.parse("10.0.0.255")),
                                        AddressRange.of(
                                                IpAddress.parse("2001:db8::"),
                                                IpAddress.parse("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff")),
                                        new UnknownTrafficSelector(10, 0, Octets.ofHex("616263"))))),
                Arguments.of(45, "00 000000", new TrafficSelectorPayload(false, List.of())),
                Arguments.of(46, "aabbcc", new EncryptedPayload(0, Octets.ofHex("aabbcc"))),
                Arguments.of(
                        47,
                        "01 000000 0001 0000  0003 0004 0a000001",
                        new ConfigurationPayload(
                                ConfigurationType.CFG_REQUEST,
                                List.of(
                                        new ConfigurationPayload.Attribute(
                                                ConfigurationAttributeType.INTERNAL_IP4_ADDRESS, Octets.EMPTY),
                                        new ConfigurationPayload.Attribute(3, Octets.ofHex("0a000001"))))),
                Arguments.of(48, "01 05 0006 01 61", new EapPayload(1, 5, Octets.ofHex("0161"))),
                Arguments.of(48, "03 05 0004", new EapPayload(3, 5, Octets.EMPTY)),
                Arguments.of(53, "0002 0003 aabb", new EncryptedFragmentPayload(0, 2, 3, Octets.ofHex("aabb"))),
                Arguments.of(200, "0102", new UnknownPayload(200, false, Octets.ofHex("0102"))));
    }

    @ParameterizedTest
    @MethodSource("payloads")
    void bytesAreThePayload(int type, String body, Payload payload) throws IkeException {
        assertEquals(payload, HexMessage.payload(type, body));
        assertEquals(Octets.of(HexMessage.bytes(body)), payload.body());
        assertEquals(type, payload.payloadType());
    }

    @Test
    void reservedFieldsAreIgnored() throws IkeException {
        assertEquals(
                new SaPayload(List.of(ESP)),
                HexMessage.payload(
                        33, "00 ff 001c 02 03 04 02 c0ffee01  03 ff 0008 01 ff 001c  00 ff 0008 05 ff 0000"));
        assertEquals(HexMessage.payload(34, "001f 0000 aa"), HexMessage.payload(34, "001f ffff aa"));
        assertEquals(HexMessage.payload(39, "02 000000 aa"), HexMessage.payload(39, "02 ffffff aa"));
        assertEquals(HexMessage.payload(44, "00 000000"), HexMessage.payload(44, "00 ffffff"));
        assertEquals(HexMessage.payload(47, "01 000000 0001 0000"), HexMessage.payload(47, "01 ffffff 8001 0000"));
    }

    @Test
    void attributesThatNobodyKnowsAreKept() throws IkeException {
        String body = "00 00 001e 01 03 00 01  00 00 0016 01 00 000c 800e0080 800f0001 0010 0002 abcd";
        SaPayload sa = (SaPayload) HexMessage.payload(33, body);
        Transform transform = sa.proposals().get(0).transforms().get(0);
        assertEquals(OptionalInt.of(128), transform.keyLength());
        assertTrue(transform.hasUnknownAttributes());
        assertEquals("AES_CBC_128?", transform.text());
        assertEquals(Octets.of(HexMessage.bytes(body)), sa.body());
        assertFalse(Transform.of(EncryptionTransform.ENCR_AES_CBC, 128).hasUnknownAttributes());
        assertFalse(Transform.of(KeyExchangeMethod.ECP_256).hasUnknownAttributes());
    }

    /** RFC 7296 section 3.3.5: Key Length is of the fixed form; another says nothing that is understood. */
    @Test
    void keyLengthInTheLongFormIsNone() throws IkeException {
        SaPayload sa =
                (SaPayload) HexMessage.payload(33, "00 00 0016 01 03 00 01  00 00 000e 01 00 000c 000e 0002 0080");
        Transform transform = sa.proposals().get(0).transforms().get(0);
        assertEquals(OptionalInt.empty(), transform.keyLength());
        assertTrue(transform.hasUnknownAttributes());
    }

    @Test
    void transformsAreFoundByType() {
        assertEquals(List.of(Transform.of(KeyExchangeMethod.CURVE_25519)), HYBRID.transforms(TransformType.KE));
        assertTrue(HYBRID.transforms().get(3).is(KeyExchangeMethod.CURVE_25519));
        assertFalse(HYBRID.transforms().get(4).is(KeyExchangeMethod.ML_KEM_768)); // of type ADDKE1, not KE
        assertTrue(HYBRID.is(ProtocolId.IKE));
    }

    @Test
    void certificateAuthoritiesAreTold() {
        CertificateRequestPayload request = CertificateRequestPayload.x509(List.of(HASH, HASH));
        assertEquals(List.of(HASH, HASH), request.keyHashes());
    }

    /** Proposal 1: chosen as RFC 7296 section 2.8.1 says, byte by byte without sign. */
    @Test
    void octetsAreOrderedUnsigned() {
        assertTrue(Octets.ofHex("7f").compareTo(Octets.ofHex("80")) < 0);
        assertTrue(Octets.ofHex("80").compareTo(Octets.ofHex("8000")) < 0);
        assertEquals(0, Octets.ofHex("80ff").compareTo(Octets.of((byte) 0x80, (byte) 0xff)));
    }

    @Test
    void octetsAreNobodyElses() {
        byte[] given = {1, 2, 3};
        Octets octets = Octets.of(given);
        given[0] = 9;
        octets.toBytes()[1] = 9;
        assertEquals("010203", octets.toString());
        assertEquals(1, octets.at(0));
    }

    @Test
    void whatCouldBeGuessedFromIsNotPrinted() {
        Octets data = Octets.ofHex("0badc0de0badc0de");
        IkeMessage message = new IkeMessage(
                HexMessage.AUTH,
                new AuthenticationPayload(AuthenticationMethod.SHARED_KEY_MIC, data),
                new EapPayload(2, 1, data));
        assertFalse(message.toString().contains("0badc0de"), message.toString());
        assertFalse(MessageText.of(message).contains("0badc0de"));
    }

    @Test
    void rangeIsOfOneFamily() {
        assertThrows(
                IllegalArgumentException.class,
                () -> AddressRange.of(IpAddress.parse("10.0.0.0"), IpAddress.parse("2001:db8::")));
    }

    @Test
    void emptyRangesSelectNothing() {
        IpAddress low = IpAddress.parse("10.0.0.1");
        IpAddress high = IpAddress.parse("10.0.0.2");
        assertFalse(AddressRange.of(low, high).isEmpty());
        assertTrue(AddressRange.of(high, low).isEmpty());
        assertTrue(new AddressRange(6, 2, 1, low, high).isEmpty());
        assertFalse(new AddressRange(6, 65_535, 0, low, high).isEmpty());
    }
}
