package org.ipsecif.crypto.x509;

import java.security.cert.X509Certificate;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;

/** Distinguished names as messages show them. */
final class Names {
    private static final int MAX_SHOWN = 200;

    private Names() {}

    static String subject(X509Certificate certificate) {
        return shown(certificate.getSubjectX500Principal());
    }

    static String issuer(X509Certificate certificate) {
        return shown(certificate.getIssuerX500Principal());
    }

    /** In the order of the encoding. Whoever made the certificate chose the name: no control characters, and not too much of it. */
    static String shown(X500Principal name) {
        return shown(X500Name.getInstance(BCStyle.INSTANCE, name.getEncoded()).toString());
    }

    static String shown(String name) {
        String printable = name.replaceAll("\\p{C}", "?");
        return printable.length() > MAX_SHOWN ? printable.substring(0, MAX_SHOWN) + "..." : printable;
    }
}
