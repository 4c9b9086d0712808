package org.ipsecif.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.ipsecif.config.ConfigException;
import org.ipsecif.config.IkeCredentials;
import org.ipsecif.config.IkePpk;
import org.ipsecif.config.IkeSettings;
import org.ipsecif.crypto.KeyMaterial;
import org.ipsecif.ike.Credentials;
import org.ipsecif.ike.Identity;
import org.ipsecif.ike.IkeTimes;
import org.ipsecif.ike.PeerConfig;
import org.ipsecif.ike.message.Octets;
import org.ipsecif.sa.IpAddress;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which post-quantum preshared key is taken of a file. */
class KeyringPpkTest {
    private static final String FIRST = "0123456789abcdef0123456789abcdef";
    private static final String SECOND = "fedcba9876543210fedcba9876543210";

    @TempDir
    Path directory;

    private final Keyring keyring = new Keyring(Runnable::run);
    private final PeerConfig peer = new PeerConfig(
            "ipsec0",
            IpAddress.parse("203.0.113.1"),
            IpAddress.parse("203.0.113.2"),
            Identity.parse("203.0.113.1"),
            Identity.parse("203.0.113.2"),
            IkeSettings.NONE.ike(),
            List.of(),
            IkeTimes.DEFAULT,
            false,
            false,
            false,
            true);

    @BeforeEach
    void write() throws IOException {
        write("a.psk", "a secret of some length\n");
        write("a.ppk", "first : PPK \"" + FIRST + "\"\nsecond : PPK \"" + SECOND + "\"\n");
    }

    private void write(String name, String text) throws IOException {
        Path file = Files.writeString(directory.resolve(name), text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    private String in(String name) {
        return directory.resolve(name).toString();
    }

    private IkeSecrets read(@Nullable String file, @Nullable String id) throws ConfigException {
        IkeCredentials credentials = new IkeCredentials(
                null,
                in("a.psk"),
                List.of(),
                null,
                List.of(),
                IkeCredentials.Revocation.OFF,
                new IkePpk(file == null ? null : in(file), id, null));
        return SecretFiles.read("ipsec0", credentials);
    }

    private static void assertKey(String id, String secret, Credentials.@Nullable Ppk ppk) {
        assertNotNull(ppk);
        assertEquals(octets(id), ppk.id());
        assertTrue(
                KeyMaterial.copyOf(secret.getBytes(StandardCharsets.US_ASCII)).sameAs(ppk.secret()));
    }

    private static Octets octets(String text) {
        return Octets.of(text.getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void thisEndNamesTheFirstAndKnowsAll() throws Exception {
        keyring.set("ipsec0", read("a.ppk", null));
        assertKey("first", FIRST, keyring.ppk(peer));
        assertKey("second", SECOND, keyring.ppk(peer, octets("second")));
        assertNull(keyring.ppk(peer, octets("third")));
        assertNull(keyring.ppk(peer, Octets.EMPTY));
    }

    @Test
    void ppkIdSaysWhichIsNamed() throws Exception {
        keyring.set("ipsec0", read("a.ppk", "second"));
        assertKey("second", SECOND, keyring.ppk(peer));
        assertKey("first", FIRST, keyring.ppk(peer, octets("first")));
    }

    @Test
    void withoutAFileThereIsNone() throws Exception {
        assertNull(keyring.ppk(peer));
        keyring.set("ipsec0", read(null, null));
        assertNull(keyring.ppk(peer));
        assertNull(keyring.ppk(peer, octets("first")));
    }

    @Test
    void nameThatIsNotInTheFileIsRefused() {
        ConfigException wrong = assertThrows(ConfigException.class, () -> read("a.ppk", "third"));
        assertEquals(in("a.ppk") + ": no key of that name (ppk_id of ipsec0)", wrong.getMessage());
    }

    @Test
    void shortKeyIsALineForTheLog() throws Exception {
        write("short.ppk", "short : PPK \"0123456789abcdef\"\n");
        List<String> warnings = read("short.ppk", null).warnings();
        assertEquals(1, warnings.size());
        assertTrue(warnings.get(0).startsWith(in("short.ppk") + ":1: the key has 16 bytes"), warnings::toString);
    }
}
