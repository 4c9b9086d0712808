package org.ipsecif.crypto.x509;

import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertStore;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateRevokedException;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.PKIXRevocationChecker.Option;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Has the JDK judge a certificate by a CRL (RFC 5280 section 6.3) or an OCSP response (RFC 6960) that is at hand. It is told what to
 * look at, so that it fetches nothing itself.
 *
 * @param issuer whose key signed the certificate
 */
record RevocationJudge(X509Certificate certificate, X509Certificate issuer, Instant now) {
    private static final int CRL_SIGN = 6;

    RevocationAnswer byCrl(X509CRL crl) {
        boolean[] usage = issuer.getKeyUsage();
        if (usage != null && !usage[CRL_SIGN]) {
            return RevocationAnswer.unknown(Names.subject(issuer) + " may not sign CRLs (keyUsage)");
        }
        return judge(EnumSet.of(Option.PREFER_CRLS, Option.NO_FALLBACK), Map.of(), List.of(crl));
    }

    RevocationAnswer byOcsp(byte[] response) {
        return judge(EnumSet.of(Option.NO_FALLBACK), Map.of(certificate, response), List.of());
    }

    private RevocationAnswer judge(Set<Option> options, Map<X509Certificate, byte[]> responses, List<X509CRL> crls) {
        try {
            CertPathValidator validator = CertPathValidator.getInstance("PKIX");
            var checker = (PKIXRevocationChecker) validator.getRevocationChecker();
            checker.setOptions(options);
            checker.setOcspResponses(responses);
            PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(issuer, null)));
            parameters.setDate(Date.from(now));
            parameters.addCertPathChecker(checker);
            parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(crls)));
            validator.validate(
                    CertificateFactory.getInstance("X.509").generateCertPath(List.of(certificate)), parameters);
            return RevocationAnswer.GOOD;
        } catch (CertPathValidatorException e) {
            return e.getReason() == BasicReason.REVOKED
                    ? new RevocationAnswer(RevocationAnswer.Status.REVOKED, revoked(e))
                    : RevocationAnswer.unknown("what says so is not to be trusted: " + e.getMessage());
        } catch (GeneralSecurityException | RuntimeException e) {
            return RevocationAnswer.unknown(String.valueOf(e.getMessage()));
        }
    }

    private static String revoked(CertPathValidatorException e) {
        return e.getCause() instanceof CertificateRevokedException cause
                ? "was revoked on " + cause.getRevocationDate().toInstant() + " ("
                        + cause.getRevocationReason()
                                .name()
                                .toLowerCase(Locale.ROOT)
                                .replace('_', ' ') + ")"
                : "was revoked";
    }
}
