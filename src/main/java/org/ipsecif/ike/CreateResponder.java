package org.ipsecif.ike;

import java.util.ArrayList;
import java.util.List;
import org.ipsecif.crypto.InvalidKeyExchangeException;
import org.ipsecif.crypto.KeyExchangeAnswer;
import org.ipsecif.crypto.KeyExchangeMethod;
import org.ipsecif.crypto.KeyMaterial;
import org.ipsecif.ike.message.IkeException;
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
            refuse(e);
        } catch (InvalidKeyExchangeException e) {
            refuse(IkeException.invalidSyntax(String.valueOf(e.getMessage())));
        }
    }

    private void refuse(IkeException why) {
        endpoint.host().events().warn(sa.name(), "CREATE_CHILD_SA refused: " + why.getMessage());
        answer(List.of(why.notification()));
    }

    private void answer(List<Payload> payloads) {
        sa.messenger().respond(request.header(), payloads);
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
        Negotiation negotiation = RekeyIke.negotiation(sa.peer());
        Chosen chosen = negotiation.choose(offer, offeredMethod());
        if (chosen == null) {
            throw new IkeException(
                    NotifyType.NO_PROPOSAL_CHOSEN,
                    "peer offered " + Negotiation.text(offer) + "; we want "
                            + Negotiation.text(negotiation.offer(Octets.EMPTY)));
        }
        if (sa.children.stream().anyMatch(each -> each.rekeying || each.state != ChildSa.State.ACTIVE)) {
            throw new IkeException(
                    NotifyType.TEMPORARY_FAILURE, "peer rekeys the IKE_SA while a CHILD_SA is being made");
        }
        long spi = endpoint.freshSpi();
        IkeSa next = new IkeSa(sa.peer(), false, RekeyIke.spiOf(chosen), spi, sa.path());
        KeyExchangeAnswer exchanged = exchange(chosen.keyExchanges().get(0));
        try (KeyMaterial shared = exchanged.sharedSecret()) {
            RekeyIke.succeed(endpoint, sa, next, chosen, peerNonce, nonce, shared);
        }
        answer(List.of(
                chosen.answer(RekeyIke.octets(spi)),
                new NoncePayload(nonce),
                new KeyExchangePayload(
                        chosen.keyExchanges().get(0).transformId(), Octets.of(exchanged.publicValue()))));
        endpoint.established(next);
        if (sa.rekeying) {
            sa.replacedByPeer = new IkeSa.Successor(next, RekeyIke.lower(peerNonce, nonce));
        } else {
            endpoint.replace(sa, next);
        }
    }

    private void child(Octets peerNonce) throws IkeException, InvalidKeyExchangeException {
        if (sa.rekeying) {
            throw new IkeException(
                    NotifyType.TEMPORARY_FAILURE, "peer makes a CHILD_SA while the IKE_SA is being rekeyed");
        }
        ChildSa old = replaced();
        List<ChildConfig> candidates = old == null ? sa.peer().children() : List.of(old.config());
        Agreement agreement = new ChildChoice(candidates, true)
                .agree(request, endpoint.childSas(), offeredMethod(), peerNonce, nonce);
        List<Payload> payloads = new ArrayList<>(ChildOffer.answerPayloads(agreement));
        List<KeyMaterial> shared = new ArrayList<>();
        payloads.add(payloads.size() - 2, new NoncePayload(nonce));
        if (!agreement.chosen().keyExchanges().isEmpty()) {
            KeyExchangeMethod method = agreement.chosen().keyExchanges().get(0);
            KeyExchangeAnswer exchanged = exchange(method);
            shared.add(exchanged.sharedSecret());
            payloads.add(
                    payloads.size() - 2,
                    new KeyExchangePayload(method.transformId(), Octets.of(exchanged.publicValue())));
        }
        ChildSa child = endpoint.childSas().make(sa, agreement, shared);
        shared.forEach(KeyMaterial::close);
        add(child, old, payloads);
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
        if (old == null) {
            throw new IkeException(NotifyType.CHILD_SA_NOT_FOUND, "peer rekeys a CHILD_SA that is not there");
        }
        if (old.state != ChildSa.State.ACTIVE) {
            throw new IkeException(NotifyType.TEMPORARY_FAILURE, "peer rekeys a CHILD_SA that is being deleted");
        }
        return old;
    }

    /** The peer sends with a new SA when it has our answer; we do when the old one is deleted, for by then it can receive. */
    private void add(ChildSa child, @Nullable ChildSa old, List<Payload> payloads) {
        endpoint.childSas().add(sa, child, old == null, refused -> {
            if (refused != null) {
                refuse(new IkeException(NotifyType.NO_ADDITIONAL_SAS, refused));
                return;
            }
            if (old != null) {
                old.replacedByPeer = child;
            }
            answer(payloads);
            endpoint.childSas().established(sa, child);
        });
    }
}
