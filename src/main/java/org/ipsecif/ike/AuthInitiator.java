package org.ipsecif.ike;

import java.util.ArrayList;
import java.util.List;
import org.ipsecif.ike.message.ExchangeType;
import org.ipsecif.ike.message.IdentificationPayload;
import org.ipsecif.ike.message.IkeException;
import org.ipsecif.ike.message.IkeMessage;
import org.ipsecif.ike.message.NotifyPayload;
import org.ipsecif.ike.message.NotifyType;
import org.ipsecif.ike.message.OpenedMessage;
import org.ipsecif.ike.message.Payload;
import org.jspecify.annotations.Nullable;

/**
 * The initiator's side of IKE_AUTH (RFC 7296 section 1.2):
 *
 * <pre>
 * HDR, SK {IDi, [CERT,] [CERTREQ,] [IDr,] AUTH, SAi2, TSi, TSr}  --&gt;
 *                                  &lt;--  HDR, SK {IDr, [CERT,] AUTH, SAr2, TSi, TSr}
 * </pre>
 */
final class AuthInitiator implements Messenger.Exchange {
    private final IkeEndpoint endpoint;
    private final IkeSa sa;
    private final Handshake handshake;
    private final Authentication authentication;
    private @Nullable ChildOffer offer;

    /** @param messageId of the first IKE_AUTH message */
    AuthInitiator(IkeEndpoint endpoint, IkeSa sa, Handshake handshake, long messageId) {
        this.endpoint = endpoint;
        this.sa = sa;
        this.handshake = handshake;
        this.authentication = new Authentication(sa, handshake, endpoint.host().credentials(), messageId);
    }

    @Override
    public @Nullable List<Payload> start() {
        PeerConfig peer = sa.peer();
        IdentificationPayload id = peer.localId().payload(true);
        Credentials.Signed signed;
        try {
            Identity known = peer.remoteId();
            signed = authentication.sign(
                    id, known == null ? Identity.of(sa.path().remote()) : known);
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
        Identity remote = peer.remoteId();
        if (remote != null) {
            payloads.add(remote.payload(false));
        }
        payloads.add(signed.authentication());
        if (!peer.children().isEmpty()) {
            offer = new ChildOffer(peer.children().get(0), endpoint.childSas().allocateSpi(), false);
            payloads.addAll(offer.payloads());
        }
        return payloads;
    }

    @Override
    public void answered(OpenedMessage response) {
        IkeMessage message = response.message();
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
        authentication.verify(message, id, problem -> {
            if (problem != null) {
                reject(problem);
            } else {
                sa.remoteId = Identity.of(id);
                endpoint.authenticated(sa);
                child(message, error);
            }
        });
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

    private void child(IkeMessage message, @Nullable NotifyPayload error) {
        ChildOffer offered = offer;
        if (offered == null) {
            return;
        }
        if (error != null) {
            endpoint.childSas().refused(sa, offered.config(), error);
            return;
        }
        try {
            Agreement agreement = offered.answered(message, handshake.initiatorNonce(), handshake.responderNonce());
            endpoint.childSas().install(sa, agreement, List.of());
        } catch (IkeException e) {
            endpoint.host()
                    .events()
                    .warn(sa.name(), "no CHILD_SA " + offered.config().name() + ": " + e.getMessage());
        }
    }
}
