package org.ipsecif.crypto.x509;

import java.security.cert.X509CRL;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Asks whether certificates of a valid path were revoked: OCSP first, then CRLs, unless OCSP has said that all is well and CRLs need
 * not say so themselves. Fetches only what certificates of trusted CAs name, since the path was validated before. Any thread.
 */
public final class RevocationChecker {
    private final RevocationPolicy ocspPolicy;
    private final RevocationPolicy crlPolicy;
    private final OcspSource ocsp;
    private final CrlSource crls;

    /**
     * With {@link RevocationPolicy#HARD_FAIL} twice, one of the two has to say that all is well.
     *
     * @param crlFiles CRLs at hand, asked before any is fetched
     */
    public RevocationChecker(
            RevocationPolicy ocspPolicy, RevocationPolicy crlPolicy, List<X509CRL> crlFiles, Fetcher fetcher) {
        this.ocspPolicy = ocspPolicy;
        this.crlPolicy = crlPolicy;
        this.ocsp = new OcspSource(fetcher);
        this.crls = new CrlSource(crlFiles, fetcher);
    }

    /** Nothing would be asked, so {@link #check} does not block. */
    public boolean isOff() {
        return ocspPolicy == RevocationPolicy.OFF && crlPolicy == RevocationPolicy.OFF;
    }

    /**
     * Asks about all certificates of the path but the trusted one. Blocks while it fetches: call it on a thread of its own.
     *
     * @return for the log: what could not be found out, and need not
     * @throws CredentialException if one was revoked, or that could not be found out and has to
     */
    public List<String> check(CertificatePath path, Instant now) throws CredentialException {
        List<String> warnings = new ArrayList<>();
        if (path.authority().equals(path.leaf())) {
            return warnings; // trusted for itself: nobody else is asked
        }
        for (int i = 0; i < path.certificates().size(); i++) {
            check(new RevocationJudge(path.certificates().get(i), path.issuer(i), now), warnings);
        }
        return warnings;
    }

    private void check(RevocationJudge judge, List<String> warnings) throws CredentialException {
        List<String> unknown = new ArrayList<>();
        boolean either = ocspPolicy == RevocationPolicy.HARD_FAIL && crlPolicy == RevocationPolicy.HARD_FAIL;
        boolean good = false;
        if (ocspPolicy != RevocationPolicy.OFF) {
            good = accept(judge, ocsp.ask(judge), either ? RevocationPolicy.SOFT_FAIL : ocspPolicy, unknown);
        }
        if (crlPolicy != RevocationPolicy.OFF && (!good || (crlPolicy == RevocationPolicy.HARD_FAIL && !either))) {
            good = accept(judge, crls.ask(judge), either ? RevocationPolicy.SOFT_FAIL : crlPolicy, unknown);
        }
        if (!good && either) {
            throw new CredentialException(notKnown(judge, unknown));
        }
        if (!good && !unknown.isEmpty()) {
            warnings.add(notKnown(judge, unknown));
        }
    }

    private static String who(RevocationJudge judge) {
        return "the certificate of " + Names.subject(judge.certificate());
    }

    /** One line, however many were asked. */
    private static String notKnown(RevocationJudge judge, List<String> details) {
        return "whether " + who(judge) + " was revoked is not known: " + String.join("; ", details);
    }

    private static boolean accept(
            RevocationJudge judge, RevocationAnswer answer, RevocationPolicy policy, List<String> unknown)
            throws CredentialException {
        return switch (answer.status()) {
            case GOOD -> true;
            case REVOKED -> throw new CredentialException(who(judge) + " " + answer.detail());
            case UNKNOWN -> {
                if (policy == RevocationPolicy.HARD_FAIL) {
                    throw new CredentialException(notKnown(judge, List.of(answer.detail())));
                }
                unknown.add(answer.detail());
                yield false;
            }
        };
    }
}
