package org.ipsecif.crypto.x509;

import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXReason;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.Locale;
import java.util.Set;

/**
 * Validation of one path (RFC 5280 section 6.1): dates, strengths and the trusted CA's own limits here, since they come out with
 * names that way or the JDK passes over them; everything else by the JDK.
 */
final class PathRules {
    private PathRules() {}

    static void check(CertificatePath path, Instant now) throws CredentialException {
        for (X509Certificate each : path.certificates()) {
            checkDates(each, now);
            checkSignatureAlgorithm(each);
        }
        checkDates(path.authority(), now);
        for (X509Certificate each : path.certificates()) {
            checkKey(each);
        }
        checkKey(path.authority());
        checkLength(path);
        AnchorNames.check(path);
        validate(path, now);
    }

    static void checkDates(X509Certificate certificate, Instant now) throws CredentialException {
        Instant from = certificate.getNotBefore().toInstant();
        Instant to = certificate.getNotAfter().toInstant();
        if (now.isBefore(from)) {
            throw new CredentialException(
                    "the certificate of " + Names.subject(certificate) + " is not valid before " + from);
        }
        if (now.isAfter(to)) {
            throw new CredentialException("the certificate of " + Names.subject(certificate) + " expired on " + to);
        }
    }

    /** Whoever can make two things with one hash can have one signed and show the other. */
    private static void checkSignatureAlgorithm(X509Certificate certificate) throws CredentialException {
        String name = certificate.getSigAlgName().toUpperCase(Locale.ROOT);
        if (name.contains("SHA1") || name.contains("MD5") || name.contains("MD2")) {
            throw new CredentialException("the certificate of " + Names.subject(certificate) + " is signed with " + name
                    + ", which is broken; expected SHA-256 or better");
        }
    }

    private static void checkKey(X509Certificate certificate) throws CredentialException {
        try {
            KeyKind.of(certificate.getPublicKey());
        } catch (CredentialException e) {
            throw new CredentialException(
                    "the certificate of " + Names.subject(certificate) + " has " + e.getMessage(), e);
        }
    }

    /** RFC 5280 section 4.2.1.9, of the trusted CA, which the JDK does not ask. */
    private static void checkLength(CertificatePath path) throws CredentialException {
        int allowed = path.authority().getBasicConstraints();
        int intermediates = path.certificates().size() - 1;
        if (allowed < 0) {
            throw new CredentialException(
                    "the trusted certificate of " + Names.subject(path.authority()) + " is not a CA's");
        }
        if (intermediates > allowed) {
            throw new CredentialException("the CA " + Names.subject(path.authority()) + " allows " + allowed
                    + " intermediate CAs, and the peer has " + intermediates);
        }
    }

    private static void validate(CertificatePath path, Instant now) throws CredentialException {
        try {
            var factory = CertificateFactory.getInstance("X.509");
            PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(path.authority(), null)));
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(now));
            CertPathValidator.getInstance("PKIX").validate(factory.generateCertPath(path.certificates()), parameters);
        } catch (CertPathValidatorException e) {
            X509Certificate at = path.certificates().get(Math.max(0, e.getIndex()));
            throw new CredentialException("the certificate of " + Names.subject(at) + " " + reason(e), e);
        } catch (GeneralSecurityException | RuntimeException e) {
            throw new CredentialException("the peer's certificates cannot be validated: " + e.getMessage(), e);
        }
    }

    private static String reason(CertPathValidatorException e) {
        var reason = e.getReason();
        if (reason == PKIXReason.NOT_CA_CERT) {
            return "is not a CA's, and has issued another";
        }
        if (reason == PKIXReason.PATH_TOO_LONG) {
            return "allows fewer intermediate CAs than the peer has (pathLenConstraint)";
        }
        if (reason == PKIXReason.INVALID_KEY_USAGE) {
            return "has a keyUsage that does not allow to sign certificates";
        }
        if (reason == PKIXReason.INVALID_NAME) {
            return AnchorNames.FORBIDDEN;
        }
        if (reason == PKIXReason.UNRECOGNIZED_CRIT_EXT) {
            return "has a critical extension that we do not know";
        }
        return "is not valid: " + e.getMessage();
    }
}
