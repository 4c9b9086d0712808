package org.ipsecif.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.List;
import org.ipsecif.config.ConfigException;
import org.ipsecif.config.IkeCredentials;
import org.ipsecif.config.IkePpk;
import org.ipsecif.crypto.x509.CredentialFiles;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of files that are not as they should be: which one, and what is wrong with it. */
class SecretFilesTest {
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
        return problem(credentials);
    }

    private static String problem(IkeCredentials credentials) {
        return String.valueOf(assertThrows(ConfigException.class, () -> SecretFiles.read("ipsec7", credentials))
                .getMessage());
    }

    private Path file(String name) {
        return directory.resolve(name);
    }

    @Test
    void missingCertificate() {
        assertEquals(
                file("none.pem") + ": no such file (cacert of ipsec7)",
                problem(file("sun.example.org.pem"), file("sun.example.org.key"), file("none.pem")));
        assertEquals(
                file("none.pem") + ": no such file (cert of ipsec7)",
                problem(file("none.pem"), file("sun.example.org.key"), file("ca.pem")));
    }

    @Test
    void directoryInThePlaceOfACertificate() {
        assertEquals(
                directory + ": is a directory (cert of ipsec7)",
                problem(directory, file("sun.example.org.key"), file("ca.pem")));
    }

    /** As a device, which has no end. */
    @Test
    void fileWithoutAnEnd() {
        assertEquals(
                "/dev/zero: too long: expected at most 4194304 bytes (cert of ipsec7)",
                problem(Path.of("/dev/zero"), file("sun.example.org.key"), file("ca.pem")));
    }

    @Test
    void keyOfAnotherCertificate() {
        String said = problem(file("sun.example.org.pem"), file("moon.example.org.key"), file("ca.pem"));
        assertEquals(
                file("moon.example.org.key") + ": the private key does not belong to the certificate of",
                said.substring(0, said.indexOf(" of ") + 3));
    }

    @Test
    void missingKey() {
        assertEquals(
                file("none.key") + ": no such file (key of ipsec7)",
                problem(file("sun.example.org.pem"), file("none.key"), file("ca.pem")));
    }

    private String problem(@Nullable Path ppks) {
        return problem(new IkeCredentials(
                IkeCredentials.Method.PSK,
                file("none.psk").toString(),
                List.of(),
                null,
                List.of(),
                IkeCredentials.Revocation.OFF,
                new IkePpk(ppks == null ? null : ppks.toString(), null, null)));
    }

    @Test
    void missingSecret() {
        assertEquals(file("none.psk") + ": no such file (psk_file of ipsec7)", problem((Path) null));
        assertEquals(file("none.ppk") + ": no such file (ppk_file of ipsec7)", problem(file("none.ppk")));
    }
}
