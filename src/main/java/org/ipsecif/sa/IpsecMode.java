package org.ipsecif.sa;

import java.util.Locale;

/** RFC 4301 section 4.1, and what setkey(8) adds to it. */
public enum IpsecMode {
    TRANSPORT,
    TUNNEL,
    /** Of an SA that serves policies of either; no policy has it. */
    ANY;

    /** In setkey(8)'s notation. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether an SA of this mode serves policies of the other. */
    public boolean serves(IpsecMode ofPolicies) {
        return this == ANY || this == ofPolicies;
    }
}
