package org.ipsecif.daemon;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.ipsecif.config.IkeSettings;
import org.ipsecif.config.PpkFile;
import org.ipsecif.config.PskFile;
import org.ipsecif.crypto.KeyMaterial;
import org.ipsecif.crypto.x509.AuthSignature;
import org.ipsecif.crypto.x509.CertificatePath;
import org.ipsecif.crypto.x509.CredentialException;
import org.ipsecif.crypto.x509.LocalCertificate;
import org.ipsecif.crypto.x509.SignatureHash;
import org.ipsecif.crypto.x509.SubjectNames;
import org.ipsecif.crypto.x509.TrustedAuthorities;
import org.ipsecif.ike.Credentials;
import org.ipsecif.ike.Identity;
import org.ipsecif.ike.PeerConfig;
import org.ipsecif.ike.message.AuthenticationPayload;
import org.ipsecif.ike.message.CertificateEncoding;
import org.ipsecif.ike.message.CertificatePayload;
import org.ipsecif.ike.message.CertificateRequestPayload;
import org.ipsecif.ike.message.IdentificationType;
import org.ipsecif.ike.message.Octets;
import org.ipsecif.ike.message.Payload;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The secrets and certificates of all interfaces that IKE keys. On IKE's thread, but for the network, which is asked on another
 * whether a certificate was revoked.
 */
