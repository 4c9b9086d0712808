package org.ipsecif.ike;

import java.util.ArrayList;
import java.util.List;
import org.ipsecif.crypto.InvalidKeyExchangeException;
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
import org.ipsecif.ike.message.Octets;
import org.ipsecif.ike.message.OpenedMessage;
import org.ipsecif.ike.message.Payload;
import org.ipsecif.ike.message.ProtocolId;
import org.jspecify.annotations.Nullable;

/**
 * The initiator's side of CREATE_CHILD_SA for a Child SA, a new one or one in place of another (RFC 7296 sections 1.3.1, 1.3.3):
 *
 * <pre>
 * HDR, SK {[N(REKEY_SA),] SA, Ni, [KEi,] TSi, TSr}  --&gt;
 *                           &lt;--  HDR, SK {SA, Nr, [KEr,] TSi, TSr}
 * </pre>
 *
 * Additional key exchanges follow it ({@link FollowUp}).
 */
final class CreateChild implements Messenger.Exchange, FollowUp.Outcome {
    private final IkeEndpoint endpoint;
    private final IkeSa sa;
    private final ChildWish wish;
    private final @Nullable ChildSa old;
    private final @Nullable KeyExchangeMethod method;
    private final Attempt attempt;
    private final Octets nonce;
    private @Nullable KeyExchange keyExchange;
    private @Nullable ChildOffer offer;
    private @Nullable Agreement agreed;
    private boolean started;

    /** @param old the Child SA to be replaced, or null */
    CreateChild(IkeEndpoint endpoint, IkeSa sa, ChildWish wish, @Nullable ChildSa old, Attempt attempt) {
        this(endpoint, sa, wish, old, attempt, firstMethod(wish.config()));
    }

    private CreateChild(
            IkeEndpoint endpoint,
            IkeSa sa,
            ChildWish wish,
            @Nullable ChildSa old,
            Attempt attempt,
            @Nullable KeyExchangeMethod method) {
        this.attempt = attempt;
        this.endpoint = endpoint;
        this.sa = sa;
        this.wish = wish;
        this.old = old;
        this.method = method;
        this.nonce = endpoint.nonce();
    }

    private static @Nullable KeyExchangeMethod firstMethod(ChildConfig config) {
        return config.proposals().stream()
                .flatMap(each -> each.keyExchanges().stream().limit(1).flatMap(List::stream))
                .findFirst()
                .orElse(null);
    }

    @Override
    public @Nullable List<Payload> start() {
        ChildSa replaced = old;
        boolean done = replaced != null
                && (replaced.state != ChildSa.State.ACTIVE || replaced.replacedByPeer != null || replaced.rekeying);
        if (sa.state != IkeSa.State.ESTABLISHED || done) {
            endpoint.coverage().dropped(sa, wish);
            return null;
        }
        boolean early = replaced != null && !endpoint.childSas().isConfirmed(sa, replaced);
        boolean peersTurn = sa.followUps.ofIke() != null || sa.followUps.of(replaced) != null;
        if (early || peersTurn) {
            failLater();
            return null;
        }
        List<Payload> payloads = new ArrayList<>();
        sa.creating++;
        started = true;
        if (replaced != null) {
            replaced.rekeying = true;
            payloads.add(
                    NotifyPayload.ofEsp(NotifyType.REKEY_SA, replaced.inbound().spi()));
        }
        ChildOffer made = new ChildOffer(wish, endpoint.childSas().allocateSpi(), true);
        offer = made;
        List<Payload> offered = made.payloads();
        int selectors = offered.size() - 2;
        payloads.addAll(offered.subList(0, selectors));
        payloads.add(new NoncePayload(nonce));
        KeyExchangeMethod with = method;
        if (with != null) {
            KeyExchange started = with.start(endpoint.host().random());
            keyExchange = started;
            payloads.add(new KeyExchangePayload(with.transformId(), Octets.of(started.publicValue())));
        }
        payloads.addAll(offered.subList(selectors, offered.size()));
        return payloads;
    }

    @Override
    public void answered(OpenedMessage response) {
        sa.creating--;
        try (KeyExchange used = keyExchange) {
            NotifyPayload error = response.message().error().orElse(null);
            if (error != null) {
                refused(error);
            } else {
                agree(response.message(), used);
            }
        } catch (IkeException | InvalidKeyExchangeException e) {
            unusable(e.getMessage());
        }
    }

    @Override
    public void goOnWith(IkeSa next) {
        ChildSa replaced = old;
        if (replaced != null && replaced.owner == next && replaced.state == ChildSa.State.ACTIVE) {
            if (started) { // else it is another exchange that replaces it, whose answer is there
                replaced.rekeying = false;
            }
            endpoint.rekeying().child(next, replaced, attempt);
        }
    }

    @Override
    public void malformed(IkeException why) {
        sa.creating--;
        unusable(why.getMessage());
    }

    /** The peer has answered, and may have the Child SA by now; nobody else would delete it. */
    private void unusable(@Nullable String why) {
        failed(why);
        if (offer != null) {
            endpoint.childSas().disown(sa, offer.localSpi());
        }
    }

    private void failed(@Nullable String why) {
        notRekeying();
        attempt.failed(endpoint.childSas().missing(sa, wish, why));
        failLater();
    }

    private void notRekeying() {
        if (old != null) {
            old.rekeying = false;
        }
    }

    private void failLater() {
        if (old != null) {
            endpoint.lifecycle().rekeyFailed(old);
        } else {
            endpoint.coverage().failed(sa, wish);
        }
    }

