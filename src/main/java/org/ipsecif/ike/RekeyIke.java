package org.ipsecif.ike;

import java.util.List;
import org.ipsecif.crypto.IkeKeys;
import org.ipsecif.crypto.InvalidKeyExchangeException;
import org.ipsecif.crypto.KeyDerivation;
import org.ipsecif.crypto.KeyExchange;
import org.ipsecif.crypto.KeyExchangeMethod;
import org.ipsecif.crypto.KeyMaterial;
import org.ipsecif.ike.message.ExchangeType;
import org.ipsecif.ike.message.IkeException;
import org.ipsecif.ike.message.IkeMessage;
import org.ipsecif.ike.message.KeyExchangePayload;
import org.ipsecif.ike.message.NoncePayload;
import org.ipsecif.ike.message.NotifyPayload;
import org.ipsecif.ike.message.NotifyType;
import org.ipsecif.ike.message.OctetWriter;
import org.ipsecif.ike.message.Octets;
import org.ipsecif.ike.message.OpenedMessage;
import org.ipsecif.ike.message.Payload;
import org.ipsecif.ike.message.SaPayload;
import org.jspecify.annotations.Nullable;

/**
 * The initiator's side of CREATE_CHILD_SA for an IKE SA in place of this one (RFC 7296 section 1.3.2):
 *
 * <pre>
 * HDR, SK {SA, Ni, KEi}  --&gt;
 *   &lt;--  HDR, SK {SA, Nr, KEr}
 * </pre>
 *
 * Additional key exchanges follow it ({@link FollowUp}).
 */
final class RekeyIke implements Messenger.Exchange, FollowUp.Outcome {
    private final IkeEndpoint endpoint;
    private final IkeSa sa;
    private final KeyExchangeMethod method;
    private final Octets nonce;
    private final long spi;
    private final Attempt attempt;
    private @Nullable KeyExchange keyExchange;
    private @Nullable Agreed agreed;

    /** What the CREATE_CHILD_SA exchange came to. */
    private record Agreed(Chosen chosen, Octets peerNonce, long peerSpi) {}

    RekeyIke(IkeEndpoint endpoint, IkeSa sa, Attempt attempt) {
        this(endpoint, sa, attempt, sa.chosen().keyExchanges().get(0));
    }

    private RekeyIke(IkeEndpoint endpoint, IkeSa sa, Attempt attempt, KeyExchangeMethod method) {
        this.attempt = attempt;
        this.endpoint = endpoint;
        this.sa = sa;
        this.method = method;
        this.nonce = endpoint.nonce();
        this.spi = endpoint.freshSpi();
    }

    static Negotiation negotiation(IkeSa sa) {
        return Negotiation.ike(sa.peer(), sa.peerIntermediates);
    }

    static Octets octets(long spi) {
        return new OctetWriter().i64(spi).toOctets();
    }

    @Override
    public @Nullable List<Payload> start() {
        if (sa.state != IkeSa.State.ESTABLISHED || sa.rekeying) {
            return null;
        }
        if (sa.followUps.ofIke() != null) {
            endpoint.lifecycle().ikeRekeyFailed(sa); // the peer is about to do it
            return null;
        }
        if (negotiation(sa).isEmpty()) {
            failed("no proposal is left without additional key exchanges, and peer does not do IKE_INTERMEDIATE");
            return null;
        }
        sa.rekeying = true;
        KeyExchange started = method.start(endpoint.host().random());
        keyExchange = started;
        return List.of(
                negotiation(sa).offer(octets(spi)),
                new NoncePayload(nonce),
                new KeyExchangePayload(method.transformId(), Octets.of(started.publicValue())));
    }

    @Override
    public void answered(OpenedMessage response) {
        sa.rekeying = false;
        try (KeyExchange used = keyExchange) {
            NotifyPayload error = response.message().error().orElse(null);
            if (error != null) {
                refused(error);
            } else if (used != null) {
                agree(response.message(), used);
            }
        } catch (IkeException | InvalidKeyExchangeException e) {
            failed(e.getMessage());
        }
    }

    @Override
    public void malformed(IkeException why) {
        sa.rekeying = false;
        failed(why.getMessage());
    }

    private void failed(@Nullable String why) {
        String line = "IKE_SA not rekeyed: " + why;
        endpoint.host().events().warn(sa.name(), line);
        attempt.failed(line);
        endpoint.lifecycle().ikeRekeyFailed(sa);
    }

    private void refused(NotifyPayload error) throws IkeException {
        IkeSa.Successor theirs = sa.replacedByPeer;
        if (theirs != null) {
            endpoint.rekeying().replace(sa, theirs.sa());
        } else if (error.is(NotifyType.INVALID_KE_PAYLOAD)) {
            KeyExchangeMethod other = negotiation(sa).otherMethod(error.data(), method);
            sa.messenger().enqueueFirst(ExchangeType.CREATE_CHILD_SA, new RekeyIke(endpoint, sa, attempt, other));
        } else {
            failed("peer answers " + NotifyType.text(error.type()));
        }
    }

