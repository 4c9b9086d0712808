package org.ipsecif.crypto.x509;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Set;

/** What the certificate of an IKE peer must allow (RFC 4945 section 5.1.3). */
final class LeafRules {
    private static final int DIGITAL_SIGNATURE = 0;
    private static final int NON_REPUDIATION = 1;

    /**
     * id-kp-ipsecIKE and anyExtendedKeyUsage, as RFC 4945 has it; in use are also iKEIntermediate of RFC 4945's predecessors, the
     * three IPsec usages of RFC 2459, and those of TLS, which Windows asks for.
     */
    private static final Set<String> USAGES = Set.of(
            "1.3.6.1.5.5.7.3.17",
            "2.5.29.37.0",
            "1.3.6.1.5.5.8.2.2",
            "1.3.6.1.5.5.7.3.5",
            "1.3.6.1.5.5.7.3.6",
            "1.3.6.1.5.5.7.3.7",
            "1.3.6.1.5.5.7.3.1",
            "1.3.6.1.5.5.7.3.2");

    private LeafRules() {}

    static void check(X509Certificate leaf) throws CredentialException {
        boolean[] usage = leaf.getKeyUsage();
        if (usage != null && !usage[DIGITAL_SIGNATURE] && !usage[NON_REPUDIATION]) {
            throw refused(leaf, "keyUsage does not allow signatures");
        }
        try {
            List<String> extended = leaf.getExtendedKeyUsage();
            if (extended != null && extended.stream().noneMatch(USAGES::contains)) {
                throw refused(leaf, "extendedKeyUsage allows neither IKE nor TLS");
            }
        } catch (CertificateParsingException e) {
            throw refused(leaf, "extendedKeyUsage is broken");
        }
    }

    private static CredentialException refused(X509Certificate leaf, String why) {
        return new CredentialException(
                "the certificate of " + Names.subject(leaf) + " is not one to authenticate with: " + why);
    }
}
