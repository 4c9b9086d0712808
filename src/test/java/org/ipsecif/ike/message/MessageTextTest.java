package org.ipsecif.ike.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.ipsecif.sa.IpAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Messages as traces show them. */
class MessageTextTest {
    private static Octets text(String text) {
        return Octets.of(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void requestIsTold() {
        IkeMessage message = new IkeMessage(
                HexMessage.INIT,
                new SaPayload(List.of(new Proposal(
                        1,
                        ProtocolId.IKE,
                        Octets.EMPTY,
                        List.of(
                                Transform.of(EncryptionTransform.ENCR_AES_GCM_16, 256),
                                Transform.of(PrfTransform.PRF_HMAC_SHA2_384),
                                Transform.of(KeyExchangeMethod.ECP_384),
                                Transform.of(TransformType.ADDKE1, KeyExchangeMethod.ML_KEM_1024),
                                new Transform(13, 7, List.of()))))),
                new KeyExchangePayload(20, Octets.of(new byte[96])),
                new NoncePayload(Octets.of(new byte[32])),
                NotifyPayload.of(NotifyType.SIGNATURE_HASH_ALGORITHMS, Octets.ofHex("000200050063")),
                NotifyPayload.of(NotifyType.COOKIE, Octets.of(new byte[8])),
                new NotifyPayload(0, Octets.EMPTY, 40_000, Octets.EMPTY),
                new VendorIdPayload(text("strongSwan")),
                new VendorIdPayload(Octets.ofHex("00ff")),
                new UnknownPayload(200, false, Octets.ofHex("00")));
        assertEquals("""
                IKE_SA_INIT request 0 [ SA KE No N(SIGNATURE_HASH_ALGORITHMS) N(COOKIE) N(40000) V V 200 ]
                  SPIs 0102030405060708_i* 0000000000000000_r
                  SA
                    1 IKE: AES_GCM_16_256/PRF_HMAC_SHA2_384/ECP_384/KE1_ML_KEM_1024/13/7
                  KE ECP_384, 96 bytes
                  No 32 bytes
                  N(SIGNATURE_HASH_ALGORITHMS) SHA2_256 IDENTITY 99
                  N(COOKIE) 8 bytes
                  N(40000)
                  V "strongSwan"
                  V 00ff
                  200 1 bytes""", MessageText.of(message));
    }

    @Test
    void protectedContentIsTold() {
        IkeMessage message = new IkeMessage(
                HexMessage.AUTH.reply(),
                new IdentificationPayload(false, IdentificationType.ID_FQDN, text("b.example.org")),
                new CertificatePayload(4, Octets.of(new byte[700])),
                CertificateRequestPayload.x509(List.of(Octets.of(new byte[20]))),
                new AuthenticationPayload(AuthenticationMethod.DIGITAL_SIGNATURE, Octets.of(new byte[72])),
                new ConfigurationPayload(
                        ConfigurationType.CFG_REPLY,
                        List.of(new ConfigurationPayload.Attribute(1, Octets.ofHex("0a090001")))),
                new SaPayload(List.of(new Proposal(
                        2,
                        ProtocolId.ESP,
                        Octets.ofHex("c0ffee01"),
                        List.of(
                                Transform.of(EncryptionTransform.ENCR_AES_CBC, 128),
                                Transform.of(IntegrityTransform.AUTH_HMAC_SHA2_256_128),
                                Transform.of(EsnTransform.ESN))))),
                new TrafficSelectorPayload(
                        true,
                        List.of(
                                AddressRange.of(IpAddress.parse("0.0.0.0"), IpAddress.parse("255.255.255.255")),
                                new UnknownTrafficSelector(10, 0, Octets.EMPTY))),
                NotifyPayload.ofEsp(NotifyType.REKEY_SA, 0xc0ffee02),
                NotifyPayload.of(NotifyType.INVALID_KE_PAYLOAD, Octets.ofHex("0013")),
                NotifyPayload.of(NotifyType.UNSUPPORTED_CRITICAL_PAYLOAD, Octets.ofHex("c8")),
                NotifyPayload.of(NotifyType.ADDITIONAL_IP4_ADDRESS, Octets.ofHex("c0000201")),
                DeletePayload.esp(0xc0ffee01, 0x100),
                new EapPayload(1, 1, Octets.ofHex("0161")));
        assertEquals("""
                IKE_AUTH response 1 [ IDr CERT CERTREQ AUTH CP(CFG_REPLY) SA TSi N(REKEY_SA) N(INVALID_KE_PAYLOAD) \
                N(UNSUPPORTED_CRITICAL_PAYLOAD) N(ADDITIONAL_IP4_ADDRESS) D EAP(REQUEST) ]
                  SPIs 0102030405060708_i 1112131415161718_r*
                  IDr b.example.org (ID_FQDN)
                  CERT X509_SIGNATURE, 700 bytes
                  CERTREQ
                    0000000000000000000000000000000000000000
                  AUTH DIGITAL_SIGNATURE, 72 bytes
                  CP(CFG_REPLY)
                    INTERNAL_IP4_ADDRESS 10.9.0.1
                  SA
                    2 ESP c0ffee01: AES_CBC_128/HMAC_SHA2_256_128/ESN
                  TSi
                    0.0.0.0/0
                    TS_SECLABEL
                  N(REKEY_SA) ESP c0ffee02
                  N(INVALID_KE_PAYLOAD) wants ECP_256
                  N(UNSUPPORTED_CRITICAL_PAYLOAD) payload type 200
                  N(ADDITIONAL_IP4_ADDRESS) 192.0.2.1
                  D ESP c0ffee01 00000100
                  EAP(REQUEST) 6 bytes""", MessageText.of(message));
    }

    @Test
    void fragmentIsTold() {
        IkeMessage message =
                new IkeMessage(HexMessage.AUTH, new EncryptedFragmentPayload(35, 1, 3, Octets.of(new byte[40])));
        assertEquals("IKE_AUTH request 1 [ SKF(1/3) ]", MessageText.line(message));
        assertEquals("IKE_AUTH request 1 [ ]", MessageText.line(new IkeMessage(HexMessage.AUTH)));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, 65535, 10.0.0.0, 10.0.0.255, 10.0.0.0/24",
        "6, 443, 443, 10.0.0.1, 10.0.0.1, 10.0.0.1/32[tcp/443]",
        "17, 0, 65535, 10.0.0.0, 10.0.0.6, 10.0.0.0-10.0.0.6[udp]",
        "17, 100, 200, 10.0.0.1, 10.0.0.2, 10.0.0.1-10.0.0.2[udp/100-200]",
        "58, 65535, 0, 2001:db8::, 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff, 2001:db8::/32[ipv6-icmp/opaque]",
        "47, 0, 65535, ::, ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff, ::/0[47]",
        "0, 0, 65535, 2001:db8::1:0, 2001:db8::1:ffff, 2001:db8::1:0/112",
        "0, 0, 65535, 2001:db8::, 2001:db8:0:1:ffff:ffff:ffff:fffe, 2001:db8::-2001:db8:0:1:ffff:ffff:ffff:fffe",
        "0, 179, 179, 10.0.0.9, 10.0.0.1, 10.0.0.9-10.0.0.1[any/179]",
    })
    void rangesAreTold(int protocol, int startPort, int endPort, String start, String end, String expected) {
        AddressRange range =
                new AddressRange(protocol, startPort, endPort, IpAddress.parse(start), IpAddress.parse(end));
        assertEquals(expected, range.text());
    }

    @ParameterizedTest
    @CsvSource({
        "1, '', INTERNAL_IP4_ADDRESS",
        "3, 0a090909, INTERNAL_IP4_DNS 10.9.9.9",
        "3, 0a0909, INTERNAL_IP4_DNS 0a0909",
        "8, 20010db800000000000000000000000140, INTERNAL_IP6_ADDRESS 2001:db8::1/64",
        "10, 20010db8000000000000000000000001, INTERNAL_IP6_DNS 2001:db8::1",
        "10, 20010db8, INTERNAL_IP6_DNS 20010db8",
        "13, 0a000000ffffff00, INTERNAL_IP4_SUBNET 10.0.0.0 255.255.255.0",
        "13, 0a000000, INTERNAL_IP4_SUBNET 0a000000",
        "15, 20010db8000000000000000000000000, INTERNAL_IP6_SUBNET 20010db8000000000000000000000000",
        "7, 610a, 'APPLICATION_VERSION \"a\\x0a\"'",
        "14, 0001, SUPPORTED_ATTRIBUTES 0001",
        "999, 0001, 999 0001",
    })
    void configurationAttributesAreTold(int type, String value, String expected) {
        assertEquals(expected, ConfigurationText.of(new ConfigurationPayload.Attribute(type, Octets.ofHex(value))));
    }

    private static String identity(IdentificationType type, Octets data) {
        return new IdentificationPayload(true, type, data).text();
    }

    @Test
    void identitiesAreTold() {
        assertEquals("192.0.2.1", identity(IdentificationType.ID_IPV4_ADDR, Octets.ofHex("c0000201")));
        assertEquals(
                "2001:db8::1",
                identity(IdentificationType.ID_IPV6_ADDR, Octets.ofHex("20010db8000000000000000000000001")));
        assertEquals("a@example.org", identity(IdentificationType.ID_RFC822_ADDR, text("a@example.org")));
        assertEquals("branch7", identity(IdentificationType.ID_KEY_ID, text("branch7")));
        assertEquals("0x00ff", identity(IdentificationType.ID_KEY_ID, Octets.ofHex("00ff")));
        assertEquals("anonymous", identity(IdentificationType.ID_NULL, Octets.EMPTY));
        Octets name = Octets.of(new X500Principal("CN=a.example.org,O=Example").getEncoded());
        assertEquals("O=Example,CN=a.example.org", identity(IdentificationType.ID_DER_ASN1_DN, name));
        Octets comma = Octets.of(new X500Principal("CN=a,O=\"One, Two\"").getEncoded());
        assertEquals("O=One\\, Two,CN=a", identity(IdentificationType.ID_DER_ASN1_DN, comma));
        assertEquals("0x3003", identity(IdentificationType.ID_DER_ASN1_DN, Octets.ofHex("3003")));
        assertEquals("0xab", new IdentificationPayload(true, 99, 0, Octets.ofHex("ab")).text());
        assertEquals("0xab", new IdentificationPayload(true, 1, 0, Octets.ofHex("ab")).text());
    }

    /** A peer's identity must not move a terminal's cursor, nor begin another line of a log. */
    @Test
    void nothingButPrintableCharactersIsTold() {
        assertEquals("a\\x0ab\\x1b[2J\\xc3\\xa9", identity(IdentificationType.ID_FQDN, text("a\nb\u001b[2Jé")));
        Octets name = Octets.of(new X500Principal("CN=\"x\u001b\ny\"").getEncoded());
        String told = identity(IdentificationType.ID_DER_ASN1_DN, name);
        assertTrue(told.chars().allMatch(each -> each >= ' ' && each <= '~'), told);
    }
}
