package org.ipsecif.ike;

import java.util.List;
import org.ipsecif.ike.message.ExchangeType;

/** Replaces SAs before they have to be, because somebody says so, or the SAD does. */
final class Rekeying {
    private final IkeEndpoint endpoint;

    Rekeying(IkeEndpoint endpoint) {
        this.endpoint = endpoint;
    }

    boolean ike(String name, Attempt attempt) {
        IkeSa sa = endpoint.established(name);
        if (sa != null) {
            sa.messenger().enqueue(ExchangeType.CREATE_CHILD_SA, new RekeyIke(endpoint, sa, attempt));
        }
        return sa != null;
    }

    boolean children(String name, Attempt attempt) {
        IkeSa sa = endpoint.established(name);
        if (sa == null) {
            return false;
        }
        List<ChildSa> active = sa.children.stream()
                .filter(each -> each.state == ChildSa.State.ACTIVE)
                .toList();
        active.forEach(each -> child(sa, each, attempt));
        return !active.isEmpty();
    }

    void expiring(int spi) {
        for (IkeSa sa : endpoint.all()) {
            for (ChildSa child : List.copyOf(sa.children)) {
                if (child.inbound().spi() == spi || child.outbound().spi() == spi) {
                    child(sa, child, new Attempt());
                }
            }
        }
    }

    void child(IkeSa sa, ChildSa child, Attempt attempt) {
        CreateChild exchange = new CreateChild(endpoint, sa, ChildWish.as(child), child, attempt);
        sa.messenger().enqueue(ExchangeType.CREATE_CHILD_SA, exchange);
    }

    /** The IKE SA's Child SAs are another's from now on, or, if that has been replaced already, its successor's. */
    void replace(IkeSa old, IkeSa made) {
        IkeSa next = made.newest();
        old.state = IkeSa.State.REPLACED;
        old.next = next;
        old.timers.forEach(Timers.Timer::cancel);
        old.timers.clear();
        old.followUps.clear();
        for (ChildSa child : old.children) {
            next.children.add(child);
            child.owner = next;
            endpoint.lifecycle().inherited(next, child);
        }
        old.children.clear();
        next.wants = old.wants.inherited();
        endpoint.lifecycle().replaced(old);
        endpoint.host().events().log(next.name(), "IKE_SA " + next + " replaces " + old);
        endpoint.coverage().complete(next);
    }
}
