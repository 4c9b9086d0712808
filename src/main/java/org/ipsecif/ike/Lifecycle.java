package org.ipsecif.ike;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.ipsecif.crypto.AlgorithmProposal;
import org.ipsecif.ike.message.ExchangeType;

/** What an end does on its own as time goes by: rekeying, signs of life, connecting again (RFC 7296 sections 2.4, 2.8). */
final class Lifecycle {
    /** Of a planned age, by which it is shortened at most, so that not all rekeying falls together. */
    private static final double JITTER = 0.1;

    private static final long SECOND = 1_000_000_000L;

    /** Nanoseconds between two checks of a peer because of what somebody says. */
    private static final long SUSPICION = 10 * SECOND;

    /** After a connection is lost; with each that fails twice as long. */
    private static final long FIRST_RETRY = SECOND / 5;

    private static final int MOST_DOUBLINGS = 16;

    /** Between two attempts to authenticate again, after the last of which the IKE SA ends. */
    private static final long REAUTHENTICATION = 60 * SECOND;

    private static final int MOST_REAUTHENTICATIONS = 3;

    /** After TEMPORARY_FAILURE and the like. */
    private static final long TRY_AGAIN = 10 * SECOND;

    private final IkeEndpoint endpoint;
    private final Presence presence;
    private final Map<String, Timers.Timer> reconnecting = new HashMap<>();
    private final Map<String, Integer> attempts = new HashMap<>();

    Lifecycle(IkeEndpoint endpoint) {
        this.endpoint = endpoint;
        this.presence = new Presence(endpoint);
    }

    long jittered(long nanos) {
        return nanos - (long) (nanos * JITTER * endpoint.host().random().nextDouble());
    }

    void established(IkeSa sa) {
        IkeTimes times = sa.times();
        if (times.rekeyIke() > 0) {
            planRekeying(sa, times.rekeyIke());
        }
        if (times.reauthenticate() > 0) {
            long age = endpoint.timers().now() - sa.lineage.authenticatedNanos();
            after(sa, Math.max(0, jittered(times.reauthenticate()) - age), () -> reauthenticate(sa));
        }
        presence.established(sa);
    }

    Presence presence() {
        return presence;
    }

    Timers.Timer after(IkeSa sa, long nanos, Runnable action) {
        sa.timers.removeIf(Timers.Timer::isDone);
        Timers.Timer timer = endpoint.timers().after(nanos, action);
        sa.timers.add(timer);
        return timer;
    }

    private void planRekeying(IkeSa sa, long nanos) {
        sa.rekeyTimer = after(sa, jittered(nanos), () -> rekeyIke(sa));
    }

    private void rekeyIke(IkeSa sa) {
        sa.messenger().enqueue(ExchangeType.CREATE_CHILD_SA, new RekeyIke(endpoint, sa, new Attempt()));
    }

    void ikeRekeyFailed(IkeSa sa) {
        planRekeying(sa, TRY_AGAIN);
    }

    /**
     * Somebody says that the peer has forgotten an IKE SA. Whoever can see one's messages can say so, and nothing follows but a question,
     * and that not often.
     */
    void suspect(IkeSa sa, String why) {
        long now = endpoint.timers().now();
        boolean lately = sa.suspectedNanos != 0 && now - sa.suspectedNanos < SUSPICION;
        if (sa.state != IkeSa.State.ESTABLISHED || !sa.shared || lately) {
            return;
        }
        sa.suspectedNanos = now;
        endpoint.host()
                .events()
                .log(sa.name(), "somebody says that " + sa.path().remote() + " " + why + "; asking it");
        sa.messenger().hurry(Informational.probe());
    }

    /** What is configured is other than it was when the IKE SA came up: takes effect soon where it can, and is said where not. */
    void configured(IkeSa sa, PeerConfig before) {
        PeerConfig now = sa.peer();
        Identity remote = sa.remoteId;
        if (sa.state != IkeSa.State.ESTABLISHED || now.equals(before)) {
            return;
        }
        if (remote != null && !now.accepts(remote)) {
            endpoint.closing().giveUp(sa, "peer is " + remote + "; we want " + now.remoteId() + " now");
        } else if (!now.localId().equals(before.localId()) || !Objects.equals(now.remoteId(), before.remoteId())) {
            otherCredentials(sa, "the identity");
        } else if (!now.proposals().equals(before.proposals())
                || !algorithms(now).equals(algorithms(before))) {
            log(sa, "other proposals are configured; they take effect when the SAs are rekeyed");
        }
    }

