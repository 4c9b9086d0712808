package org.ipsecif.ike;

import org.jspecify.annotations.Nullable;

/**
 * What an IKE SA has in common with those that it rekeys: both ends authenticated each other once for all of them.
 */
final class Lineage {
    /** What comes before in time has the lower number. */
    private static final long NEVER = Long.MAX_VALUE;

    private final long began;
    private final boolean ours;
    private final @Nullable Lineage replaced;
    private long authenticated = NEVER;
    private long authenticatedNanos;

    /** How often this end has tried to authenticate again. */
    int reauthentications;

    /**
     * @param began number of the moment when IKE_SA_INIT was sent, or came
     * @param ours whether this end sent it
     * @param replaced whose place this end means it to take; null for nobody's
     */
    Lineage(long began, boolean ours, @Nullable Lineage replaced) {
        this.began = began;
        this.ours = ours;
        this.replaced = replaced;
    }

    /** @param nowNanos of the clock */
    void authenticated(long moment, long nowNanos) {
        authenticated = moment;
        authenticatedNanos = nowNanos;
    }

    /** Whether this end was the initiator, whoever has initiated rekeying since. */
    boolean isOurs() {
        return ours;
    }

    long authenticatedNanos() {
        return authenticatedNanos;
    }

    boolean replaces(Lineage other) {
        return replaced == other;
    }

    /** Whether it was up before the other began: its peer may have been another process, which knew nothing of this one. */
    boolean precedes(Lineage other) {
        return authenticated < other.began;
    }

    boolean isOlderThan(Lineage other) {
        return began < other.began;
    }
}
