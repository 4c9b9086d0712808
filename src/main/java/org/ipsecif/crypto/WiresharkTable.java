package org.ipsecif.crypto;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * Keys as lines of Wireshark's tables {@code ikev2_decryption_table} and {@code esp_sa} (its UAT files, as
 * strongSwan's save-keys plugin writes them), under names that Wireshark 3.0 and later know. A line ends with a line feed; it is the
 * caller's to wipe.
 */
public final class WiresharkTable {
    private static final String HEX = "0123456789abcdef";

    /** A line under way, whose every copy is wiped. */
    private static final class Line extends ByteArrayOutputStream {
        /** No line is longer, so that no buffer is left behind by growth. */
        private static final int LONGEST = 2_048;

        Line() {
            super(LONGEST);
        }

        Line text(String text) {
            writeBytes(text.getBytes(StandardCharsets.US_ASCII));
            return this;
        }

        Line quoted(String text) {
            return text("\"").text(text).text("\"");
        }

        Line hex(KeyMaterial key) {
            for (byte each : key.bytes()) {
                write(HEX.charAt((each & 0xf0) >> 4));
                write(HEX.charAt(each & 0x0f));
            }
            return this;
        }

        byte[] finish() {
            text("\n");
            byte[] all = toByteArray();
            Arrays.fill(buf, (byte) 0);
            return all;
        }
    }

    private WiresharkTable() {}

    /**
     * Of {@code ikev2_decryption_table}: both SPIs, SK_ei, SK_er, encryption, SK_ai, SK_ar, integrity. The encryption keys of combined
     * modes end with their salt.
     *
     * @return nothing if Wireshark has no name for an algorithm
     */
    public static Optional<byte[]> ike(long initiatorSpi, long responderSpi, IkeSuite suite, IkeKeys keys) {
        return ikeEncryption(suite)
                .flatMap(encryption -> ikeIntegrity(suite.integrity())
                        .map(integrity -> new Line()
                                .text(String.format("%016x,%016x,", initiatorSpi, responderSpi))
                                .hex(keys.skEi())
                                .text(",")
                                .hex(keys.skEr())
                                .text(",")
                                .quoted(encryption)
                                .text(",")
                                .hex(keys.skAi())
                                .text(",")
                                .hex(keys.skAr())
                                .text(",")
                                .quoted(integrity)
                                .finish()));
    }

    private static Optional<String> ikeEncryption(IkeSuite suite) {
        int bits = suite.keyBits();
        return Optional.ofNullable(
                switch (suite.encryption()) {
                    case ENCR_AES_CBC -> "AES-CBC-" + bits + " [RFC3602]";
                    case ENCR_AES_CTR -> "AES-CTR-" + bits + " [RFC5930]";
                    case ENCR_3DES -> "3DES [RFC2451]";
                    case ENCR_AES_GCM_16, ENCR_AES_GCM_12, ENCR_AES_GCM_8 -> combined("AES-GCM-", suite);
                    case ENCR_AES_CCM_16, ENCR_AES_CCM_12, ENCR_AES_CCM_8 -> combined("AES-CCM-", suite);
                    default -> null;
                });
    }

    private static String combined(String name, IkeSuite suite) {
        return name + suite.keyBits() + " with " + suite.encryption().icvLength() + " octet ICV [RFC5282]";
    }

    private static Optional<String> ikeIntegrity(IntegrityAlgorithm integrity) {
        return Optional.ofNullable(
                switch (integrity) {
                    case NONE -> "NONE [RFC4306]";
                    case AUTH_HMAC_SHA1_96 -> "HMAC_SHA1_96 [RFC2404]";
                    case AUTH_HMAC_SHA2_256_128 -> "HMAC_SHA2_256_128 [RFC4868]";
                    case AUTH_HMAC_SHA2_384_192 -> "HMAC_SHA2_384_192 [RFC4868]";
                    case AUTH_HMAC_SHA2_512_256 -> "HMAC_SHA2_512_256 [RFC4868]";
                    default -> null;
                });
    }

    /**
     * Of {@code esp_sa}: family, source, destination, SPI, encryption and its key, integrity and its key.
     *
     * @param family {@code IPv4} or {@code IPv6}
     * @return nothing if Wireshark has no name for an algorithm
     */
    public static Optional<byte[]> esp(
            String family,
            String source,
            String destination,
            int spi,
            EncryptionAlgorithm cipher,
            KeyMaterial encryptionKey,
            IntegrityAlgorithm mac,
            KeyMaterial integrityKey) {
        return espEncryption(cipher)
                .flatMap(encryption -> espIntegrity(mac)
                        .map(integrity -> new Line()
                                .quoted(family)
                                .text(",")
                                .quoted(source)
                                .text(",")
                                .quoted(destination)
                                .text(",")
                                .quoted(String.format("0x%08x", spi))
                                .text(",")
                                .quoted(encryption)
                                .text(",\"0x")
                                .hex(encryptionKey)
                                .text("\",")
                                .quoted(integrity)
                                .text(",\"0x")
                                .hex(integrityKey)
                                .text("\"")
                                .finish()));
    }

    private static Optional<String> espEncryption(EncryptionAlgorithm cipher) {
        return Optional.ofNullable(
                switch (cipher) {
                    case ENCR_NULL -> "NULL";
                    case ENCR_AES_CBC -> "AES-CBC [RFC3602]";
                    case ENCR_AES_CTR -> "AES-CTR [RFC3686]";
                    case ENCR_3DES -> "TripleDES-CBC [RFC2451]";
                    case ENCR_AES_GCM_16, ENCR_AES_GCM_12, ENCR_AES_GCM_8 ->
                        "AES-GCM with " + cipher.icvLength() + " octet ICV [RFC4106]";
                    default -> null;
                });
    }

    private static Optional<String> espIntegrity(IntegrityAlgorithm mac) {
        int bits = KeyMaterial.BITS_PER_BYTE * mac.icvLength();
        return Optional.of(
                switch (mac) {
                    case NONE -> "NULL";
                    case AUTH_HMAC_SHA1_96 -> "HMAC-SHA-1-96 [RFC2404]";
                    case AUTH_HMAC_SHA2_256_128 -> "HMAC-SHA-256-128 [RFC4868]";
                    case AUTH_HMAC_SHA2_384_192 -> "HMAC-SHA-384-192 [RFC4868]";
                    case AUTH_HMAC_SHA2_512_256 -> "HMAC-SHA-512-256 [RFC4868]";
                    default -> "ANY " + bits + " bit authentication [no checking]";
                });
    }
}
