package org.ipsecif.crypto.x509;

import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/** Paths from a certificate to trusted ones, by names and signatures. The number of signatures it verifies is bounded. One use. */
final class PathSearch {
    private static final int MAX_LENGTH = 8;
    private static final int MAX_SIGNATURES = 64;

    private final List<X509Certificate> trusted;
    private final List<X509Certificate> presented;
    private final List<CertificatePath> found = new ArrayList<>();
    private final List<X509Certificate> walked = new ArrayList<>();
    private String failure = "";
    private int signatures;

    PathSearch(List<X509Certificate> trusted, List<X509Certificate> presented) {
        this.trusted = trusted;
        this.presented = presented;
    }

    /** @throws CredentialException if there is none: where it ends */
    List<CertificatePath> from(X509Certificate leaf) throws CredentialException {
        extend(leaf);
        if (found.isEmpty()) {
            throw new CredentialException(failure);
        }
        return found;
    }

    private void extend(X509Certificate last) {
        walked.add(last);
        trusted.stream()
                .filter(each -> issued(each, last))
                .forEach(each -> found.add(new CertificatePath(walked, each)));
        if (walked.size() < MAX_LENGTH) {
            presented.stream()
                    .filter(each -> !walked.contains(each) && issued(each, last))
                    .forEach(this::extend);
        }
        fail("no trusted CA stands behind the certificate of " + Names.subject(last) + ": its issuer "
                + Names.issuer(last) + " is not among the CA certificates");
        walked.remove(walked.size() - 1);
    }

    private boolean issued(X509Certificate issuer, X509Certificate certificate) {
        if (!issuer.getSubjectX500Principal().equals(certificate.getIssuerX500Principal())
                || ++signatures > MAX_SIGNATURES) {
            return false;
        }
        try { // whatever the JDK throws of a peer's certificate, it is not valid
            certificate.verify(issuer.getPublicKey());
            return true;
        } catch (GeneralSecurityException | RuntimeException e) {
            fail("the certificate of " + Names.subject(certificate) + " is not signed by the key that we know of "
                    + Names.subject(issuer));
            return false;
        }
    }

    /** The first, which is the closest to the leaf on its first path. */
    private void fail(String why) {
        failure = failure.isEmpty() ? why : failure;
    }
}
