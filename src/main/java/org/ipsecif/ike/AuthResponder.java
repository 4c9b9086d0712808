package org.ipsecif.ike;

import java.util.ArrayList;
import java.util.List;
import org.ipsecif.ike.message.IdentificationPayload;
import org.ipsecif.ike.message.IkeException;
import org.ipsecif.ike.message.IkeMessage;
import org.ipsecif.ike.message.NotifyPayload;
import org.ipsecif.ike.message.NotifyType;
import org.ipsecif.ike.message.OpenedMessage;
import org.ipsecif.ike.message.Payload;
import org.ipsecif.ike.message.SaPayload;
import org.jspecify.annotations.Nullable;

/** The responder's side of IKE_AUTH: who is it, is it true, and what of the Child SA (RFC 7296 sections 1.2, 2.21.2). */
final class AuthResponder {
    private final IkeEndpoint endpoint;
    private final IkeSa sa;
    private final Handshake handshake;
    private final IkeMessage request;

    AuthResponder(IkeEndpoint endpoint, IkeSa sa, Handshake handshake, OpenedMessage request) {
        this.endpoint = endpoint;
        this.sa = sa;
        this.handshake = handshake;
        this.request = request.message();
    }

    void run() {
        try {
            IdentificationPayload id =
                    request.identification(true).orElseThrow(() -> IkeException.invalidSyntax("no IDi payload"));
            endpoint.setPeer(sa, find(Identity.of(id)));
            authentication().verify(request, id, problem -> {
                if (problem != null) {
                    refuse(NotifyType.AUTHENTICATION_FAILED, problem);
                } else {
                    accept(Identity.of(id));
                }
            });
        } catch (IkeException e) {
            refuse(e.kind(), e.getMessage());
        }
    }

    private Authentication authentication() {
        return new Authentication(
                sa, handshake, endpoint.host().credentials(), request.header().messageId());
    }

    private PeerConfig find(Identity remote) throws IkeException {
        Identity wanted = request.identification(false).map(Identity::of).orElse(null);
        List<PeerConfig> known = endpoint.peers().accepting(sa.path(), remote);
        if (known.isEmpty()) {
            throw new IkeException(
                    NotifyType.AUTHENTICATION_FAILED,
                    "peer says it is " + remote + ", which is nobody we know at "
                            + sa.path().remote());
        }
        PeerConfig peer = known.stream()
                .filter(each -> wanted == null || each.localId().matches(wanted))
                .findFirst()
                .orElseThrow(() -> new IkeException(
                        NotifyType.AUTHENTICATION_FAILED,
                        "peer " + remote + " wants to talk to " + wanted + "; we are "
                                + known.get(0).localId()));
        if (Negotiation.ike(peer, sa.peerIntermediates)
                        .choose(new SaPayload(List.of(sa.chosen().answer())), 0)
                == null) {
            throw new IkeException(
                    NotifyType.AUTHENTICATION_FAILED,
                    "peer " + remote + " came with " + sa.chosen().text() + ", which is another peer's proposal");
        }
        return peer;
    }

    private void refuse(NotifyType kind, @Nullable String why) {
        sa.messenger().respond(request.header(), List.of(NotifyPayload.of(kind)));
        endpoint.closing().failed(sa, why);
    }

    private void accept(Identity remote) {
        IdentificationPayload own = sa.peer().localId().payload(false);
        Credentials.Signed signed;
        try {
            signed = authentication().sign(own, remote);
        } catch (IkeException e) {
            refuse(e.kind(), e.getMessage());
            return;
        }
        sa.remoteId = remote;
        if (request.has(NotifyType.INITIAL_CONTACT)) {
            endpoint.closing().initialContact(sa);
        }
        List<Payload> payloads = new ArrayList<>();
        payloads.add(own);
        payloads.addAll(signed.certificates());
        payloads.add(signed.authentication());
        endpoint.authenticated(sa);
        if (request.first(SaPayload.class).isEmpty()) {
            answer(payloads, null); // RFC 6023
            return;
        }
        child(payloads);
    }

    private void child(List<Payload> payloads) {
        try {
            Agreement agreement = new ChildChoice(sa.peer().children(), false)
                    .agree(request, endpoint.childSas(), 0, handshake.initiatorNonce(), handshake.responderNonce());
            ChildSa child = endpoint.childSas().make(sa, agreement, List.of());
            boolean alone = !endpoint.duplicates().hasOther(sa);
            endpoint.childSas().add(sa, child, alone, refused -> {
                if (refused == null) {
                    payloads.addAll(ChildOffer.answerPayloads(agreement));
                    answer(payloads, child);
                } else {
                    childRefused(payloads, NotifyType.NO_ADDITIONAL_SAS, refused);
                }
            });
        } catch (IkeException e) {
            childRefused(payloads, e.kind(), e.getMessage());
        }
    }

    /** The IKE SA is up all the same. */
    private void childRefused(List<Payload> payloads, NotifyType kind, @Nullable String why) {
        endpoint.host().events().warn(sa.name(), "no CHILD_SA: " + why);
        payloads.add(NotifyPayload.of(kind));
        answer(payloads, null);
    }

    private void answer(List<Payload> payloads, @Nullable ChildSa child) {
        sa.messenger().respond(request.header(), payloads);
        if (child != null) {
            endpoint.childSas().established(sa, child);
        }
    }
}
