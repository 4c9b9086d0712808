package org.ipsecif.ike;

import java.util.List;
import org.ipsecif.ike.message.DeletePayload;
import org.ipsecif.ike.message.ExchangeType;
import org.jspecify.annotations.Nullable;

/** The ways in which IKE SAs end (RFC 7296 sections 1.4.1, 2.4, 2.21). */
final class Closing {
    /** For which the answer to a deletion is repeated. */
    private static final long LINGER_NANOS = 60_000_000_000L;

    private static final int MOST_STATES_LOST = 5;

    private final IkeEndpoint endpoint;

    Closing(IkeEndpoint endpoint) {
        this.endpoint = endpoint;
    }

    /**
     * RFC 7296 section 2.4: the peer has no other IKE SA with us; those that we know of are gone. But not those that came up since it
     * began this one, which is when it last knew.
     */
    void initialContact(IkeSa sa) {
        for (IkeSa other : endpoint.all(sa.name())) {
            Identity identity = other.remoteId;
            boolean forgotten = other.lineage.precedes(sa.lineage);
            if (other != sa && forgotten && identity != null && identity.equals(sa.remoteId)) {
                drop(other);
            }
        }
    }

    /** Deletes an IKE SA and tells the peer, whose answer is not waited for by anybody else. */
    void delete(IkeSa sa) {
        if (sa.state == IkeSa.State.ESTABLISHED) {
            endpoint.host().events().log(sa.name(), "deleting IKE_SA " + sa);
        }
        sa.state = IkeSa.State.REPLACED;
        List.copyOf(sa.children).forEach(each -> endpoint.childSas().remove(sa, each));
        sa.messenger()
                .enqueueFirst(
                        ExchangeType.INFORMATIONAL, new Informational(List.of(DeletePayload.ike()), () -> drop(sa)));
    }

    /** Deletes an IKE SA that is not needed beside another: what is on its way to us still arrives, and we send with the other. */
    void retire(IkeSa sa, IkeSa other) {
        endpoint.host().events().log(sa.name(), "deleting IKE_SA " + sa + ", for there is " + other);
        sa.state = IkeSa.State.REPLACED;
        sa.timers.forEach(Timers.Timer::cancel);
        sa.timers.clear();
        endpoint.childSas().takeOverAll(sa);
        sa.children.forEach(endpoint.childSas()::silence);
        other.wants.everything |= sa.wants.everything;
        endpoint.coverage().complete(other);
        sa.messenger()
                .enqueueFirst(
                        ExchangeType.INFORMATIONAL, new Informational(List.of(DeletePayload.ike()), () -> drop(sa)));
    }

    /** RFC 9370 section 2.2.4: a peer that forgets its part of key exchanges again and again is of no use. */
    void stateLost(IkeSa sa) {
        if (++sa.statesLost >= MOST_STATES_LOST) {
            giveUp(sa, "peer answered STATE_NOT_FOUND " + sa.statesLost + " times");
        }
    }

    /** Deletes an IKE SA that is of no use any more, and connects again if that is wanted. */
    void giveUp(IkeSa sa, String why) {
        endpoint.host().events().warn(sa.name(), "IKE_SA " + sa + " given up: " + why);
        delete(sa);
        if (sa.peer().start()) {
            endpoint.lifecycle().again(sa);
        }
    }

    void deletedByPeer(IkeSa sa) {
        IkeSa.Successor successor = sa.replacedByPeer;
        if (successor != null && sa.state == IkeSa.State.ESTABLISHED) {
            endpoint.rekeying()
                    .replace(sa, successor.sa()); // the peer never got our request to rekey, and its own has settled it
        }
        boolean lost = sa.state == IkeSa.State.ESTABLISHED;
        if (lost) {
            endpoint.host().events().log(sa.name(), "peer deleted IKE_SA " + sa);
        }
        linger(sa);
        if (lost && sa.peer().restart()) {
            endpoint.lifecycle().again(sa);
        }
    }

    /** The peer asks again if our answer was lost. */
    private void linger(IkeSa sa) {
        removeChildren(sa);
        sa.timers.forEach(Timers.Timer::cancel);
        sa.timers.clear();
        sa.state = IkeSa.State.DELETED;
        handOver(sa);
        sa.messenger().stop();
        sa.timers.add(endpoint.timers().after(LINGER_NANOS, () -> drop(sa)));
    }

    /** It cannot be, or cannot go on: all of it goes, and nobody is told. */
    void failed(IkeSa sa, @Nullable String why) {
        boolean replaced = sa.state == IkeSa.State.REPLACED;
        if (!replaced && !sa.isClosed()) {
            String line = "IKE_SA with " + sa.path().remote() + " failed: " + why;
            if (sa.isInitiator() || sa.state != IkeSa.State.CONNECTING) {
                endpoint.host().events().warn(sa.name(), line);
            } else {
                endpoint.unauthenticated(sa.name(), line);
            }
        }
        boolean ours = sa.isInitiator() || sa.state == IkeSa.State.ESTABLISHED;
        boolean again = sa.state == IkeSa.State.CONNECTING
                ? endpoint.lifecycle().isWanted(sa.peer())
                : sa.peer().revive();
        drop(sa);
        if (ours && !replaced && again) {
            endpoint.lifecycle().again(sa);
        }
    }

    /** All of it goes at once. */
    void drop(IkeSa sa) {
        endpoint.unregister(sa);
        removeChildren(sa);
        handOver(sa);
        sa.close();
    }

    /** What was asked on it and not answered goes on in what has taken its place. */
    private static void handOver(IkeSa sa) {
        IkeSa next = sa.newest();
        if (next != sa && sa.isSecured() && !next.isClosed()) {
            sa.messenger().handOver(next);
        }
    }

    /** If there is another IKE SA, traffic changes over to its Child SAs. */
    private void removeChildren(IkeSa sa) {
        endpoint.childSas().takeOverAll(sa);
        List.copyOf(sa.children).forEach(each -> endpoint.childSas().remove(sa, each));
    }
}
