package org.ipsecif.ike;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.ipsecif.crypto.IkeKeys;
import org.ipsecif.crypto.InvalidKeyExchangeException;
import org.ipsecif.crypto.KeyDerivation;
import org.ipsecif.crypto.KeyExchangeAnswer;
import org.ipsecif.crypto.KeyMaterial;
import org.ipsecif.ike.message.IkeException;
import org.ipsecif.ike.message.IkeHeader;
import org.ipsecif.ike.message.IkeMessage;
import org.ipsecif.ike.message.KeyExchangePayload;
import org.ipsecif.ike.message.NoncePayload;
import org.ipsecif.ike.message.NotifyPayload;
import org.ipsecif.ike.message.NotifyType;
import org.ipsecif.ike.message.Octets;
import org.ipsecif.ike.message.Payload;
import org.ipsecif.ike.message.SaPayload;
import org.jspecify.annotations.Nullable;

/**
 * The responder's side of IKE_SA_INIT (RFC 7296 sections 1.2, 2.1, 2.6). Anybody can send these; with many half-open IKE SAs an
 * initiator has to show first that it receives what is sent to its address, and beyond a limit nobody is answered.
 */
final class InitResponder {
    /** Half-open IKE SAs from which on cookies are asked for. */
    static final int COOKIE_THRESHOLD = 32;

    /** Half-open IKE SAs at most. */
    static final int MAX_HALF_OPEN = 1_024;

    /** IKE_SA_INIT has no fragments. */
    private static final int MAX_CERTIFICATE_REQUESTS = 8;

    private static final long HALF_OPEN_NANOS = 30_000_000_000L;

    /** How a repeated request is known (RFC 7296 section 2.1). */
    private record Key(long initiatorSpi, Path path) {}

    /** An IKE SA whose peer is not authenticated yet. */
    private record HalfOpen(Key key, Octets request, Octets response, Handshake handshake) {}

    private final IkeEndpoint endpoint;
    private final Cookies cookies;
    private final Map<Key, HalfOpen> halfOpen = new HashMap<>();
    private final Map<IkeSa, HalfOpen> bySa = new HashMap<>();
    private long dropped;

    InitResponder(IkeEndpoint endpoint) {
        this.endpoint = endpoint;
        this.cookies = new Cookies(endpoint.host().random(), endpoint.timers().now());
    }

    int halfOpen() {
        return halfOpen.size();
    }

    /** Requests that were not answered, for there were too many. */
    long dropped() {
        return dropped;
    }

    void receive(IkeMessage request, byte[] bytes, Path path) {
        IkeHeader header = request.header();
        HalfOpen known = halfOpen.get(new Key(header.initiatorSpi(), path));
        if (known != null) {
            if (known.request.equals(Octets.of(bytes))) {
                endpoint.host().send(path, known.response.toBytes());
            }
            return;
        }
        if (header.messageId() != 0 || header.responderSpi() != 0 || header.initiatorSpi() == 0) {
            return;
        }
        List<PeerConfig> candidates = endpoint.peers().openings(path);
        try {
            if (candidates.isEmpty()) {
                throw new IkeException(NotifyType.NO_PROPOSAL_CHOSEN, "nobody is configured at " + path);
            }
            if (admit(request, path, candidates)) {
                answer(request, bytes, path, candidates);
            }
        } catch (IkeException e) {
            refuse(request, path, candidates, e);
        } catch (InvalidKeyExchangeException e) {
            refuse(request, path, candidates, IkeException.invalidSyntax(String.valueOf(e.getMessage())));
        }
    }

    /** Whether the initiator may cost us a key exchange. */
    private boolean admit(IkeMessage request, Path path, List<PeerConfig> candidates) throws IkeException {
        if (halfOpen.size() < COOKIE_THRESHOLD) {
            return true;
        }
        Octets nonce = ChildOffer.required(request, NoncePayload.class).nonce();
        NotifyPayload given = request.notification(NotifyType.COOKIE).orElse(null);
        if (given == null || !cookies.isValid(given.data(), request.header(), nonce, path)) {
            Octets cookie = cookies.make(
                    request.header(), nonce, path, endpoint.timers().now());
            send(request, path, candidates, NotifyPayload.of(NotifyType.COOKIE, cookie));
            return false;
        }
        if (halfOpen.size() >= MAX_HALF_OPEN) {
            dropped++;
            return false;
        }
        return true;
    }

    private void send(IkeMessage request, Path path, List<PeerConfig> candidates, NotifyPayload notification) {
        IkeMessage answer = new IkeMessage(request.header().reply(), notification);
        tell(name(path, candidates), path, request, answer);
        endpoint.host().send(path, answer.encode());
    }

    /** Whose it might be. */
    private static String name(Path path, List<PeerConfig> candidates) {
        return candidates.isEmpty()
                ? path.remote().toString()
                : candidates.get(0).name();
    }

    private void tell(String name, Path path, IkeMessage request, IkeMessage answer) {
        endpoint.host().events().message(name, path, false, request);
        endpoint.host().events().message(name, path, true, answer);
    }

    private void refuse(IkeMessage request, Path path, List<PeerConfig> candidates, IkeException why) {
        endpoint.unauthenticated(name(path, candidates), "IKE_SA_INIT refused: " + why.getMessage());
        send(request, path, candidates, why.notification());
    }

