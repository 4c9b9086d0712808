package org.ipsecif.ike;

import java.util.Locale;
import java.util.Optional;
import org.ipsecif.crypto.WiresharkTable;
import org.jspecify.annotations.Nullable;

/** IKE SAs as records that any thread may read. Made on IKE's thread. */
final class Snapshots {
    static final String CONNECTING = word(IkeSa.State.CONNECTING);
    static final String ESTABLISHED = word(IkeSa.State.ESTABLISHED);
    static final String ACTIVE = word(ChildSa.State.ACTIVE);
    static final String REKEYING = "rekeying";

    private static final long NEVER = -1;

    private final long now;

    /** @param now on the clock of {@link Timers} */
    Snapshots(long now) {
        this.now = now;
    }

    IkeStatus of(IkeSa sa) {
        boolean up = sa.state == IkeSa.State.ESTABLISHED || sa.state == IkeSa.State.REPLACED;
        return new IkeStatus(
                sa.name(),
                sa.state == IkeSa.State.ESTABLISHED && sa.rekeying ? REKEYING : word(sa.state),
                sa.isInitiator(),
                sa.initiatorSpi(),
                sa.responderSpi(),
                sa.peer().localId(),
                sa.remoteId == null ? sa.peer().remoteId() : sa.remoteId,
                sa.path(),
                up ? now - sa.establishedNanos : 0,
                sa.state == IkeSa.State.ESTABLISHED ? until(sa.rekeyTimer) : NEVER,
                sa.isSecured() ? sa.chosen().text() : "",
                sa.nat.local(),
                sa.nat.remote(),
                sa.children.stream().map(this::of).toList());
    }

    /** A line for Wireshark, the caller's to wipe; empty if it has no name for an algorithm. */
    static Optional<byte[]> keys(IkeSa sa) {
        return WiresharkTable.ike(
                sa.initiatorSpi(), sa.responderSpi(), sa.chosen().suite(), sa.keys());
    }

    private ChildStatus of(ChildSa child) {
        return new ChildStatus(
                child.config().name(),
                child.state == ChildSa.State.ACTIVE && child.rekeying ? REKEYING : word(child.state),
                child.inbound().spi(),
                child.outbound().spi(),
                child.inbound().destination(),
                child.outbound().destination(),
                child.local(),
                child.remote(),
                child.algorithms(),
                child.inbound().esn(),
                child.inUdp(),
                until(child.rekeyTimer));
    }

    private long until(Timers.@Nullable Timer timer) {
        return timer == null || timer.isDone() ? NEVER : Math.max(0, timer.dueNanos() - now);
    }

    private static String word(Enum<?> state) {
        return state.name().toLowerCase(Locale.ROOT);
    }
}
