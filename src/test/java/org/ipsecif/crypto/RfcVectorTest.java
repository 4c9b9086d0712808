package org.ipsecif.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The vectors of the RFCs that define ESP's algorithms. */
class RfcVectorTest {
    /** Hexadecimal, {@code FROM..TO} for counting bytes, {@code N*XX} for repeated ones, {@code 'text'}. */
    private static byte[] bytes(String notation) {
        String text = notation.strip();
        if (text.startsWith("'")) {
            return text.substring(1, text.length() - 1).getBytes(StandardCharsets.US_ASCII);
        }
        if (text.contains("..")) {
            int from = Integer.parseInt(text.substring(0, 2), 16);
            byte[] counting = new byte[Integer.parseInt(text.substring(4), 16) - from + 1];
            for (int i = 0; i < counting.length; i++) {
                counting[i] = (byte) (from + i);
            }
            return counting;
        }
        if (text.contains("*")) {
            byte[] repeated = new byte[Integer.parseInt(text.substring(0, text.indexOf('*')))];
            Arrays.fill(repeated, (byte) Integer.parseInt(text.substring(text.indexOf('*') + 1), 16));
            return repeated;
        }
        return HexFormat.of().parseHex(text.replace(" ", ""));
    }

    private static byte[] join(byte[]... parts) {
        byte[] all = {};
        for (byte[] part : parts) {
            int at = all.length;
            all = Arrays.copyOf(all, at + part.length);
            System.arraycopy(part, 0, all, at, part.length);
        }
        return all;
    }

