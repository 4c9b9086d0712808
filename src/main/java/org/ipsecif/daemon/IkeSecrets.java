package org.ipsecif.daemon;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ipsecif.config.ConfigException;
import org.ipsecif.config.IkeCredentials;
import org.ipsecif.config.IkePpk;
import org.ipsecif.config.IkeSettings;
import org.ipsecif.config.InputFile;
import org.ipsecif.config.PpkFile;
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
    private static final int MAX_CERTIFICATE_FILE = 4 << 20;
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
    private final @Nullable PpkFile ppks;
    private final PpkFile.@Nullable Entry ppk;
    private final @Nullable LocalCertificate certificate;
    private final @Nullable TrustedAuthorities authorities;
    private final boolean pss;
    private final RevocationChecker revocation;

    private IkeSecrets(
            @Nullable PskFile shared,
            @Nullable PpkFile ppks,
            PpkFile.@Nullable Entry ppk,
            @Nullable LocalCertificate certificate,
            boolean pss,
            @Nullable TrustedAuthorities authorities,
            RevocationPolicy policy) {
        this.shared = shared;
        this.ppks = ppks;
        this.ppk = ppk;
        this.certificate = certificate;
        this.pss = pss;
        this.authorities = authorities;
        this.revocation = new RevocationChecker(policy, policy, List.of(), fetcher(policy));
    }

    /** It has a thread of its own, which nobody needs where nothing is asked. */
    private static Fetcher fetcher(RevocationPolicy policy) {
        return policy == RevocationPolicy.OFF ? new Offline() : new HttpFetcher(FETCH_LIMIT, MAX_FETCHED);
    }

    /** Reads them. @throws ConfigException naming the file, never saying what is in it */
    static IkeSecrets read(IkeSettings settings) throws ConfigException {
        IkePpk wanted = settings.credentials().ppk();
        PpkFile ppks = wanted.file() == null ? null : PpkFile.read(Path.of(wanted.file()));
        try {
            return read(settings.credentials(), ppks, ppks == null ? null : entry(ppks, wanted));
        } catch (ConfigException e) {
            if (ppks != null) {
                ppks.close();
            }
            throw e;
        }
    }

    private static PpkFile.Entry entry(PpkFile ppks, IkePpk wanted) throws ConfigException {
        String id = wanted.id();
        PpkFile.Entry entry = id == null ? ppks.entries().get(0) : ppks.entry(id);
        if (entry == null) {
            throw new ConfigException(wanted.file() + ": no key of the name that ppk_id says");
        }
        return entry;
    }

    private static IkeSecrets read(IkeCredentials credentials, @Nullable PpkFile ppks, PpkFile.@Nullable Entry ppk)
            throws ConfigException {
        String psk = credentials.pskFile();
        if (credentials.usedMethod() == IkeCredentials.Method.PSK) {
            PskFile shared = psk == null ? null : PskFile.read(Path.of(psk));
            return new IkeSecrets(shared, ppks, ppk, null, false, null, RevocationPolicy.OFF);
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
        boolean pss = credentials.usedMethod() == IkeCredentials.Method.RSA_PSS;
        return new IkeSecrets(null, ppks, ppk, local(credentials), pss, new TrustedAuthorities(roots), policy);
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
            return LocalCertificate.of(PrivateKeyFile.read(content, keyFile), chain, keyFile);
        } catch (CredentialException e) {
            throw new ConfigException(String.valueOf(e.getMessage()));
        } finally {
            Arrays.fill(content, (byte) 0);
        }
    }

    private static List<X509Certificate> certificates(String file) throws ConfigException {
        try {
            return CertificateFile.readCertificates(InputFile.read(Path.of(file), MAX_CERTIFICATE_FILE), file);
        } catch (IOException e) {
            throw new ConfigException(file + ": " + InputFile.reason(e));
        } catch (CredentialException e) {
            throw new ConfigException(String.valueOf(e.getMessage()));
        }
    }

    /** Null if the ends do not share secrets. */
    @Nullable
    PskFile shared() {
        return shared;
    }

    /** The post-quantum preshared key that this end names; null if it has none. */
    PpkFile.@Nullable Entry ppk() {
        return ppk;
    }

    /** The one that the peer names; null if there is none. */
    PpkFile.@Nullable Entry ppk(String id) {
        return ppks == null ? null : ppks.entry(id);
    }

    /** Lines for the log. */
    List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        if (shared != null) {
            warnings.addAll(shared.warnings());
        }
        if (ppks != null) {
            warnings.addAll(ppks.warnings());
        }
        return warnings;
    }

    /** This end's; null if it has none. */
    @Nullable
    LocalCertificate certificate() {
        return certificate;
    }

    /** Whether an RSA key makes RSASSA-PSS signatures. */
    boolean pss() {
        return pss;
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
        if (ppks != null) {
            ppks.close();
        }
    }
}
