package org.ipsecif.crypto.x509;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The CAs whose certificates we accept, and single certificates of peers that we accept as they are. Immutable, any thread; does no
 * I/O.
 */
public final class TrustedAuthorities {
    /** More certificates than any sensible path has: what an unknown peer may make us look at. */
    private static final int MAX_PRESENTED = 16;

    private final List<X509Certificate> trusted;
    private final List<byte[]> keyHashes;

    public TrustedAuthorities(List<X509Certificate> trusted) {
        this.trusted = List.copyOf(trusted);
        this.keyHashes = hashes(this.trusted);
    }

    /** SHA-1 hashes of the CAs' SubjectPublicKeyInfo: the CERTREQ payload (RFC 7296 section 3.7). */
    public List<byte[]> keyHashes() {
        return keyHashes.stream().map(byte[]::clone).toList();
    }

    private static List<byte[]> hashes(List<X509Certificate> trusted) {
        try {
            MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
            return trusted.stream()
                    .map(each -> sha1.digest(each.getPublicKey().getEncoded()))
                    .toList();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JRE has it
        }
    }

    /**
     * Finds a path from the peer's certificate to a trusted one, and validates it (RFC 5280 section 6, RFC 4945 section 5.1).
     *
     * @param presented the peer's CERT payloads, its own certificate first (RFC 7296 section 3.6); not trusted
     * @throws CredentialException saying of which certificate what is wrong
     */
    public CertificatePath validate(List<byte[]> presented, Instant now) throws CredentialException {
        if (presented.isEmpty() || presented.size() > MAX_PRESENTED) {
            throw new CredentialException("the peer sent " + presented.size() + " certificates, expected 1 to "
                    + MAX_PRESENTED + ", its own first");
        }
        List<X509Certificate> certificates = new ArrayList<>();
        for (byte[] der : presented) {
            certificates.add(CertificateFile.parse(der, "the peer's certificate " + (certificates.size() + 1)));
        }
        return validate(certificates.get(0), certificates, now);
    }

    private CertificatePath validate(X509Certificate leaf, List<X509Certificate> presented, Instant now)
            throws CredentialException {
        LeafRules.check(leaf);
        if (trusted.contains(leaf)) {
            PathRules.checkDates(leaf, now);
            return new CertificatePath(List.of(leaf), leaf);
        }
        CredentialException first = null;
        for (CertificatePath candidate : new PathSearch(trusted, presented).from(leaf)) {
            try {
                PathRules.check(candidate, now);
                return candidate;
            } catch (CredentialException e) {
                first = first == null ? e : first;
            }
        }
        throw first == null ? new CredentialException("no path") : first;
    }
}
