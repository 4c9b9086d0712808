package org.ipsecif.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Project Wycheproof's vectors, those whose sizes of nonce and tag are ESP's (src/test/resources/wycheproof). */
class WycheproofTest {
    private static final String VALID = "valid";

    private interface Check {
        void run(JsonNode group, JsonNode test) throws GeneralSecurityException;
    }

    private static int forEach(String file, Predicate<JsonNode> applies, Check check) throws Exception {
        int count = 0;
        try (InputStream in = WycheproofTest.class.getResourceAsStream("/wycheproof/" + file + "_test.json")) {
            for (JsonNode group : new ObjectMapper().readTree(in).get("testGroups")) {
                if (applies.test(group)) {
                    for (JsonNode test : group.get("tests")) {
                        check.run(group, test);
                        count++;
                    }
                }
            }
        } catch (IOException e) {
            throw new AssertionError(file, e);
        }
        return count;
    }

    private static byte[] bytes(JsonNode test, String field) {
        return HexFormat.of().parseHex(test.get(field).asText());
    }

    private static byte[] join(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private static boolean isValid(JsonNode test) {
        return test.get("result").asText().equals(VALID);
    }

    private static String name(JsonNode test) {
        return "tcId " + test.get("tcId").asText() + ": " + test.get("comment").asText();
    }

    /** An engine whose nonce and AAD are the vector's instead of a packet's. */
    private static SaltedAead engine(EncryptionAlgorithm algorithm, JsonNode test, byte[] aad) {
        byte[] iv = bytes(test, "iv");
        SaltedAead engine = (SaltedAead) Aead.of(
                algorithm,
                KeyMaterial.copyOf(join(bytes(test, "key"), Arrays.copyOf(iv, algorithm.saltLength()))),
                IntegrityAlgorithm.NONE,
                KeyMaterial.none(),
                false);
        assertEquals(iv.length, engine.nonce.length);
        System.arraycopy(iv, 0, engine.nonce, 0, iv.length);
        engine.aad = aad;
        return engine;
    }

    @ParameterizedTest
    @CsvSource({
        "aes_gcm, ENCR_AES_GCM_16, 96, 128, 96",
        "aes_ccm, ENCR_AES_CCM_16, 88, 128, 3",
        "aes_ccm, ENCR_AES_CCM_12, 88, 96, 0",
        "aes_ccm, ENCR_AES_CCM_8, 88, 64, 0",
        "chacha20_poly1305, ENCR_CHACHA20_POLY1305, 96, 128, 250",
    })
    void combinedModes(String file, EncryptionAlgorithm algorithm, int ivSize, int tagSize, int atLeast)
            throws Exception {
        int count = forEach(
                file,
                group -> group.get("ivSize").asInt() == ivSize
                        && group.get("tagSize").asInt() == tagSize,
                (group, test) -> {
                    byte[] message = bytes(test, "msg");
                    byte[] sealed = join(bytes(test, "ct"), bytes(test, "tag"));
                    byte[] plain = new byte[sealed.length];
                    boolean opened =
                            engine(algorithm, test, bytes(test, "aad")).openText(sealed, 0, message.length, plain, 0);
                    assertEquals(isValid(test), opened, name(test));
                    if (opened) {
                        assertArrayEquals(message, Arrays.copyOf(plain, message.length), name(test));
                        byte[] packet = Arrays.copyOf(message, sealed.length);
                        engine(algorithm, test, bytes(test, "aad")).sealText(packet, 0, message.length);
                        assertArrayEquals(sealed, packet, name(test));
                    }
                });
        assertTrue(count >= atLeast, count + " vectors");
    }

    /** GMAC is GCM without text, all of the message in the AAD. */
    @Test
    void gmac() throws Exception {
        int count = forEach(
                "gmac",
                group -> List.of(128, 192, 256).contains(group.get("keySize").asInt())
                        && group.get("ivSize").asInt() == 96,
                (group, test) -> {
                    byte[] tag = bytes(test, "tag");
                    boolean opened = engine(EncryptionAlgorithm.ENCR_AES_GCM_16, test, bytes(test, "msg"))
                            .openText(tag, 0, 0, new byte[16], 0);
                    assertEquals(isValid(test), opened, name(test));
                });
        assertTrue(count >= 207, count + " vectors");
    }

    @ParameterizedTest
    @CsvSource({
        "hmac_sha1, AUTH_HMAC_SHA1_96",
        "hmac_sha256, AUTH_HMAC_SHA2_256_128",
        "hmac_sha384, AUTH_HMAC_SHA2_384_192",
        "hmac_sha512, AUTH_HMAC_SHA2_512_256",
        "aes_cmac, AUTH_AES_CMAC_96",
    })
    void macs(String file, IntegrityAlgorithm algorithm) throws Exception {
        int count = forEach(
                file,
                group -> algorithm != IntegrityAlgorithm.AUTH_AES_CMAC_96
                        || group.get("keySize").asInt() == 128,
                (group, test) -> {
                    PacketMac mac = PacketMac.of(algorithm, KeyMaterial.copyOf(bytes(test, "key")));
                    byte[] message = bytes(test, "msg");
                    mac.update(message, 0, message.length);
                    byte[] full = new byte[mac.length()];
                    mac.finish(full);
                    byte[] tag = bytes(test, "tag");
                    assertEquals(isValid(test), Arrays.equals(tag, Arrays.copyOf(full, tag.length)), name(test));
                });
        assertTrue(count >= 90, count + " vectors");
    }

    /** ESP pads in its own way, so a vector's PKCS #5 padding is here part of the text. */
    @Test
    void aesCbc() throws Exception {
        int count = forEach("aes_cbc_pkcs5", group -> true, (group, test) -> {
            byte[] sealed = bytes(test, "ct");
            if (!isValid(test) || sealed.length % 16 != 0) {
                return;
            }
            byte[] message = bytes(test, "msg");
            byte[] padded = Arrays.copyOf(message, sealed.length);
            Arrays.fill(padded, message.length, padded.length, (byte) (padded.length - message.length));
            byte[] plain = new byte[16 + sealed.length];
            PacketCipher.of(EncryptionAlgorithm.ENCR_AES_CBC, KeyMaterial.copyOf(bytes(test, "key")))
                    .decrypt(join(bytes(test, "iv"), sealed), 0, sealed.length, plain, 16);
            assertArrayEquals(padded, Arrays.copyOfRange(plain, 16, plain.length), name(test));
        });
        assertTrue(count >= 150, count + " vectors");
    }
}
