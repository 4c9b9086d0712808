package org.ipsecif.crypto.x509;

/**
 * What one source knows of a certificate.
 *
 * @param detail why it is revoked or not known, for a message; empty if it is good
 */
record RevocationAnswer(Status status, String detail) {
    enum Status {
        GOOD,
        REVOKED,
        UNKNOWN
    }

    static final RevocationAnswer GOOD = new RevocationAnswer(Status.GOOD, "");

    static RevocationAnswer unknown(String why) {
        return new RevocationAnswer(Status.UNKNOWN, why);
    }
}
