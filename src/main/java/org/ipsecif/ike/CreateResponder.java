package org.ipsecif.ike;

import java.util.ArrayList;
import java.util.List;
import org.ipsecif.crypto.InvalidKeyExchangeException;
import org.ipsecif.crypto.KeyExchangeAnswer;
import org.ipsecif.crypto.KeyExchangeMethod;
import org.ipsecif.crypto.KeyMaterial;
import org.ipsecif.ike.message.IkeException;
import org.ipsecif.ike.message.IkeHeader;
import org.ipsecif.ike.message.IkeMessage;
import org.ipsecif.ike.message.KeyExchangePayload;
import org.ipsecif.ike.message.NoncePayload;
import org.ipsecif.ike.message.NotifyPayload;
import org.ipsecif.ike.message.NotifyType;
import org.ipsecif.ike.message.OctetWriter;
import org.ipsecif.ike.message.Octets;
import org.ipsecif.ike.message.Payload;
import org.ipsecif.ike.message.ProtocolId;
import org.ipsecif.ike.message.SaPayload;
import org.jspecify.annotations.Nullable;

/** The responder's side of CREATE_CHILD_SA (RFC 7296 sections 1.3, 2.8, 2.25). */
final class CreateResponder {
    /** Child SAs of one IKE SA, where no more than those are configured: a peer that is who it says may still be out of order. */
    static final int MOST_CHILDREN = 1_024;

    private final IkeEndpoint endpoint;
    private final IkeSa sa;
    private final IkeMessage request;
    private final Octets nonce;

    CreateResponder(IkeEndpoint endpoint, IkeSa sa, IkeMessage request) {
        this.endpoint = endpoint;
        this.sa = sa;
        this.request = request;
        this.nonce = endpoint.nonce();
    }

    void run() {
        try {
            SaPayload offer = ChildOffer.required(request, SaPayload.class);
            Octets peerNonce = ChildOffer.required(request, NoncePayload.class).nonce();
            boolean ike = offer.proposals().stream().anyMatch(each -> each.is(ProtocolId.IKE));
            if (sa.state != IkeSa.State.ESTABLISHED) {
                throw new IkeException(NotifyType.TEMPORARY_FAILURE, "request on an IKE_SA that is being replaced");
            }
            if (ike) {
                rekeyIke(offer, peerNonce);
            } else {
                child(peerNonce);
            }
        } catch (IkeException e) {
            refuse(request.header(), e);
        } catch (InvalidKeyExchangeException e) {
            refuse(request.header(), IkeException.invalidSyntax(String.valueOf(e.getMessage())));
        }
    }

    private void refuse(IkeHeader header, IkeException why) {
        endpoint.host().events().warn(sa.name(), "CREATE_CHILD_SA refused: " + why.getMessage());
        sa.messenger().respond(header, List.of(why.notification()));
    }

    private int offeredMethod() {
        return request.first(KeyExchangePayload.class)
                .map(KeyExchangePayload::method)
                .orElse(0);
    }

    /** @throws IkeException INVALID_KE_PAYLOAD with the method wanted, if the peer came with another */
    private KeyExchangeAnswer exchange(KeyExchangeMethod wanted) throws IkeException, InvalidKeyExchangeException {
        return exchange(request, wanted, endpoint);
    }

    static KeyExchangeAnswer exchange(IkeMessage request, KeyExchangeMethod wanted, IkeEndpoint endpoint)
            throws IkeException, InvalidKeyExchangeException {
        KeyExchangePayload given = request.first(KeyExchangePayload.class).orElse(null);
        if (given == null || given.method() != wanted.transformId()) {
            throw new IkeException(
                    NotifyType.INVALID_KE_PAYLOAD,
                    new OctetWriter().u16(wanted.transformId()).toOctets(),
                    "peer began with another key exchange method than " + wanted.keyword());
        }
        return wanted.respond(given.data().toBytes(), endpoint.host().random());
    }

