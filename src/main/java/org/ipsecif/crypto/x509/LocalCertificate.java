package org.ipsecif.crypto.x509;

import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/**
 * What we authenticate with: our certificate, its private key, and the certificates of intermediate CAs that peers may lack.
 *
 * @param chain our own certificate, then the intermediate CAs'
 */
public record LocalCertificate(SigningKey key, List<X509Certificate> chain) {
    public LocalCertificate {
        chain = List.copyOf(chain);
    }

    /**
     * A key and its certificates.
     *
     * @param keyFile for messages
     * @throws CredentialException naming the file, if the key is not the first certificate's
     */
    public static LocalCertificate of(SigningKey key, List<X509Certificate> chain, String keyFile)
            throws CredentialException {
        X509Certificate own = chain.get(0);
        if (!key.pairsWith(own.getPublicKey())) {
            throw new CredentialException(
                    keyFile + ": the private key does not belong to the certificate of " + Names.subject(own));
        }
        return new LocalCertificate(key, chain);
    }

    /** For CERT payloads of encoding 4, "X.509 Certificate - Signature" (RFC 7296 section 3.6), in their order. */
    public List<byte[]> encodedChain() {
        List<byte[]> encoded = new ArrayList<>();
        for (X509Certificate each : chain) {
            encoded.add(encoded(each));
        }
        return encoded;
    }

    public SubjectNames names() {
        return SubjectNames.of(chain.get(0));
    }

    static byte[] encoded(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException(e); // it was parsed from just that
        }
    }
}
