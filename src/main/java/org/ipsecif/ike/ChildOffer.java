package org.ipsecif.ike;

import java.util.ArrayList;
import java.util.List;
import org.ipsecif.ike.message.AddressRange;
import org.ipsecif.ike.message.IkeException;
import org.ipsecif.ike.message.IkeMessage;
import org.ipsecif.ike.message.NotifyPayload;
import org.ipsecif.ike.message.NotifyType;
import org.ipsecif.ike.message.OctetWriter;
import org.ipsecif.ike.message.Octets;
import org.ipsecif.ike.message.Payload;
import org.ipsecif.ike.message.ProtocolId;
import org.ipsecif.ike.message.SaPayload;
import org.ipsecif.ike.message.TrafficSelector;
import org.ipsecif.ike.message.TrafficSelectorPayload;
import org.ipsecif.sa.IpsecMode;
import org.jspecify.annotations.Nullable;

/**
 * The part about a Child SA of an IKE_AUTH or a CREATE_CHILD_SA exchange, at either end.
 *
 * @param wish which selectors this end asks for, or has to choose from
 * @param localSpi of the SA towards this end
 * @param withKeyExchange whether it is a CREATE_CHILD_SA exchange
 */
record ChildOffer(ChildWish wish, int localSpi, boolean withKeyExchange) {
    /** RFC 4303 section 2.1: those below are reserved, and in UDP 0 is IKE's. */
    private static final int FIRST_SPI = 256;

    /** Of all that is configured. */
    ChildOffer(ChildConfig config, int localSpi, boolean withKeyExchange) {
        this(ChildWish.of(config, config.pairs()), localSpi, withKeyExchange);
    }

    ChildConfig config() {
        return wish.config();
    }

    Negotiation negotiation() {
        return new Negotiation(ProtocolId.ESP, config().proposals(), withKeyExchange);
    }

    /** SA, TSi, TSr, and USE_TRANSPORT_MODE before them if that is wanted. */
    List<Payload> payloads() {
        List<Payload> payloads = new ArrayList<>();
        if (config().mode() == IpsecMode.TRANSPORT) {
            payloads.add(NotifyPayload.of(NotifyType.USE_TRANSPORT_MODE));
        }
        payloads.add(negotiation().offer(spi()));
        payloads.add(new TrafficSelectorPayload(true, List.copyOf(wish.local())));
        payloads.add(new TrafficSelectorPayload(false, List.copyOf(wish.remote())));
        return payloads;
    }

    Octets spi() {
        return new OctetWriter().u32(Integer.toUnsignedLong(localSpi)).toOctets();
    }

    /**
     * What the peer's answer agrees to.
     *
     * @throws IkeException with the notification that gave it up, or that is to: the IKE SA is none the worse
     */
    Agreement answered(IkeMessage response, Octets initiatorNonce, Octets responderNonce) throws IkeException {
        Chosen chosen = negotiation().chosenBy(required(response, SaPayload.class));
        if (chosen == null) {
            throw new IkeException(
                    NotifyType.NO_PROPOSAL_CHOSEN,
                    "peer chose " + Negotiation.text(required(response, SaPayload.class)) + ", which was not offered");
        }
        List<? extends TrafficSelector> local = selectors(response, true);
        List<? extends TrafficSelector> remote = selectors(response, false);
        if (!Narrowing.isWithin(local, wish.local()) || !Narrowing.isWithin(remote, wish.remote())) {
            throw new IkeException(NotifyType.TS_UNACCEPTABLE, "peer widened the traffic selectors");
        }
        boolean transport = response.has(NotifyType.USE_TRANSPORT_MODE);
        if (transport != (config().mode() == IpsecMode.TRANSPORT)) {
            throw new IkeException(
                    NotifyType.NO_PROPOSAL_CHOSEN, "peer wants " + (transport ? "transport" : "tunnel") + " mode");
        }
        return new Agreement(
                config(),
                true,
                chosen,
                localSpi,
                spiOf(chosen),
                ranges(local),
                ranges(remote),
                false,
                initiatorNonce,
                responderNonce);
    }

    /**
     * What this end agrees to of the peer's request.
     *
     * @param method number of the key exchange method of its KE payload; 0 without one
     * @return null if the algorithms do not suit
     * @throws IkeException if the selectors do not
     */
    @Nullable
    Agreement answer(IkeMessage request, int method, Octets initiatorNonce, Octets responderNonce) throws IkeException {
        Chosen chosen = negotiation().choose(required(request, SaPayload.class), method);
        if (chosen == null) {
            return null;
        }
        Narrowing.Narrowed narrowed = narrow(selectors(request, false), selectors(request, true));
        return new Agreement(
                config(),
                false,
                chosen,
                localSpi,
                spiOf(chosen),
                narrowed.local(),
                narrowed.remote(),
                narrowed.more(),
                initiatorNonce,
                responderNonce);
    }

    /** To the pairs that share a Child SA, or, if it is to replace one, to what that has (RFC 7296 sections 2.9, 2.9.2). */
    private Narrowing.Narrowed narrow(
            List<? extends TrafficSelector> theirLocal, List<? extends TrafficSelector> theirRemote) {
        return wish.pairs().isEmpty()
                ? new Narrowing.Narrowed(
                        Narrowing.common(wish.local(), theirLocal), Narrowing.common(wish.remote(), theirRemote), false)
                : Narrowing.narrow(wish.pairs(), theirLocal, theirRemote);
    }

    /** SA, TSi and TSr of an answer. */
    static List<Payload> answerPayloads(Agreement agreement) {
        List<Payload> payloads = new ArrayList<>();
        if (agreement.config().mode() == IpsecMode.TRANSPORT) {
            payloads.add(NotifyPayload.of(NotifyType.USE_TRANSPORT_MODE));
        }
        Octets spi = new OctetWriter()
                .u32(Integer.toUnsignedLong(agreement.localSpi()))
                .toOctets();
        payloads.add(agreement.chosen().answer(spi));
        if (agreement.more()) {
            payloads.add(0, NotifyPayload.of(NotifyType.ADDITIONAL_TS_POSSIBLE));
        }
        payloads.add(new TrafficSelectorPayload(true, List.copyOf(agreement.remote())));
        payloads.add(new TrafficSelectorPayload(false, List.copyOf(agreement.local())));
        return payloads;
    }

    private static int spiOf(Chosen chosen) throws IkeException {
        Octets spi = chosen.answer().spi();
        if (spi.length() != Integer.BYTES) {
            throw IkeException.invalidSyntax("an ESP SPI of " + spi.length() + " bytes");
        }
        int value = spi.at(0) << 24 | spi.at(1) << 16 | spi.at(2) << 8 | spi.at(3);
        if (Integer.compareUnsigned(value, FIRST_SPI) < 0) {
            throw IkeException.invalidSyntax("the reserved ESP SPI " + value);
        }
        return value;
    }

    static List<? extends TrafficSelector> selectors(IkeMessage message, boolean initiator) throws IkeException {
        return message.trafficSelectors(initiator)
                .orElseThrow(() -> IkeException.invalidSyntax("no TS" + (initiator ? "i" : "r") + " payload"))
                .selectors();
    }

    private static List<AddressRange> ranges(List<? extends TrafficSelector> selectors) {
        return Narrowing.withoutParts(
                selectors.stream().map(AddressRange.class::cast).toList());
    }

    static <T extends Payload> T required(IkeMessage message, Class<T> kind) throws IkeException {
        return message.first(kind)
                .orElseThrow(() ->
                        IkeException.invalidSyntax("no " + kind.getSimpleName().replace("Payload", "") + " payload"));
    }
}