    private void answer(IkeMessage request, byte[] bytes, Path path, List<PeerConfig> candidates)
            throws IkeException, InvalidKeyExchangeException {
        SaPayload offer = ChildOffer.required(request, SaPayload.class);
        Octets peerNonce = ChildOffer.required(request, NoncePayload.class).nonce();
        int method = ChildOffer.required(request, KeyExchangePayload.class).method();
        boolean intermediates = request.has(NotifyType.INTERMEDIATE_EXCHANGE_SUPPORTED);
        PeerConfig peer = null;
        Chosen chosen = null;
        for (PeerConfig each : candidates) {
            if (chosen == null) {
                peer = each;
                chosen = Negotiation.ike(each, intermediates).choose(offer, method);
            }
        }
        if (peer == null || chosen == null) {
            throw notChosen(offer, intermediates, candidates);
        }
        KeyExchangeAnswer exchanged =
                CreateResponder.exchange(request, chosen.keyExchanges().get(0), endpoint);
        long spi = endpoint.freshSpi();
        IkeSa sa = new IkeSa(peer, false, request.header().initiatorSpi(), spi, path);
        sa.lineage = endpoint.lineage(false);
        Octets nonce = endpoint.nonce();
        sa.usesPpk = request.has(NotifyType.USE_PPK) && candidates.stream().anyMatch(each -> each.ppk() != PpkUse.NONE);
        IkeMessage answer = response(request, sa, chosen, exchanged, nonce, candidates);
        byte[] response = answer.encode();
        Handshake handshake = new Handshake(Octets.of(bytes), Octets.of(response), peerNonce, nonce);
        KeyDerivation derivation = handshake.derivation(chosen.requirePrf());
        try (KeyMaterial shared = exchanged.sharedSecret();
                KeyMaterial seed = derivation.skeyseed(shared)) {
            IkeKeys keys = derivation.ikeKeys(seed, sa.initiatorSpi(), spi, chosen.suite());
            sa.secure(chosen, keys, endpoint.messenger(sa, 0, 1));
        }
        sa.nat = NatDetection.of(request, path);
        Capabilities.read(request, sa);
        Key key = new Key(request.header().initiatorSpi(), path);
        HalfOpen entry = new HalfOpen(key, Octets.of(bytes), Octets.of(response), handshake);
        halfOpen.put(key, entry);
        bySa.put(sa, entry);
        sa.timers.add(endpoint.timers()
                .after(
                        HALF_OPEN_NANOS,
                        () -> endpoint.closing().failed(sa, "peer began IKE_SA_INIT and went no further")));
        endpoint.register(sa);
        tell(sa.name(), path, request, answer);
        endpoint.host().send(path, response);
    }

    private static IkeException notChosen(SaPayload offer, boolean intermediates, List<PeerConfig> candidates) {
        String wanted = String.join(
                ", ",
                candidates.stream()
                        .map(each ->
                                Negotiation.text(Negotiation.ike(each, true).offer(Octets.EMPTY)))
                        .distinct()
                        .toList());
        boolean lacks =
                !intermediates && candidates.stream().anyMatch(each -> Negotiation.hasAdditional(each.proposals()));
        return new IkeException(
                NotifyType.NO_PROPOSAL_CHOSEN,
                "peer offered " + Negotiation.text(offer) + "; we want " + wanted
                        + (lacks ? ", and peer does not do IKE_INTERMEDIATE" : ""));
    }

    /** Some initiators send no certificate unless asked (RFC 7296 section 3.7): of all authorities of all whom it might be. */
    private List<Payload> certificateRequests(List<PeerConfig> candidates) {
        return candidates.stream()
                .flatMap(each -> endpoint.host().credentials().certificateRequests(each).stream())
                .distinct()
                .limit(MAX_CERTIFICATE_REQUESTS)
                .toList();
    }

    private IkeMessage response(
            IkeMessage request,
            IkeSa sa,
            Chosen chosen,
            KeyExchangeAnswer exchanged,
            Octets nonce,
            List<PeerConfig> candidates) {
        IkeHeader header = request.header().reply().withResponderSpi(sa.responderSpi());
        List<Payload> payloads = new ArrayList<>();
        payloads.add(chosen.answer(Octets.EMPTY));
        payloads.add(
                new KeyExchangePayload(chosen.keyExchanges().get(0).transformId(), Octets.of(exchanged.publicValue())));
        payloads.add(new NoncePayload(nonce));
        payloads.addAll(certificateRequests(candidates));
        payloads.add(NatDetection.source(header, sa.path(), sa.peer().forceEncapsulation()));
        payloads.add(NatDetection.destination(header, sa.path()));
        payloads.addAll(Capabilities.offered(sa.peer(), !chosen.additional().isEmpty()));
        payloads.addAll(Capabilities.ofPpk(sa.usesPpk));
        payloads.add(NotifyPayload.of(NotifyType.CHILDLESS_IKEV2_SUPPORTED));
        return new IkeMessage(header, payloads);
    }

    /** What IKE_AUTH needs of the handshake; null if this is no half-open IKE SA. */
    @Nullable
    Handshake handshake(IkeSa sa) {
        HalfOpen entry = bySa.get(sa);
        return entry == null ? null : entry.handshake;
    }

    /** It is authenticated, or given up. */
    void forget(IkeSa sa) {
        HalfOpen entry = bySa.remove(sa);
        if (entry != null) {
            halfOpen.remove(entry.key);
        }
    }
}
