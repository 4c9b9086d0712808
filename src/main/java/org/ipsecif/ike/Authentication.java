package org.ipsecif.ike;

import java.util.List;
import java.util.function.Consumer;
import org.ipsecif.crypto.IkeKeys;
import org.ipsecif.crypto.KeyDerivation;
import org.ipsecif.crypto.KeyMaterial;
import org.ipsecif.ike.message.AuthenticationMethod;
import org.ipsecif.ike.message.AuthenticationPayload;
import org.ipsecif.ike.message.CertificatePayload;
import org.ipsecif.ike.message.IdentificationPayload;
import org.ipsecif.ike.message.IkeException;
import org.ipsecif.ike.message.IkeMessage;
import org.ipsecif.ike.message.NotifyType;
import org.ipsecif.ike.message.Octets;
import org.jspecify.annotations.Nullable;

/** AUTH payloads of one IKE SA, made and verified (RFC 7296 section 2.15). */
final class Authentication {
    private final IkeSa sa;
    private final Handshake handshake;
    private final Credentials credentials;
    private final long messageId;
    private final IkeKeys keys;

    /** @param messageId of the first IKE_AUTH message */
    Authentication(IkeSa sa, Handshake handshake, Credentials credentials, long messageId) {
        this(sa, handshake, credentials, messageId, sa.keys());
    }

    private Authentication(IkeSa sa, Handshake handshake, Credentials credentials, long messageId, IkeKeys keys) {
        this.sa = sa;
        this.handshake = handshake;
        this.credentials = credentials;
        this.messageId = messageId;
        this.keys = keys;
    }

    /** The same with a post-quantum preshared key, which changes SK_pi and SK_pr (RFC 8784 section 3). */
    Authentication with(Credentials.Ppk ppk) {
        return new Authentication(sa, handshake, credentials, messageId, sa.mix(ppk.secret()));
    }

    /**
     * This end's CERT and AUTH payloads.
     *
     * @param remote who the peer is, or has to be
     * @throws IkeException AUTHENTICATION_FAILED if there is nothing to authenticate with
     */
    Credentials.Signed sign(IdentificationPayload id, @Nullable Identity remote) throws IkeException {
        byte[][] octets = octets(id, sa.isInitiator());
        Credentials.Signed signed = credentials.sign(sa.peer(), sa.peerHashes, octets);
        if (signed != null) {
            return signed;
        }
        KeyMaterial secret = remote == null ? null : credentials.sharedKey(sa.peer(), remote);
        if (secret == null) {
            throw new IkeException(
                    NotifyType.AUTHENTICATION_FAILED,
                    "no pre-shared key for " + remote + " and no certificate of our own");
        }
        byte[] mic = KeyDerivation.sharedKeyAuthentication(sa.prf(), secret, octets);
        return new Credentials.Signed(
                List.of(), new AuthenticationPayload(AuthenticationMethod.SHARED_KEY_MIC, Octets.of(mic)));
    }

    private byte[][] octets(IdentificationPayload id, boolean ofInitiator) {
        return handshake
                .signedBy(ofInitiator)
                .parts(sa.prf(), ofInitiator ? keys.skPi() : keys.skPr(), id, handshake.intermediates(messageId));
    }

    /**
     * Verifies what the peer's IKE_AUTH message says of itself.
     *
     * @param received its AUTH payload, or what stands for it
     * @param verified with null if all is well, else with why not; not at all if the IKE SA is closed by then
     */
    void verify(
            IkeMessage message,
            @Nullable AuthenticationPayload received,
            IdentificationPayload id,
            Consumer<@Nullable String> verified) {
        Consumer<@Nullable String> done = problem -> {
            if (!sa.isClosed()) {
                verified.accept(problem);
            }
        };
        Identity remote = Identity.of(id);
        if (received == null) {
            done.accept("peer sent no AUTH payload (EAP is not supported)");
            return;
        }
        byte[][] octets = octets(id, !sa.isInitiator());
        if (!received.is(AuthenticationMethod.SHARED_KEY_MIC)) {
            List<Octets> certificates = message.all(CertificatePayload.class).stream()
                    .map(CertificatePayload::data)
                    .toList();
            credentials.verify(sa.peer(), remote, received, certificates, octets, done);
            return;
        }
        done.accept(verifyShared(remote, received, octets));
    }

    private @Nullable String verifyShared(Identity remote, AuthenticationPayload received, byte[][] octets) {
        KeyMaterial secret = credentials.sharedKey(sa.peer(), remote);
        if (secret == null) {
            boolean ours = credentials.certificateRequests(sa.peer()).isEmpty();
            return ours
                    ? "no pre-shared key for " + remote
                    : "peer authenticates with a pre-shared key; we want a certificate";
        }
        try (KeyMaterial expected =
                        KeyMaterial.copyOf(KeyDerivation.sharedKeyAuthentication(sa.prf(), secret, octets));
                KeyMaterial given = KeyMaterial.copyOf(received.data().toBytes())) {
            return expected.sameAs(given) ? null : "pre-shared keys of " + remote + " differ";
        }
    }
}
