package org.ipsecif.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HexFormat;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Project Wycheproof's vectors of Diffie-Hellman on curves: points of small order, of other curves, on the twist. */
class KeyExchangeWycheproofTest {
    private interface Check {
        void run(JsonNode test) throws Exception;
    }

    private static int forEach(String file, Check check) throws Exception {
        int count = 0;
        try (InputStream in =
                KeyExchangeWycheproofTest.class.getResourceAsStream("/wycheproof/" + file + "_test.json")) {
            for (JsonNode group : new ObjectMapper().readTree(in).get("testGroups")) {
                for (JsonNode test : group.get("tests")) {
                    check.run(test);
                    count++;
                }
            }
        }
        return count;
    }

    private static byte[] bytes(JsonNode test, String field) {
        return HexFormat.of().parseHex(test.get(field).asText());
    }

    private static String name(JsonNode test) {
        return "tcId " + test.get("tcId").asText() + ": " + test.get("comment").asText();
    }

    private static void agrees(KeyExchangeMethod method, JsonNode test, byte[] peerValue) throws Exception {
        try (KeyExchange own = KeyExchangeTest.with(method, bytes(test, "private"))) {
            assertArrayEquals(bytes(test, "shared"), own.finish(peerValue).bytes(), name(test));
        }
    }

    private static void refuses(KeyExchangeMethod method, JsonNode test, byte[] peerValue) {
        try (KeyExchange own = KeyExchangeTest.with(method, bytes(test, "private"))) {
            assertThrows(InvalidKeyExchangeException.class, () -> own.finish(peerValue), name(test));
        }
    }

    /** What these vectors call acceptable is computed as RFC 7748 says, unless the result is all zero. */
    @ParameterizedTest
    @CsvSource({"x25519, CURVE25519, 518, 31", "x448, CURVE448, 510, 23"})
    void montgomeryCurves(String file, KeyExchangeMethod method, int tests, int refused) throws Exception {
        int[] zeros = {0};
        int count = forEach(file, test -> {
            byte[] shared = bytes(test, "shared");
            byte[] peerValue = bytes(test, "public");
            if (Arrays.equals(shared, new byte[shared.length]) || peerValue.length != shared.length) {
                zeros[0]++;
                refuses(method, test, peerValue);
            } else {
                agrees(method, test, peerValue);
            }
        });
        assertTrue(count == tests && zeros[0] == refused, count + " vectors, refused " + zeros[0]);
    }

    /** The vectors have a byte before x and y that says uncompressed; IKE has none, and knows no compressed points. */
    @ParameterizedTest
    @CsvSource({
        "ecdh_secp256r1_ecpoint, ECP_256, 216",
        "ecdh_secp384r1_ecpoint, ECP_384, 182",
        "ecdh_secp521r1_ecpoint, ECP_521, 237"
    })
    void nistCurves(String file, KeyExchangeMethod method, int tests) throws Exception {
        int count = forEach(file, test -> {
            byte[] encoded = bytes(test, "public");
            byte[] peerValue = encoded.length == 0 ? encoded : Arrays.copyOfRange(encoded, 1, encoded.length);
            if (test.get("result").asText().equals("valid")) {
                agrees(method, test, peerValue);
            } else {
                refuses(method, test, peerValue);
            }
        });
        assertTrue(count == tests, count + " vectors");
    }

    /** These vectors are about whole public keys; their points are taken where that is all that is wrong with them. */
    @Test
    void brainpoolCurve() throws Exception {
        int[] checked = {0};
        forEach("ecdh_brainpoolP224r1", test -> {
            if (test.get("result").asText().equals("valid")) {
                byte[] encoded = SubjectPublicKeyInfo.getInstance(bytes(test, "public"))
                        .getPublicKeyData()
                        .getBytes();
                agrees(KeyExchangeMethod.BRAINPOOL_P224R1, test, Arrays.copyOfRange(encoded, 1, encoded.length));
                checked[0]++;
            } else if (test.get("comment").asText().equals("point is not on curve")) {
                byte[] encoded = SubjectPublicKeyInfo.getInstance(bytes(test, "public"))
                        .getPublicKeyData()
                        .getBytes();
                refuses(KeyExchangeMethod.BRAINPOOL_P224R1, test, Arrays.copyOfRange(encoded, 1, encoded.length));
                checked[0]++;
            }
        });
        assertTrue(checked[0] >= 205, checked[0] + " vectors");
    }
}
