package org.ipsecif.ike;

import java.util.ArrayList;
import java.util.List;
import org.ipsecif.ike.message.AuthenticationPayload;
import org.ipsecif.ike.message.ExchangeType;
import org.ipsecif.ike.message.IdentificationPayload;
import org.ipsecif.ike.message.IkeException;
import org.ipsecif.ike.message.IkeMessage;
import org.ipsecif.ike.message.NotifyPayload;
import org.ipsecif.ike.message.NotifyType;
import org.ipsecif.ike.message.OpenedMessage;
import org.ipsecif.ike.message.Payload;
import org.ipsecif.sa.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * The initiator's side of IKE_AUTH (RFC 7296 section 1.2):
 *
 * <pre>
 * HDR, SK {IDi, [CERT,] [CERTREQ,] [IDr,] AUTH, [CP(CFG_REQUEST),] SAi2, TSi, TSr}  --&gt;
 *                                  &lt;--  HDR, SK {IDr, [CERT,] AUTH, [CP(CFG_REPLY),] SAr2, TSi, TSr}
 * </pre>
 *
 * With a post-quantum preshared key (RFC 8784 section 3), {@code N(PPK_IDENTITY), [N(NO_PPK_AUTH)]} besides, which the peer
 * answers with {@code N(PPK_IDENTITY)} if it knows the key.
 */
final class AuthInitiator implements Messenger.Exchange {
    private final IkeEndpoint endpoint;
    private final IkeSa sa;
    private final Handshake handshake;
    private final Authentication plain;
    private final Credentials.@Nullable Ppk ppk;
    private final Authentication authentication;
    private @Nullable ChildOffer offer;

    /** @param messageId of the first IKE_AUTH message */
    AuthInitiator(IkeEndpoint endpoint, IkeSa sa, Handshake handshake, long messageId) {
        this.endpoint = endpoint;
        this.sa = sa;
        this.handshake = handshake;
        this.plain = new Authentication(sa, handshake, endpoint.host().credentials(), messageId);
        this.ppk = sa.usesPpk ? endpoint.host().credentials().ppk(sa.peer()) : null;
        this.authentication = ppk == null ? plain : plain.with(ppk);
    }

    @Override
    public @Nullable List<Payload> start() {
        PeerConfig peer = sa.peer();
        IdentificationPayload id = peer.localId().payload(true);
        Credentials.Signed signed;
        List<Payload> ofPpk;
        try {
            Identity known = peer.onlyIdentity();
            Identity other = known == null ? Identity.of(sa.path().remote()) : known;
            signed = authentication.sign(id, other);
            ofPpk = ppkPayloads(id, other);
        } catch (IkeException e) {
            endpoint.closing().failed(sa, e.getMessage());
            return null;
        }
        List<Payload> payloads = new ArrayList<>();
        payloads.add(id);
        payloads.addAll(signed.certificates());
        if (!endpoint.duplicates().hasOther(sa)) {
            payloads.add(NotifyPayload.of(NotifyType.INITIAL_CONTACT));
        }
        payloads.addAll(endpoint.host().credentials().certificateRequests(peer));
        Identity remote = peer.onlyIdentity();
        if (remote != null) {
            payloads.add(remote.payload(false));
        }
        payloads.add(signed.authentication());
        payloads.addAll(ofPpk);
        payloads.addAll(Mobility.offered(peer));
        payloads.addAll(Assignment.request(peer.inner()));
        ChildWish wish = endpoint.coverage().first(sa);
        if (wish != null && !isChildless(peer)) {
            offer = new ChildOffer(wish, endpoint.childSas().allocateSpi(), false);
            payloads.addAll(offer.payloads());
        }
        return payloads;
    }

    /** What to say of the key; and, if it may be done without, how this end authenticates without it. */
    private List<Payload> ppkPayloads(IdentificationPayload id, Identity other) throws IkeException {
        if (ppk == null) {
            return List.of();
        }
        List<Payload> payloads = new ArrayList<>();
        payloads.add(NotifyPayload.of(NotifyType.PPK_IDENTITY, PpkIdentity.encode(ppk.id())));
        if (sa.peer().ppk() == PpkUse.OPTIONAL) {
            payloads.add(NotifyPayload.of(
                    NotifyType.NO_PPK_AUTH,
                    plain.sign(id, other).authentication().data()));
        }
        return payloads;
    }

