package org.ipsecif.sa;

/**
 * The largest outer packet that passes to a tunnel's peer, bytes (RFC 4301 section 8.2.1). It begins with what the route says;
 * authenticated-enough ICMP lowers it, and ten minutes later it is tried again (RFC 1191 section 6.3). The control thread changes
 * it, workers read it.
 */
public final class PathMtu {
    /** RFC 1191 section 6.3. */
    public static final long AGE_NANOS = 600L * 1_000_000_000L;

    /** What every IPv4 host takes in one piece (RFC 791); below it nothing is believed. */
    static final int LEAST_INET = 576;

    /** RFC 8200 section 5. */
    static final int LEAST_INET6 = 1280;

    private final int least;
    private int route;
    private int learned;
    private long learnedNanos;
    private volatile int mtu;

    /** @param route the MTU of the route to the peer, or 0 if there is none */
    public PathMtu(Family outer, int route) {
        this.least = outer == Family.INET ? LEAST_INET : LEAST_INET6;
        this.route = route;
        publish();
    }

    /** Now, bytes; 65,535 while nothing is known. */
    public int mtu() {
        return mtu;
    }

    /** Of the route to the peer, bytes; 0 if there is none. Control thread. */
    public int routeMtu() {
        return route;
    }

    /** Whether somebody on the way lowered it. */
    public boolean isLearned() {
        return learned != 0;
    }

    /** Seconds until what was learned is tried again; 0 if nothing was. */
    public long secondsLeft(long nowNanos) {
        return learned == 0 ? 0 : Math.max(0, AGE_NANOS - (nowNanos - learnedNanos)) / 1_000_000_000L;
    }

    /** The route's MTU, when it is known or changes. @return whether {@link #mtu()} changed */
    public boolean setRoute(int bytes) {
        int before = mtu;
        route = bytes;
        publish();
        return mtu != before;
    }

    /**
     * A router said that it could pass no more than {@code bytes}. It can lower only, and not below what every path has.
     *
     * @return whether {@link #mtu()} changed
     */
    public boolean lower(int bytes, long nowNanos) {
        int believed = Math.max(least, bytes);
        if (believed > mtu || (learned == 0 && believed == mtu)) {
            return false;
        }
        boolean changed = believed < mtu;
        learned = believed;
        learnedNanos = nowNanos;
        publish();
        return changed;
    }

    /** Forgets what was learned once it is old. @return whether {@link #mtu()} changed */
    public boolean age(long nowNanos) {
        if (learned == 0 || nowNanos - learnedNanos < AGE_NANOS) {
            return false;
        }
        int before = mtu;
        learned = 0;
        publish();
        return mtu != before;
    }

    private void publish() {
        int known = route == 0 ? 65_535 : Math.min(route, 65_535);
        mtu = learned == 0 ? known : Math.min(learned, known);
    }
}
