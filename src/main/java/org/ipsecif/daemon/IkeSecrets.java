package org.ipsecif.daemon;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.ipsecif.config.PpkFile;
import org.ipsecif.config.PskFile;
import org.ipsecif.crypto.x509.Fetcher;
import org.ipsecif.crypto.x509.HttpFetcher;
import org.ipsecif.crypto.x509.LocalCertificate;
import org.ipsecif.crypto.x509.RevocationChecker;
import org.ipsecif.crypto.x509.RevocationPolicy;
import org.ipsecif.crypto.x509.TrustedAuthorities;
import org.jspecify.annotations.Nullable;

/** What the files of one interface's credentials hold: {@link SecretFiles} reads them. Closing it wipes the shared secrets. */
final class IkeSecrets implements AutoCloseable {
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

    IkeSecrets(
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
