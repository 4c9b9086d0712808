package org.ipsecif.crypto.x509;

import java.io.ByteArrayInputStream;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.util.io.pem.PemObject;

/** X.509 certificates and CRLs (RFC 5280) of files and messages: PEM, any number, or one in DER. */
public final class CertificateFile {
    private CertificateFile() {}

    /**
     * All certificates, in their order; private keys and others beside them are passed over.
     *
     * @param file for messages
     * @throws CredentialException naming the file, if there is none or one is broken
     */
    public static List<X509Certificate> readCertificates(byte[] content, String file) throws CredentialException {
        if (content.length == 0) {
            throw new CredentialException(file + ": is empty; expected an X.509 certificate, PEM or DER");
        }
        List<X509Certificate> found = new ArrayList<>();
        for (byte[] der : encodings(content, file, "CERTIFICATE")) {
            found.add(parse(der, file + ": certificate " + (found.size() + 1)));
        }
        if (found.isEmpty()) {
            throw new CredentialException(file + ": holds no certificate; expected one, PEM or DER");
        }
        return found;
    }

    /** All CRLs. @throws CredentialException naming the file, if there is none or one is broken */
    public static List<X509CRL> readCrls(byte[] content, String file) throws CredentialException {
        List<X509CRL> found = new ArrayList<>();
        for (byte[] der : encodings(content, file, "X509 CRL")) {
            found.add(parseCrl(der, file));
        }
        if (found.isEmpty()) {
            throw new CredentialException(file + ": holds no CRL");
        }
        return found;
    }

    private static List<byte[]> encodings(byte[] content, String file, String type) throws CredentialException {
        List<PemObject> blocks = Pem.blocks(content, file);
        return blocks.isEmpty()
                ? List.of(content)
                : blocks.stream()
                        .filter(each -> each.getType().equals(type))
                        .map(PemObject::getContent)
                        .toList();
    }

    /** @param origin begins the message, if it is none */
    static X509Certificate parse(byte[] der, String origin) throws CredentialException {
        try {
            var in = new ByteArrayInputStream(der);
            var certificate =
                    (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
            if (certificate == null || in.available() > 0) {
                throw new CredentialException(origin + " is not one X.509 certificate");
            }
            return certificate;
        } catch (CertificateException | RuntimeException e) { // JDK 17: an index out of bounds, of an empty Ed25519 key
            throw new CredentialException(origin + " is not an X.509 certificate, or one with a key we do not know", e);
        }
    }

    static X509CRL parseCrl(byte[] der, String origin) throws CredentialException {
        try {
            return (X509CRL) CertificateFactory.getInstance("X.509").generateCRL(new ByteArrayInputStream(der));
        } catch (CRLException | CertificateException | RuntimeException e) {
            throw new CredentialException(origin + ": not an X.509 CRL", e);
        }
    }
}
