package org.ipsecif.crypto.x509;

import java.security.cert.X509Certificate;
import java.util.List;

/**
 * A peer's certificate and how a trusted CA comes to it, as {@link TrustedAuthorities} have found valid; revocation is another
 * matter.
 *
 * @param certificates the peer's own, then its issuer's and so on, without the trusted one
 * @param authority the trusted one that issued the last; the peer's own, if just that one is trusted
 */
public record CertificatePath(List<X509Certificate> certificates, X509Certificate authority) {
    public CertificatePath {
        certificates = List.copyOf(certificates);
    }

    public X509Certificate leaf() {
        return certificates.get(0);
    }

    /** @throws CredentialException if the peer's key is of a kind that IKEv2 does not use, or too weak */
    public VerificationKey key() throws CredentialException {
        return VerificationKey.of(leaf().getPublicKey());
    }

    public SubjectNames names() {
        return SubjectNames.of(leaf());
    }

    /** Who issued a certificate of the path. @param index of it in {@link #certificates} */
    X509Certificate issuer(int index) {
        return index + 1 < certificates.size() ? certificates.get(index + 1) : authority;
    }
}
