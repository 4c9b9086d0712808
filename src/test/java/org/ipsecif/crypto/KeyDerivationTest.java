package org.ipsecif.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.ipsecif.crypto.VectorFile.Vector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class KeyDerivationTest {
    private static final IkeSuite GCM = new IkeSuite(EncryptionAlgorithm.ENCR_AES_GCM_16, 128, IntegrityAlgorithm.NONE);
    private static final IkeSuite AES128_SHA1 =
            new IkeSuite(EncryptionAlgorithm.ENCR_AES_CBC, 128, IntegrityAlgorithm.AUTH_HMAC_SHA1_96);
    private static final IkeSuite AES256_SHA256 =
            new IkeSuite(EncryptionAlgorithm.ENCR_AES_CBC, 256, IntegrityAlgorithm.AUTH_HMAC_SHA2_256_128);
    private static final byte[] NI = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    private static final byte[] NR = {10, 11, 12, 13, 14, 15, 16, 17, 18};

    static Stream<Vector> prfs() {
        return VectorFile.read("prf.txt");
    }

    static Stream<Vector> hmacs() {
        return VectorFile.read("hmac.txt");
    }

    static Stream<Vector> derivations() {
        return VectorFile.read("ikev2-kdf.txt");
    }

    static Stream<Vector> rekeyings() {
        return derivations().filter(each -> each.fields().containsKey("rekey"));
    }

    @ParameterizedTest
    @MethodSource("prfs")
    void aesFunctionsGivePublishedValues(Vector vector) {
        byte[] result = PseudorandomFunction.valueOf(vector.text("algorithm"))
                .compute(KeyMaterial.copyOf(vector.bytes("key")), vector.bytes("input"));
        assertArrayEquals(vector.bytes("output"), result);
    }

    @ParameterizedTest
    @MethodSource("hmacs")
    void hmacFunctionsGivePublishedValues(Vector vector) {
        String name = vector.text("algorithm").replace("HmacSHA", "");
        PseudorandomFunction prf =
                PseudorandomFunction.valueOf(name.equals("1") ? "PRF_HMAC_SHA1" : "PRF_HMAC_SHA2_" + name);
        byte[] result = prf.compute(KeyMaterial.copyOf(vector.bytes("key")), vector.bytes("message"));
        byte[] mac = vector.bytes("mac");
        assertArrayEquals(mac, Arrays.copyOf(result, mac.length));
        assertEquals(prf.length(), result.length);
    }

    private static KeyDerivation derivation(Vector vector) {
        return new KeyDerivation(
                PseudorandomFunction.valueOf(vector.text("prf")), vector.bytes("ni"), vector.bytes("nr"));
    }

    private static byte[] join(KeyMaterial... keys) {
        return KeyMaterial.join(Arrays.stream(keys).map(KeyMaterial::bytes).toArray(byte[][]::new))
                .bytes();
    }

    private static IkeKeys ikeKeys(Vector vector, IkeSuite suite) {
        ByteBuffer spis = ByteBuffer.wrap(vector.bytes("spis"));
        KeyDerivation derivation = derivation(vector);
        return derivation.ikeKeys(
                derivation.skeyseed(KeyMaterial.copyOf(vector.bytes("shared"))), spis.getLong(), spis.getLong(), suite);
    }

    private static byte[] inOrder(IkeKeys keys) {
        return join(keys.skD(), keys.skAi(), keys.skAr(), keys.skEi(), keys.skEr(), keys.skPi(), keys.skPr());
    }

    @ParameterizedTest
    @MethodSource("derivations")
    void ikeSaKeysArePublishedOnes(Vector vector) {
        KeyMaterial skeyseed = derivation(vector).skeyseed(KeyMaterial.copyOf(vector.bytes("shared")));
        assertArrayEquals(vector.bytes("skeyseed"), skeyseed.bytes());
        byte[] dkm = vector.bytes("dkm");
        for (IkeSuite suite : List.of(GCM, AES128_SHA1, AES256_SHA256)) {
            byte[] keys = inOrder(ikeKeys(vector, suite));
            int length = Math.min(dkm.length, keys.length);
            assertTrue(length >= 100, length + " bytes to compare");
            assertArrayEquals(Arrays.copyOf(dkm, length), Arrays.copyOf(keys, length));
        }
    }

    @ParameterizedTest
    @MethodSource("rekeyings")
    void childAndNextIkeSaKeysArePublishedOnes(Vector vector) {
        KeyDerivation derivation = derivation(vector);
        KeyMaterial skD = ikeKeys(vector, AES128_SHA1).skD();
        List<KeyMaterial> exchange = List.of(KeyMaterial.copyOf(vector.bytes("shared_new")));
        assertArrayEquals(
                vector.bytes("rekey"), derivation.skeyseed(skD, exchange).bytes());
        assertBegins(vector.bytes("child"), derivation.childKeys(skD, List.of(), AES128_SHA1));
        assertBegins(vector.bytes("child_pfs"), derivation.childKeys(skD, exchange, AES256_SHA256));
    }

    private static void assertBegins(byte[] keymat, ChildKeys keys) {
        byte[] inOrder = join(
                keys.initiatorEncryption(),
                keys.initiatorIntegrity(),
                keys.responderEncryption(),
                keys.responderIntegrity());
        assertArrayEquals(Arrays.copyOf(keymat, inOrder.length), inOrder);
    }

    /** What RFC 7296 and others say, once more, by the JDK alone. */
    private static byte[] hmac(byte[] key, byte[]... data) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        for (byte[] part : data) {
            mac.update(part);
        }
        return mac.doFinal();
    }

    private static KeyDerivation sha256() {
        return new KeyDerivation(PseudorandomFunction.PRF_HMAC_SHA2_256, NI, NR);
    }

    /** RFC 9370 section 2.2.4: the first secret before the nonces, the others behind them. */
    @Test
    void ordersSecretsOfSeveralKeyExchanges() throws Exception {
        byte[][] secrets = {{50}, {51, 52}, {53}};
        List<KeyMaterial> given =
                Arrays.stream(secrets).map(KeyMaterial::copyOf).toList();
        byte[] expected = hmac(new byte[] {9}, secrets[0], NI, NR, secrets[1], secrets[2]);
        assertArrayEquals(
                expected,
                sha256().skeyseed(KeyMaterial.copyOf(new byte[] {9}), given).bytes());
    }

    /** RFC 8784 section 3. */
    @Test
    void mixesPpkIntoThreeSecrets() throws Exception {
        byte[] ppk = {7, 7, 7};
        KeyMaterial skeyseed = KeyMaterial.copyOf(new byte[32]);
        IkeKeys keys = sha256().ikeKeys(skeyseed, 1, 2, GCM);
        IkeKeys mixed = keys.withPpk(PseudorandomFunction.PRF_HMAC_SHA2_256, KeyMaterial.copyOf(ppk));
        byte[] one = {1};
        assertArrayEquals(hmac(ppk, keys.skD().bytes(), one), mixed.skD().bytes());
        assertArrayEquals(hmac(ppk, keys.skPi().bytes(), one), mixed.skPi().bytes());
        assertArrayEquals(hmac(ppk, keys.skPr().bytes(), one), mixed.skPr().bytes());
        assertTrue(mixed.skEi().sameAs(keys.skEi()));
        assertTrue(mixed.skEr().sameAs(keys.skEr()));
    }

    /** RFC 7296 section 2.15. */
    @Test
    void authenticatesBySharedKey() throws Exception {
        byte[] secret = "a shared secret".getBytes(StandardCharsets.US_ASCII);
        byte[] key = hmac(secret, "Key Pad for IKEv2".getBytes(StandardCharsets.US_ASCII));
        assertArrayEquals(
                hmac(key, NI, NR),
                KeyDerivation.sharedKeyAuthentication(
                        PseudorandomFunction.PRF_HMAC_SHA2_256, KeyMaterial.copyOf(secret), NI, NR));
    }

    /** RFC 7296 section 2.14: 64 bits of each nonce for functions with keys of 128 bits. */
    @Test
    void aesTakesHalfItsKeyFromEachNonce() {
        byte[] secret = {5};
        PseudorandomFunction prf = PseudorandomFunction.PRF_AES128_CMAC;
        byte[] key = join(KeyMaterial.copyOf(Arrays.copyOf(NI, 8)), KeyMaterial.copyOf(Arrays.copyOf(NR, 8)));
        assertArrayEquals(
                prf.compute(KeyMaterial.copyOf(key), secret),
                new KeyDerivation(prf, NI, NR)
                        .skeyseed(KeyMaterial.copyOf(secret))
                        .bytes());
    }

    @ParameterizedTest
    @EnumSource
    void expandsToAtMost255Blocks(PseudorandomFunction prf) {
        KeyMaterial key = KeyMaterial.copyOf(new byte[16]);
        KeyMaterial longest = prf.expand(key, 255 * prf.length(), NI);
        assertEquals(255 * prf.length(), longest.bytes().length);
        assertThrows(IllegalArgumentException.class, () -> prf.expand(key, 255 * prf.length() + 1, NI));
        assertArrayEquals(
                Arrays.copyOf(longest.bytes(), 5), prf.expand(key, 5, NI).bytes());
        assertEquals(prf, PseudorandomFunction.byTransformId(prf.transformId()).orElseThrow());
        assertEquals(prf, PseudorandomFunction.byKeyword(prf.keyword()).orElseThrow());
    }
}
