package org.ipsecif.crypto.x509;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;

/** Files of certificates that are valid now, and of their keys, for tests of what reads them. */
public final class CredentialFiles {
    private CredentialFiles() {}

    /**
     * Writes {@code ca.pem}, and for each name {@code NAME.pem} and {@code NAME.key}.
     *
     * @param dnsNames in the certificates' subjectAltName
     */
    public static void write(Path directory, String... dnsNames) throws IOException {
        Instant now = Instant.now();
        Instant from = now.minus(Duration.ofDays(1));
        Instant to = now.plus(Duration.ofDays(1));
        TestCertificate root = TestCertificate.root("CN=root").valid(from, to).make();
        write(directory.resolve("ca.pem"), "CERTIFICATE", root.encoded());
        for (String each : dnsNames) {
            TestCertificate made =
                    root.issue("CN=" + each).dns(each).valid(from, to).make();
            write(directory.resolve(each + ".pem"), "CERTIFICATE", made.encoded());
            write(
                    directory.resolve(each + ".key"),
                    "PRIVATE KEY",
                    made.keys().getPrivate().getEncoded());
        }
    }

    private static void write(Path file, String kind, byte[] der) throws IOException {
        String text = "-----BEGIN " + kind + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + kind + "-----\n";
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, text);
    }
}
