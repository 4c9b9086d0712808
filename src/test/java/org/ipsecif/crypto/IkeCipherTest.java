package org.ipsecif.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class IkeCipherTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final byte[] HEADER =
            HEX.parseHex("c0c1c2c3c4c5c6c7d0d1d2d3d4d5d6d72e202500000000090000004529000029");

    static Stream<IkeSuite> suites() {
        Stream<IkeSuite> combined = Stream.of(
                        EncryptionAlgorithm.ENCR_AES_GCM_16,
                        EncryptionAlgorithm.ENCR_AES_GCM_12,
                        EncryptionAlgorithm.ENCR_AES_GCM_8,
                        EncryptionAlgorithm.ENCR_AES_CCM_16,
                        EncryptionAlgorithm.ENCR_CHACHA20_POLY1305,
                        EncryptionAlgorithm.ENCR_AES_CBC)
                .flatMap(encryption -> encryption.keyMaterialBits().stream()
                        .map(bits -> bits - 8 * encryption.saltLength())
                        .flatMap(bits -> suites(encryption, bits)));
        return combined;
    }

    private static Stream<IkeSuite> suites(EncryptionAlgorithm encryption, int bits) {
        return encryption.isAead()
                ? Stream.of(new IkeSuite(encryption, bits, IntegrityAlgorithm.NONE))
                : Arrays.stream(IntegrityAlgorithm.values())
                        .filter(each -> each != IntegrityAlgorithm.NONE)
                        .map(each -> new IkeSuite(encryption, bits, each));
    }

    private static byte[] counting(int length, int from) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (from + i);
        }
        return bytes;
    }

    private static IkeCipher cipher(IkeSuite suite) {
        return IkeCipher.of(
                suite,
                KeyMaterial.copyOf(counting(suite.encryptionKeyLength(), 1)),
                KeyMaterial.copyOf(counting(suite.integrityKeyLength(), 101)));
    }

    /** RFC 7634 appendix B. Another IV than ours would be, so it is opened. */
    @Test
    void opensTheMessageOfRfc7634() {
        IkeSuite suite = new IkeSuite(EncryptionAlgorithm.ENCR_CHACHA20_POLY1305, 256, IntegrityAlgorithm.NONE);
        byte[] key =
                KeyMaterial.join(counting(32, 0x80), HEX.parseHex("a0a1a2a3")).bytes();
        byte[] sealed =
                HEX.parseHex("1011121314151617" + "610394701f8d017f7c12924889" + "6b71bfe25236efd7cdc67066906315b2");
        byte[] plain =
                IkeCipher.of(suite, KeyMaterial.copyOf(key), KeyMaterial.none()).open(HEADER, sealed);
        assertArrayEquals(HEX.parseHex("0000000c000040010000000a"), plain);
    }

    /** RFC 5282 sections 3 and 4, by the JDK alone. */
    @Test
    void layoutOfCombinedModesIsRfc5282s() throws Exception {
        IkeSuite suite = new IkeSuite(EncryptionAlgorithm.ENCR_AES_GCM_16, 256, IntegrityAlgorithm.NONE);
        byte[] keyAndSalt = counting(36, 1);
        byte[] sealed = cipher(suite).seal(HEADER, new byte[] {1, 2, 3});
        Cipher gcm = Cipher.getInstance("AES/GCM/NoPadding");
        byte[] nonce = KeyMaterial.join(Arrays.copyOfRange(keyAndSalt, 32, 36), Arrays.copyOf(sealed, 8))
                .bytes();
        gcm.init(Cipher.DECRYPT_MODE, new SecretKeySpec(keyAndSalt, 0, 32, "AES"), new GCMParameterSpec(128, nonce));
        gcm.updateAAD(HEADER);
        assertArrayEquals(new byte[] {1, 2, 3, 0}, gcm.doFinal(sealed, 8, sealed.length - 8));
    }

    /** RFC 7296 section 3.14, by the JDK alone. */
    @Test
    void layoutOfCbcIsRfc7296s() throws Exception {
        IkeSuite suite = new IkeSuite(EncryptionAlgorithm.ENCR_AES_CBC, 128, IntegrityAlgorithm.AUTH_HMAC_SHA2_384_192);
        byte[] sealed = cipher(suite).seal(HEADER, counting(20, 7));
        Mac mac = Mac.getInstance("HmacSHA384");
        mac.init(new SecretKeySpec(counting(48, 101), "HmacSHA384"));
        mac.update(HEADER);
        mac.update(sealed, 0, 48);
        assertArrayEquals(Arrays.copyOf(mac.doFinal(), 24), Arrays.copyOfRange(sealed, 48, 72));
        Cipher cbc = Cipher.getInstance("AES/CBC/NoPadding");
        cbc.init(
                Cipher.DECRYPT_MODE,
                new SecretKeySpec(counting(16, 1), "AES"),
                new IvParameterSpec(Arrays.copyOf(sealed, 16)));
        byte[] padded = cbc.doFinal(sealed, 16, 32);
        assertArrayEquals(counting(20, 7), Arrays.copyOf(padded, 20));
        assertEquals(11, padded[31]);
    }

    @ParameterizedTest
    @MethodSource("suites")
    void opensWhatItSealed(IkeSuite suite) {
        IkeCipher local = cipher(suite);
        IkeCipher remote = cipher(suite);
        for (int length = 0; length < 70; length++) {
            byte[] plain = counting(length, 3);
            byte[] sealed = local.seal(HEADER, plain);
            assertEquals(local.sealedLength(length), sealed.length);
            assertArrayEquals(plain, remote.open(HEADER, sealed));
            assertArrayEquals(plain, remote.open(HEADER, sealed), "a retransmission");
        }
    }

    @ParameterizedTest
    @MethodSource("suites")
    void refusesWhatWasAltered(IkeSuite suite) {
        IkeCipher cipher = cipher(suite);
        byte[] sealed = cipher.seal(HEADER, counting(25, 3));
        for (int i = 0; i < sealed.length; i++) {
            byte[] altered = sealed.clone();
            altered[i] ^= 0x40;
            assertNull(cipher.open(HEADER, altered), "byte " + i);
            assertNull(cipher.open(HEADER, Arrays.copyOf(sealed, i)), "cut to " + i);
        }
        for (int i = 0; i < HEADER.length; i++) {
            byte[] altered = HEADER.clone();
            altered[i] ^= 1;
            assertNull(cipher.open(altered, sealed), "associated byte " + i);
        }
        assertNotNull(cipher.open(HEADER, sealed));
    }

    @ParameterizedTest
    @MethodSource("suites")
    void neverRepeatsAnIv(IkeSuite suite) {
        IkeCipher cipher = cipher(suite);
        int ivLength = suite.encryption().ivLength();
        Set<List<Byte>> seen = new HashSet<>();
        for (int i = 0; i < 500; i++) {
            byte[] iv = Arrays.copyOf(cipher.seal(HEADER, new byte[0]), ivLength);
            List<Byte> boxed = new java.util.ArrayList<>();
            for (byte each : iv) {
                boxed.add(each);
            }
            assertTrue(seen.add(boxed));
        }
    }

    /** Authentic, but with a pad length of 200 in a text of 16 bytes. */
    @Test
    void refusesPaddingLongerThanTheText() throws Exception {
        IkeSuite suite = new IkeSuite(EncryptionAlgorithm.ENCR_AES_GCM_16, 128, IntegrityAlgorithm.NONE);
        byte[] keyAndSalt = counting(20, 1);
        byte[] nonce = KeyMaterial.join(Arrays.copyOfRange(keyAndSalt, 16, 20), new byte[8])
                .bytes();
        for (int pad : new int[] {15, 16, 200}) {
            Cipher gcm = Cipher.getInstance("AES/GCM/NoPadding");
            gcm.init(
                    Cipher.ENCRYPT_MODE, new SecretKeySpec(keyAndSalt, 0, 16, "AES"), new GCMParameterSpec(128, nonce));
            gcm.updateAAD(HEADER);
            byte[] text = new byte[16];
            text[15] = (byte) pad;
            byte[] sealed = KeyMaterial.join(new byte[8], gcm.doFinal(text)).bytes();
            byte[] opened = cipher(suite).open(HEADER, sealed);
            assertEquals(pad == 15, opened != null, "pad length " + pad);
        }
    }

    @Test
    void refusesKeysAndAlgorithmsThatDoNotFit() {
        IkeSuite suite = new IkeSuite(EncryptionAlgorithm.ENCR_AES_GCM_16, 128, IntegrityAlgorithm.NONE);
        assertThrows(
                IllegalArgumentException.class,
                () -> IkeCipher.of(suite, KeyMaterial.copyOf(new byte[16]), KeyMaterial.none()));
        assertThrows(
                IllegalArgumentException.class,
                () -> new IkeSuite(
                        EncryptionAlgorithm.ENCR_AES_GCM_16, 128, IntegrityAlgorithm.AUTH_HMAC_SHA2_256_128));
        assertThrows(
                IllegalArgumentException.class,
                () -> new IkeSuite(EncryptionAlgorithm.ENCR_AES_CBC, 128, IntegrityAlgorithm.NONE));
        assertThrows(
                IllegalArgumentException.class,
                () -> new IkeSuite(EncryptionAlgorithm.ENCR_AES_CBC, 129, IntegrityAlgorithm.AUTH_HMAC_SHA2_256_128));
        IkeSuite counter =
                new IkeSuite(EncryptionAlgorithm.ENCR_AES_CTR, 128, IntegrityAlgorithm.AUTH_HMAC_SHA2_256_128);
        assertThrows(IllegalArgumentException.class, () -> cipher(counter));
    }
}
