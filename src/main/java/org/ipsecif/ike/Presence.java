package org.ipsecif.ike;

import java.util.function.Function;
import org.ipsecif.ike.message.ExchangeType;
import org.ipsecif.sa.SaParameters;

/**
 * Whether the peer is there, and where (RFC 7296 sections 2.4 and 2.23, RFC 3948 section 4). ESP counts as much as a message does; the
 * SAD is asked for its counters now and then, and packets know nothing of it.
 */
final class Presence {
    private static final long SECOND = 1_000_000_000L;

    /** RFC 3948 section 4. */
    static final long KEEPALIVE = 20 * SECOND;

    private static final long LOOK = 10 * SECOND;

    /** Of the silence that is allowed, how often one looks for ESP. */
    private static final int PARTS = 4;

    private final IkeEndpoint endpoint;

    Presence(IkeEndpoint endpoint) {
        this.endpoint = endpoint;
    }

    void established(IkeSa sa) {
        long deadPeer = sa.times().deadPeer();
        if (deadPeer > 0) {
            watch(sa, deadPeer / PARTS);
        }
        if (sa.nat.local()) {
            keepMapping(sa);
        }
    }

    /** Asks for a sign of life when there was none for so long. */
    private void watch(IkeSa sa, long wait) {
        endpoint.lifecycle().after(sa, wait, () -> {
            long deadPeer = sa.times().deadPeer();
            if (deadPeer == 0) {
                return;
            }
            long silent = silence(sa);
            if (silent >= deadPeer && sa.messenger().isIdle()) {
                sa.messenger().enqueue(ExchangeType.INFORMATIONAL, Informational.probe());
            }
            long next = silent >= deadPeer ? deadPeer : deadPeer - silent;
            watch(sa, Math.min(next, deadPeer / PARTS + 1));
        });
    }

    private long silence(IkeSa sa) {
        long packets = packets(sa, ChildSa::inbound);
        if (packets > sa.packetsHeard) {
            sa.lastHeardNanos = endpoint.timers().now();
        }
        sa.packetsHeard = packets;
        return endpoint.timers().now() - sa.lastHeardNanos;
    }

    private long packets(IkeSa sa, Function<ChildSa, SaParameters> half) {
        ChildSaSink sad = endpoint.host().childSas();
        return sa.children.stream()
                .mapToLong(each -> sad.packets(half.apply(each)))
                .sum();
    }

    /** Has the NAT before this end keep its mapping, while nothing else does. */
    void keepMapping(IkeSa sa) {
        endpoint.lifecycle().after(sa, LOOK, () -> {
            if (!sa.nat.local()) {
                return;
            }
            long now = endpoint.timers().now();
            long sent = packets(sa, ChildSa::outbound) + sa.messenger().datagrams();
            if (sent != sa.sentBefore) {
                sa.sentBefore = sent;
                sa.lastSentNanos = now - LOOK; // at the latest since the last look, perhaps as long ago
            }
            if (now - sa.lastSentNanos >= KEEPALIVE && sa.path().isFloated()) {
                endpoint.host().keepAlive(sa.path());
                sa.lastSentNanos = now;
            }
            keepMapping(sa);
        });
    }

    /** A peer behind a NAT is where what is authentic came from; unless we are behind one too, which may be what has changed. */
    void heardFrom(IkeSa sa, Path from) {
        boolean follows = sa.nat.remote() && !sa.nat.local();
        if (follows && from.isFloated() && from.local().equals(sa.path().local()) && !from.equals(sa.path())) {
            endpoint.host().events().log(sa.name(), "peer is at " + from + " now, by its NAT");
            sa.setPath(from);
            sa.children.forEach(each -> endpoint.host().childSas().moved(each, from));
        }
    }
}
