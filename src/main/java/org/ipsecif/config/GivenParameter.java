package org.ipsecif.config;

import org.jspecify.annotations.Nullable;

/**
 * A template's parameter, or the template, as a user set it, with the place, since only the template knows whether it is right.
 * Two are equal when their values are, wherever they stand.
 *
 * @param file as the user named it, or null for a command's word
 * @param line from 1, or 0 when there is none
 * @param key the variable, key or word, such as {@code ipsecif_ipsec0_template_priority}
 */
public record GivenParameter(String value, @Nullable String file, int line, String key) {
    ConfigException error(String problem) {
        return new ConfigException(file, line, key, problem);
    }

    /** The same after the place of this; a command's words are before the user's eyes. */
    public ConfigException because(ConfigException problem) {
        return file == null ? problem : error(String.valueOf(problem.getMessage()));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof GivenParameter given && given.value.equals(value);
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }
}
