package org.ipsecif.ike;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.ipsecif.crypto.IkeKeys;
import org.ipsecif.crypto.InvalidKeyExchangeException;
import org.ipsecif.crypto.KeyDerivation;
import org.ipsecif.crypto.KeyExchange;
import org.ipsecif.crypto.KeyExchangeMethod;
import org.ipsecif.crypto.KeyMaterial;
import org.ipsecif.ike.message.ExchangeType;
import org.ipsecif.ike.message.IkeException;
import org.ipsecif.ike.message.IkeHeader;
import org.ipsecif.ike.message.IkeMessage;
import org.ipsecif.ike.message.KeyExchangePayload;
import org.ipsecif.ike.message.NoncePayload;
import org.ipsecif.ike.message.NotifyPayload;
import org.ipsecif.ike.message.NotifyType;
import org.ipsecif.ike.message.Octets;
import org.ipsecif.ike.message.Payload;
import org.ipsecif.ike.message.ProtocolId;
import org.ipsecif.ike.message.SaPayload;
import org.jspecify.annotations.Nullable;

/**
 * The initiator's side of IKE_SA_INIT (RFC 7296 section 1.2):
 *
 * <pre>
 * HDR, [N(COOKIE)], SAi1, KEi, Ni, N...  --&gt;
 *                                        &lt;--  HDR, SAr1, KEr, Nr, N...
 *                                        &lt;--  HDR, N(COOKIE) or N(INVALID_KE_PAYLOAD), to try again
 * </pre>
 *
 * Nobody vouches for an answer here; what cannot be the peer's is passed over, and the true one may still come.
 */
final class InitInitiator {
    static final int NONCE_LENGTH = 32;

    /** Cookies and other groups that a peer may ask for before it is given up. */
    private static final int MAX_RESTARTS = 8;

    /** Nanoseconds for which the true answer may still come after one that ends the attempt. */
    private static final long REFUSAL = 1_500_000_000L;

    private final IkeEndpoint endpoint;
    private final IkeSa sa;
    private final Negotiation negotiation;
    private final Octets nonce;
    private Octets cookie = Octets.EMPTY;
    private KeyExchangeMethod method;
    private KeyExchange keyExchange;
    private byte[] request = new byte[0];
    private int transmissions;
    private int restarts;
    private Timers.@Nullable Timer retransmission;
    private @Nullable String refusal;
    private Timers.@Nullable Timer refusalTimer;

    InitInitiator(IkeEndpoint endpoint, IkeSa sa) {
        this.endpoint = endpoint;
        this.sa = sa;
        this.negotiation = new Negotiation(ProtocolId.IKE, sa.peer().proposals(), true);
        this.nonce = endpoint.nonce();
        this.method = sa.peer().proposals().get(0).keyExchanges().get(0).get(0);
        this.keyExchange = method.start(endpoint.host().random());
    }

    IkeSa sa() {
        return sa;
    }

    void start() {
        IkeHeader header = new IkeHeader(sa.initiatorSpi(), 0, ExchangeType.IKE_SA_INIT, true, false, 0);
        List<Payload> payloads = new ArrayList<>();
        if (!cookie.isEmpty()) {
            payloads.add(NotifyPayload.of(NotifyType.COOKIE, cookie));
        }
        payloads.add(negotiation.offer(Octets.EMPTY));
        payloads.add(new KeyExchangePayload(method.transformId(), Octets.of(keyExchange.publicValue())));
        payloads.add(new NoncePayload(nonce));
        payloads.add(NatDetection.source(header, sa.path(), sa.peer().forceEncapsulation()));
        payloads.add(NatDetection.destination(header, sa.path()));
        payloads.addAll(Capabilities.offered(
                sa.peer(), Negotiation.hasAdditional(sa.peer().proposals())));
        payloads.addAll(Capabilities.ofPpk(hasPpk()));
        IkeMessage message = new IkeMessage(header, payloads);
        endpoint.host().events().message(sa.name(), sa.path(), true, message);
        request = message.encode();
        transmissions = 0;
        transmit();
    }

    private boolean hasPpk() {
        return sa.peer().ppk() != PpkUse.NONE;
    }

    private void transmit() {
        transmissions++;
        endpoint.host().send(sa.path(), request);
        boolean last = transmissions >= sa.times().transmissions();
        retransmission = endpoint.timers()
                .after(sa.times().initWaitAfter(transmissions), last ? this::unanswered : this::transmit);
    }

    private void unanswered() {
        String why = refusal;
        endpoint.closing()
                .failed(sa, why == null ? "no answer from " + sa.path().remote() : why);
    }

