package org.ipsecif.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Lines to the byte, as TShark 4.0.17 took them. */
class WiresharkTableTest {
    private static KeyMaterial key(int length, int first) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (first + i);
        }
        return KeyMaterial.copyOf(bytes);
    }

    private static IkeKeys keys(int encryption, int integrity) {
        return new IkeKeys(
                key(32, 0),
                key(integrity, 0x10),
                key(integrity, 0x20),
                key(encryption, 0x30),
                key(encryption, 0xf0),
                key(32, 0),
                key(32, 0));
    }

    private static String ike(EncryptionAlgorithm cipher, int bits, IntegrityAlgorithm integrity) {
        IkeSuite suite = new IkeSuite(cipher, bits, integrity);
        IkeKeys keys = keys(suite.encryptionKeyLength(), suite.integrityKeyLength());
        return text(WiresharkTable.ike(0x0123_4567_89ab_cdefL, 0xfedc_ba98_7654_3210L, suite, keys));
    }

    private static String text(Optional<byte[]> line) {
        return line.map(bytes -> new String(bytes, StandardCharsets.US_ASCII)).orElse("none");
    }

    @Test
    void combinedModeHasItsSaltAndNoIntegrityKey() {
        assertEquals(
                "0123456789abcdef,fedcba9876543210,303132333435363738393a3b3c3d3e3f40414243,"
                        + "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff00010203,\"AES-GCM-128 with 16 octet ICV [RFC5282]\",,,"
                        + "\"NONE [RFC4306]\"\n",
                ike(EncryptionAlgorithm.ENCR_AES_GCM_16, 128, IntegrityAlgorithm.NONE));
    }

    @Test
    void cipherHasAnIntegrityKey() {
        assertEquals(
                "0123456789abcdef,fedcba9876543210,303132333435363738393a3b3c3d3e3f,f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff,"
                        + "\"AES-CBC-128 [RFC3602]\",101112131415161718191a1b1c1d1e1f20212223,"
                        + "202122232425262728292a2b2c2d2e2f30313233,\"HMAC_SHA1_96 [RFC2404]\"\n",
                ike(EncryptionAlgorithm.ENCR_AES_CBC, 128, IntegrityAlgorithm.AUTH_HMAC_SHA1_96));
    }

    @Test
    void whatWiresharkHasNoNameForIsLeftOut() {
        assertEquals("none", ike(EncryptionAlgorithm.ENCR_CHACHA20_POLY1305, 256, IntegrityAlgorithm.NONE));
        assertEquals("none", esp(EncryptionAlgorithm.ENCR_CHACHA20_POLY1305, IntegrityAlgorithm.NONE, 36, 0));
        assertTrue(esp(EncryptionAlgorithm.ENCR_AES_CBC, IntegrityAlgorithm.AUTH_AES_XCBC_96, 16, 16)
                .contains("\"ANY 96 bit authentication [no checking]\""));
    }

    private static String esp(EncryptionAlgorithm cipher, IntegrityAlgorithm mac, int encryption, int integrity) {
        return text(WiresharkTable.esp(
                "IPv4",
                "203.0.113.1",
                "203.0.113.2",
                0xc0ff_ee01,
                cipher,
                key(encryption, 0x30),
                mac,
                integrity == 0 ? KeyMaterial.none() : key(integrity, 0x10)));
    }

    @Test
    void espHasAddressesAndSpi() {
        assertEquals(
                "\"IPv4\",\"203.0.113.1\",\"203.0.113.2\",\"0xc0ffee01\","
                        + "\"AES-GCM with 16 octet ICV [RFC4106]\",\"0x303132333435363738393a3b3c3d3e3f40414243\","
                        + "\"NULL\",\"0x\"\n",
                esp(EncryptionAlgorithm.ENCR_AES_GCM_16, IntegrityAlgorithm.NONE, 20, 0));
        assertEquals(
                "\"IPv4\",\"203.0.113.1\",\"203.0.113.2\",\"0xc0ffee01\",\"AES-CBC [RFC3602]\","
                        + "\"0x303132333435363738393a3b3c3d3e3f\",\"HMAC-SHA-256-128 [RFC4868]\","
                        + "\"0x101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f\"\n",
                esp(EncryptionAlgorithm.ENCR_AES_CBC, IntegrityAlgorithm.AUTH_HMAC_SHA2_256_128, 16, 32));
    }
}
