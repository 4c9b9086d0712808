package org.ipsecif.crypto.x509;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringWriter;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.util.List;
import java.util.stream.Stream;
import org.bouncycastle.openssl.PKCS8Generator;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8EncryptorBuilder;
import org.bouncycastle.openssl.jcajce.JcePEMEncryptorBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CredentialFileTest {
    private static final String FILE = "/etc/ipsecif/moon.key";

    static Stream<KeyPair> keys() {
        return Stream.of(
                TestCertificate.keys("RSA", 2048),
                TestCertificate.keys("RSASSA-PSS", 2048),
                TestCertificate.ec("secp256r1"),
                TestCertificate.ec("secp384r1"),
                TestCertificate.ec("secp521r1"),
                TestCertificate.keys("Ed25519", 0),
                TestCertificate.keys("Ed448", 0));
    }

    /** Of RSA keys PKCS #1, of EC keys SEC1, of others PKCS #8. */
    private static byte[] pem(Object... objects) throws Exception {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            for (Object each : objects) {
                writer.writeObject(each);
            }
        }
        return text.toString().getBytes(US_ASCII);
    }

    private static String refusal(byte[] content) {
        String message = assertThrows(CredentialException.class, () -> PrivateKeyFile.read(content, FILE))
                .getMessage();
        assertTrue(message.startsWith(FILE + ": "), message);
        assertEquals(message.indexOf(FILE + ": "), message.lastIndexOf(FILE + ": "), message);
        return message;
    }

    @ParameterizedTest
    @MethodSource("keys")
    void readsEveryForm(KeyPair keys) throws Exception {
        byte[] traditional = pem(keys.getPrivate());
        byte[] pkcs8 = pem(new JcaPKCS8Generator(keys.getPrivate(), null));
        byte[] der = keys.getPrivate().getEncoded();
        for (byte[] content : List.of(traditional, pkcs8, der)) {
            assertTrue(PrivateKeyFile.read(content, FILE).pairsWith(keys.getPublic()));
        }
    }

    @Test
    void passesOverWhatStandsBesideTheKey() throws Exception {
        TestCertificate moon = TestCertificate.root("CN=moon").make();
        String key = new String(pem(moon.keys().getPrivate()), US_ASCII);
        byte[] content = ("Bag Attributes\n    friendlyName: moon\n" + new String(pem(moon.certificate()), US_ASCII)
                        + "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" + key)
                .getBytes(US_ASCII);
        assertTrue(PrivateKeyFile.read(content, FILE).pairsWith(moon.keys().getPublic()));
        assertEquals(List.of(moon.certificate()), CertificateFile.readCertificates(content, FILE));
    }

    @Test
    void saysThatAKeyIsEncrypted() throws Exception {
        KeyPair keys = TestCertificate.ec("secp256r1");
        var encryptor = new JceOpenSSLPKCS8EncryptorBuilder(PKCS8Generator.AES_256_CBC)
                .setProvider(new org.bouncycastle.jce.provider.BouncyCastleProvider())
                .setRandom(new SecureRandom())
                .setPassword("secret".toCharArray())
                .build();
        assertTrue(refusal(pem(new JcaPKCS8Generator(keys.getPrivate(), encryptor)))
                .contains("is encrypted"));

        StringWriter old = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(old)) {
            writer.writeObject(
                    keys.getPrivate(),
                    new JcePEMEncryptorBuilder("AES-128-CBC")
                            .setProvider(new org.bouncycastle.jce.provider.BouncyCastleProvider())
                            .build("secret".toCharArray()));
        }
        assertTrue(refusal(old.toString().getBytes(US_ASCII)).contains("is encrypted"));
    }

    @Test
    void refusesWhatIsNoKey() throws Exception {
        assertTrue(refusal(new byte[0]).contains("expected an unencrypted"));
        assertTrue(refusal("a line of text\n".getBytes(US_ASCII)).contains("expected an unencrypted"));
        byte[] certificate = pem(TestCertificate.root("CN=moon").make().certificate());
        assertTrue(refusal(certificate).contains("holds no private key, but certificate"));
        byte[] broken = "-----BEGIN PRIVATE KEY-----\nMIG*\n-----END PRIVATE KEY-----\n".getBytes(US_ASCII);
        assertTrue(refusal(broken).contains("broken"));
        byte[] noEnd = "-----BEGIN PRIVATE KEY-----\nMIGH\n".getBytes(US_ASCII);
        assertTrue(refusal(noEnd).contains("broken"));
        byte[] empty = "-----BEGIN EC PRIVATE KEY-----\nMIGH\n-----END EC PRIVATE KEY-----\n".getBytes(US_ASCII);
        assertTrue(refusal(empty).contains("expected an unencrypted"));
        byte[] dsa = pem(new JcaPKCS8Generator(TestCertificate.keys("DSA", 2048).getPrivate(), null));
        assertTrue(refusal(dsa).contains("1.2.840.10040.4.1"));
        byte[] weak = pem(TestCertificate.keys("RSA", 1024).getPrivate());
        assertTrue(refusal(weak).contains("1024 bits"));
    }

    @Test
    void readsCertificatesInTheirOrder() throws Exception {
        TestCertificate root = TestCertificate.root("CN=root").make();
        TestCertificate moon = root.issue("CN=moon").make();
        byte[] both = pem(moon.certificate(), root.certificate());
        assertEquals(
                List.of(moon.certificate(), root.certificate()), CertificateFile.readCertificates(both, "moon.pem"));
        assertEquals(List.of(moon.certificate()), CertificateFile.readCertificates(moon.encoded(), "moon.der"));

        byte[] second = (new String(pem(moon.certificate()), US_ASCII)
                        + "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n")
                .getBytes(US_ASCII);
        String broken = assertThrows(
                        CredentialException.class, () -> CertificateFile.readCertificates(second, "moon.pem"))
                .getMessage();
        assertTrue(broken.startsWith("moon.pem: certificate 2 is not"), broken);
        String none = assertThrows(
                        CredentialException.class,
                        () -> CertificateFile.readCertificates(pem(moon.keys().getPrivate()), "moon.pem"))
                .getMessage();
        assertEquals("moon.pem: holds no certificate; expected one, PEM or DER", none);
        String empty = assertThrows(
                        CredentialException.class, () -> CertificateFile.readCertificates(new byte[0], "moon.pem"))
                .getMessage();
        assertEquals("moon.pem: is empty; expected an X.509 certificate, PEM or DER", empty);
    }

    @Test
    void readsCrls() throws Exception {
        TestCertificate root = TestCertificate.root("CN=root").make();
        var crl = root.crl(TestCertificate.NOW, TestCertificate.NOW.plusSeconds(60));
        assertEquals(List.of(crl), CertificateFile.readCrls(pem(crl), "root.crl"));
        assertEquals(List.of(crl), CertificateFile.readCrls(crl.getEncoded(), "root.crl"));
        assertThrows(CredentialException.class, () -> CertificateFile.readCrls(root.encoded(), "root.crl"));
    }

    @Test
    void pairsKeyAndCertificate() throws Exception {
        TestCertificate moon = TestCertificate.root("CN=moon").make();
        SigningKey key = SigningKey.of(moon.keys().getPrivate());
        LocalCertificate local = LocalCertificate.of(key, List.of(moon.certificate()), "moon.key");
        assertEquals(1, local.encodedChain().size());
        SigningKey other = SigningKey.of(TestCertificate.ec("secp256r1").getPrivate());
        String message = assertThrows(
                        CredentialException.class,
                        () -> LocalCertificate.of(other, List.of(moon.certificate()), "sun.key"))
                .getMessage();
        assertEquals("sun.key: the private key does not belong to the certificate of CN=moon", message);
        assertFalse(local.toString().contains("PrivateKey"), local.toString());
    }
}