    void receive(IkeMessage response, byte[] bytes) {
        endpoint.host().events().message(sa.name(), sa.path(), false, response);
        if (Redirect.tell(endpoint, sa, response)
                && response.first(SaPayload.class).isEmpty()) {
            return; // nobody vouches for it, and the peer's own may still come
        }
        try {
            if (response.has(NotifyType.COOKIE)) {
                restart(response.notification(NotifyType.COOKIE).orElseThrow().data(), method);
            } else if (response.has(NotifyType.INVALID_KE_PAYLOAD)) {
                changeMethod(response.notification(NotifyType.INVALID_KE_PAYLOAD)
                        .orElseThrow()
                        .data());
            } else if (response.error().isPresent()) {
                refused(response.error().get());
            } else {
                complete(response, bytes);
            }
        } catch (IkeException | InvalidKeyExchangeException e) {
            endpoint.host()
                    .events()
                    .warn(sa.name(), "IKE_SA_INIT from " + sa.path().remote() + " ignored: " + e.getMessage());
        }
    }

    private void restart(Octets withCookie, KeyExchangeMethod with) {
        if (++restarts > MAX_RESTARTS) {
            return;
        }
        stop();
        cookie = withCookie;
        if (with != method) {
            keyExchange.close();
            method = with;
            keyExchange = with.start(endpoint.host().random());
        }
        start();
    }

    /** RFC 7296 section 1.2: the group must be one of those offered. */
    private void changeMethod(Octets data) throws IkeException {
        KeyExchangeMethod other = negotiation.otherMethod(data, method);
        restart(cookie, other);
    }

    /** RFC 7296 section 2.21.1: it may be anybody's word; so the attempt ends only if nothing better comes for a while. */
    private void refused(NotifyPayload error) {
        if (refusal != null) {
            return;
        }
        String what = NotifyType.text(error.type());
        String offer = error.is(NotifyType.NO_PROPOSAL_CHOSEN)
                ? "; we offered " + Negotiation.text(negotiation.offer(Octets.EMPTY))
                : "";
        String why = "peer refused IKE_SA_INIT with " + what + offer;
        refusal = why;
        refusalTimer = endpoint.timers().after(REFUSAL, () -> endpoint.closing().failed(sa, why));
    }

    private void complete(IkeMessage response, byte[] bytes) throws IkeException, InvalidKeyExchangeException {
        SaPayload answer = ChildOffer.required(response, SaPayload.class);
        Chosen chosen = negotiation.chosenBy(answer);
        KeyExchangePayload peer = ChildOffer.required(response, KeyExchangePayload.class);
        Octets peerNonce = ChildOffer.required(response, NoncePayload.class).nonce();
        if (chosen == null || response.header().responderSpi() == 0) {
            throw new IkeException(
                    NotifyType.NO_PROPOSAL_CHOSEN,
                    "peer chose " + Negotiation.text(answer) + ", which was not offered");
        }
        if (chosen.keyExchanges().get(0) != method || peer.method() != method.transformId()) {
            throw IkeException.invalidSyntax("a KE payload of another method than chosen");
        }
        if (!chosen.additional().isEmpty() && !response.has(NotifyType.INTERMEDIATE_EXCHANGE_SUPPORTED)) {
            throw new IkeException(
                    NotifyType.NO_PROPOSAL_CHOSEN,
                    "peer chose " + chosen.text() + " and does not do IKE_INTERMEDIATE, which that needs");
        }
        boolean usesPpk = hasPpk() && response.has(NotifyType.USE_PPK);
        if (sa.peer().ppk() == PpkUse.REQUIRED && !usesPpk) {
            throw new IkeException(
                    NotifyType.AUTHENTICATION_FAILED,
                    "peer has no post-quantum preshared key; we want one (ppk_required)");
        }
        KeyMaterial shared = keyExchange.finish(peer.data().toBytes());
        stop();
        keyExchange.close();
        sa.setResponderSpi(response.header().responderSpi());
        Handshake handshake = new Handshake(Octets.of(request), Octets.of(bytes), nonce, peerNonce);
        KeyDerivation derivation = handshake.derivation(chosen.requirePrf());
        try (shared;
                KeyMaterial seed = derivation.skeyseed(shared)) {
            IkeKeys keys = derivation.ikeKeys(seed, sa.initiatorSpi(), sa.responderSpi(), chosen.suite());
            sa.secure(chosen, keys, endpoint.messenger(sa, 1, 0));
        }
        sa.nat = NatDetection.of(response, sa.path());
        Capabilities.read(response, sa);
        sa.usesPpk = usesPpk;
        if (sa.nat.any() || sa.peer().forceEncapsulation()) {
            sa.setPath(sa.path().floated());
        }
        endpoint.initialized(sa, handshake);
    }

    /** Sends no more. */
    void stop() {
        if (retransmission != null) {
            retransmission.cancel();
        }
        if (refusalTimer != null) {
            refusalTimer.cancel();
        }
        refusal = null;
    }

    void close() {
        stop();
        keyExchange.close();
    }

    static Set<Integer> numbers(Octets data) {
        return IntStream.range(0, data.length() / 2)
                .mapToObj(i -> data.at(2 * i) << 8 | data.at(2 * i + 1))
                .collect(Collectors.toUnmodifiableSet());
    }
}
