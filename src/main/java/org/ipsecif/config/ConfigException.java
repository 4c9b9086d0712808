package org.ipsecif.config;

import org.jspecify.annotations.Nullable;

/**
 * Something a user wrote is wrong. The message reads {@code FILE:LINE: KEY: what is wrong and what was expected}, with
 * the parts that are known; it never holds a key or a secret.
 */
public final class ConfigException extends Exception {
    private static final long serialVersionUID = 1L;
    private static final int MAX_SHOWN = 12;

    /**
     * @param file as the user named it, or null when the text came from elsewhere
     * @param line from 1, or 0 when there is none
     * @param key the variable, option or word, or null
     */
    public ConfigException(@Nullable String file, int line, @Nullable String key, String problem) {
        super((file == null ? "" : file + (line > 0 ? ":" + line : "") + ": ")
                + (key == null ? "" : key + ": ")
                + problem);
    }

    /** What a user wrote, in quotes; not if it is longer than any name or number: it may be a misplaced key. */
    public static String shown(String word) {
        return word.length() > MAX_SHOWN ? shownNumber(word) : "\"" + word + "\"";
    }

    /** The same without quotes. */
    public static String shownNumber(String word) {
        return word.length() > MAX_SHOWN ? "a word of " + word.length() + " characters" : word;
    }

    /** A problem that belongs to no file: a command's words. */
    public ConfigException(String problem) {
        this(null, 0, null, problem);
    }
}
