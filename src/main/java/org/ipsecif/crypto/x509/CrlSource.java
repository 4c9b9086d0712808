package org.ipsecif.crypto.x509;

import java.io.IOException;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.cert.X509CRL;
import java.time.Instant;
import java.util.List;

/** CRLs of files, then those of a certificate's distribution points, which are kept until their nextUpdate. Any thread. */
final class CrlSource {
    private static final int MAX_CACHED = 64;

    private final List<X509CRL> files;
    private final Fetcher fetcher;
    private final FetchCache<X509CRL> cache = new FetchCache<>(MAX_CACHED);

    CrlSource(List<X509CRL> files, Fetcher fetcher) {
        this.files = List.copyOf(files);
        this.fetcher = fetcher;
    }

    /** Blocks while it fetches. */
    RevocationAnswer ask(RevocationJudge judge) {
        RevocationAnswer last =
                RevocationAnswer.unknown("there is no CRL file of its issuer, and it names no CRL to fetch");
        for (X509CRL crl : files) {
            if (crl.getIssuerX500Principal().equals(judge.certificate().getIssuerX500Principal())) {
                last = isCurrent(crl, judge.now()) ? judge.byCrl(crl) : expired(crl);
                if (last.status() != RevocationAnswer.Status.UNKNOWN) {
                    return last;
                }
            }
        }
        for (URI uri : StatusUris.crls(judge.certificate())) {
            last = fetched(judge, uri);
            if (last.status() != RevocationAnswer.Status.UNKNOWN) {
                return last;
            }
        }
        return last;
    }

    private RevocationAnswer fetched(RevocationJudge judge, URI uri) {
        try {
            X509CRL crl = cache.get(uri.toString(), judge.now(), () -> fetch(judge, uri));
            return isCurrent(crl, judge.now()) ? judge.byCrl(crl) : expired(crl);
        } catch (IOException e) {
            return RevocationAnswer.unknown("CRL " + uri + ": " + e.getMessage());
        }
    }

    /** Only what the issuer signed, or anybody on the way could have us keep anything until any date. */
    private FetchCache.Fetched<X509CRL> fetch(RevocationJudge judge, URI uri) throws IOException {
        try {
            X509CRL crl = CertificateFile.parseCrl(fetcher.get(uri), uri.toString());
            crl.verify(judge.issuer().getPublicKey());
            return new FetchCache.Fetched<>(crl, nextUpdate(crl));
        } catch (CredentialException e) {
            throw new IOException("not a CRL", e);
        } catch (GeneralSecurityException e) {
            throw new IOException("not signed by " + Names.subject(judge.issuer()), e);
        }
    }

    private static Instant nextUpdate(X509CRL crl) {
        return crl.getNextUpdate() == null ? Instant.MIN : crl.getNextUpdate().toInstant();
    }

    private static boolean isCurrent(X509CRL crl, Instant now) {
        return now.isBefore(nextUpdate(crl))
                && !now.isBefore(crl.getThisUpdate().toInstant());
    }

    private static RevocationAnswer expired(X509CRL crl) {
        return RevocationAnswer.unknown("the CRL of " + Names.shown(crl.getIssuerX500Principal()) + " is for "
                + crl.getThisUpdate().toInstant() + " to "
                + (crl.getNextUpdate() == null ? "no date" : crl.getNextUpdate().toInstant()));
    }
}
