package org.ipsecif.daemon;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ipsecif.config.ConfigException;
import org.ipsecif.config.IkeCredentials;
import org.ipsecif.config.IkeSettings;
import org.ipsecif.config.PrivateFile;
import org.ipsecif.config.PskFile;
import org.ipsecif.crypto.x509.CertificateFile;
import org.ipsecif.crypto.x509.CredentialException;
import org.ipsecif.crypto.x509.Fetcher;
import org.ipsecif.crypto.x509.HttpFetcher;
import org.ipsecif.crypto.x509.LocalCertificate;
import org.ipsecif.crypto.x509.PrivateKeyFile;
import org.ipsecif.crypto.x509.RevocationChecker;
import org.ipsecif.crypto.x509.RevocationPolicy;
import org.ipsecif.crypto.x509.TrustedAuthorities;
import org.jspecify.annotations.Nullable;

/** What the files of one interface's credentials hold. Closing it wipes the shared secrets. */
final class IkeSecrets implements AutoCloseable {
    private static final int MAX_KEY_FILE = 1 << 16;
    private static final int MAX_FETCHED = 4 << 20;
    private static final Duration FETCH_LIMIT = Duration.ofSeconds(5);

    /** Where nothing is asked. */
    private static final class Offline implements Fetcher {
        @Override
        public byte[] get(URI uri) throws IOException {
            throw new IOException("revocation is not asked about");
        }

        @Override
        public byte[] post(URI uri, String contentType, byte[] body) throws IOException {
            throw new IOException("revocation is not asked about");
        }
    }

    private final @Nullable PskFile shared;
    private final @Nullable LocalCertificate certificate;
    private final @Nullable TrustedAuthorities authorities;
    private final RevocationChecker revocation;

    private IkeSecrets(
            @Nullable PskFile shared,
            @Nullable LocalCertificate certificate,
            @Nullable TrustedAuthorities authorities,
            RevocationPolicy policy) {
        this.shared = shared;
        this.certificate = certificate;
        this.authorities = authorities;
        this.revocation = new RevocationChecker(policy, policy, List.of(), fetcher(policy));
    }

    /** It has a thread of its own, which nobody needs where nothing is asked. */
    private static Fetcher fetcher(RevocationPolicy policy) {
        return policy == RevocationPolicy.OFF ? new Offline() : new HttpFetcher(FETCH_LIMIT, MAX_FETCHED);
    }

    /** Reads them. @throws ConfigException naming the file, never saying what is in it */
    static IkeSecrets read(IkeSettings settings) throws ConfigException {
        IkeCredentials credentials = settings.credentials();
        String psk = credentials.pskFile();
        if (credentials.usedMethod() == IkeCredentials.Method.PSK) {
            return new IkeSecrets(psk == null ? null : PskFile.read(Path.of(psk)), null, null, RevocationPolicy.OFF);
        }
        List<X509Certificate> roots = new ArrayList<>();
        for (String file : credentials.authorities()) {
            roots.addAll(certificates(file));
        }
        RevocationPolicy policy = switch (credentials.revocation()) {
            case OFF -> RevocationPolicy.OFF;
            case SOFT -> RevocationPolicy.SOFT_FAIL;
            case STRICT -> RevocationPolicy.HARD_FAIL;
        };
        return new IkeSecrets(null, local(credentials), new TrustedAuthorities(roots), policy);
    }

    private static @Nullable LocalCertificate local(IkeCredentials credentials) throws ConfigException {
        String keyFile = credentials.keyFile();
        if (keyFile == null) {
            return null;
        }
        List<X509Certificate> chain = new ArrayList<>();
        for (String file : credentials.certificates()) {
            chain.addAll(certificates(file));
        }
        byte[] content = PrivateFile.read(Path.of(keyFile), MAX_KEY_FILE, "private key");
        try {
            return LocalCertificate.of(PrivateKeyFile.read(content, keyFile), chain);
        } catch (CredentialException e) {
            throw new ConfigException(String.valueOf(e.getMessage()));
        } finally {
            Arrays.fill(content, (byte) 0);
        }
    }

    private static List<X509Certificate> certificates(String file) throws ConfigException {
        try {
            return CertificateFile.readCertificates(Files.readAllBytes(Path.of(file)), file);
        } catch (IOException e) {
            throw new ConfigException(file + ": cannot be read: " + e.getMessage());
        } catch (CredentialException e) {
            throw new ConfigException(String.valueOf(e.getMessage()));
        }
    }

    /** Null if the ends do not share secrets. */
    @Nullable
    PskFile shared() {
        return shared;
    }

    /** This end's; null if it has none. */
    @Nullable
    LocalCertificate certificate() {
        return certificate;
    }

    /** Who vouches for the peer; null if nobody can. */
    @Nullable
    TrustedAuthorities authorities() {
        return authorities;
    }

    RevocationChecker revocation() {
        return revocation;
    }

    @Override
    public void close() {
        if (shared != null) {
            shared.close();
        }
    }
}