    private void rekeyIke(SaPayload offer, Octets peerNonce) throws IkeException, InvalidKeyExchangeException {
        Negotiation negotiation = RekeyIke.negotiation(sa);
        Chosen chosen = negotiation.choose(offer, offeredMethod());
        if (chosen == null) {
            throw new IkeException(
                    NotifyType.NO_PROPOSAL_CHOSEN,
                    "peer offered " + Negotiation.text(offer) + "; we want "
                            + Negotiation.text(negotiation.offer(Octets.EMPTY)));
        }
        checkChildren();
        if (sa.followingUp) {
            throw new IkeException(NotifyType.TEMPORARY_FAILURE, "peer rekeys an IKE_SA that is being rekeyed");
        }
        long spi = endpoint.freshSpi();
        IkeSa next = new IkeSa(sa.peer(), false, RekeyIke.spiOf(chosen), spi, sa.path());
        KeyExchangeMethod method = chosen.keyExchanges().get(0);
        KeyExchangeAnswer exchanged = exchange(method);
        List<Payload> payloads = new ArrayList<>(List.of(
                chosen.answer(RekeyIke.octets(spi)),
                new NoncePayload(nonce),
                new KeyExchangePayload(method.transformId(), Octets.of(exchanged.publicValue()))));
        sa.followUps.drop(sa.followUps.ofIke());
        goOn(
                chosen,
                null,
                peerNonce,
                exchanged.sharedSecret(),
                payloads,
                (header, shared, answer) -> finishIke(header, next, chosen, peerNonce, shared, answer));
    }

    private void finishIke(
            IkeHeader header,
            IkeSa next,
            Chosen chosen,
            Octets peerNonce,
            List<KeyMaterial> shared,
            List<Payload> payloads) {
        try {
            checkChildren();
            RekeyIke.succeed(endpoint, sa, next, chosen, peerNonce, nonce, shared);
        } catch (IkeException e) {
            refuse(header, e);
            return;
        } finally {
            shared.forEach(KeyMaterial::close);
        }
        sa.messenger().respond(header, payloads);
        endpoint.established(next);
        if (sa.rekeying) {
            sa.replacedByPeer = new IkeSa.Successor(next, RekeyIke.lower(peerNonce, nonce));
        } else {
            endpoint.rekeying().replace(sa, next);
        }
    }

    private void checkChildren() throws IkeException {
        if (sa.creating > 0
                || sa.children.stream().anyMatch(each -> each.rekeying || each.state != ChildSa.State.ACTIVE)) {
            throw new IkeException(
                    NotifyType.TEMPORARY_FAILURE, "peer rekeys the IKE_SA while a CHILD_SA is being made");
        }
    }

    /** At once, or, after the additional key exchanges that were agreed to, with the last of these. */
    private void goOn(
            Chosen chosen,
            @Nullable ChildSa old,
            Octets peerNonce,
            KeyMaterial shared,
            List<Payload> payloads,
            FollowUps.Completion completion) {
        if (chosen.additional().isEmpty()) {
            completion.complete(request.header(), List.of(shared), payloads);
            return;
        }
        FollowUps.Pending pending = new FollowUps.Pending(
                chosen.additional(), old, chosen.prf() != null, RekeyIke.lower(peerNonce, nonce), shared, completion);
        payloads.add(NotifyPayload.of(NotifyType.ADDITIONAL_KEY_EXCHANGE, sa.followUps.await(endpoint, pending)));
        sa.messenger().respond(request.header(), payloads);
    }

    private int mostChildren() {
        return Math.max(
                MOST_CHILDREN,
                sa.peer().children().stream()
                        .mapToInt(each -> each.local().size() * each.remote().size())
                        .sum());
    }