    private void agree(IkeMessage response, KeyExchange used) throws IkeException, InvalidKeyExchangeException {
        SaPayload answer = ChildOffer.required(response, SaPayload.class);
        Chosen chosen = negotiation(sa).chosenBy(answer);
        KeyExchangePayload peer = ChildOffer.required(response, KeyExchangePayload.class);
        if (chosen == null || chosen.keyExchanges().get(0) != method || peer.method() != method.transformId()) {
            throw new IkeException(
                    NotifyType.NO_PROPOSAL_CHOSEN,
                    "peer chose " + Negotiation.text(answer) + ", which was not offered");
        }
        Octets peerNonce = ChildOffer.required(response, NoncePayload.class).nonce();
        agreed = new Agreed(chosen, peerNonce, spiOf(chosen));
        KeyMaterial shared = used.finish(peer.data().toBytes());
        if (chosen.additional().isEmpty()) {
            complete(List.of(shared));
        } else if (losesToPeer(lower(nonce, peerNonce))) {
            shared.close();
            stop();
        } else {
            sa.followUps.drop(sa.followUps.ofIke()); // the peer stops, too
            setFollowingUp(true);
            try {
                FollowUp.begin(endpoint, sa, chosen, response, shared, this);
            } catch (IkeException e) {
                setFollowingUp(false);
                throw e;
            }
        }
    }

    private void setFollowingUp(boolean value) {
        sa.rekeying = value;
        sa.followingUp = value;
    }

    /** RFC 9370 section 2.2.4: what has the lowest nonce, and is not there yet, goes no further. The peer's own does. */
    private void stop() {
        IkeSa.Successor theirs = sa.replacedByPeer;
        if (theirs != null) {
            endpoint.rekeying().replace(sa, theirs.sa());
        } else {
            endpoint.lifecycle().ikeRekeyFailed(sa); // should the peer's come to nothing
        }
    }

    @Override
    public boolean isWanted() {
        return sa.state == IkeSa.State.ESTABLISHED;
    }

    @Override
    public void complete(List<KeyMaterial> shared) {
        setFollowingUp(false);
        sa.statesLost = 0;
        Agreed done = agreed;
        if (done != null) {
            IkeSa next = new IkeSa(sa.peer(), true, spi, done.peerSpi, sa.path());
            succeed(endpoint, sa, next, done.chosen, nonce, done.peerNonce, shared);
            shared.forEach(KeyMaterial::close);
            settle(next, done.peerNonce);
        }
    }

    @Override
    public void fail(@Nullable String why, FollowUp.Failure how) {
        setFollowingUp(false);
        failed(why);
        if (how == FollowUp.Failure.STATE_LOST) {
            endpoint.closing().stateLost(sa);
        }
    }

    static long spiOf(Chosen chosen) throws IkeException {
        Octets octets = chosen.answer().spi();
        if (octets.length() != Long.BYTES) {
            throw IkeException.invalidSyntax("an IKE SPI of " + octets.length() + " bytes");
        }
        long value = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            value = value << 8 | octets.at(i);
        }
        if (value == 0) {
            throw IkeException.invalidSyntax("an IKE SPI of 0");
        }
        return value;
    }

    /** RFC 7296 section 2.18: the keys of the new IKE SA, and what it has from the old one. */
    static void succeed(
            IkeEndpoint endpoint,
            IkeSa old,
            IkeSa next,
            Chosen chosen,
            Octets initiatorNonce,
            Octets responderNonce,
            List<KeyMaterial> shared) {
        byte[] ni = initiatorNonce.toBytes();
        byte[] nr = responderNonce.toBytes();
        try (KeyMaterial seed =
                new KeyDerivation(old.prf(), ni, nr).skeyseed(old.keys().skD(), shared)) {
            IkeKeys keys = new KeyDerivation(chosen.requirePrf(), ni, nr)
                    .ikeKeys(seed, next.initiatorSpi(), next.responderSpi(), chosen.suite());
            next.secure(chosen, keys, endpoint.messenger(next, 0, 0));
        }
        next.lineage = old.lineage;
        next.mobile = old.mobile;
        next.addresses.addAll(old.addresses);
        next.nat = old.nat;
        next.peerFragments = old.peerFragments;
        next.peerIntermediates = old.peerIntermediates;
        next.peerHashes = old.peerHashes;
        next.remoteId = old.remoteId;
        endpoint.register(next);
    }

    static Octets lower(Octets a, Octets b) {
        return a.compareTo(b) <= 0 ? a : b;
    }

    /** RFC 7296 section 2.8.2: of two that replace the same, the one with the lowest nonce is given up. */
    private boolean losesToPeer(Octets lowestNonce) {
        IkeSa.Successor theirs = sa.replacedByPeer;
        FollowUps.Pending pending = sa.followUps.ofIke();
        Octets other = theirs != null ? theirs.lowestNonce() : pending != null ? pending.lowestNonce() : null;
        return other != null && lowestNonce.compareTo(other) < 0;
    }

    private void settle(IkeSa next, Octets peerNonce) {
        endpoint.established(next);
        if (losesToPeer(lower(nonce, peerNonce))) {
            stop();
            endpoint.closing().delete(next);
        } else {
            endpoint.rekeying().replace(sa, next);
            endpoint.closing().delete(sa);
        }
    }
}
