package org.ipsecif.ike.message;

import java.util.Optional;

/** IANA "IKEv2 Certificate Encodings" (RFC 7296 section 3.6). */
public enum CertificateEncoding implements IanaNumber {
    PKCS7_WRAPPED_X509(1),
    PGP(2),
    DNS_SIGNED_KEY(3),
    /** A certificate in DER; in a request, SHA-1 hashes of the authorities' keys. */
    X509_SIGNATURE(4),
    KERBEROS_TOKENS(6),
    CRL(7),
    ARL(8),
    SPKI(9),
    X509_ATTRIBUTE(10),
    HASH_AND_URL(12),
    HASH_AND_URL_BUNDLE(13),
    /** RFC 4806. */
    OCSP_CONTENT(14),
    /** RFC 7670. */
    RAW_PUBLIC_KEY(15);

    private static final Registry<CertificateEncoding> REGISTRY = new Registry<>(values());

    private final int number;

    CertificateEncoding(int number) {
        this.number = number;
    }

    /** The entry with this number, if it is a known one. */
    public static Optional<CertificateEncoding> of(int number) {
        return REGISTRY.find(number);
    }

    /** Name of the entry with this number, or the number. */
    public static String text(int number) {
        return REGISTRY.text(number);
    }

    @Override
    public int number() {
        return number;
    }

    @Override
    public String text() {
        return name();
    }
}