    private void child(Octets peerNonce) throws IkeException, InvalidKeyExchangeException {
        if (sa.rekeying) {
            throw new IkeException(
                    NotifyType.TEMPORARY_FAILURE, "peer makes a CHILD_SA while the IKE_SA is being rekeyed");
        }
        ChildSa old = replaced();
        if (old == null && sa.children.size() >= mostChildren()) {
            throw new IkeException(
                    NotifyType.NO_ADDITIONAL_SAS, "peer has " + sa.children.size() + " CHILD_SAs and wants another");
        }
        Agreement agreement = new ChildChoice(sa.peer(), old, true)
                .agree(request, endpoint.childSas(), offeredMethod(), peerNonce, nonce);
        List<Payload> payloads = new ArrayList<>(ChildOffer.answerPayloads(agreement));
        payloads.add(payloads.size() - 2, new NoncePayload(nonce));
        Chosen chosen = agreement.chosen();
        if (chosen.keyExchanges().isEmpty()) {
            finishChild(request.header(), agreement, old, List.of(), payloads);
            return;
        }
        KeyExchangeMethod method = chosen.keyExchanges().get(0);
        KeyExchangeAnswer exchanged = exchange(method);
        payloads.add(
                payloads.size() - 2, new KeyExchangePayload(method.transformId(), Octets.of(exchanged.publicValue())));
        sa.followUps.drop(sa.followUps.of(old));
        goOn(
                chosen,
                old,
                peerNonce,
                exchanged.sharedSecret(),
                payloads,
                (header, shared, answer) -> finishChild(header, agreement, old, shared, answer));
    }

    /** @return null if it is a new one */
    private @Nullable ChildSa replaced() throws IkeException {
        NotifyPayload rekey = request.notification(NotifyType.REKEY_SA).orElse(null);
        if (rekey == null) {
            return null;
        }
        ChildSa old = rekey.spi().length() == Integer.BYTES
                ? sa.childByOutboundSpi(InformationalResponder.spi(rekey.spi()))
                : null;
        if (old == null && endpoint.duplicates().predecessor(sa) != null) {
            throw new IkeException(NotifyType.TEMPORARY_FAILURE, "peer rekeys a CHILD_SA before the IKE_SA is settled");
        }
        if (old == null) {
            throw new IkeException(NotifyType.CHILD_SA_NOT_FOUND, "peer rekeys a CHILD_SA that is not there");
        }
        if (old.state != ChildSa.State.ACTIVE) {
            throw new IkeException(NotifyType.TEMPORARY_FAILURE, "peer rekeys a CHILD_SA that is being deleted");
        }
        if (old.followingUp) {
            throw new IkeException(NotifyType.TEMPORARY_FAILURE, "peer rekeys a CHILD_SA that is being rekeyed");
        }
        return old;
    }

    private void finishChild(
            IkeHeader header,
            Agreement agreement,
            @Nullable ChildSa old,
            List<KeyMaterial> shared,
            List<Payload> payloads) {
        if (old != null && old.state != ChildSa.State.ACTIVE) {
            shared.forEach(KeyMaterial::close);
            refuse(
                    header,
                    new IkeException(
                            NotifyType.CHILD_SA_NOT_FOUND, "the CHILD_SA that peer rekeys has been deleted meanwhile"));
            return;
        }
        ChildSa child = endpoint.childSas().make(sa, agreement, shared);
        shared.forEach(KeyMaterial::close);
        add(header, child, old, payloads);
    }

    /** The peer sends with a new SA when it has our answer; we do when the old one is deleted, for by then it can receive. */
    private void add(IkeHeader header, ChildSa child, @Nullable ChildSa old, List<Payload> payloads) {
        endpoint.childSas().add(sa, child, old == null, refused -> {
            if (refused != null) {
                refuse(header, new IkeException(NotifyType.NO_ADDITIONAL_SAS, refused));
                return;
            }
            if (old != null) {
                old.replacedByPeer = child;
            }
            sa.messenger().respond(header, payloads);
            endpoint.childSas().established(sa, child);
        });
    }
}
