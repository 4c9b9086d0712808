package org.ipsecif.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.List;
import org.ipsecif.config.ConfigException;
import org.ipsecif.config.IkeCredentials;
import org.ipsecif.config.IkeSettings;
import org.ipsecif.crypto.ProposalNotation;
import org.ipsecif.crypto.x509.CredentialFiles;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of files that are not as they should be: which one, and what is wrong with it. */
class IkeSecretsTest {
    @TempDir
    Path directory;

    @BeforeEach
    void write() throws Exception {
        CredentialFiles.write(directory, "sun.example.org", "moon.example.org");
    }

    private String problem(Path certificate, Path key, Path authority) {
        IkeCredentials credentials = new IkeCredentials(
                IkeCredentials.Method.PUBKEY,
                null,
                List.of(certificate.toString()),
                key.toString(),
                List.of(authority.toString()),
                IkeCredentials.Revocation.OFF,
                IkeCredentials.NONE.ppk());
        IkeSettings settings = new IkeSettings(
                null,
                null,
                null,
                null,
                credentials,
                ProposalNotation.DEFAULT_IKE,
                ProposalNotation.DEFAULT_ESP,
                IkeSettings.NONE.behaviour(),
                IkeSettings.NONE.addresses());
        return String.valueOf(assertThrows(ConfigException.class, () -> IkeSecrets.read(settings))
                .getMessage());
    }

    private Path file(String name) {
        return directory.resolve(name);
    }

    @Test
    void missingCertificate() {
        assertEquals(
                file("none.pem") + ": no such file",
                problem(file("sun.example.org.pem"), file("sun.example.org.key"), file("none.pem")));
        assertEquals(
                file("none.pem") + ": no such file",
                problem(file("none.pem"), file("sun.example.org.key"), file("ca.pem")));
    }

    @Test
    void directoryInThePlaceOfACertificate() {
        assertEquals(directory + ": is a directory", problem(directory, file("sun.example.org.key"), file("ca.pem")));
    }

    /** As a device, which has no end. */
    @Test
    void fileWithoutAnEnd() {
        assertEquals(
                "/dev/zero: too long: expected at most 4194304 bytes",
                problem(Path.of("/dev/zero"), file("sun.example.org.key"), file("ca.pem")));
    }

    @Test
    void keyOfAnotherCertificate() {
        String said = problem(file("sun.example.org.pem"), file("moon.example.org.key"), file("ca.pem"));
        assertEquals(
                file("moon.example.org.key") + ": the private key does not belong to the certificate of",
                said.substring(0, said.indexOf(" of ") + 3));
    }
}
