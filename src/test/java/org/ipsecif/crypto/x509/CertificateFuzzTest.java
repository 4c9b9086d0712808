package org.ipsecif.crypto.x509;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;

/**
 * Whatever a peer sends for a certificate or signature, and whatever stands in a file, it is accepted or refused with a {@link
 * CredentialException}. The kept input {@code moon.der} is a certificate by OpenSSL with all extensions that are looked at.
 */
class CertificateFuzzTest {
    private static final PublicKey KEY = key();

    /** An Ed25519 key: RFC 8410 section 10.1. */
    private static PublicKey key() {
        byte[] der = Base64.getDecoder().decode("MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=");
        try {
            return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(der));
        } catch (NoSuchAlgorithmException | InvalidKeySpecException e) {
            throw new AssertionError(e);
        }
    }

    @FuzzTest(maxDuration = "2m")
    void anyCertificate(byte[] bytes) {
        try {
            X509Certificate certificate = CertificateFile.parse(bytes, "it");
            SubjectNames names = SubjectNames.of(certificate);
            names.hasAddress(bytes);
            names.hasDnsName("moon.example.org");
            names.hasEmail("moon@example.org");
            names.hasSubject(bytes);
            String shown = names.toString();
            if (shown.chars().anyMatch(Character::isISOControl)) {
                throw new AssertionError("control characters in " + shown);
            }
            StatusUris.ocsp(certificate);
            StatusUris.crls(certificate);
            new TrustedAuthorities(List.of(certificate)).validate(List.of(bytes), TestCertificate.NOW);
        } catch (CredentialException e) {
            return; // refused in words
        }
    }

    @FuzzTest(maxDuration = "2m")
    void anySignature(byte[] bytes) {
        for (int method : new int[] {1, 9, 14}) {
            try {
                VerificationKey.of(KEY)
                        .verify(new AuthSignature(method, bytes), EnumSet.allOf(SignatureHash.class), bytes);
                throw new AssertionError("a forged signature");
            } catch (CredentialException e) {
                continue; // refused in words
            }
        }
    }

    @FuzzTest(maxDuration = "2m")
    void anyFile(byte[] bytes) {
        for (String type : List.of("", "PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "CERTIFICATE", "X509 CRL")) {
            byte[] content = type.isEmpty() ? bytes : pem(type, bytes);
            try {
                PrivateKeyFile.read(content, "file");
            } catch (CredentialException e) {
                read(content);
            }
        }
    }

    private static void read(byte[] content) {
        try {
            CertificateFile.readCertificates(content, "file");
        } catch (CredentialException e) {
            try {
                CertificateFile.readCrls(content, "file");
            } catch (CredentialException again) {
                return; // refused in words
            }
        }
    }

    private static byte[] pem(String type, byte[] der) {
        return ("-----BEGIN " + type + "-----\n" + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + type
                        + "-----\n")
                .getBytes(StandardCharsets.US_ASCII);
    }
}
