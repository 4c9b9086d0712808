package org.ipsecif.crypto;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.ipsecif.crypto.AlgorithmProposal.Cipher;

/**
 * The words of strongSwan's proposals for ciphers and integrity algorithms; those of others are with the algorithms
 * themselves.
 */
final class AlgorithmKeywords {
    private static final Pattern AES = Pattern.compile("aes(128|192|256)?(ctr|gmac|(gcm|ccm)(8|12|16|64|96|128)?)?");
    private static final Pattern CAMELLIA = Pattern.compile("camellia(128|192|256)?");
    private static final int AES_BITS = 128;
    private static final int TRIPLE_DES_BITS = 192;
    private static final int CHACHA_BITS = 256;

    private static final Map<String, IntegrityAlgorithm> INTEGRITY = Map.of(
            "sha1", IntegrityAlgorithm.AUTH_HMAC_SHA1_96,
            "sha256", IntegrityAlgorithm.AUTH_HMAC_SHA2_256_128,
            "sha384", IntegrityAlgorithm.AUTH_HMAC_SHA2_384_192,
            "sha512", IntegrityAlgorithm.AUTH_HMAC_SHA2_512_256,
            "aesxcbc", IntegrityAlgorithm.AUTH_AES_XCBC_96,
            "aescmac", IntegrityAlgorithm.AUTH_AES_CMAC_96);

    /** Words that strongSwan has and this code refuses, and what to take instead. */
    private static final List<Map.Entry<Pattern, String>> REFUSED = List.of(
            refused("des|blowfish.*|cast128|serpent.*|twofish.*|rc5|idea", "aes256gcm16 or aes128"),
            refused("camellia(128|192|256)?(ctr|ccm.*)", "camellia256, or aes256gcm16"),
            refused("chacha20poly1305compat", "chacha20poly1305"),
            refused("(sha256|sha2_256)_96|md5(_128)?|sha1_160|camelliaxcbc", "sha256"),
            refused("prfmd5|prfcamelliaxcbc", "prfsha256"),
            refused("modp(768|1024|1536|1024s160|2048s224|2048s256)", "x25519, ecp256 or modp2048"),
            refused("modp(6144|8192)", "modp4096, ecp521 or x448"),
            refused("ecp(192|224)", "ecp256"),
            refused("newhope128|ntru.*", "ke1_mlkem768"));

    private AlgorithmKeywords() {}

    private static Map.Entry<Pattern, String> refused(String words, String instead) {
        return Map.entry(Pattern.compile(words), instead);
    }

    static Optional<Cipher> cipher(String word) {
        return switch (word) {
            case "null" -> Optional.of(new Cipher(EncryptionAlgorithm.ENCR_NULL, 0));
            case "3des" -> Optional.of(new Cipher(EncryptionAlgorithm.ENCR_3DES, TRIPLE_DES_BITS));
            case "chacha20poly1305" -> Optional.of(new Cipher(EncryptionAlgorithm.ENCR_CHACHA20_POLY1305, CHACHA_BITS));
            default -> aesOrCamellia(word);
        };
    }

    private static Optional<Cipher> aesOrCamellia(String word) {
        Matcher camellia = CAMELLIA.matcher(word);
        if (camellia.matches()) {
            return Optional.of(new Cipher(EncryptionAlgorithm.ENCR_CAMELLIA_CBC, bits(camellia.group(1))));
        }
        Matcher aes = AES.matcher(word);
        return aes.matches()
                ? Optional.of(new Cipher(aes(aes.group(2), aes.group(3), aes.group(4)), bits(aes.group(1))))
                : Optional.empty();
    }

    private static int bits(String digits) {
        return digits == null ? AES_BITS : Integer.parseInt(digits);
    }

    /** @param icv in bytes or bits, 16 bytes unless given */
    private static EncryptionAlgorithm aes(String mode, String combined, String icv) {
        if (mode == null) {
            return EncryptionAlgorithm.ENCR_AES_CBC;
        }
        if (combined == null) {
            return mode.equals("ctr") ? EncryptionAlgorithm.ENCR_AES_CTR : EncryptionAlgorithm.ENCR_NULL_AUTH_AES_GMAC;
        }
        boolean gcm = combined.equals("gcm");
        return switch (icv == null ? "16" : icv) {
            case "8", "64" -> gcm ? EncryptionAlgorithm.ENCR_AES_GCM_8 : EncryptionAlgorithm.ENCR_AES_CCM_8;
            case "12", "96" -> gcm ? EncryptionAlgorithm.ENCR_AES_GCM_12 : EncryptionAlgorithm.ENCR_AES_CCM_12;
            default -> gcm ? EncryptionAlgorithm.ENCR_AES_GCM_16 : EncryptionAlgorithm.ENCR_AES_CCM_16;
        };
    }

    /** Takes {@code sha} and {@code sha2_256} too, as strongSwan does. */
    static Optional<IntegrityAlgorithm> integrity(String given) {
        String word = given.equals("sha") ? "sha1" : given.replaceFirst("^sha2_(?=\\d+$)", "sha");
        return Optional.ofNullable(INTEGRITY.get(word));
    }

    /** What to take instead of a word that is refused; empty if it is no word at all. */
    static Optional<String> instead(String word) {
        return REFUSED.stream()
                .filter(each -> each.getKey().matcher(word).matches())
                .map(Map.Entry::getValue)
                .findFirst();
    }

    static String word(Cipher cipher) {
        int bits = cipher.keyBits();
        return switch (cipher.algorithm()) {
            case ENCR_NULL -> "null";
            case ENCR_3DES -> "3des";
            case ENCR_CHACHA20_POLY1305 -> "chacha20poly1305";
            case ENCR_AES_CBC -> "aes" + bits;
            case ENCR_AES_CTR -> "aes" + bits + "ctr";
            case ENCR_CAMELLIA_CBC -> "camellia" + bits;
            case ENCR_NULL_AUTH_AES_GMAC -> "aes" + bits + "gmac";
            case ENCR_AES_GCM_16, ENCR_AES_GCM_12, ENCR_AES_GCM_8 ->
                "aes" + bits + "gcm" + cipher.algorithm().icvLength();
            case ENCR_AES_CCM_16, ENCR_AES_CCM_12, ENCR_AES_CCM_8 ->
                "aes" + bits + "ccm" + cipher.algorithm().icvLength();
        };
    }

    static String word(IntegrityAlgorithm integrity) {
        return INTEGRITY.entrySet().stream()
                .filter(each -> each.getValue() == integrity)
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow();
    }
}
