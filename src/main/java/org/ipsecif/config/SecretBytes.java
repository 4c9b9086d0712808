package org.ipsecif.config;

import java.util.Arrays;
import java.util.Base64;
import org.ipsecif.crypto.KeyMaterial;

/** How ipsec.secrets(5) writes the bytes of a secret. Wipes what it is given; says nothing of it. */
final class SecretBytes {
    private static final int PREFIX = 2;

    private SecretBytes() {}

    /** Whether it begins with {@code 0x} or {@code 0s}. */
    static boolean isEncoded(byte[] text) {
        return text.length >= PREFIX && text[0] == '0' && (text[1] == 'x' || text[1] == 's');
    }

    /** What stands after {@code 0x} or {@code 0s}, decoded; else the text itself. */
    static KeyMaterial read(byte[] text) throws ConfigException {
        if (!isEncoded(text)) {
            return literal(text);
        }
        byte[] digits = Arrays.copyOfRange(text, PREFIX, text.length);
        try {
            return literal(text[1] == 'x' ? hexadecimal(digits) : base64(digits));
        } finally {
            Arrays.fill(digits, (byte) 0);
            Arrays.fill(text, (byte) 0);
        }
    }

    static KeyMaterial literal(byte[] secret) throws ConfigException {
        if (secret.length == 0) {
            throw new ConfigException("the secret is empty");
        }
        KeyMaterial material = KeyMaterial.copyOf(secret);
        Arrays.fill(secret, (byte) 0);
        return material;
    }

    private static byte[] hexadecimal(byte[] digits) throws ConfigException {
        if (digits.length % 2 != 0) {
            throw new ConfigException("the secret has an odd number of hexadecimal digits");
        }
        byte[] bytes = new byte[digits.length / 2];
        for (int i = 0; i < digits.length; i++) {
            int digit = Character.digit(digits[i], 16);
            if (digit < 0) {
                Arrays.fill(bytes, (byte) 0);
                throw new ConfigException("the secret has a character that is no hexadecimal digit");
            }
            bytes[i / 2] |= (byte) (digit << (i % 2 == 0 ? 4 : 0));
        }
        return bytes;
    }

    private static byte[] base64(byte[] digits) throws ConfigException {
        try {
            return Base64.getDecoder().decode(digits);
        } catch (IllegalArgumentException e) { // whose message quotes a character
            throw new ConfigException("the secret after 0s is not Base64");
        }
    }
}