    private static List<List<AlgorithmProposal>> algorithms(PeerConfig peer) {
        return peer.children().stream().map(ChildConfig::proposals).toList();
    }

    /** Tried once, at once: the peer may not know them yet, and then the next time comes when this IKE SA ends. */
    void otherCredentials(IkeSa sa, String what) {
        log(sa, what + " is configured otherwise; authenticating again with what is configured now");
        endpoint.reauthenticate(sa);
    }

    private void log(IkeSa sa, String line) {
        endpoint.host().events().log(sa.name(), line);
    }

    /** RFC 7296 section 2.8.3: the old one goes when the new one has its Child SAs, see {@link Duplicates}. */
    private void reauthenticate(IkeSa sa) {
        if (sa.state != IkeSa.State.ESTABLISHED) {
            return;
        }
        if (++sa.lineage.reauthentications > MOST_REAUTHENTICATIONS) {
            endpoint.closing().giveUp(sa, "peer could not be authenticated again");
            return;
        }
        endpoint.reauthenticate(sa);
        after(sa, REAUTHENTICATION, () -> reauthenticate(sa));
    }

    void childEstablished(IkeSa sa, ChildSa child) {
        inherited(sa, child);
    }

    /** Its rekeying is the given IKE SA's task. */
    void inherited(IkeSa sa, ChildSa child) {
        long age = sa.times().rekeyChild();
        if (child.rekeyTimer == null && age > 0) {
            plan(child, jittered(age));
        }
    }

    /** It is gone. */
    void forget(ChildSa child) {
        if (child.rekeyTimer != null) {
            child.rekeyTimer.cancel();
            child.rekeyTimer = null;
        }
    }

    private void plan(ChildSa child, long nanos) {
        forget(child);
        child.rekeyTimer = endpoint.timers().after(nanos, () -> {
            child.rekeyTimer = null;
            IkeSa sa = child.owner;
            if (sa != null && sa.state == IkeSa.State.ESTABLISHED && sa.children.contains(child)) {
                endpoint.rekeying().child(sa, child, new Attempt());
            }
        });
    }

    void rekeyFailed(ChildSa old) {
        plan(old, jittered(TRY_AGAIN));
    }

    /** After a pause. */
    void soon(IkeSa sa, Runnable action) {
        after(sa, jittered(TRY_AGAIN), action);
    }

    /** The peer is to delete it, as soon as it has our answer; should that never come, it goes all the same. */
    void replaced(IkeSa old) {
        after(old, 2 * old.times().patience(), () -> endpoint.closing().delete(old));
    }

    /** The peer of an IKE SA that was lost is to be connected again: at once, if it was one that lasted. */
    void again(IkeSa lost) {
        PeerConfig peer = lost.peer();
        String name = peer.name();
        if (endpoint.peers().find(name) == null || reconnecting.containsKey(name)) {
            return;
        }
        long longest = peer.times().retry();
        if (lost.establishedNanos != 0 && endpoint.timers().now() - lost.establishedNanos >= longest) {
            attempts.remove(name);
        }
        int doublings = Math.min(attempts.merge(name, 1, Integer::sum), MOST_DOUBLINGS) - 1;
        long wait = jittered(Math.min(longest, FIRST_RETRY << doublings));
        reconnecting.put(name, endpoint.timers().after(wait, () -> {
            reconnecting.remove(name);
            endpoint.connect(name);
        }));
    }

    /** Whether the peer of an attempt that failed is to be tried again. */
    boolean isWanted(PeerConfig peer) {
        return peer.start() || attempts.containsKey(peer.name());
    }

    void forget(String name) {
        attempts.remove(name);
        Timers.Timer timer = reconnecting.remove(name);
        if (timer != null) {
            timer.cancel();
        }
    }
}
