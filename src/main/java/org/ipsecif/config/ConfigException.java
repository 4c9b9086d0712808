package org.ipsecif.config;

import org.jspecify.annotations.Nullable;

/**
 * Something a user wrote is wrong. The message reads {@code FILE:LINE: KEY: what is wrong and what was expected}, with
 * the parts that are known; it never holds a key or a secret.
 */
public final class ConfigException extends Exception {
    private static final long serialVersionUID = 1L;

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

    /** A problem that belongs to no file: a command's words. */
    public ConfigException(String problem) {
        this(null, 0, null, problem);
    }
}
