package org.ipsecif.ike;

import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.ipsecif.crypto.KeyMaterial;
import org.ipsecif.ike.message.AuthenticationPayload;
import org.ipsecif.ike.message.Octets;
import org.ipsecif.ike.message.Payload;
import org.jspecify.annotations.Nullable;

/** Secrets, and who vouches for whom. Answers come on IKE's thread, later or at once. */
public interface Credentials {
    /** The secret shared with a peer; null if there is none. It stays the callee's. */
    @Nullable
    KeyMaterial sharedKey(PeerConfig peer, Identity remote);

    /**
     * A post-quantum preshared key (RFC 8784).
     *
     * @param id by which the peer knows it
     * @param secret stays the callee's
     */
    record Ppk(Octets id, KeyMaterial secret) {}

    /** The one to begin with; null if there is none for this peer. */
    default @Nullable Ppk ppk(PeerConfig peer) {
        return null;
    }

    /** The one that the peer has named; null if there is none. */
    default @Nullable Ppk ppk(PeerConfig peer, Octets id) {
        return null;
    }

    /** Signs as this end, with a private key; null if this end authenticates by a shared key. */
    @Nullable
    Signed sign(PeerConfig peer, Set<Integer> hashes, byte[][] octets);

    /**
     * An AUTH payload and the certificates before it.
     *
     * @param certificates CERT payloads, the end's own first
     */
    record Signed(List<Payload> certificates, AuthenticationPayload authentication) {}

    /** CERTREQ payloads for this peer; none if it authenticates by a shared key. */
    List<Payload> certificateRequests(PeerConfig peer);

    /**
     * Verifies a signature, the certificate, and that it is the identity's.
     *
     * @param certificates DER, the end's own first
     * @param done with null if all is well, else with why not
     */
    void verify(
            PeerConfig peer,
            Identity remote,
            AuthenticationPayload authentication,
            List<Octets> certificates,
            byte[][] octets,
            Consumer<@Nullable String> done);
}
