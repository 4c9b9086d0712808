package org.ipsecif.sa;

/**
 * When an SA is to be replaced (soft) and when it ends (hard), RFC 4301 section 4.4.2.1. 0 is no limit. Bytes and packets are those of
 * inner packets, sent or accepted; seconds count from the SA's addition.
 */
public record Lifetimes(
        long softSeconds, long hardSeconds, long softBytes, long hardBytes, long softPackets, long hardPackets) {
    public static final Lifetimes NONE = new Lifetimes(0, 0, 0, 0, 0, 0);

    /** @throws IllegalArgumentException if a soft limit lies behind its hard one, or a limit is negative */
    public Lifetimes {
        check("seconds", softSeconds, hardSeconds);
        check("bytes", softBytes, hardBytes);
        check("packets", softPackets, hardPackets);
    }

    private static void check(String unit, long soft, long hard) {
        if (soft < 0 || hard < 0) {
            throw new IllegalArgumentException("a lifetime of fewer than 0 " + unit);
        }
        if (hard != 0 && soft > hard) {
            throw new IllegalArgumentException(
                    "the soft lifetime of " + soft + " " + unit + " lies behind the hard one of " + hard);
        }
    }
}
