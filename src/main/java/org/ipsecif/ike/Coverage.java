package org.ipsecif.ike;

import java.util.List;
import java.util.Set;
import org.ipsecif.ike.message.ExchangeType;
import org.ipsecif.ike.message.NotifyPayload;
import org.ipsecif.ike.message.NotifyType;
import org.ipsecif.sa.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that there is a Child SA for all that is to be protected: where a peer narrows what it was offered, others are made for what is
 * left, one after another; and what packets ask for is made when they do (RFC 7296 section 2.9).
 */
final class Coverage {
    private static final long SECOND = 1_000_000_000L;

    /** A peer that deletes a Child SA so soon after it has made another keeps one only. */
    private static final long AT_ONCE = 3 * SECOND;

    private final IkeEndpoint endpoint;

    Coverage(IkeEndpoint endpoint) {
        this.endpoint = endpoint;
    }

    private long now() {
        return endpoint.timers().now();
    }

    /** What to ask for together with the IKE SA; null if there is nothing. */
    @Nullable
    ChildWish first(IkeSa sa) {
        Flow flow = sa.wants.firstFlow();
        ChildWish first = null;
        for (ChildConfig config : sa.peer().children()) {
            for (ChildWish each : ChildWish.all(config, sa.wants.singly)) {
                if (flow != null && each.takes(flow)) {
                    return each.withFlow(flow);
                }
                first = first == null ? each : first;
            }
        }
        return first;
    }

    /** Asks for the next that is missing, if all are wanted. */
    void complete(IkeSa sa) {
        if (!sa.wants.everything || sa.state != IkeSa.State.ESTABLISHED || !sa.wants.asked.isEmpty()) {
            return;
        }
        ChildWish next = nextMissing(sa);
        if (next != null) {
            ask(sa, next);
        }
    }

    /** Whether there is nothing to ask for, and something is there. */
    boolean isComplete(IkeSa sa) {
        boolean active = sa.children.stream().anyMatch(each -> each.state == ChildSa.State.ACTIVE);
        return active && isSettled(sa) && nextMissing(sa) == null;
    }

    /** Whether nothing that was asked for may still come. */
    boolean isSettled(IkeSa sa) {
        return sa.wants.asked.isEmpty() && sa.children.stream().noneMatch(each -> each.state == ChildSa.State.ADDING);
    }

    private @Nullable ChildWish nextMissing(IkeSa sa) {
        Wants wants = sa.wants;
        if (wants.onlyFlows || (wants.isOneEnough(now()) && hasChild(sa))) {
            return null;
        }
        Set<SelectorPair> exact = Wants.exact(sa.children);
        for (ChildConfig config : sa.peer().children()) {
            for (ChildWish wish : ChildWish.all(config, wants.singly)) {
                List<SelectorPair> missing = wish.pairs().stream()
                        .filter(each ->
                                !exact.contains(each) && !wants.isRefused(each, now()) && !isServed(sa, config, each))
                        .toList();
                if (!missing.isEmpty()) {
                    boolean all = missing.size() == wish.pairs().size();
                    return all ? wish : ChildWish.of(config, missing.subList(0, 1));
                }
            }
        }
        return null;
    }

