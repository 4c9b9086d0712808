package org.ipsecif.ike;

/**
 * When an IKE SA does what on its own; nanoseconds, 0 for never.
 *
 * @param firstRetransmission after which a request goes out again; each next time it is {@link #BACK_OFF} times as long, up to
 *     {@link #LONGEST_WAIT}
 * @param transmissions of one request, after which the peer counts as dead
 * @param rekeyIke age at which an IKE SA is replaced, before jitter
 * @param rekeyChild likewise for a Child SA
 * @param deadPeer silence after which the peer is asked for a sign of life (RFC 7296 section 2.4)
 * @param retry at most, after a failed attempt to connect, for a peer that is to be connected always; the first retries come sooner
 * @param reauthenticate time since both ends authenticated each other after which they do again, in a new IKE SA, before jitter
 * @param rekeyBytes that an SA of a Child SA has carried when it is replaced
 * @param rekeyPackets likewise
 */
public record IkeTimes(
        long firstRetransmission,
        int transmissions,
        long rekeyIke,
        long rekeyChild,
        long deadPeer,
        long retry,
        long reauthenticate,
        long rekeyBytes,
        long rekeyPackets) {
    static final double BACK_OFF = 1.8;

    private static final long MILLISECOND = 1_000_000;
    private static final long SECOND = 1_000 * MILLISECOND;

    static final long LONGEST_WAIT = 16 * SECOND;

    /** Eight transmissions within 36 seconds, then 16 more. */
    public static final IkeTimes DEFAULT =
            new IkeTimes(500 * MILLISECOND, 8, 4 * 3_600 * SECOND, 3_600 * SECOND, 30 * SECOND, 10 * SECOND);

    /**
     * Of a request whose answer decides whether a peer that seems gone is: six transmissions within two seconds. Were a third of all
     * datagrams lost each way, two living peers in a hundred would be believed dead, and connected again.
     */
    static final int HURRIED_TRANSMISSIONS = 6;

    static final long HURRIED_WAIT = 350 * MILLISECOND;

    /** Between two transmissions of an IKE_SA_INIT request: a peer that comes back is not to wait long. */
    private static final long LONGEST_INIT_WAIT = 4 * SECOND;

    /** Without reauthentication, and whatever an SA carries. */
    public IkeTimes(
            long firstRetransmission, int transmissions, long rekeyIke, long rekeyChild, long deadPeer, long retry) {
        this(firstRetransmission, transmissions, rekeyIke, rekeyChild, deadPeer, retry, 0, 0, 0);
    }

    /** Nanoseconds until a request counts as unanswered. */
    long patience() {
        long all = 0;
        for (int i = 1; i <= transmissions; i++) {
            all += waitAfter(i);
        }
        return all;
    }

    /** Nanoseconds from one transmission of an IKE_SA_INIT request to the next. */
    long initWaitAfter(int transmission) {
        return Math.min(LONGEST_INIT_WAIT, waitAfter(transmission));
    }

    /** Nanoseconds from one transmission to the next. */
    long waitAfter(int transmission) {
        return (long) Math.min(LONGEST_WAIT, firstRetransmission * Math.pow(BACK_OFF, transmission - 1.0));
    }
}
