package org.ipsecif.crypto.x509;

import java.security.cert.X509Certificate;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.NameConstraintValidatorException;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.asn1.x509.PKIXNameConstraintValidator;

/**
 * nameConstraints of the trusted CA itself (RFC 5280 section 4.2.1.10). The JDK applies those of the CAs below it, and refuses to be
 * given any with a trust anchor.
 */
final class AnchorNames {
    static final String FORBIDDEN = "has a name that its CA may not give (nameConstraints)";

    private AnchorNames() {}

    static void check(CertificatePath path) throws CredentialException {
        byte[] extension = path.authority().getExtensionValue(Extension.nameConstraints.getId());
        if (extension == null) {
            return;
        }
        var validator = new PKIXNameConstraintValidator();
        constrain(
                validator,
                NameConstraints.getInstance(
                        ASN1OctetString.getInstance(extension).getOctets()));
        for (X509Certificate each : path.certificates()) {
            try {
                check(validator, each);
            } catch (NameConstraintValidatorException e) {
                throw new CredentialException("the certificate of " + Names.subject(each) + " " + FORBIDDEN, e);
            }
        }
    }

    private static void constrain(PKIXNameConstraintValidator validator, NameConstraints constraints) {
        GeneralSubtree[] permitted = constraints.getPermittedSubtrees();
        if (permitted != null) {
            validator.intersectPermittedSubtree(permitted);
        }
        GeneralSubtree[] excluded = constraints.getExcludedSubtrees();
        if (excluded != null) {
            for (GeneralSubtree each : excluded) {
                validator.addExcludedSubtree(each);
            }
        }
    }

    private static void check(PKIXNameConstraintValidator validator, X509Certificate certificate)
            throws NameConstraintValidatorException {
        X500Name subject =
                X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
        if (subject.getRDNs().length > 0) {
            validator.checkPermitted(new GeneralName(subject));
            validator.checkExcluded(new GeneralName(subject));
        }
        for (GeneralName each : SubjectNames.of(certificate).alternatives()) {
            validator.checkPermitted(each);
            validator.checkExcluded(each);
        }
    }
}
