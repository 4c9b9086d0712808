package org.ipsecif.crypto.x509;

import static org.ipsecif.crypto.x509.RevocationPolicy.HARD_FAIL;
import static org.ipsecif.crypto.x509.RevocationPolicy.OFF;
import static org.ipsecif.crypto.x509.RevocationPolicy.SOFT_FAIL;
import static org.ipsecif.crypto.x509.TestCertificate.NOW;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.security.cert.X509CRL;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RevocationCheckerTest {
    private static final Instant BEFORE = NOW.minus(Duration.ofHours(1));
    private static final Instant NEXT = NOW.plus(Duration.ofHours(1));
    private static final TestCertificate ROOT = TestCertificate.root("CN=root").make();

    private final HttpFetcher fetcher = new HttpFetcher(Duration.ofSeconds(20), 100_000);
    private TestServer server;

    @BeforeEach
    void start() throws IOException {
        server = new TestServer();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private RevocationChecker checker(RevocationPolicy ocsp, RevocationPolicy crl, X509CRL... files) {
        return new RevocationChecker(ocsp, crl, List.of(files), fetcher);
    }

    private static CertificatePath path(TestCertificate... certificates) {
        return new CertificatePath(
                List.of(certificates).stream().map(TestCertificate::certificate).toList(), ROOT.certificate());
    }

    private static String refusal(RevocationChecker checker, CertificatePath path, Instant now) {
        return assertThrows(CredentialException.class, () -> checker.check(path, now))
                .getMessage();
    }

    private static void serve(TestServer server, String path, X509CRL crl) {
        server.answer(path, request -> {
            try {
                return crl.getEncoded();
            } catch (java.security.cert.CRLException e) {
                throw new AssertionError(e);
            }
        });
    }

    @Test
    void crlFilesSayWhatWasRevoked() throws Exception {
        TestCertificate moon = ROOT.issue("CN=moon").make();
        TestCertificate sun = ROOT.issue("CN=sun").make();
        RevocationChecker checker = checker(OFF, HARD_FAIL, ROOT.crl(BEFORE, NEXT, sun.certificate()));
        assertEquals(List.of(), checker.check(path(moon), NOW));
        assertEquals(
                "the certificate of CN=sun was revoked on 2026-06-01T11:00:00Z (key compromise)",
                refusal(checker, path(sun), NOW));
    }

    @Test
    void intermediateCasAreAskedAboutToo() throws Exception {
        TestCertificate branches = ROOT.issue("CN=branches").authority().make();
        TestCertificate moon = branches.issue("CN=moon").make();
        X509CRL ofRoot = ROOT.crl(BEFORE, NEXT, branches.certificate());
        X509CRL ofBranches = branches.crl(BEFORE, NEXT);
        assertEquals(
                List.of(),
                checker(OFF, HARD_FAIL, ROOT.crl(BEFORE, NEXT), ofBranches).check(path(moon, branches), NOW));
        String message = refusal(checker(OFF, SOFT_FAIL, ofRoot, ofBranches), path(moon, branches), NOW);
        assertTrue(message.startsWith("the certificate of CN=branches was revoked"), message);
    }

    @Test
    void policyDecidesWhatNoAnswerMeans() throws Exception {
        TestCertificate moon = ROOT.issue("CN=moon").make();
        List<String> warnings = checker(OFF, SOFT_FAIL).check(path(moon), NOW);
        assertEquals(
                List.of(
                        "whether the certificate of CN=moon was revoked is not known: there is no CRL file of its issuer,"
                                + " and it names no CRL to fetch"),
                warnings);
        assertEquals(warnings.get(0), refusal(checker(OFF, HARD_FAIL), path(moon), NOW));
        assertTrue(refusal(checker(HARD_FAIL, OFF), path(moon), NOW).contains("it names no OCSP responder"));
        assertEquals(List.of(), checker(OFF, OFF).check(path(moon), NOW));
        assertTrue(checker(OFF, OFF).isOff());
    }

    @Test
    void oneOfTheTwoDoesWhereEitherHasToSaySomething() throws Exception {
        TestCertificate moon = ROOT.issue("CN=moon").make();
        assertEquals(
                List.of(), checker(HARD_FAIL, HARD_FAIL, ROOT.crl(BEFORE, NEXT)).check(path(moon), NOW));
        String message = refusal(checker(HARD_FAIL, HARD_FAIL), path(moon), NOW);
        assertTrue(message.contains("it names no OCSP responder"), message);
        assertTrue(message.contains("it names no CRL to fetch"), message);
    }

    @Test
    void whatOneDoesNotKnowIsNoWarningWhereTheOtherSaysThatAllIsWell() throws Exception {
        TestCertificate moon = ROOT.issue("CN=moon").make();
        assertEquals(
                List.of(), checker(SOFT_FAIL, SOFT_FAIL, ROOT.crl(BEFORE, NEXT)).check(path(moon), NOW));
        assertEquals(1, checker(SOFT_FAIL, SOFT_FAIL).check(path(moon), NOW).size());
    }

    @Test
    void expiredForgedAndForeignCrlsAreNoAnswer() {
        TestCertificate moon = ROOT.issue("CN=moon").make();
        X509CRL expired = ROOT.crl(BEFORE.minusSeconds(60), BEFORE);
        String message = refusal(checker(OFF, HARD_FAIL, expired), path(moon), NOW);
        assertTrue(message.contains("the CRL of CN=root is for"), message);
        X509CRL early = ROOT.crl(NEXT, NEXT.plusSeconds(60));
        assertTrue(refusal(checker(OFF, HARD_FAIL, early), path(moon), NOW).contains("is for"));

        X509CRL forged = TestCertificate.root("CN=root").make().crl(BEFORE, NEXT);
        assertTrue(refusal(checker(OFF, HARD_FAIL, forged), path(moon), NOW).contains("not to be trusted"));
        X509CRL foreign = TestCertificate.root("CN=other").make().crl(BEFORE, NEXT);
        assertTrue(refusal(checker(OFF, HARD_FAIL, foreign), path(moon), NOW).contains("no CRL file of its issuer"));
    }

    @Test
    void issuersThatMayNotSignCrlsGiveNoAnswer() {
        TestCertificate branches = ROOT.issue("CN=branches")
                .authority()
                .keyUsage(KeyUsage.keyCertSign)
                .make();
        TestCertificate moon = branches.issue("CN=moon").make();
        RevocationChecker checker = checker(OFF, HARD_FAIL, branches.crl(BEFORE, NEXT), ROOT.crl(BEFORE, NEXT));
        assertTrue(refusal(checker, path(moon, branches), NOW).contains("may not sign CRLs"));
    }

    @Test
    void crlsAreFetchedOnceUntilTheirNextUpdate() throws Exception {
        TestCertificate moon =
                ROOT.issue("CN=moon").crlAt(server.uri("/root.crl")).make();
        TestCertificate sun =
                ROOT.issue("CN=sun").crlAt(server.uri("/root.crl")).make();
        serve(server, "/root.crl", ROOT.crl(BEFORE, NEXT, sun.certificate()));
        RevocationChecker checker = checker(OFF, HARD_FAIL);
        assertEquals(List.of(), checker.check(path(moon), NOW));
        assertTrue(refusal(checker, path(sun), NOW).contains("was revoked"));
        assertEquals(1, server.requests());
        assertTrue(refusal(checker, path(moon), NEXT).contains("is for"));
        assertEquals(2, server.requests());
    }

    @Test
    void aFetchedCrlMustBeTheIssuersAndIsNotKeptElse() throws Exception {
        TestCertificate moon =
                ROOT.issue("CN=moon").crlAt(server.uri("/root.crl")).make();
        serve(server, "/root.crl", TestCertificate.root("CN=root").make().crl(BEFORE, NEXT));
        RevocationChecker checker = checker(OFF, HARD_FAIL);
        String message = refusal(checker, path(moon), NOW);
        assertTrue(message.endsWith("/root.crl: not signed by CN=root"), message);
        refusal(checker, path(moon), NOW.plusSeconds(59));
        assertEquals(1, server.requests());
        refusal(checker, path(moon), NOW.plusSeconds(60));
        assertEquals(2, server.requests());
    }

    @Test
    void deadServersAreToldByName() {
        String uri = server.uri("/root.crl");
        server.close();
        TestCertificate moon = ROOT.issue("CN=moon").crlAt(uri).ocspAt(uri).make();
        assertTrue(refusal(checker(OFF, HARD_FAIL), path(moon), NOW).endsWith("CRL " + uri + ": cannot connect"));
        assertTrue(refusal(checker(HARD_FAIL, OFF), path(moon), NOW)
                .endsWith("OCSP responder " + uri + ": cannot connect"));
    }

    private TestCertificate withOcsp(String name) {
        return ROOT.issue(name)
                .ocspAt(server.uri("/ocsp"))
                .crlAt(server.uri("/root.crl"))
                .make();
    }

    @Test
    void ocspSaysWhatWasRevokedAndIsKept() throws Exception {
        TestCertificate moon = withOcsp("CN=moon");
        TestCertificate sun = withOcsp("CN=sun");
        server.answer("/ocsp", new TestResponder(ROOT, ROOT, BEFORE, NEXT, sun));
        RevocationChecker checker = checker(HARD_FAIL, SOFT_FAIL);
        assertEquals(List.of(), checker.check(path(moon), NOW));
        assertEquals(List.of(), checker.check(path(moon), NOW));
        assertEquals(1, server.requests(), "one to the responder, none for the CRL");
        String message = refusal(checker, path(sun), NOW);
        assertTrue(message.startsWith("the certificate of CN=sun was revoked on 2026-06-01T11:00:00Z"), message);
        assertEquals(2, server.requests());
        refusal(checker, path(sun), NOW);
        assertEquals(2, server.requests());
    }

    @Test
    void ocspIsAskedAnewAfterItsNextUpdate() throws Exception {
        TestCertificate moon = withOcsp("CN=moon");
        server.answer("/ocsp", new TestResponder(ROOT, ROOT, BEFORE, NEXT));
        RevocationChecker checker = checker(HARD_FAIL, OFF);
        assertEquals(List.of(), checker.check(path(moon), NOW));
        Instant muchLater = NEXT.plus(Duration.ofHours(1));
        assertTrue(refusal(checker, path(moon), muchLater).contains("not to be trusted"));
        assertEquals(2, server.requests());
    }

    @Test
    void ocspMayBeAnsweredByADelegate() throws Exception {
        TestCertificate moon = withOcsp("CN=moon");
        TestCertificate delegate =
                ROOT.issue("CN=responder").extendedKeyUsage("1.3.6.1.5.5.7.3.9").make();
        TestCertificate noDelegate = ROOT.issue("CN=responder").make();
        server.answer("/ocsp", new TestResponder(ROOT, delegate, BEFORE, NEXT));
        assertEquals(List.of(), checker(HARD_FAIL, OFF).check(path(moon), NOW));
        try (TestServer other = new TestServer()) {
            other.answer("/ocsp", new TestResponder(ROOT, noDelegate, BEFORE, NEXT));
            TestCertificate sun =
                    ROOT.issue("CN=sun").ocspAt(other.uri("/ocsp")).make();
            assertTrue(refusal(checker(HARD_FAIL, OFF), path(sun), NOW).contains("not to be trusted"));
        }
    }

    @Test
    void forgedOcspIsNoAnswerAndTheCrlIsAsked() throws Exception {
        TestCertificate moon = withOcsp("CN=moon");
        TestCertificate impostor = TestCertificate.root("CN=root").make();
        server.answer("/ocsp", new TestResponder(ROOT, impostor, BEFORE, NEXT));
        serve(server, "/root.crl", ROOT.crl(BEFORE, NEXT, moon.certificate()));
        assertTrue(refusal(checker(SOFT_FAIL, SOFT_FAIL), path(moon), NOW).contains("was revoked on"));
        assertTrue(refusal(checker(HARD_FAIL, SOFT_FAIL), path(moon), NOW).contains("not to be trusted"));
    }

    @Test
    void nonsenseFromResponderAndDistributionPointIsNoAnswer() throws Exception {
        TestCertificate moon = withOcsp("CN=moon");
        server.answer("/ocsp", request -> new byte[] {1, 2, 3});
        server.answer("/root.crl", request -> new byte[] {1, 2, 3});
        List<String> warnings = checker(SOFT_FAIL, SOFT_FAIL).check(path(moon), NOW);
        assertEquals(1, warnings.size(), warnings.toString());
        assertTrue(warnings.get(0).contains("/ocsp") && warnings.get(0).contains("; "), warnings.toString());
        assertTrue(warnings.get(0).endsWith("/root.crl: not a CRL"), warnings.toString());
    }

    @Test
    void brokenExtensionsNameNothing() throws Exception {
        TestCertificate moon = ROOT.issue("CN=moon")
                .broken(Extension.authorityInfoAccess)
                .broken(Extension.cRLDistributionPoints)
                .broken(Extension.subjectAlternativeName)
                .make();
        assertEquals(1, checker(SOFT_FAIL, SOFT_FAIL).check(path(moon), NOW).size());
        assertEquals("CN=moon", path(moon).names().toString());
    }

    @Test
    void certificatesTrustedForThemselvesAreNotAskedAbout() throws Exception {
        TestCertificate moon = withOcsp("CN=moon");
        CertificatePath alone = new CertificatePath(List.of(moon.certificate()), moon.certificate());
        assertEquals(List.of(), checker(HARD_FAIL, HARD_FAIL).check(alone, NOW));
        assertEquals(0, server.requests());
    }
}
