package org.ipsecif.crypto.x509;

/**
 * What an AUTH payload carries (RFC 7296 section 3.8).
 *
 * @param method Auth Method: {@link #RSA}, one of the three of RFC 4754, or {@link #DIGITAL_SIGNATURE}
 * @param data Authentication Data; of {@link #DIGITAL_SIGNATURE} with the AlgorithmIdentifier before the signature
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record AuthSignature(int method, byte[] data) {
    /** RSA Digital Signature (RFC 7296 section 2.15): PKCS #1 v1.5 with SHA-1. */
    public static final int RSA = 1;

    /** RFC 4754: r and s, each as long as the order. */
    public static final int ECDSA_256 = 9;

    public static final int ECDSA_384 = 10;
    public static final int ECDSA_521 = 11;

    /** RFC 7427. */
    public static final int DIGITAL_SIGNATURE = 14;
}
