package org.ipsecif.config;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Something a user wrote is wrong. The message reads {@code FILE:LINE: KEY: what is wrong and what was expected}, with
 * the parts that are known; it never holds a key or a secret.
 */
public final class ConfigException extends Exception {
    private static final long serialVersionUID = 1L;
    private static final int MAX_SHOWN = 12;
    private static final int MAX_QUOTED = 100;
    private static final int MAX_PROBLEM = 4_000;

    private static final Pattern QUOTED = Pattern.compile("\"[^\"]*\"|\\$\\{[^}]*\\}");

    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cntrl}\\x80-\\x9f\\p{Cf}\\p{Zl}\\p{Zp}]");

    /**
     * @param file as the user named it, or null when the text came from elsewhere
     * @param line from 1, or 0 when there is none
     * @param key the variable, option or word, or null
     */
    public ConfigException(@Nullable String file, int line, @Nullable String key, String problem) {
        super((file == null ? "" : printable(file) + (line > 0 ? ":" + line : "") + ": ")
                + (key == null ? "" : printable(cut(key)) + ": ")
                + printable(whole(QUOTED.matcher(problem).replaceAll(found -> cutQuoted(found.group())))));
    }

    private static String cut(String text) {
        return text.length() > MAX_QUOTED ? text.substring(0, MAX_QUOTED) + "..." : text;
    }

    /** One that is cut already, in a problem that gets a place, stays as it is. */
    private static String cutQuoted(String quotation) {
        int start = quotation.startsWith("$") ? 2 : 1;
        int end = quotation.length() - 1;
        String inside = quotation.substring(start, end);
        boolean isCut = inside.endsWith("...") && inside.length() == MAX_QUOTED + 3;
        return Matcher.quoteReplacement(
                isCut ? quotation : quotation.substring(0, start) + cut(inside) + quotation.substring(end));
    }

    /** What is not in quotes, and a text that has quotes of its own. */
    private static String whole(String problem) {
        int length = problem.length();
        return length > MAX_PROBLEM
                ? problem.substring(0, MAX_PROBLEM / 2) + "..." + problem.substring(length - MAX_PROBLEM / 4)
                : problem;
    }

    /** Nothing that a terminal would obey. */
    private static String printable(String text) {
        return UNPRINTABLE
                .matcher(text)
                .replaceAll(found ->
                        String.format(Locale.ROOT, "\\\\x%02x", found.group().codePointAt(0)));
    }

    /** What a user wrote, in quotes; not if it is longer than any name or number: it may be a misplaced key. */
    public static String shown(String word) {
        return word.length() > MAX_SHOWN ? shownNumber(word) : "\"" + word + "\"";
    }

    /** The same without quotes. */
    public static String shownNumber(String word) {
        return word.length() > MAX_SHOWN ? "a word of " + word.length() + " characters" : word;
    }

    /**
     * The same of a file that a setting names.
     *
     * @param key such as {@code psk_file}
     * @param name of the interface whose setting it is
     */
    public ConfigException of(String key, String name) {
        return new ConfigException(getMessage() + " (" + key + " of " + name + ")");
    }

    /** A problem that belongs to no file: a command's words. */
    public ConfigException(String problem) {
        this(null, 0, null, problem);
    }
}
