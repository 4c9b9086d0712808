package org.ipsecif.ike;

import java.util.List;
import org.ipsecif.ike.message.IkeException;
import org.ipsecif.ike.message.IkeMessage;
import org.ipsecif.ike.message.NotifyType;
import org.ipsecif.ike.message.Octets;
import org.ipsecif.ike.message.SaPayload;
import org.ipsecif.sa.IpsecMode;
import org.jspecify.annotations.Nullable;

/** Which of a peer's Child SAs a request is about, and what this end agrees to (RFC 7296 section 2.9). */
final class ChildChoice {
    private final List<ChildWish> children;
    private final boolean withKeyExchange;

    /** @param old the Child SA that is to be replaced, or null: then the peer may have any that are configured */
    ChildChoice(PeerConfig peer, @Nullable ChildSa old, boolean withKeyExchange) {
        this.children = old != null
                ? List.of(ChildWish.as(old))
                : peer.children().stream()
                        .map(each -> ChildWish.of(each, each.pairs()))
                        .toList();
        this.withKeyExchange = withKeyExchange;
    }

    /**
     * Takes the first that suits.
     *
     * @param spis allocates the inbound SPI
     * @param method number of the key exchange method of the request's KE payload; 0 without one
     * @throws IkeException NO_PROPOSAL_CHOSEN or TS_UNACCEPTABLE, with what the peer wanted and what is wanted here
     */
    Agreement agree(IkeMessage request, ChildSas spis, int method, Octets initiatorNonce, Octets responderNonce)
            throws IkeException {
        boolean algorithms = false;
        IpsecMode mode = request.has(NotifyType.USE_TRANSPORT_MODE) ? IpsecMode.TRANSPORT : IpsecMode.TUNNEL;
        for (ChildWish each : children) {
            ChildOffer offer = new ChildOffer(each, spis.allocateSpi(), withKeyExchange);
            Agreement agreement = offer.answer(request, method, initiatorNonce, responderNonce);
            algorithms |= agreement != null;
            // A peer that asks for transport mode takes tunnel mode too (RFC 7296 section 1.3.1), but not the other way
            // round.
            boolean modeSuits = each.config().mode() != IpsecMode.TRANSPORT || mode == IpsecMode.TRANSPORT;
            if (agreement != null
                    && modeSuits
                    && !agreement.local().isEmpty()
                    && !agreement.remote().isEmpty()) {
                return agreement;
            }
        }
        throw algorithms ? unacceptable(request) : notChosen(request);
    }

    private IkeException notChosen(IkeMessage request) throws IkeException {
        SaPayload offer = ChildOffer.required(request, SaPayload.class);
        return new IkeException(
                NotifyType.NO_PROPOSAL_CHOSEN, "peer offered " + Negotiation.text(offer) + "; we want " + wanted());
    }

    private String wanted() {
        return String.join(
                ", ",
                children.stream()
                        .map(each -> Negotiation.text(new ChildOffer(each, 0, withKeyExchange)
                                .negotiation()
                                .offer(Octets.EMPTY)))
                        .distinct()
                        .toList());
    }

    private IkeException unacceptable(IkeMessage request) throws IkeException {
        return new IkeException(
                NotifyType.TS_UNACCEPTABLE,
                "peer wants " + text(ChildOffer.selectors(request, false)) + " === "
                        + text(ChildOffer.selectors(request, true)) + "; we have "
                        + String.join(
                                ", ", children.stream().map(ChildWish::text).toList()));
    }

    private static String text(List<? extends org.ipsecif.ike.message.TrafficSelector> selectors) {
        return String.join(
                " ",
                selectors.stream()
                        .map(each -> each instanceof org.ipsecif.ike.message.AddressRange range
                                ? range.text()
                                : "type " + each.type())
                        .toList());
    }
}
