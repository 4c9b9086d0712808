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
import org.ipsecif.ike.message.NotifyPayload;
import org.ipsecif.ike.message.NotifyType;
import org.ipsecif.ike.message.Octets;
import org.ipsecif.ike.message.OpenedMessage;
import org.ipsecif.ike.message.Payload;
import org.jspecify.annotations.Nullable;

/**
 * The initiator's side of IKE_FOLLOWUP_KE exchanges, which follow a CREATE_CHILD_SA exchange that agreed to additional key exchanges (RFC
 * 9370 section 2.2.4):
 *
 * <pre>
 * HDR, SK {KEi(n), N(ADDITIONAL_KEY_EXCHANGE)(link n)}  --&gt;
 *                       &lt;--  HDR, SK {KEr(n) [, N(ADDITIONAL_KEY_EXCHANGE)(link n+1)]}
 * </pre>
 */
final class FollowUp implements Messenger.Exchange {
    /** What they lead to. */
    interface Outcome {
        /** Whether the SA that is being made is still wanted; asked before each exchange. */
        boolean isWanted();

        /** @param shared secrets of all exchanges in order, CREATE_CHILD_SA's own first; the callee closes them */
        void complete(List<KeyMaterial> shared);

        void fail(@Nullable String why, Failure how);
    }

    /** What they end in, if not in an SA. */
    enum Failure {
        /** Neither end has anything. */
        GIVEN_UP,
        /** Nor here; the peer has forgotten the exchanges before this one. */
        STATE_LOST,
        /** The peer has answered what this end cannot use; if it was the last answer, it has the SA. */
        UNUSABLE
    }

    private final IkeEndpoint endpoint;
    private final List<KeyExchangeMethod> methods;
    private final Outcome outcome;
    private final IkeSa sa;
    private final List<KeyMaterial> shared;
    private final Octets link;
    private @Nullable KeyExchange keyExchange;

    private FollowUp(
            IkeEndpoint endpoint,
            IkeSa sa,
            List<KeyExchangeMethod> methods,
            List<KeyMaterial> shared,
            Octets link,
            Outcome outcome) {
        this.endpoint = endpoint;
        this.sa = sa;
        this.methods = methods;
        this.shared = shared;
        this.link = link;
        this.outcome = outcome;
    }

    /**
     * Goes on after a CREATE_CHILD_SA exchange.
     *
     * @param response of it
     * @param first its own secret, which is taken over, whatever happens
     * @throws IkeException if the response leads to no further exchange
     */
    static void begin(
            IkeEndpoint endpoint, IkeSa sa, Chosen chosen, IkeMessage response, KeyMaterial first, Outcome outcome)
            throws IkeException {
        NotifyPayload link =
                response.notification(NotifyType.ADDITIONAL_KEY_EXCHANGE).orElse(null);
        if (link == null) {
            first.close();
            throw IkeException.invalidSyntax("additional key exchanges chosen without an ADDITIONAL_KEY_EXCHANGE");
        }
        List<KeyMaterial> shared = new ArrayList<>();
        shared.add(first);
        new FollowUp(endpoint, sa, chosen.additional(), shared, link.data(), outcome).enqueue();
    }

    /** No other request comes between. */
    private void enqueue() {
        sa.messenger().enqueueFirst(ExchangeType.IKE_FOLLOWUP_KE, this);
    }

    private KeyExchangeMethod method() {
        return methods.get(shared.size() - 1);
    }

    @Override
    public @Nullable List<Payload> start() {
        if (!outcome.isWanted()) {
            fail("no longer wanted", Failure.GIVEN_UP);
            return null;
        }
        KeyExchange started = method().start(endpoint.host().random());
        keyExchange = started;
        return List.of(
                new KeyExchangePayload(method().transformId(), Octets.of(started.publicValue())),
                NotifyPayload.of(NotifyType.ADDITIONAL_KEY_EXCHANGE, link));
    }

    @Override
    public void answered(OpenedMessage response) {
        IkeMessage message = response.message();
        NotifyPayload error = message.error().orElse(null);
        try (KeyExchange used = keyExchange) {
            if (error != null) {
                boolean lost = error.is(NotifyType.STATE_NOT_FOUND);
                fail("peer answers " + NotifyType.text(error.type()), lost ? Failure.STATE_LOST : Failure.GIVEN_UP);
            } else if (used != null) {
                shared.add(Intermediate.finish(message, method(), used));
                goOn(message);
            }
        } catch (IkeException | InvalidKeyExchangeException e) {
            fail(e.getMessage(), Failure.UNUSABLE);
        }
    }

    private void goOn(IkeMessage message) throws IkeException {
        NotifyPayload next =
                message.notification(NotifyType.ADDITIONAL_KEY_EXCHANGE).orElse(null);
        boolean done = shared.size() > methods.size();
        if (done != (next == null)) {
            throw IkeException.invalidSyntax("peer's IKE_FOLLOWUP_KE is " + (done ? "not" : "")
                    + " the last; by its proposal it should be otherwise");
        }
        if (next == null) {
            outcome.complete(shared);
        } else {
            new FollowUp(endpoint, sa, methods, shared, next.data(), outcome).enqueue();
        }
    }

    @Override
    public void malformed(IkeException why) {
        fail(why.getMessage(), Failure.UNUSABLE);
    }

    private void fail(@Nullable String why, Failure how) {
        shared.forEach(KeyMaterial::close);
        outcome.fail(why, how);
    }
}
