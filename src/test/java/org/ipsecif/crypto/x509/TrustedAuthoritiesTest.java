package org.ipsecif.crypto.x509;

import static org.ipsecif.crypto.x509.TestCertificate.NOW;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrustedAuthoritiesTest {
    private static final TestCertificate ROOT = TestCertificate.root("CN=root").make();
    private static final TestCertificate BRANCHES =
            ROOT.issue("CN=branches").authority(0).make();

    private static TrustedAuthorities trusting(TestCertificate... trusted) {
        return new TrustedAuthorities(
                Arrays.stream(trusted).map(TestCertificate::certificate).toList());
    }

    private static CertificatePath accept(TrustedAuthorities authorities, TestCertificate... presented)
            throws CredentialException {
        return authorities.validate(TestCertificate.chain(presented), NOW);
    }

    private static void refuse(String why, TrustedAuthorities authorities, TestCertificate... presented) {
        String message = assertThrows(
                        CredentialException.class, () -> authorities.validate(TestCertificate.chain(presented), NOW))
                .getMessage();
        assertTrue(message.contains(why), message);
    }

    @Test
    void acceptsAChainInAnyOrderBehindTheLeaf() throws Exception {
        TestCertificate moon = BRANCHES.issue("CN=moon").make();
        TestCertificate noise = TestCertificate.root("CN=noise").make();
        CertificatePath path = accept(trusting(noise, ROOT), moon, noise, ROOT, BRANCHES);
        assertEquals(List.of(moon.certificate(), BRANCHES.certificate()), path.certificates());
        assertEquals(ROOT.certificate(), path.authority());
        CertificatePath shorter = accept(trusting(BRANCHES), moon);
        assertEquals(List.of(moon.certificate()), shorter.certificates());
        refuse("its issuer CN=branches is not among the CA certificates", trusting(ROOT), moon);
    }

    @ParameterizedTest
    @CsvSource({"RSA, 2048", "RSA, 3072", "Ed25519, 0", "Ed448, 0"})
    void acceptsEveryKindOfKey(String algorithm, int bits) throws Exception {
        TestCertificate root = TestCertificate.root("CN=root")
                .keys(TestCertificate.keys(algorithm, bits))
                .make();
        TestCertificate moon = root.issue("CN=moon")
                .keys(TestCertificate.keys(algorithm, bits))
                .make();
        assertEquals(moon.certificate(), accept(trusting(root), moon).leaf());
    }

    @Test
    void acceptsASingleCertificateThatIsTrustedItself() throws Exception {
        TestCertificate moon = ROOT.issue("CN=moon").make();
        assertEquals(moon.certificate(), accept(trusting(moon), moon).authority());
        TestCertificate sun = ROOT.issue("CN=sun").make();
        refuse("not among the CA certificates", trusting(moon), sun);
        TestCertificate old = ROOT.issue("CN=old")
                .valid(NOW.minusSeconds(9), NOW.minusSeconds(1))
                .make();
        refuse("expired on", trusting(old), old);
    }

    @Test
    void refusesWrongDates() {
        Instant yesterday = NOW.minus(Duration.ofDays(1));
        Instant tomorrow = NOW.plus(Duration.ofDays(1));
        TestCertificate old =
                ROOT.issue("CN=old").valid(Instant.EPOCH, yesterday).make();
        refuse("the certificate of CN=old expired on 2026-05-31T12:00:00Z", trusting(ROOT), old);
        TestCertificate early =
                ROOT.issue("CN=early").valid(tomorrow, tomorrow.plusSeconds(9)).make();
        refuse("the certificate of CN=early is not valid before 2026-06-02T12:00:00Z", trusting(ROOT), early);
        TestCertificate oldRoot = TestCertificate.root("CN=old root")
                .valid(Instant.EPOCH, yesterday)
                .make();
        refuse(
                "the certificate of CN=old root expired",
                trusting(oldRoot),
                oldRoot.issue("CN=moon").make());
        TestCertificate oldBranches = ROOT.issue("CN=old branches")
                .authority()
                .valid(Instant.EPOCH, yesterday)
                .make();
        refuse(
                "the certificate of CN=old branches expired",
                trusting(ROOT),
                oldBranches.issue("CN=moon").make(),
                oldBranches);
    }

    @Test
    void takesAnotherPathIfOneHasExpired() throws Exception {
        Instant yesterday = NOW.minus(Duration.ofDays(1));
        TestCertificate cross = ROOT.issue("CN=branches")
                .authority()
                .keys(BRANCHES.keys())
                .valid(Instant.EPOCH, yesterday)
                .make();
        TestCertificate moon = BRANCHES.issue("CN=moon").make();
        assertEquals(
                List.of(moon.certificate(), BRANCHES.certificate()),
                accept(trusting(ROOT), moon, cross, BRANCHES).certificates());
        refuse("expired on", trusting(ROOT), moon, cross);
    }

    @Test
    void refusesAForgedSignature() {
        TestCertificate impostor = TestCertificate.root("CN=root").make();
        refuse(
                "the certificate of CN=moon is not signed by the key that we know of CN=root",
                trusting(ROOT),
                impostor.issue("CN=moon").make(),
                impostor);
    }

    @Test
    void refusesIssuersThatMayNotIssue() {
        TestCertificate moon = ROOT.issue("CN=moon").make();
        refuse(
                "the certificate of CN=moon is not a CA's",
                trusting(ROOT),
                moon.issue("CN=sun").make(),
                moon);
        refuse(
                "the trusted certificate of CN=moon is not a CA's",
                trusting(moon),
                moon.issue("CN=sun").make());
        TestCertificate below = BRANCHES.issue("CN=below").authority().make();
        refuse("pathLenConstraint", trusting(ROOT), below.issue("CN=sun").make(), below, BRANCHES);
        refuse(
                "allows 0 intermediate CAs, and the peer has 1",
                trusting(BRANCHES),
                below.issue("CN=sun").make(),
                below);
        TestCertificate crlOnly =
                ROOT.issue("CN=crl").authority().keyUsage(KeyUsage.cRLSign).make();
        refuse(
                "keyUsage that does not allow to sign certificates",
                trusting(ROOT),
                crlOnly.issue("CN=sun").make(),
                crlOnly);
    }

    @Test
    void asksWhatTheLeafMayBeUsedFor() throws Exception {
        accept(
                trusting(ROOT),
                ROOT.issue("CN=a").keyUsage(KeyUsage.digitalSignature).make());
        accept(
                trusting(ROOT),
                ROOT.issue("CN=a").keyUsage(KeyUsage.nonRepudiation).make());
        accept(
                trusting(ROOT),
                ROOT.issue("CN=a").extendedKeyUsage("1.3.6.1.5.5.7.3.17").make());
        accept(
                trusting(ROOT),
                ROOT.issue("CN=a").extendedKeyUsage("1.3.6.1.5.5.7.3.1").make());
        refuse(
                "keyUsage does not allow signatures",
                trusting(ROOT),
                ROOT.issue("CN=a").keyUsage(KeyUsage.keyAgreement).make());
        refuse(
                "allows neither IKE nor TLS",
                trusting(ROOT),
                ROOT.issue("CN=a").extendedKeyUsage("1.3.6.1.5.5.7.3.3").make());
        refuse(
                "critical extension",
                trusting(ROOT),
                ROOT.issue("CN=a").unknownCritical().make());
    }

    @Test
    void holdsNamesToConstraintsOfIntermediateAndTrustedCas() throws Exception {
        TestCertificate limited =
                ROOT.issue("CN=limited").authority().permittedDns("example.org").make();
        TestCertificate inside =
                limited.issue("CN=moon").dns("moon.example.org").make();
        TestCertificate outside =
                limited.issue("CN=moon").dns("moon.example.com").make();
        accept(trusting(ROOT), inside, limited);
        refuse("nameConstraints", trusting(ROOT), outside, limited);
        accept(trusting(limited), inside);
        refuse("nameConstraints", trusting(limited), outside);
    }

    @Test
    void refusesWeakKeysAndSignatures() {
        TestCertificate weak =
                ROOT.issue("CN=weak").keys(TestCertificate.keys("RSA", 1024)).make();
        refuse("the certificate of CN=weak has an RSA key of 1024 bits", trusting(ROOT), weak);
        TestCertificate sha1 = ROOT.issue("CN=old").signedWith("SHA1withECDSA").make();
        refuse("signed with SHA1WITHECDSA", trusting(ROOT), sha1);
    }

    @Test
    void refusesWhatIsNoCertificateOrTooMany() {
        TrustedAuthorities authorities = trusting(ROOT);
        for (List<byte[]> presented : List.of(
                List.<byte[]>of(),
                List.of(new byte[0]),
                List.of(new byte[] {0x30, 0x03, 1, 1, 1}),
                Collections.nCopies(17, ROOT.encoded()))) {
            assertThrows(CredentialException.class, () -> authorities.validate(presented, NOW));
        }
        byte[] trailing = Arrays.copyOf(ROOT.encoded(), ROOT.encoded().length + 1);
        assertThrows(CredentialException.class, () -> authorities.validate(List.of(trailing), NOW));
    }

    /** All signed by one another and by nobody trusted: every order of them would be a path. */
    @Test
    void givesUpOnAMazeOfCertificates() {
        var keys = TestCertificate.ec("secp256r1");
        TestCertificate one = TestCertificate.root("CN=maze").keys(keys).make();
        TestCertificate[] maze = new TestCertificate[16];
        for (int i = 0; i < maze.length; i++) {
            maze[i] = one.issue("CN=maze").authority().keys(keys).make();
        }
        refuse("no trusted CA stands behind", trusting(ROOT), maze);
    }

    @Test
    void namesAreSafeToPrint() {
        TestCertificate odd =
                TestCertificate.root("CN=\"line\nfeed\u001b[31m\"").make();
        String message = assertThrows(
                        CredentialException.class, () -> trusting(ROOT).validate(TestCertificate.chain(odd), NOW))
                .getMessage();
        assertFalse(message.contains("\n") || message.contains("\u001b"), message);
    }

    @Test
    void asksForItsAuthoritiesByKeyHash() throws Exception {
        List<byte[]> hashes = trusting(ROOT, BRANCHES).keyHashes();
        byte[] expected = MessageDigest.getInstance("SHA-1")
                .digest(BRANCHES.certificate().getPublicKey().getEncoded());
        assertEquals(2, hashes.size());
        assertArrayEquals(expected, hashes.get(1));
    }

    private static byte[] address(String literal) throws Exception {
        return InetAddress.getByName(literal).getAddress();
    }

    @Test
    void matchesIdentities() throws Exception {
        SubjectNames names = SubjectNames.of(ROOT.issue("C=CH, O=Example, CN=moon")
                .dns("moon.example.org")
                .dns("*.example.net")
                .alternative(new GeneralName(GeneralName.rfc822Name, "Moon@example.org"))
                .alternative(new GeneralName(GeneralName.iPAddress, new DEROctetString(address("203.0.113.1"))))
                .alternative(new GeneralName(GeneralName.iPAddress, new DEROctetString(address("2001:db8::1"))))
                .make()
                .certificate());
        assertTrue(names.hasDnsName("moon.example.org"));
        assertTrue(names.hasDnsName("MOON.example.ORG"));
        assertFalse(names.hasDnsName("moon"));
        assertFalse(names.hasDnsName("sun.example.net"));
        assertTrue(names.hasEmail("Moon@EXAMPLE.org"));
        assertFalse(names.hasEmail("moon@example.org"));
        assertFalse(names.hasEmail("Moon"));
        assertTrue(names.hasAddress(address("203.0.113.1")));
        assertFalse(names.hasAddress(address("203.0.113.2")));
        assertTrue(names.hasAddress(address("2001:db8::1")));
        assertFalse(names.hasAddress(new byte[0]));
        assertTrue(names.hasSubject(new X500Principal("C=ch,o=EXAMPLE,  cn=Moon").getEncoded()));
        assertFalse(names.hasSubject(new X500Principal("C=CH, O=Example, CN=sun").getEncoded()));
        assertFalse(names.hasSubject(new X500Principal("CN=moon").getEncoded()));
        assertFalse(names.hasSubject(new byte[] {1, 2, 3}));
        assertEquals(
                "CN=moon,O=Example,C=CH, DNS moon.example.org, DNS *.example.net, email Moon@example.org, "
                        + "IP 203.0.113.1, IP 2001:db8:0:0:0:0:0:1",
                names.toString());
    }

    /** A name in the subject is no identity (RFC 4945 section 3.1). */
    @Test
    void findsNoHostNameInTheSubject() {
        SubjectNames names =
                SubjectNames.of(ROOT.issue("CN=moon.example.org").make().certificate());
        assertFalse(names.hasDnsName("moon.example.org"));
    }
}
