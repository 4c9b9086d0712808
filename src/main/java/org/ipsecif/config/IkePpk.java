package org.ipsecif.config;

import org.jspecify.annotations.Nullable;

/**
 * Post-quantum preshared keys (RFC 8784), which stand beside whatever the ends authenticate with.
 *
 * @param file what {@link PpkFile} reads, or null for none
 * @param id of the key that this end names; null for the file's first
 * @param isRequired whether there is no connection without one, as said by {@code ppk_required}; null if nothing was, see {@link #required}
 */
public record IkePpk(
        @Nullable String file,
        @Nullable String id,
        @Nullable Boolean isRequired) {
    public static final IkePpk NONE = new IkePpk(null, null, null);

    /** Who has a key wants it used: doing without is to be said. */
    public boolean required() {
        return isRequired == null ? file != null : isRequired;
    }

    IkePpk withFile(String value) {
        return new IkePpk(value, id, isRequired);
    }

    IkePpk withId(String value) {
        return new IkePpk(file, value, isRequired);
    }

    IkePpk withRequired(boolean value) {
        return new IkePpk(file, id, value);
    }
}
