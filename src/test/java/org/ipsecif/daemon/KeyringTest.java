package org.ipsecif.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.ipsecif.config.IkeCredentials;
import org.ipsecif.crypto.ProposalNotation;
import org.ipsecif.crypto.x509.CredentialFiles;
import org.ipsecif.ike.Credentials;
import org.ipsecif.ike.Identity;
import org.ipsecif.ike.IkeTimes;
import org.ipsecif.ike.PeerConfig;
import org.ipsecif.ike.message.AuthenticationPayload;
import org.ipsecif.ike.message.CertificatePayload;
import org.ipsecif.ike.message.Octets;
import org.ipsecif.sa.IpAddress;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is believed with a certificate. */
class KeyringTest {
    private static final byte[][] SIGNED = {{1, 2, 3}, {4}};
    private static final Set<Integer> SHA2_256 = Set.of(2);

    @TempDir
    Path directory;

    private final Keyring keyring = new Keyring(Runnable::run);

    @BeforeEach
    void write() throws Exception {
        CredentialFiles.write(directory, "sun.example.org", "moon.example.org");
        keyring.set("moon", SecretFiles.read("moon.example.org", credentials("moon.example.org")));
        keyring.set("sun", SecretFiles.read("sun.example.org", credentials("sun.example.org")));
    }

    private IkeCredentials credentials(String name) {
        return new IkeCredentials(
                IkeCredentials.Method.PUBKEY,
                null,
                List.of(directory.resolve(name + ".pem").toString()),
                directory.resolve(name + ".key").toString(),
                List.of(directory.resolve("ca.pem").toString()),
                IkeCredentials.Revocation.OFF,
                IkeCredentials.NONE.ppk());
    }

    private static PeerConfig peer(String name) {
        return new PeerConfig(
                name,
                IpAddress.parse("203.0.113.1"),
                IpAddress.parse("203.0.113.2"),
                Identity.parse("sun.example.org"),
                Identity.parse("moon.example.org"),
                ProposalNotation.DEFAULT_IKE,
                List.of(),
                IkeTimes.DEFAULT,
                false,
                false,
                false,
                true);
    }

    private Credentials.Signed signedByMoon() {
        Credentials.Signed signed = keyring.sign(peer("moon"), SHA2_256, SIGNED);
        assertNotNull(signed);
        return signed;
    }

    private String verified(String identity, AuthenticationPayload authentication, byte[][] octets) {
        List<Octets> certificates = signedByMoon().certificates().stream()
                .map(each -> ((CertificatePayload) each).data())
                .toList();
        List<String> answers = new ArrayList<>();
        keyring.verify(peer("sun"), Identity.parse(identity), authentication, certificates, octets, answers::add);
        assertEquals(1, answers.size());
        return answers.get(0);
    }

    @Test
    void certificateOfThePeerIsBelieved() {
        assertNull(verified("moon.example.org", signedByMoon().authentication(), SIGNED));
    }

    /** RFC 4945 section 3.1: it is good, and signs well, but is another's than the one named. */
    @Test
    void wrongIdentityUnderARightCertificateIsRefused() {
        for (String other : List.of("sun.example.org", "203.0.113.2", "moon@example.org", "CN=other", "example.org")) {
            String why = verified(other, signedByMoon().authentication(), SIGNED);
            assertNotNull(why, other);
            assertTrue(why.contains("is not one of"), why);
        }
    }

    @Test
    void signatureOfSomethingElseIsRefused() {
        assertNotNull(verified("moon.example.org", signedByMoon().authentication(), new byte[][] {{1, 2, 3}, {5}}));
    }

    /** Its key signed, and the other's certificate comes with it. */
    @Test
    void signatureOfAnotherKeyIsRefused() {
        Credentials.Signed sun = keyring.sign(peer("sun"), SHA2_256, SIGNED);
        assertNotNull(sun);
        assertNotNull(verified("moon.example.org", sun.authentication(), SIGNED));
    }
}