    /** Whether a Child SA has this pair, or what the peer made of it; what lies within a narrower pair is that one's. */
    private static boolean isServed(IkeSa sa, ChildConfig config, SelectorPair pair) {
        for (ChildSa child : sa.children) {
            if (child.isThere() && pair.meets(child.local(), child.remote())) {
                boolean whole = Narrowing.isWithin(List.of(pair.local()), child.local())
                        && Narrowing.isWithin(List.of(pair.remote()), child.remote());
                if (whole || config.pairs().stream().noneMatch(each -> isNarrower(each, pair, child))) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean isNarrower(SelectorPair other, SelectorPair pair, ChildSa child) {
        return !other.equals(pair)
                && pair.contains(other)
                && Narrowing.isWithin(child.local(), List.of(other.local()))
                && Narrowing.isWithin(child.remote(), List.of(other.remote()));
    }

    private static boolean hasChild(IkeSa sa) {
        return sa.children.stream().anyMatch(ChildSa::isThere);
    }

    private void ask(IkeSa sa, ChildWish wish) {
        sa.wants.asked.add(wish);
        sa.messenger().enqueue(ExchangeType.CREATE_CHILD_SA, new CreateChild(endpoint, sa, wish, null, new Attempt()));
    }

    /** Asks for what there is in an IKE SA whose place this one is to take, as far as it is missing. */
    void takeAfter(IkeSa sa, IkeSa old) {
        for (ChildSa child : old.children) {
            boolean asked = sa.wants.asked.stream()
                    .anyMatch(
                            each -> each.pairs().stream().anyMatch(pair -> pair.meets(child.local(), child.remote())));
            if (child.isThere() && !asked && !isMet(sa, child)) {
                ask(sa, ChildWish.as(child));
            }
        }
    }

    /** Whether what a Child SA of another carries can go by one of this IKE SA. */
    static boolean isMet(IkeSa sa, ChildSa child) {
        return sa.children.stream().anyMatch(each -> each.state == ChildSa.State.ACTIVE && each.meets(child));
    }

    /** A packet waits for a Child SA. */
    void acquire(IkeSa sa, Flow flow) {
        boolean underWay = sa.children.stream()
                        .anyMatch(each ->
                                each.isThere() && each.outbound().selectors().take(flow))
                || sa.wants.asked.stream().anyMatch(each -> each.takes(flow));
        boolean enough = sa.wants.isOneEnough(now()) && hasChild(sa);
        if (sa.state != IkeSa.State.ESTABLISHED || underWay || enough) {
            return;
        }
        for (ChildConfig config : sa.peer().children()) {
            for (SelectorPair pair : config.pairs()) {
                if (pair.takes(flow)) {
                    if (!sa.wants.isRefused(pair, flow, now())) {
                        ask(sa, wish(sa, config, pair, flow));
                    }
                    return;
                }
            }
        }
    }

    /** With nothing there yet, all that can share a Child SA with it. */
    private static ChildWish wish(IkeSa sa, ChildConfig config, SelectorPair pair, Flow flow) {
        boolean alone = sa.wants.singly || hasChild(sa);
        ChildWish wish = alone
                ? ChildWish.of(config, List.of(pair))
                : ChildWish.all(config, false).stream()
                        .filter(each -> each.pairs().contains(pair))
                        .findFirst()
                        .orElseThrow();
        return sa.wants.onlyFlows ? wish.onlyFlow(flow) : wish.withFlow(flow);
    }

    /** It was not asked for, after all. */
    void dropped(IkeSa sa, ChildWish wish) {
        sa.wants.asked.remove(wish);
    }

    /** The peer has agreed to it, perhaps in part. */
    void made(IkeSa sa, ChildWish wish, ChildSa child) {
        Wants wants = sa.wants;
        wants.asked.remove(wish);
        wants.newest = child;
        wants.newestNanos = now();
        Flow flow = wish.flow();
        if (flow != null && child.outbound().selectors().take(flow)) {
            wants.allowFlows();
        } else if (flow != null) {
            wish.pairs().stream().filter(each -> each.takes(flow)).forEach(each -> wants.refuse(each, flow, now()));
            deleteIfKnown(sa, child);
        } else if (wish.pairs().stream().noneMatch(each -> each.meets(child.local(), child.remote()))) {
            notTaken(sa, wish);
        }
        goOn(sa);
    }

    /** The peer narrowed to what it has a Child SA for already. */
    private void deleteIfKnown(IkeSa sa, ChildSa child) {
        boolean known = sa.children.stream()
                .anyMatch(each -> each != child && each.state == ChildSa.State.ACTIVE && each.contains(child));
        if (known) {
            endpoint.childSas().delete(sa, child);
        }
    }

    /** The IKE SA was made without a Child SA, as was wanted: now these are made. */
    void childless(IkeSa sa) {
        goOn(sa);
    }

    private void goOn(IkeSa sa) {
        sa.wants.takeFlows().forEach(each -> acquire(sa, each));
        complete(sa);
    }

    /** The peer does not want it so. */
    void refused(IkeSa sa, ChildWish wish, NotifyPayload error) {
        Wants wants = sa.wants;
        wants.asked.remove(wish);
        if (error.is(NotifyType.TEMPORARY_FAILURE)) {
            later(sa);
            return;
        }
        Flow flow = wish.flow();
        if (flow != null && wish.pairs().size() == 1) {
            if (error.is(NotifyType.SINGLE_PAIR_REQUIRED) && !wants.onlyFlows) {
                wants.onlyFlows = true;
                acquire(sa, flow);
            } else {
                wants.refuse(wish.pairs().get(0), flow, now());
            }
        } else if (error.is(NotifyType.TS_UNACCEPTABLE) || error.is(NotifyType.SINGLE_PAIR_REQUIRED)) {
            if (error.is(NotifyType.SINGLE_PAIR_REQUIRED) && wish.pairs().size() == 1) {
                wants.onlyFlows = true;
            } else {
                notTaken(sa, wish);
            }
            if (flow != null) {
                acquire(sa, flow);
            }
        } else {
            wish.pairs().forEach(each -> wants.refuse(each, now()));
        }
        if (!hasChild(sa) && !isAnyLeft(sa)) {
            later(sa);
        } else {
            goOn(sa);
        }
    }

    private void notTaken(IkeSa sa, ChildWish wish) {
        if (wish.pairs().size() > 1) {
            sa.wants.singly = true;
        } else {
            wish.pairs().forEach(each -> sa.wants.refuse(each, now()));
        }
    }

    private boolean isAnyLeft(IkeSa sa) {
        return !sa.wants.asked.isEmpty()
                || sa.peer().children().stream()
                        .flatMap(each -> each.pairs().stream())
                        .anyMatch(each -> !sa.wants.isRefused(each, now()));
    }

    /** It went wrong, not for what was asked. */
    void failed(IkeSa sa, ChildWish wish) {
        sa.wants.asked.remove(wish);
        later(sa);
    }

    /** Perhaps the peer thinks otherwise by then. */
    private void later(IkeSa sa) {
        endpoint.lifecycle().soon(sa, () -> {
            if (!hasChild(sa)) {
                sa.wants.forgetRefusals();
            }
            complete(sa);
        });
    }

    /** By the peer, and not because there is another in its place. */
    void deleted(IkeSa sa, ChildSa child) {
        Wants wants = sa.wants;
        if (sa.children.stream().anyMatch(each -> each.isThere() && each.meets(child))) {
            return;
        }
        if (!sa.peer().restart()) {
            wants.everything = false;
            return;
        }
        ChildSa newest = wants.newest;
        if (newest != null && newest != child && newest.isThere() && now() - wants.newestNanos < AT_ONCE) {
            wants.keepOne(now());
            endpoint.host().events().warn(sa.name(), "peer keeps one CHILD_SA at a time; it lets go of " + child);
        }
        if (wants.everything) {
            complete(sa);
        } else if (wants.asked.isEmpty() && !wants.isOneEnough(now())) {
            ask(sa, ChildWish.as(child));
        }
    }

    /** What is configured is another: what is no longer among it is deleted, what is new is made. */
    void configured(IkeSa sa) {
        for (ChildSa child : List.copyOf(sa.children)) {
            ChildConfig fitting = sa.peer().children().stream()
                    .filter(each -> suits(each, child))
                    .findFirst()
                    .orElse(null);
            if (fitting != null) {
                child.setConfig(fitting);
            } else {
                endpoint.childSas().delete(sa, child);
            }
        }
        sa.wants.forgetRefusals();
        complete(sa);
    }

    private static boolean suits(ChildConfig config, ChildSa child) {
        return config.reqid() == child.config().reqid()
                && config.mode() == child.config().mode()
                && Narrowing.isWithin(child.local(), config.local())
                && Narrowing.isWithin(child.remote(), config.remote());
    }
}
