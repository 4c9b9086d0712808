package org.ipsecif.ike;

import java.util.List;
import java.util.Objects;
import org.ipsecif.ike.message.ExchangeType;
import org.jspecify.annotations.Nullable;

/**
 * One IKE SA with a peer is enough. Two come of both ends' connecting at once, of authenticating each other again (RFC 7296 section
 * 2.8.3), and of a peer that connects again without saying that it has forgotten what there was. Both ends agree on which of two goes: of those that the two ends initiated it is the one with the lower
 * initiator's SPI, of those that one end initiated the older. Its initiator deletes it, soon; should that not happen the other end does.
 */
final class Duplicates {
    private static final long SECOND = 1_000_000_000L;

    /** By then each end has the other's answer, if it does not get lost. */
    private static final long SOON = 2 * SECOND;

    private static final long LATE = 30 * SECOND;

    private final IkeEndpoint endpoint;

    Duplicates(IkeEndpoint endpoint) {
        this.endpoint = endpoint;
    }

    /** An IKE SA is up that rekeys none. */
    void established(IkeSa sa) {
        if (!sa.isInitiator()) {
            dropAttempts(sa);
        }
        sa.complete = sa.isInitiator();
        endpoint.lifecycle().after(sa, SOON, () -> completed(sa));
        endpoint.lifecycle().after(sa, LATE, () -> look(sa.name(), true));
    }

    /** A peer that may not have our answer to its IKE_AUTH request is asked. */
    private void completed(IkeSa sa) {
        if (!isUp(sa)) {
            return;
        }
        if (!sa.complete && hasOther(sa)) {
            sa.messenger().enqueue(ExchangeType.INFORMATIONAL, new Informational(List.of(), () -> completed(sa)));
            return;
        }
        for (ChildSa child : List.copyOf(sa.children)) {
            boolean rekeyed = sa.children.stream().anyMatch(each -> each.replacedByPeer == child);
            if (child.state == ChildSa.State.ACTIVE && !rekeyed) {
                endpoint.childSas().addOutbound(sa, child);
            }
        }
        look(sa.name(), false);
        endpoint.all(sa.name()).stream()
                .filter(old -> isUp(old) && sa.lineage.replaces(old.lineage))
                .forEach(old -> {
                    endpoint.coverage().takeAfter(sa, old);
                    endpoint.lifecycle().after(sa, SOON, () -> look(sa.name(), false));
                });
    }

    /** The peer connected while it did not answer this end's attempt to, which is not needed any more. */
    private void dropAttempts(IkeSa sa) {
        for (IkeSa other : endpoint.all(sa.name())) {
            if (other.isInitiator() && other.state == IkeSa.State.CONNECTING && !other.isSecured()) {
                endpoint.closing().drop(other);
            }
        }
    }

    /** Whether there is another that is up: then traffic changes over to this one when the peer is known to have it. */
    boolean hasOther(IkeSa sa) {
        return endpoint.all(sa.name()).stream().anyMatch(other -> other != sa && isUp(other));
    }

    private static boolean isUp(IkeSa sa) {
        return sa.state == IkeSa.State.ESTABLISHED;
    }

    private void look(String name, boolean late) {
        for (IkeSa one : endpoint.all(name)) {
            IkeSa better = isUp(one) ? better(one) : null;
            boolean ours = better != null && (one.isInitiator() || better.lineage.replaces(one.lineage));
            if (better != null && (late || (ours && better.complete && carries(better, one)))) {
                endpoint.closing().retire(one, better);
            }
        }
    }

    private static boolean carries(IkeSa better, IkeSa one) {
        return one.children.stream().filter(ChildSa::isThere).allMatch(each -> Coverage.isMet(better, each));
    }

    private @Nullable IkeSa better(IkeSa one) {
        List<IkeSa> all = endpoint.all(one.name());
        return all.stream().filter(other -> loses(one, other)).findFirst().orElse(null);
    }

    private static boolean loses(IkeSa one, IkeSa other) {
        if (other == one
                || !isUp(other)
                || one.lineage == other.lineage
                || !Objects.equals(one.remoteId, other.remoteId)) {
            return false;
        }
        if (one.lineage.replaces(other.lineage) || other.lineage.replaces(one.lineage)) {
            return other.lineage.replaces(one.lineage);
        }
        return one.isInitiator() == other.isInitiator()
                ? one.lineage.isOlderThan(other.lineage)
                : Long.compareUnsigned(one.initiatorSpi(), other.initiatorSpi()) < 0;
    }

    /** The IKE SA whose place this one is about to take, while it is not settled yet that it does; null if there is none. */
    @Nullable
    IkeSa predecessor(IkeSa sa) {
        return endpoint.all(sa.name()).stream()
                .filter(each -> each.replacedByPeer != null && each.replacedByPeer.sa() == sa)
                .findFirst()
                .orElse(null);
    }
}
