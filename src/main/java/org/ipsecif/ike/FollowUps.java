package org.ipsecif.ike;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.ipsecif.crypto.KeyExchangeMethod;
import org.ipsecif.crypto.KeyMaterial;
import org.ipsecif.ike.message.IkeHeader;
import org.ipsecif.ike.message.Octets;
import org.ipsecif.ike.message.Payload;
import org.jspecify.annotations.Nullable;

/**
 * What a peer's CREATE_CHILD_SA exchanges have left to IKE_FOLLOWUP_KE exchanges, at the responder (RFC 9370 section 2.2.4). There are
 * few at a time, and none for long.
 */
final class FollowUps {
    /** A peer with a window of one has one under way; the oldest makes room. */
    private static final int MOST = 4;

    /** From one exchange to the next: RFC 9370 suggests 5 to 20 seconds, and a request that is lost a few times takes longer. */
    static final long PATIENCE_NANOS = 30_000_000_000L;

    private static final int LINK_LENGTH = 16;

    /** What all key exchanges together lead to. */
    interface Completion {
        /**
         * Answers the last request.
         *
         * @param shared secrets in order, which the callee closes
         * @param payloads to answer with, if all is well
         */
        void complete(IkeHeader request, List<KeyMaterial> shared, List<Payload> payloads);
    }

    /** One SA that is being made. */
    static final class Pending {
        private final List<KeyExchangeMethod> methods;
        private final @Nullable ChildSa old;
        private final boolean ike;
        private final Octets lowestNonce;
        private final Completion completion;
        private final List<KeyMaterial> shared = new ArrayList<>();
        private Octets link = Octets.EMPTY;
        private Timers.@Nullable Timer timer;

        /**
         * @param methods that are left to be done
         * @param old Child SA to be replaced, or null
         * @param ike whether it is an IKE SA
         * @param lowestNonce of the CREATE_CHILD_SA exchange
         */
        Pending(
                List<KeyExchangeMethod> methods,
                @Nullable ChildSa old,
                boolean ike,
                Octets lowestNonce,
                KeyMaterial first,
                Completion completion) {
            this.methods = List.copyOf(methods);
            this.old = old;
            this.ike = ike;
            this.lowestNonce = lowestNonce;
            this.completion = completion;
            shared.add(first);
        }

        /** Of the exchange that is next. */
        KeyExchangeMethod method() {
            return methods.get(shared.size() - 1);
        }

        /** Takes over the secret of that exchange. @return whether it was the last */
        boolean add(KeyMaterial secret) {
            shared.add(secret);
            return shared.size() > methods.size();
        }

        void complete(IkeHeader request, List<Payload> payloads) {
            completion.complete(request, shared, payloads);
        }

        /** By which two exchanges that replace the same are told apart (RFC 7296 section 2.8.1). */
        Octets lowestNonce() {
            return lowestNonce;
        }
    }

    private final Deque<Pending> all = new ArrayDeque<>();

    /**
     * Waits for the next exchange.
     *
     * @return what the initiator is to send with it
     */
    Octets await(IkeEndpoint endpoint, Pending pending) {
        if (!all.contains(pending)) {
            all.add(pending);
        }
        if (all.size() > MOST) {
            drop(all.peek());
        }
        byte[] bytes = new byte[LINK_LENGTH];
        endpoint.host().random().nextBytes(bytes);
        pending.link = Octets.of(bytes);
        pending.timer = endpoint.timers().after(PATIENCE_NANOS, () -> drop(pending));
        return pending.link;
    }

    /** What an exchange with this link goes on with, for once; null if it came too late. */
    @Nullable
    Pending resume(Octets link) {
        Pending found =
                all.stream().filter(each -> each.link.equals(link)).findFirst().orElse(null);
        if (found != null && found.timer != null) {
            found.timer.cancel();
        }
        return found;
    }

    /** It is done; the secrets are the caller's. */
    void remove(Pending pending) {
        all.remove(pending);
    }

    /** Something in place of this Child SA; null if there is nothing. */
    @Nullable
    Pending of(@Nullable ChildSa old) {
        return all.stream()
                .filter(each -> old != null && each.old == old)
                .findFirst()
                .orElse(null);
    }

    /** An IKE SA in place of this one; null if there is none. */
    @Nullable
    Pending ofIke() {
        return all.stream().filter(each -> each.ike).findFirst().orElse(null);
    }

    /** Comes to nothing. */
    void drop(@Nullable Pending pending) {
        if (pending != null && all.remove(pending)) {
            if (pending.timer != null) {
                pending.timer.cancel();
            }
            pending.shared.forEach(KeyMaterial::close);
        }
    }

    void clear() {
        List.copyOf(all).forEach(this::drop);
    }

    int size() {
        return all.size();
    }
}
