package org.ipsecif.config;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ipsecif.crypto.KeyMaterial;
import org.jspecify.annotations.Nullable;

/**
 * A line of a {@link PskFile}. Makes no text of what may be part of a secret; its errors leave it to others to say
 * where.
 */
final class PskLine {
    /** @param end behind the last byte */
    private record Span(int start, int end, boolean quoted) {}

    private final byte[] content;
    private final int start;
    private final int end;
    private int at;

    /** @param end behind the last byte, without the newline */
    PskLine(byte[] content, int start, int end) {
        this.content = content;
        this.start = start;
        this.end = end;
        this.at = start;
    }

    boolean isBlank() {
        skipBlanks(end);
        return at == end;
    }

    boolean isComment() {
        skipBlanks(end);
        return at < end && content[at] == '#';
    }

    private void skipBlanks(int limit) {
        while (at < limit && isBlank(at)) {
            at++;
        }
    }

    private boolean isBlank(int position) {
        return content[position] == ' ' || content[position] == '\t';
    }

    boolean hasColon() {
        return colon() >= 0;
    }

    /**
     * Where a colon stands with nothing or white space on both sides, since addresses have colons too; -1 if nowhere.
     */
    private int colon() {
        for (int i = start; i < end; i++) {
            boolean begins = i == start || isBlank(i - 1);
            boolean ends = i + 1 == end || isBlank(i + 1);
            if (content[i] == ':' && begins && ends) {
                return i;
            }
        }
        return -1;
    }

    /** The whole line, without quotes; what could be meant in two ways is refused. */
    KeyMaterial bareSecret() throws ConfigException {
        if (isBlank(start) || isBlank(end - 1)) {
            throw new ConfigException("begins or ends with white space; such a secret is written as : PSK \"secret\"");
        }
        if (content[start] == '#' || isQuote(content[start])) {
            throw new ConfigException(
                    "begins with # or a quote; expected the secret as it is, or : PSK and the secret in quotes");
        }
        return SecretBytes.read(Arrays.copyOfRange(content, start, end));
    }

    private static boolean isQuote(byte character) {
        return character == '"' || character == '\'';
    }

    /** {@code ID [ID...] : PSK "secret"}, of a line that has the colon. */
    PskFile.Entry entry(int number) throws ConfigException {
        int colon = colon();
        KeyMaterial secret = secretBehind(colon, "PSK");
        try {
            return new PskFile.Entry(identities(colon), secret, number);
        } catch (ConfigException e) {
            secret.close();
            throw e;
        }
    }

    /** {@code ID : PPK "secret"}. */
    PpkFile.Entry namedKey(int number) throws ConfigException {
        int colon = colon();
        if (colon < 0) {
            throw new ConfigException("expected ID : PPK \"secret\"");
        }
        at = start;
        Span id = word(colon);
        if (id == null || word(colon) != null || !PpkFile.isId(text(id))) {
            throw new ConfigException("expected one name before the colon, 1 to " + PpkFile.MAX_ID
                    + " bytes, in quotes if it has white space");
        }
        return new PpkFile.Entry(text(id), secretBehind(colon, "PPK"), number);
    }

    private KeyMaterial secretBehind(int colon, String wanted) throws ConfigException {
        at = colon + 1;
        Span kind = word(end);
        if (kind == null || !text(kind).equalsIgnoreCase(wanted)) {
            throw new ConfigException(
                    "expected " + wanted + " after the colon; a secret that has one is written in quotes");
        }
        Span value = word(end);
        Span more = word(end);
        if (value == null || (more != null && content[more.start()] != '#')) {
            throw new ConfigException("expected one secret after " + wanted + ", in quotes if it has white space");
        }
        return secret(value);
    }

    private KeyMaterial secret(Span value) throws ConfigException {
        byte[] bytes = Arrays.copyOfRange(content, value.start(), value.end());
        if (value.quoted()) {
            return SecretBytes.literal(bytes);
        }
        if (!SecretBytes.isEncoded(bytes)) {
            Arrays.fill(bytes, (byte) 0);
            throw new ConfigException("expected a secret in quotes, 0x and hexadecimal digits, or 0s and Base64");
        }
        return SecretBytes.read(bytes);
    }

    private List<String> identities(int colon) throws ConfigException {
        List<String> identities = new ArrayList<>();
        at = start;
        for (Span word = word(colon); word != null; word = word(colon)) {
            String identity = text(word);
            if (!identity.equals(IkeSettings.ANYBODY)) {
                IdentityForm.check(identity);
            }
            identities.add(identity);
        }
        return identities;
    }

    private String text(Span span) {
        return new String(content, span.start(), span.end() - span.start(), StandardCharsets.UTF_8);
    }

    /** The next word, without its quotes; null at the limit. */
    private @Nullable Span word(int limit) throws ConfigException {
        skipBlanks(limit);
        if (at == limit) {
            return null;
        }
        boolean quoted = isQuote(content[at]);
        byte quote = content[at];
        int begin = quoted ? ++at : at;
        while (at < limit && (quoted ? content[at] != quote : !isBlank(at))) {
            at++;
        }
        if (quoted && at == limit) {
            throw new ConfigException("a quote is not closed");
        }
        return new Span(begin, quoted ? at++ : at, quoted);
    }
}
