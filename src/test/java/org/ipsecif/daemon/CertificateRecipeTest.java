package org.ipsecif.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.ipsecif.config.IkeCredentials;
import org.ipsecif.crypto.ProposalNotation;
import org.ipsecif.ike.Credentials;
import org.ipsecif.ike.Identity;
import org.ipsecif.ike.IkeTimes;
import org.ipsecif.ike.PeerConfig;
import org.ipsecif.ike.message.CertificatePayload;
import org.ipsecif.ike.message.Octets;
import org.ipsecif.sa.IpAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What ipsecifd(8) says of making certificates works as it stands there. */
class CertificateRecipeTest {
    private static final byte[][] SIGNED = {{1, 2, 3}, {4}};

    @TempDir
    Path directory;

    /** The first literal block of the manual's section. */
    private static String recipe() throws Exception {
        String manual = Files.readString(Path.of("docs/man/ipsecifd.8"));
        String section = manual.substring(manual.indexOf(".Ss Certificates\n"));
        int begin = section.indexOf('\n', section.indexOf(".Bd -literal")) + 1;
        return section.substring(begin, section.indexOf(".Ed\n", begin)).replace("\\e", "\\");
    }

    private void run(String script) throws Exception {
        Path output = directory.resolve("output");
        Process process = new ProcessBuilder("sh", "-euc", script)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), Files.readString(output));
    }

    private IkeCredentials credentials(String end) {
        return new IkeCredentials(
                IkeCredentials.Method.PUBKEY,
                null,
                List.of(directory.resolve(end + ".crt").toString()),
                directory.resolve(end + ".key").toString(),
                List.of(directory.resolve("ca.crt").toString()),
                IkeCredentials.Revocation.OFF,
                IkeCredentials.NONE.ppk());
    }

    private static PeerConfig peer(String local, String remote) {
        return new PeerConfig(
                local,
                IpAddress.parse("203.0.113.1"),
                IpAddress.parse("203.0.113.2"),
                Identity.parse(local),
                Identity.parse(remote),
                ProposalNotation.DEFAULT_IKE,
                List.of(),
                IkeTimes.DEFAULT,
                false,
                false,
                false,
                true);
    }

    @Test
    void endsOfTheManualsRecipeBelieveEachOther() throws Exception {
        run(recipe());
        String left = "left.example.org";
        String right = "right.example.org";
        try (Keyring keyring = new Keyring(Runnable::run)) {
            keyring.set(left, SecretFiles.read(left, credentials(left)));
            keyring.set(right, SecretFiles.read(right, credentials(right)));
            for (String local : List.of(left, right)) {
                String remote = local.equals(left) ? right : left;
                Credentials.Signed signed = keyring.sign(peer(remote, local), Set.of(2), SIGNED);
                assertNotNull(signed);
                List<Octets> certificates = signed.certificates().stream()
                        .map(each -> ((CertificatePayload) each).data())
                        .toList();
                List<String> answers = new ArrayList<>();
                keyring.verify(
                        peer(local, remote),
                        Identity.parse(remote),
                        signed.authentication(),
                        certificates,
                        SIGNED,
                        answers::add);
                assertEquals(1, answers.size());
                assertNull(answers.get(0));
            }
        }
    }
}
