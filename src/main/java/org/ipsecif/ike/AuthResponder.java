package org.ipsecif.ike;

import java.util.ArrayList;
import java.util.List;
import org.ipsecif.ike.message.AuthenticationPayload;
import org.ipsecif.ike.message.IdentificationPayload;
import org.ipsecif.ike.message.IkeException;
import org.ipsecif.ike.message.IkeMessage;
import org.ipsecif.ike.message.NotifyPayload;
import org.ipsecif.ike.message.NotifyType;
import org.ipsecif.ike.message.Octets;
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
    private Credentials.@Nullable Ppk ppk;

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
            ppk = ppk();
            Authentication authentication = authentication();
            authentication.verify(request, received(), id, problem -> {
                if (problem != null) {
                    refuse(NotifyType.AUTHENTICATION_FAILED, problem);
                } else {
                    admit(authentication, Identity.of(id));
                }
            });
        } catch (IkeException e) {
            refuse(e.kind(), e.getMessage());
        }
    }

    private void admit(Authentication authentication, Identity remote) {
        endpoint.host().admit(sa.peer(), remote, admission -> {
            PeerConfig peer = endpoint.peers().find(admission.name());
            if (sa.isClosed()) {
                return; // it took too long
            }
            if (admission.refusal() != null || peer == null) {
                refuse(
                        NotifyType.AUTHENTICATION_FAILED,
                        admission.refusal() != null ? admission.refusal() : admission.name() + " is no more");
            } else {
                endpoint.setPeer(sa, peer);
                accept(authentication, remote);
            }
        });
    }

    private Authentication authentication() {
        Authentication plain = new Authentication(
                sa, handshake, endpoint.host().credentials(), request.header().messageId());
        return ppk == null ? plain : plain.with(ppk);
    }

    /** The key that the peer names; null to do without. */
    private Credentials.@Nullable Ppk ppk() throws IkeException {
        NotifyPayload named =
                sa.usesPpk ? request.notification(NotifyType.PPK_IDENTITY).orElse(null) : null;
        Octets id = named == null ? null : PpkIdentity.decode(named.data());
        Credentials.Ppk known =
                id == null ? null : endpoint.host().credentials().ppk(sa.peer(), id);
        if (known == null && sa.peer().ppk() == PpkUse.REQUIRED) {
            throw new IkeException(
                    NotifyType.AUTHENTICATION_FAILED,
                    "peer comes "
                            + (named == null
                                    ? "without a post-quantum preshared key"
                                    : "with a post-quantum preshared key that we do not know, " + PpkIdentity.text(id))
                            + ", and we want one (ppk_required)");
        }
        if (known == null && named != null && !request.has(NotifyType.NO_PPK_AUTH)) {
            throw new IkeException(
                    NotifyType.AUTHENTICATION_FAILED,
                    "peer wants a post-quantum preshared key that we do not know, " + PpkIdentity.text(id));
        }
        return known;
    }

    /** RFC 8784 section 3: without the key that the peer named, NO_PPK_AUTH stands for its AUTH payload. */
    private @Nullable AuthenticationPayload received() {
        AuthenticationPayload given = request.first(AuthenticationPayload.class).orElse(null);
        NotifyPayload without = request.notification(NotifyType.NO_PPK_AUTH).orElse(null);
        boolean named = sa.usesPpk && request.has(NotifyType.PPK_IDENTITY);
        return given != null && named && ppk == null && without != null
                ? new AuthenticationPayload(given.method(), without.data())
                : given;
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

    private void accept(Authentication authentication, Identity remote) {
        IdentificationPayload own = sa.peer().localId().payload(false);
        Credentials.Signed signed;
        try {
            signed = authentication.sign(own, remote);
        } catch (IkeException e) {
            refuse(e.kind(), e.getMessage());
            return;
        }
        sa.settlePpk(ppk != null);
        PpkIdentity.tell(endpoint, sa, ppk);
        sa.remoteId = remote;
        if (request.has(NotifyType.INITIAL_CONTACT)) {
            endpoint.closing().initialContact(sa);
        }
        List<Payload> payloads = new ArrayList<>();
        payloads.add(own);
        payloads.addAll(signed.certificates());
        payloads.add(signed.authentication());
        if (ppk != null) {
            payloads.add(NotifyPayload.of(NotifyType.PPK_IDENTITY));
        }
        Mobility.read(request, sa);
        if (sa.mobile) {
            payloads.addAll(Mobility.offered(sa.peer()));
        }
        endpoint.authenticated(sa);
        boolean childless = request.first(SaPayload.class).isEmpty(); // RFC 6023
        try {
            payloads.addAll(Assignment.reply(sa.peer().inner(), request));
        } catch (IkeException e) {
            childRefused(payloads, e.kind(), e.getMessage());
            return;
        }
        if (childless) {
            answer(payloads, null);
            return;
        }
        child(payloads);
    }

    private void child(List<Payload> payloads) {
        try {
            Agreement agreement = new ChildChoice(sa.peer(), null, false)
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