final class Keyring implements Credentials, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Keyring.class);

    /** What this end signs with and accepts: no SHA-1. */
    private static final Set<SignatureHash> HASHES =
            Set.of(SignatureHash.SHA2_256, SignatureHash.SHA2_384, SignatureHash.SHA2_512, SignatureHash.IDENTITY);

    private final Map<String, IkeSecrets> byPeer = new HashMap<>();
    private final Executor ike;
    private final ExecutorService fetching = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "ike-fetch");
        thread.setDaemon(true);
        return thread;
    });

    /** @param ike its thread */
    Keyring(Executor ike) {
        this.ike = ike;
    }

    /** @param next null forgets them */
    void set(String peer, @Nullable IkeSecrets next) {
        IkeSecrets before = next == null ? byPeer.remove(peer) : byPeer.put(peer, next);
        if (before != null) {
            before.close();
        }
    }

    @Override
    public @Nullable KeyMaterial sharedKey(PeerConfig peer, Identity remote) {
        IkeSecrets secrets = byPeer.get(peer.name());
        PskFile shared = secrets == null ? null : secrets.shared();
        return shared == null ? null : shared.secret(is(peer.localId()), is(remote));
    }

    @Override
    public @Nullable Ppk ppk(PeerConfig peer) {
        IkeSecrets secrets = byPeer.get(peer.name());
        return secrets == null ? null : ppk(secrets.ppk());
    }

    @Override
    public @Nullable Ppk ppk(PeerConfig peer, Octets id) {
        IkeSecrets secrets = byPeer.get(peer.name());
        return secrets == null ? null : ppk(secrets.ppk(new String(id.toBytes(), StandardCharsets.UTF_8)));
    }

    private static @Nullable Ppk ppk(PpkFile.@Nullable Entry entry) {
        return entry == null ? null : new Ppk(Octets.of(entry.id().getBytes(StandardCharsets.UTF_8)), entry.secret());
    }

    private static java.util.function.Predicate<String> is(Identity identity) {
        return text -> !text.equals(IkeSettings.ANYBODY) && Identity.parse(text).matches(identity);
    }

    @Override
    public @Nullable Signed sign(PeerConfig peer, Set<Integer> hashes, byte[][] octets) {
        IkeSecrets secrets = byPeer.get(peer.name());
        LocalCertificate local = secrets == null ? null : secrets.certificate();
        if (secrets == null || local == null) {
            return null;
        }
        if (!isOf(local.names(), peer.localId())) {
            LOG.warn(
                    "{}: our certificate of {} is not one of local_id {}, as peers may find too",
                    peer.name(),
                    local.names(),
                    peer.localId());
        }
        try {
            Set<SignatureHash> theirs = hashes.stream()
                    .flatMap(each -> SignatureHash.byNumber(each).stream())
                    .filter(HASHES::contains)
                    .collect(Collectors.toSet());
            AuthSignature signature = local.key().sign(theirs, secrets.pss(), octets);
            List<Payload> certificates = new ArrayList<>();
            for (byte[] each : local.encodedChain()) {
                certificates.add(new CertificatePayload(CertificateEncoding.X509_SIGNATURE.number(), Octets.of(each)));
            }
            return new Signed(certificates, new AuthenticationPayload(signature.method(), Octets.of(signature.data())));
        } catch (CredentialException e) {
            LOG.warn("{}: {}", peer.name(), e.getMessage());
            return null;
        }
    }

    @Override
    public List<Payload> certificateRequests(PeerConfig peer) {
        IkeSecrets secrets = byPeer.get(peer.name());
        TrustedAuthorities authorities = secrets == null ? null : secrets.authorities();
        return authorities == null
                ? List.of()
                : List.of(CertificateRequestPayload.x509(
                        authorities.keyHashes().stream().map(Octets::of).toList()));
    }

    @Override
    public void verify(
            PeerConfig peer,
            Identity remote,
            AuthenticationPayload authentication,
            List<Octets> certificates,
            byte[][] octets,
            Consumer<@Nullable String> done) {
        IkeSecrets secrets = byPeer.get(peer.name());
        TrustedAuthorities authorities = secrets == null ? null : secrets.authorities();
        if (secrets == null || authorities == null) {
            done.accept("peer authenticates with a certificate; we want a pre-shared key");
            return;
        }
        try {
            CertificatePath path = authorities.validate(
                    certificates.stream().map(Octets::toBytes).toList(), Instant.now());
            if (!isOf(path.names(), remote)) {
                throw new CredentialException("the certificate of " + path.names() + " is not one of " + remote);
            }
            AuthSignature signature = new AuthSignature(
                    authentication.method(), authentication.data().toBytes());
            String scheme = path.key().verify(signature, HASHES, octets);
            if (!secrets.revocation().isOff()) {
                fetching.execute(() -> askRevocation(peer, secrets, path, scheme, done));
                return;
            }
            authenticated(peer, path, scheme);
            done.accept(null);
        } catch (CredentialException e) {
            done.accept(e.getMessage());
        }
    }

    private void askRevocation(
            PeerConfig peer, IkeSecrets secrets, CertificatePath path, String scheme, Consumer<@Nullable String> done) {
        String problem = null;
        try {
            secrets.revocation().check(path, Instant.now()).forEach(each -> LOG.warn("{}: {}", peer.name(), each));
            authenticated(peer, path, scheme);
        } catch (CredentialException e) {
            problem = String.valueOf(e.getMessage());
        }
        String answer = problem;
        ike.execute(() -> done.accept(answer));
    }

    private static void authenticated(PeerConfig peer, CertificatePath path, String scheme) {
        LOG.info("{}: peer has the certificate of {}, and signed with {}", peer.name(), path.names(), scheme);
    }

    /** RFC 7296 section 3.5, RFC 4945 section 3.1: an identity is in the certificate, as it is. */
    private static boolean isOf(SubjectNames names, Identity remote) {
        byte[] data = remote.data().toBytes();
        String text = new String(data, StandardCharsets.ISO_8859_1);
        if (remote.is(IdentificationType.ID_IPV4_ADDR) || remote.is(IdentificationType.ID_IPV6_ADDR)) {
            return names.hasAddress(data);
        }
        if (remote.is(IdentificationType.ID_FQDN)) {
            return names.hasDnsName(text);
        }
        if (remote.is(IdentificationType.ID_RFC822_ADDR)) {
            return names.hasEmail(text);
        }
        return remote.is(IdentificationType.ID_DER_ASN1_DN) && names.hasSubject(data);
    }

    @Override
    public void close() {
        fetching.shutdownNow();
        byPeer.values().forEach(IkeSecrets::close);
        byPeer.clear();
    }
}
