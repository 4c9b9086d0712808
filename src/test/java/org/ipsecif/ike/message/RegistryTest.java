package org.ipsecif.ike.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Numbers of IANA's registries that peers must agree on, written down once more. */
class RegistryTest {
    @ParameterizedTest
    @CsvSource({
        "ENCR_3DES, 3",
        "ENCR_NULL, 11",
        "ENCR_AES_CBC, 12",
        "ENCR_AES_CTR, 13",
        "ENCR_AES_CCM_8, 14",
        "ENCR_AES_CCM_16, 16",
        "ENCR_AES_GCM_8, 18",
        "ENCR_AES_GCM_12, 19",
        "ENCR_AES_GCM_16, 20",
        "ENCR_NULL_AUTH_AES_GMAC, 21",
        "ENCR_CAMELLIA_CBC, 23",
        "ENCR_CHACHA20_POLY1305, 28",
    })
    void encryption(EncryptionTransform transform, int number) {
        assertEquals(Optional.of(transform), EncryptionTransform.of(number));
    }

    @ParameterizedTest
    @CsvSource({
        "MODP_1024, 2",
        "MODP_1536, 5",
        "MODP_2048, 14",
        "MODP_3072, 15",
        "MODP_4096, 16",
        "MODP_8192, 18",
        "ECP_256, 19",
        "ECP_384, 20",
        "ECP_521, 21",
        "BRAINPOOL_P224R1, 27",
        "BRAINPOOL_P512R1, 30",
        "CURVE_25519, 31",
        "CURVE_448, 32",
        "ML_KEM_512, 35",
        "ML_KEM_768, 36",
        "ML_KEM_1024, 37",
    })
    void keyExchange(KeyExchangeMethod method, int number) {
        assertEquals(Optional.of(method), KeyExchangeMethod.of(number));
    }

    @ParameterizedTest
    @CsvSource({
        "PRF_HMAC_SHA1, 2",
        "PRF_HMAC_SHA2_256, 5",
        "PRF_HMAC_SHA2_384, 6",
        "PRF_HMAC_SHA2_512, 7",
        "PRF_AES128_CMAC, 8",
    })
    void prf(PrfTransform transform, int number) {
        assertEquals(Optional.of(transform), PrfTransform.of(number));
    }

    @ParameterizedTest
    @CsvSource({
        "AUTH_HMAC_SHA1_96, 2",
        "AUTH_AES_XCBC_96, 5",
        "AUTH_AES_CMAC_96, 8",
        "AUTH_HMAC_SHA2_256_128, 12",
        "AUTH_HMAC_SHA2_384_192, 13",
        "AUTH_HMAC_SHA2_512_256, 14",
    })
    void integrity(IntegrityTransform transform, int number) {
        assertEquals(Optional.of(transform), IntegrityTransform.of(number));
    }

    @ParameterizedTest
    @CsvSource({
        "INVALID_KE_PAYLOAD, 17",
        "AUTHENTICATION_FAILED, 24",
        "TS_UNACCEPTABLE, 38",
        "TEMPORARY_FAILURE, 43",
        "CHILD_SA_NOT_FOUND, 44",
        "INVALID_SELECTORS, 39",
        "INVALID_GROUP_ID, 45",
        "AUTHORIZATION_FAILED, 46",
        "STATE_NOT_FOUND, 47",
        "TS_MAX_QUEUE, 48",
        "REGISTRATION_FAILED, 49",
        "INITIAL_CONTACT, 16384",
        "COOKIE, 16390",
        "REKEY_SA, 16393",
        "MOBIKE_SUPPORTED, 16396",
        "REDIRECT_SUPPORTED, 16406",
        "CHILDLESS_IKEV2_SUPPORTED, 16418",
        "IKEV2_FRAGMENTATION_SUPPORTED, 16430",
        "SIGNATURE_HASH_ALGORITHMS, 16431",
        "USE_PPK, 16435",
        "PPK_IDENTITY, 16436",
        "NO_PPK_AUTH, 16437",
        "INTERMEDIATE_EXCHANGE_SUPPORTED, 16438",
        "ADDITIONAL_KEY_EXCHANGE, 16441",
    })
    void notifications(NotifyType type, int number) {
        assertEquals(Optional.of(type), NotifyType.of(number));
        assertEquals(number < 16_384, type.isError());
    }

    private static String all(IanaNumber[] values) {
        return Stream.of(values)
                .map(each -> each.number() + " " + ((Enum<?>) each).name())
                .collect(Collectors.joining(", "));
    }