    private void refused(NotifyPayload error) throws IkeException {
        ChildSa replaced = old;
        notRekeying();
        if (error.is(NotifyType.INVALID_KE_PAYLOAD)) {
            again(error.data());
        } else if (replaced != null && error.is(NotifyType.CHILD_SA_NOT_FOUND)) {
            endpoint.childSas().takeOver(sa, replaced); // RFC 7296 section 2.25.1: the peer has just deleted it
            endpoint.childSas().remove(sa, replaced);
            endpoint.coverage().deleted(sa, replaced);
        } else {
            if (!error.is(NotifyType.TEMPORARY_FAILURE)) {
                attempt.failed(endpoint.childSas().refused(sa, wish, error));
            }
            if (replaced != null) {
                endpoint.lifecycle().rekeyFailed(replaced);
            } else {
                endpoint.coverage().refused(sa, wish, error);
            }
        }
    }

    private void again(Octets data) throws IkeException {
        KeyExchangeMethod other =
                new Negotiation(ProtocolId.ESP, wish.config().proposals(), true).otherMethod(data, method);
        sa.messenger()
                .enqueueFirst(ExchangeType.CREATE_CHILD_SA, new CreateChild(endpoint, sa, wish, old, attempt, other));
    }

    private void agree(IkeMessage response, @Nullable KeyExchange used)
            throws IkeException, InvalidKeyExchangeException {
        ChildOffer offered = offer;
        if (offered == null) {
            throw new IllegalStateException("answered before it was started");
        }
        Octets peerNonce = ChildOffer.required(response, NoncePayload.class).nonce();
        Agreement agreement = offered.answered(response, nonce, peerNonce);
        List<KeyMaterial> shared = shared(response, agreement.chosen(), used);
        if (agreement.chosen().additional().isEmpty()) {
            install(agreement, shared);
        } else if (losesToPeer(agreement.lowestNonce())) {
            shared.forEach(KeyMaterial::close);
            stop();
        } else {
            sa.followUps.drop(sa.followUps.of(old)); // the peer stops, too
            agreed = agreement;
            setFollowingUp(true);
            try {
                FollowUp.begin(endpoint, sa, agreement.chosen(), response, shared.get(0), this);
            } catch (IkeException e) {
                setFollowingUp(false);
                throw e;
            }
        }
    }

    private void install(Agreement agreement, List<KeyMaterial> shared) {
        endpoint.childSas().install(sa, agreement, shared, this::settle, why -> {
            notRekeying();
            attempt.failed(why);
            failLater();
        });
    }

    private List<KeyMaterial> shared(IkeMessage response, Chosen chosen, @Nullable KeyExchange used)
            throws IkeException, InvalidKeyExchangeException {
        if (chosen.keyExchanges().isEmpty()) {
            return List.of();
        }
        if (used == null || method == null || chosen.keyExchanges().get(0) != method) {
            throw IkeException.invalidSyntax("a KE payload of another method than chosen");
        }
        return List.of(Intermediate.finish(response, method, used));
    }

    /** RFC 9370 section 2.2.4: what has the lowest nonce, and is not there yet, goes no further. The peer's own does. */
    private void stop() {
        notRekeying();
        failLater(); // should the peer's come to nothing
    }

    private void setFollowingUp(boolean value) {
        sa.creating += value ? 1 : -1;
        if (old != null) {
            old.followingUp = value;
        }
    }

    @Override
    public boolean isWanted() {
        return sa.state == IkeSa.State.ESTABLISHED && (old == null || old.state == ChildSa.State.ACTIVE);
    }

    @Override
    public void complete(List<KeyMaterial> shared) {
        setFollowingUp(false);
        sa.statesLost = 0;
        if (agreed != null) {
            install(agreed, shared);
        }
    }

    @Override
    public void fail(@Nullable String why, FollowUp.Failure how) {
        setFollowingUp(false);
        if (how == FollowUp.Failure.UNUSABLE) {
            unusable(why);
            return;
        }
        failed(why);
        if (how == FollowUp.Failure.STATE_LOST) {
            endpoint.closing().stateLost(sa);
        }
    }

    /** RFC 7296 section 2.8.1: of two that replace the same, the one with the lowest nonce is given up. */
    private boolean losesToPeer(Octets lowestNonce) {
        Octets theirs = nonceOfPeers();
        return theirs != null && lowestNonce.compareTo(theirs) < 0;
    }

    /** Of the peer's exchange that replaces the same, done or under way; null if there is none. */
    private @Nullable Octets nonceOfPeers() {
        ChildSa theirs = old == null ? null : old.replacedByPeer;
        if (theirs != null) { // even if it is gone by now: what has taken its place since goes on
            return theirs.lowestNonce();
        }
        FollowUps.Pending pending = sa.followUps.of(old);
        return pending == null ? null : pending.lowestNonce();
    }

    /** Of two that replace the same, one goes; the other's maker deletes what was replaced. */
    private void settle(ChildSa mine) {
        ChildSa replaced = old;
        if (replaced == null) {
            endpoint.coverage().made(sa, wish, mine);
            return;
        }
        if (losesToPeer(mine.lowestNonce())) {
            endpoint.childSas().delete(sa, mine);
            notRekeying();
            endpoint.coverage().complete(sa); // should the other be gone, too
        } else {
            sa.followUps.drop(sa.followUps.of(replaced));
            endpoint.childSas().delete(sa, replaced);
            endpoint.coverage().complete(sa); // should it carry less
        }
    }
}
