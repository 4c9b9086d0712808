package org.ipsecif.ike;

/**
 * What an IKE SA has in common with those that it rekeys: both ends authenticated each other once for all of them.
 */
final class Lineage {
    /** What comes before in time has the lower number. */
    private static final long NEVER = Long.MAX_VALUE;

    private final long began;
    private long authenticated = NEVER;

    /** @param began number of the moment when IKE_SA_INIT was sent, or came */
    Lineage(long began) {
        this.began = began;
    }

    void authenticated(long moment) {
        authenticated = Math.min(authenticated, moment);
    }

    /** Whether it was up before the other began: its peer may have been another process, which knew nothing of this one. */
    boolean precedes(Lineage other) {
        return authenticated < other.began;
    }

    boolean isOlderThan(Lineage other) {
        return began < other.began;
    }
}
