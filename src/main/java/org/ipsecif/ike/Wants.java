package org.ipsecif.ike;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ipsecif.sa.Flow;
import org.ipsecif.sa.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * What this end still wants of a peer in the way of Child SAs, and what the peer has refused and is not asked for again soon. It goes on
 * when the IKE SA is replaced.
 */
final class Wants {
    private static final long SECOND = 1_000_000_000L;

    /** For which a refusal holds. */
    static final long HOLD_NANOS = 600 * SECOND;

    private static final long LONGEST_PAUSE = 60 * SECOND;
    private static final int MOST_FLOWS = 16;
    private static final int MOST_REFUSED_FLOWS = 256;

    private record Refused(
            SelectorPair pair,
            @Nullable IpAddress local,
            @Nullable IpAddress remote) {}

    /** Whether all that is configured is to be up, not only what packets ask for. */
    boolean everything;

    /** The peer takes one pair of selectors at a time. */
    boolean singly;

    /** The peer takes a single pair of addresses (SINGLE_PAIR_REQUIRED). */
    boolean onlyFlows;

    /** What has been asked for, and not been answered. */
    final List<ChildWish> asked = new ArrayList<>();

    /** Why the last that was asked for and is missing is; null if nothing is. */
    @Nullable
    String problem;

    /** The last that the peer agreed to, and when. */
    @Nullable
    ChildSa newest;

    long newestNanos;

    private final Set<Flow> flows = new LinkedHashSet<>();
    private final Map<Refused, Long> until = new HashMap<>();
    private long oneUntil = Long.MIN_VALUE;
    private long pause;
    private long pausedUntil = Long.MIN_VALUE;

    /** Packets that wait for the IKE SA to be there. */
    void await(Flow flow) {
        if (flows.size() < MOST_FLOWS) {
            flows.add(flow);
        }
    }

    @Nullable
    Flow firstFlow() {
        return flows.isEmpty() ? null : flows.iterator().next();
    }

    List<Flow> takeFlows() {
        List<Flow> taken = List.copyOf(flows);
        flows.clear();
        return taken;
    }

    void refuse(SelectorPair pair, long now) {
        until.put(new Refused(pair, null, null), now + HOLD_NANOS);
    }

    /** Other packets may fare better; after a pause that gets longer if they do not. */
    void refuse(SelectorPair pair, Flow flow, long now) {
        until.values().removeIf(each -> each - now <= 0);
        if (until.size() < MOST_REFUSED_FLOWS) {
            until.put(new Refused(pair, flow.source(), flow.destination()), now + HOLD_NANOS);
        }
        pause = Math.min(LONGEST_PAUSE, Math.max(SECOND, 2 * pause));
        pausedUntil = now + pause;
    }

    /** The peer lets go of a Child SA when it makes another. */
    void keepOne(long now) {
        oneUntil = now + HOLD_NANOS;
    }

    boolean isOneEnough(long now) {
        return now < oneUntil;
    }

    void allowFlows() {
        pause = 0;
        pausedUntil = Long.MIN_VALUE;
    }

    boolean isRefused(SelectorPair pair, long now) {
        return holds(new Refused(pair, null, null), now);
    }

    boolean isRefused(SelectorPair pair, Flow flow, long now) {
        return now < pausedUntil
                || isRefused(pair, now)
                || holds(new Refused(pair, flow.source(), flow.destination()), now);
    }

    private boolean holds(Refused what, long now) {
        Long end = until.get(what);
        return end != null && end - now > 0;
    }

    /** The peer, or what is configured, may be another by now. */
    void forgetRefusals() {
        until.clear();
        singly = false;
        onlyFlows = false;
        oneUntil = Long.MIN_VALUE;
        allowFlows();
    }

    /** What was asked on an IKE SA that is no more is not asked any more. */
    Wants inherited() {
        asked.clear();
        return this;
    }

    /** Pairs that a Child SA has, as they are configured. */
    static Set<SelectorPair> exact(List<ChildSa> children) {
        Set<SelectorPair> exact = new HashSet<>();
        for (ChildSa each : children) {
            if (each.isThere()) {
                each.local()
                        .forEach(local -> each.remote().forEach(remote -> exact.add(new SelectorPair(local, remote))));
            }
        }
        return exact;
    }
}