    /** RFC 6023: only if the peer has said that it can. */
    private boolean isChildless(PeerConfig peer) {
        if (peer.childless() && !sa.peerChildless) {
            endpoint.host().events().warn(sa.name(), "peer does not make an IKE_SA without a CHILD_SA; made with one");
        }
        return peer.childless() && sa.peerChildless;
    }

    @Override
    public void answered(OpenedMessage response) {
        IkeMessage message = response.message();
        Redirect.tell(endpoint, sa, message);
        IdentificationPayload id = message.identification(false).orElse(null);
        NotifyPayload error = message.error().orElse(null);
        if (id == null) {
            endpoint.closing()
                    .failed(
                            sa,
                            error == null
                                    ? "peer answered IKE_AUTH without an identity"
                                    : "peer refused IKE_AUTH with " + NotifyType.text(error.type()));
            return;
        }
        if (!sa.peer().accepts(Identity.of(id))) {
            reject("peer says it is " + Identity.of(id) + "; we want "
                    + sa.peer().remoteId());
            return;
        }
        boolean mixed = ppk != null && message.has(NotifyType.PPK_IDENTITY);
        if (sa.peer().ppk() == PpkUse.REQUIRED && !mixed) {
            reject("peer does not know our post-quantum preshared key, and we want one (ppk_required)");
            return;
        }
        AuthenticationPayload received =
                message.first(AuthenticationPayload.class).orElse(null);
        (mixed ? authentication : plain).verify(message, received, id, problem -> {
            if (problem != null) {
                reject(problem);
            } else {
                accept(message, Identity.of(id), mixed, error);
            }
        });
    }

    private void accept(IkeMessage message, Identity remote, boolean mixed, @Nullable NotifyPayload error) {
        sa.settlePpk(mixed);
        PpkIdentity.tell(endpoint, sa, mixed ? ppk : null);
        sa.remoteId = remote;
        Mobility.read(message, sa);
        endpoint.authenticated(sa);
        child(message, error);
    }

    @Override
    public void malformed(IkeException why) {
        reject(why.getMessage());
    }

    /** RFC 7296 section 2.21.2: the peer believes the IKE SA to be up, and is told in an exchange of its own. */
    private void reject(@Nullable String why) {
        sa.messenger()
                .enqueueFirst(
                        ExchangeType.INFORMATIONAL,
                        new Informational(
                                List.of(NotifyPayload.of(NotifyType.AUTHENTICATION_FAILED)),
                                () -> endpoint.closing().failed(sa, why)));
    }

    private void assigned(List<IpAddress> addresses) {
        if (addresses.isEmpty()) {
            endpoint.host().events().warn(sa.name(), "peer assigns no inner address, though we asked for one");
        }
        endpoint.host().assigned(sa.name(), addresses);
    }

    private void child(IkeMessage message, @Nullable NotifyPayload error) {
        ChildOffer offered = offer;
        if (!sa.peer().inner().asks().isEmpty()) {
            if (error != null && Assignment.isRefusal(error)) {
                endpoint.closing().giveUp(sa, "peer has no inner address for us: " + NotifyType.text(error.type()));
                return;
            }
            assigned(Assignment.assigned(sa.peer().inner(), message));
        }
        if (offered == null) {
            endpoint.coverage().childless(sa);
            return;
        }
        if (error != null) {
            endpoint.childSas().refused(sa, offered.wish(), error);
            endpoint.coverage().refused(sa, offered.wish(), error);
            return;
        }
        try {
            Agreement agreement = offered.answered(message, handshake.initiatorNonce(), handshake.responderNonce());
            endpoint.childSas()
                    .install(
                            sa,
                            agreement,
                            List.of(),
                            child -> endpoint.coverage().made(sa, offered.wish(), child),
                            why -> endpoint.coverage().failed(sa, offered.wish()));
        } catch (IkeException e) {
            endpoint.childSas().missing(sa, offered.wish(), e.getMessage());
            endpoint.childSas().disown(sa, offered.localSpi());
            endpoint.coverage().failed(sa, offered.wish());
        }
    }
}