    static Stream<Arguments> smallRegistries() {
        return Stream.of(
                arguments(
                        ExchangeType.values(),
                        "34 IKE_SA_INIT, 35 IKE_AUTH, 36 CREATE_CHILD_SA, 37 INFORMATIONAL, 38 IKE_SESSION_RESUME,"
                                + " 43 IKE_INTERMEDIATE, 44 IKE_FOLLOWUP_KE"),
                arguments(
                        PayloadType.values(),
                        "33 SA, 34 KE, 35 IDI, 36 IDR, 37 CERT, 38 CERTREQ, 39 AUTH, 40 NONCE, 41 NOTIFY, 42 DELETE,"
                                + " 43 VENDOR_ID, 44 TSI, 45 TSR, 46 SK, 47 CP, 48 EAP, 53 SKF"),
                arguments(ProtocolId.values(), "0 NONE, 1 IKE, 2 AH, 3 ESP"),
                arguments(
                        TransformType.values(),
                        "1 ENCR, 2 PRF, 3 INTEG, 4 KE, 5 ESN, 6 ADDKE1, 7 ADDKE2, 8 ADDKE3, 9 ADDKE4, 10 ADDKE5,"
                                + " 11 ADDKE6, 12 ADDKE7"),
                arguments(
                        IdentificationType.values(),
                        "1 ID_IPV4_ADDR, 2 ID_FQDN, 3 ID_RFC822_ADDR, 5 ID_IPV6_ADDR, 9 ID_DER_ASN1_DN,"
                                + " 10 ID_DER_ASN1_GN, 11 ID_KEY_ID, 12 ID_FC_NAME, 13 ID_NULL"),
                arguments(
                        CertificateEncoding.values(),
                        "1 PKCS7_WRAPPED_X509, 2 PGP, 3 DNS_SIGNED_KEY, 4 X509_SIGNATURE, 6 KERBEROS_TOKENS, 7 CRL,"
                                + " 8 ARL, 9 SPKI, 10 X509_ATTRIBUTE, 12 HASH_AND_URL, 13 HASH_AND_URL_BUNDLE,"
                                + " 14 OCSP_CONTENT, 15 RAW_PUBLIC_KEY"),
                arguments(
                        AuthenticationMethod.values(),
                        "1 RSA_DIGITAL_SIGNATURE, 2 SHARED_KEY_MIC, 3 DSS_DIGITAL_SIGNATURE, 9 ECDSA_SHA2_256_P256,"
                                + " 10 ECDSA_SHA2_384_P384, 11 ECDSA_SHA2_512_P521, 12 GENERIC_SECURE_PASSWORD,"
                                + " 13 NULL_AUTHENTICATION, 14 DIGITAL_SIGNATURE"),
                arguments(
                        TrafficSelectorType.values(),
                        "7 TS_IPV4_ADDR_RANGE, 8 TS_IPV6_ADDR_RANGE, 9 TS_FC_ADDR_RANGE, 10 TS_SECLABEL"),
                arguments(ConfigurationType.values(), "1 CFG_REQUEST, 2 CFG_REPLY, 3 CFG_SET, 4 CFG_ACK"),
                arguments(
                        ConfigurationAttributeType.values(),
                        "1 INTERNAL_IP4_ADDRESS, 2 INTERNAL_IP4_NETMASK, 3 INTERNAL_IP4_DNS, 4 INTERNAL_IP4_NBNS,"
                                + " 6 INTERNAL_IP4_DHCP, 7 APPLICATION_VERSION, 8 INTERNAL_IP6_ADDRESS,"
                                + " 10 INTERNAL_IP6_DNS, 12 INTERNAL_IP6_DHCP, 13 INTERNAL_IP4_SUBNET,"
                                + " 14 SUPPORTED_ATTRIBUTES, 15 INTERNAL_IP6_SUBNET, 16 MIP6_HOME_PREFIX,"
                                + " 17 INTERNAL_IP6_LINK, 18 INTERNAL_IP6_PREFIX, 19 HOME_AGENT_ADDRESS,"
                                + " 20 P_CSCF_IP4_ADDRESS, 21 P_CSCF_IP6_ADDRESS, 22 FTT_KAT,"
                                + " 23 EXTERNAL_SOURCE_IP4_NAT_INFO, 24 TIMEOUT_PERIOD_FOR_LIVENESS_CHECK,"
                                + " 25 INTERNAL_DNS_DOMAIN, 26 INTERNAL_DNSSEC_TA"),
                arguments(
                        HashAlgorithm.values(),
                        "1 SHA1, 2 SHA2_256, 3 SHA2_384, 4 SHA2_512, 5 IDENTITY, 6 STREEBOG_256, 7 STREEBOG_512"),
                arguments(EsnTransform.values(), "0 NO_ESN, 1 ESN, 2 UNSPECIFIED_32_BIT"));
    }

    /** As IANA has them, all of them that this knows. */
    @ParameterizedTest
    @MethodSource("smallRegistries")
    void registriesThatAreSmall(IanaNumber[] values, String expected) {
        assertEquals(expected, all(values));
    }

    static Stream<TransformId> transforms() {
        return Stream.<TransformId[]>of(
                        EncryptionTransform.values(),
                        PrfTransform.values(),
                        IntegrityTransform.values(),
                        KeyExchangeMethod.values(),
                        EsnTransform.values())
                .flatMap(Stream::of);
    }

    @ParameterizedTest
    @MethodSource("transforms")
    void transformIsFoundUnderItsType(TransformId id) {
        Transform transform = Transform.of(id);
        assertEquals(id.text(), id.transformType().transformText(transform.id()));
        assertEquals(id.text(), transform.text());
    }

    @Test
    void numberThatIsInNoRegistryIsPrinted() {
        assertEquals("65000", EncryptionTransform.text(65_000));
        assertEquals("USE_ASSIGNED_HoA", NotifyType.text(42));
    }
}
