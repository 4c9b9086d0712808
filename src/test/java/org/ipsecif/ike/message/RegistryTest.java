package org.ipsecif.ike.message;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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
        "STATE_NOT_FOUND, 47",
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