    /** RFC 3602 section 4, RFC 3686 section 6 (key, then nonce). */
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "ENCR_AES_CBC, 06a9214036b8a15b512e03d534120006, 3dafba429d9eb430b422da802c9fac41, 'Single block msg',"
                        + " e353779c1079aeb82708942dbe77181a",
                "ENCR_AES_CBC, c286696d887c9aa0611bbb3e2025a45a, 562e17996d093d28ddb3ba695a2e6f58, 00..1f,"
                        + " d296cd94c2cccf8a3a863028b5e1dc0a7586602d253cfff91b8266bea6d61ab1",
                "ENCR_AES_CBC, 6c3ea0477630ce21a2ce334aa746c2cd, c782dc4c098c66cbd9cd27d825682c81,"
                        + " 'This is a 48-byte message (exactly 3 AES blocks)',"
                        + " d0a02b3836451753d493665d33f0e8862dea54cdb293abc7506939276772f8d5021c19216bad525c8579695d83ba2684",
                "ENCR_AES_CBC, 56e47a38c5598974bc46903dba290349, 8ce82eefbea0da3c44699ed7db51b7d9, a0..df,"
                        + " c30e32ffedc0774e6aff6af0869f71aa0f3af07a9a31a9c684db207eb0ef8e4e"
                        + "35907aa632c3ffdf868bb7b29d3d46ad83ce9f9a102ee99d49a53e87f4c3da55",
                "ENCR_AES_CTR, ae6852f8121067cc4bf7a5765577f39e00000030, 0000000000000000, 'Single block msg',"
                        + " e4095d4fb7a7b3792d6175a3261311b8",
                "ENCR_AES_CTR, 7e24067817fae0d743d6ce1f32539163006cb6db, c0543b59da48d90b, 00..1f,"
                        + " 5104a106168a72d9790d41ee8edad388eb2e1efc46da57c8fce630df9141be28",
                "ENCR_AES_CTR, 7691be035e5020a8ac6e618529f9a0dc00e0017b, 27777f3f4a1786f0, 00..23,"
                        + " c1cf48a89f2ffdd9cf4652e9efdb72d74540a42bde6d7836d59a5ceaaef3105325b2072f",
                // RFC 3713 appendix A, one block with an IV of zeros
                "ENCR_CAMELLIA_CBC, 0123456789abcdeffedcba9876543210, 00000000000000000000000000000000,"
                        + " 0123456789abcdeffedcba9876543210, 67673138549669730857065648eabe43",
            })
    void cipher(EncryptionAlgorithm algorithm, String key, String iv, String plain, String sealed) throws Exception {
        byte[] packet = join(bytes(iv), bytes(sealed));
        byte[] opened = new byte[packet.length];
        int ivLength = algorithm.ivLength();
        PacketCipher.of(algorithm, KeyMaterial.copyOf(bytes(key)))
                .decrypt(packet, 0, packet.length - ivLength, opened, ivLength);
        assertArrayEquals(bytes(plain), Arrays.copyOfRange(opened, ivLength, opened.length));
    }

    /** RFC 3566 section 4.6, RFC 4493 section 4, RFC 4868 section 2.7.2, RFC 2202 section 3. */
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "AUTH_AES_XCBC_96, 00..0f, 0*00, 75f0251d528ac01c4573dfd584d79f29",
                "AUTH_AES_XCBC_96, 00..0f, 00..02, 5b376580ae2f19afe7219ceef172756f",
                "AUTH_AES_XCBC_96, 00..0f, 00..0f, d2a246fa349b68a79998a4394ff7a263",
                "AUTH_AES_XCBC_96, 00..0f, 00..13, 47f51b4564966215b8985c63055ed308",
                "AUTH_AES_XCBC_96, 00..0f, 00..1f, f54f0ec8d2b9f3d36807734bd5283fd4",
                "AUTH_AES_XCBC_96, 00..0f, 00..21, becbb3bccdb518a30677d5481fb6b4d8",
                "AUTH_AES_XCBC_96, 00..0f, 1000*00, f0dafee895db30253761103b5d84528f",
                "AUTH_AES_CMAC_96, 2b7e151628aed2a6abf7158809cf4f3c, 0*00, bb1d6929e95937287fa37d129b756746",
                "AUTH_AES_CMAC_96, 2b7e151628aed2a6abf7158809cf4f3c, 6bc1bee22e409f96e93d7e117393172a,"
                        + " 070a16b46b4d4144f79bdd9dd04a287c",
                "AUTH_AES_CMAC_96, 2b7e151628aed2a6abf7158809cf4f3c, 6bc1bee22e409f96e93d7e117393172a"
                        + "ae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411, dfa66747de9ae63030ca32611497c827",
                "AUTH_AES_CMAC_96, 2b7e151628aed2a6abf7158809cf4f3c, 6bc1bee22e409f96e93d7e117393172a"
                        + "ae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710,"
                        + " 51f0bebf7e3b9d92fc49741779363cfe",
                "AUTH_HMAC_SHA1_96, 20*0b, 'Hi There', b617318655057264e28bc0b6fb378c8ef146be00",
                "AUTH_HMAC_SHA2_256_128, 32*0b, 'Hi There',"
                        + " 198a607eb44bfbc69903a0f1cf2bbdc5ba0aa3f3d9ae3c1c7a3b1696a0b68cf7",
                "AUTH_HMAC_SHA2_384_192, 48*0b, 'Hi There',"
                        + " b6a8d5636f5c6a7224f9977dcf7ee6c7fb6d0c48cbdee9737a959796489bddbc4c5df61d5b3297b4fb68dab9f1b582c2",
                "AUTH_HMAC_SHA2_512_256, 64*0b, 'Hi There',"
                        + " 637edc6e01dce7e6742a99451aae82df23da3e92439e590e43e761b33e910fb8"
                        + "ac2878ebd5803f6f0b61dbce5e251ff8789a4722c1be65aea45fd464e89f8f5b",
            })
    void mac(IntegrityAlgorithm algorithm, String key, String message, String expected) throws Exception {
        PacketMac mac = PacketMac.of(algorithm, KeyMaterial.copyOf(bytes(key)));
        byte[] text = bytes(message);
        byte[] full = new byte[mac.length()];
        for (int first = 0; first <= Math.min(40, text.length); first++) { // wherever the message is cut in two
            mac.update(text, 0, first);
            mac.update(text, first, text.length - first);
            mac.finish(full);
            assertArrayEquals(bytes(expected), full, "cut at " + first);
        }
    }

    /** A whole ESP packet with extended sequence numbers: draft-mcgrew-gcm-test-01, the first case (RFC 4106). */
    @Test
    void gcmPacket() {
        byte[] packet = bytes("00004321 00000000 4956ed7e3b244cfe"
                + "fecf537e729d5b07dc30df528dd22b768d1b98736696a6fd348509fa13ceac34cfa2436f14a3f3cf65925bf1f4a13c5d"
                + "15b21e1884f5ff6247aeabb786b93bce61bc17d768fd9732459018148f6cbe722fd04796562dfdb4");
        byte[] text = bytes("45000048699a000080114db7c0a80102c0a801010a9bf15638d3010000010000"
                + "00000000045f736970045f756470037369700963796265726369747902646b0000210001 01020201");
        assertPacket(
                EncryptionAlgorithm.ENCR_AES_GCM_16,
                "4c80cdefbb5d10da906ac73c3613a634 2e443b68",
                packet,
                text,
                0x8765_4321_0000_0000L);
    }

    /** RFC 8439 section 2.8.2, whose AAD of 12 bytes reads as an SPI and an extended sequence number (RFC 7634). */
    @Test
    void chaCha20Packet() {
        byte[] packet = bytes("50515253 c4c5c6c7 4041424344454647"
                + "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b"
                + "1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
                + "3ff4def08e4b7a9de576d26586cec64b6116 1ae10b594f09e26a7e902ecbd0600691");
        assertPacket(
                EncryptionAlgorithm.ENCR_CHACHA20_POLY1305,
                "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f 07000000",
                packet,
                ("Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen"
                                + " would be it.")
                        .getBytes(StandardCharsets.US_ASCII),
                0xc0c1_c2c3_c4c5_c6c7L);
    }

    private static void assertPacket(
            EncryptionAlgorithm algorithm, String key, byte[] packet, byte[] text, long sequence) {
        byte[] plain = new byte[packet.length];
        Aead aead =
                Aead.of(algorithm, KeyMaterial.copyOf(bytes(key)), IntegrityAlgorithm.NONE, KeyMaterial.none(), true);
        assertTrue(aead.open(packet, 0, text.length, plain, 0, sequence));
        assertArrayEquals(text, Arrays.copyOf(plain, text.length));
        assertEquals(false, aead.open(packet, 0, text.length, plain, 0, sequence + (1L << 32)));
        assertTrue(aead.open(packet, 0, text.length, plain, 0, sequence));
    }
}
