package org.ipsecif.crypto.x509;

/** What an answer is needed for, of OCSP or of CRLs. */
public enum RevocationPolicy {
    /** Not asked. */
    OFF,
    /** Refuses what is revoked, and warns where there is no answer. */
    SOFT_FAIL,
    /** Refuses also where there is no answer. */
    HARD_FAIL
}
