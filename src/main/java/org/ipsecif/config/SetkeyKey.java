package org.ipsecif.config;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.ipsecif.crypto.KeyMaterial;

/** A key of a setkey(8) script: {@code "text"}, or {@code 0x} and hexadecimal digits. */
final class SetkeyKey {
    private SetkeyKey() {}

    /**
     * Reads a key of one of the lengths in {@code bits}.
     *
     * @throws ConfigException naming the algorithm and lengths, never the key
     */
    static KeyMaterial read(SetkeyTokens tokens, String algorithm, List<Integer> bits) throws ConfigException {
        SetkeyTokens.Token token = tokens.next("the key of " + algorithm);
        byte[] bytes =
                token.quoted() ? token.text().getBytes(StandardCharsets.UTF_8) : hexadecimal(tokens, token, algorithm);
        try {
            if (!bits.contains(bytes.length * KeyMaterial.BITS_PER_BYTE)) {
                throw tokens.error(
                        token.line(),
                        algorithm,
                        "the key has " + bytes.length * KeyMaterial.BITS_PER_BYTE + " bits, expected " + lengths(bits));
            }
            return KeyMaterial.copyOf(bytes);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    private static String lengths(List<Integer> bits) {
        String list = bits.toString();
        return list.substring(1, list.length() - 1).replaceFirst(", (\\d+)$", " or $1");
    }

    private static byte[] hexadecimal(SetkeyTokens tokens, SetkeyTokens.Token token, String algorithm)
            throws ConfigException {
        String text = token.text();
        if (!text.startsWith("0x") && !text.startsWith("0X")) {
            throw tokens.error(
                    token.line(), algorithm, "expected a key: \"text\" in quotes, or 0x and hexadecimal digits");
        }
        if (text.length() % 2 != 0) {
            throw tokens.error(token.line(), algorithm, "the key has an odd number of hexadecimal digits");
        }
        byte[] bytes = new byte[text.length() / 2 - 1];
        for (int i = 0; i < bytes.length; i++) {
            int high = Character.digit(text.charAt(2 + 2 * i), 16);
            int low = Character.digit(text.charAt(3 + 2 * i), 16);
            if (high < 0 || low < 0 || text.charAt(2 + 2 * i) > 'f' || text.charAt(3 + 2 * i) > 'f') {
                Arrays.fill(bytes, (byte) 0);
                throw tokens.error(token.line(), algorithm, "the key has a character that is no hexadecimal digit");
            }
            bytes[i] = (byte) (high << 4 | low);
        }
        return bytes;
    }
}
