package org.ipsecif.config;

/**
 * Which algorithms a setkey script may name beside those that are safe with manual keys.
 *
 * @param freshKeysOnly AEADs and counter modes, which a restart with the same keys breaks (RFC 8221 section 4)
 * @param legacy those that RFC 8221 says SHOULD NOT be used
 */
public record AllowedAlgorithms(boolean freshKeysOnly, boolean legacy) {
    public static final AllowedAlgorithms SAFE = new AllowedAlgorithms(false, false);

    /** For reading what others have sent. */
    public static final AllowedAlgorithms ANY = new AllowedAlgorithms(true, true);
}
