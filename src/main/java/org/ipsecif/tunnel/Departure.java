package org.ipsecif.tunnel;

import org.ipsecif.esp.EspBurst;
import org.ipsecif.platform.DatagramRun;
import org.ipsecif.platform.EspTransport;
import org.ipsecif.platform.PacketBuffer;
import org.ipsecif.sa.SecurityAssociation;
import org.ipsecif.sa.Verdict;
import org.ipsecif.wire.OuterHeader;
import org.jspecify.annotations.Nullable;

/**
 * ESP packets of one interface that are ready to go and wait for more of their kind, so that one system call sends all: of one SA, with
 * one outer header, of one length but the last. They wait no longer than the worker has other packets to walk. One per outbound worker.
 */
final class Departure {
    private final TunnelInterface tunnel;
    private final RateLimit routeEvents;
    private final OuterHeader outer = new OuterHeader();
    private @Nullable DatagramRun run;
    private @Nullable EspBurst burst;

    /** Of packets that wait to be sealed. */
    private final long[] sequences = new long[DatagramRun.MAX_DATAGRAMS];

    private boolean open;
    private boolean few;
    private @Nullable TunnelState state;
    private @Nullable SecurityAssociation sa;

    // Of inner packets that wait; dummies are none.
    private int packets;
    private int bytes;

    /** Of what was sent last, dummies too. */
    private int lost;

    Departure(TunnelInterface tunnel, RateLimit routeEvents) {
        this.tunnel = tunnel;
        this.routeEvents = routeEvents;
    }

    /** Collects in this from now on, and seals with that; null while there are no packets. */
    void use(@Nullable DatagramRun empty, @Nullable EspBurst sealer) {
        run = empty;
        burst = sealer;
    }

    /** Whether packets of this SA come unsealed, to be sealed together. */
    boolean seals(SecurityAssociation with) {
        return burst != null && burst.takes(with);
    }

    /**
     * Takes an ESP packet, and sends what waited if it is of another kind.
     *
     * @param sequence of a packet that is yet to be sealed, if {@link #seals} says so
     * @param innerLength bytes of the inner packet; 0 for a dummy
     */
    @SuppressWarnings("ReferenceEquality") // of snapshots: this one, not one like it
    void add(
            TunnelState next,
            SecurityAssociation with,
            long sequence,
            OuterHeader header,
            byte[] packet,
            int offset,
            int length,
            int innerLength) {
        DatagramRun waiting = run;
        if (waiting == null) {
            throw new IllegalStateException("no buffer");
        }
        if (state != next || sa != with || !outer.says(header) || !waiting.takes(length)) {
            flush();
            state = next;
            sa = with;
            outer.set(header);
            open = seals(with);
        }
        sequences[waiting.count()] = sequence;
        waiting.add(packet, offset, length);
        if (innerLength > 0) {
            packets++;
            bytes += innerLength;
        }
        if (header.cut() || waiting.count() == DatagramRun.MAX_DATAGRAMS) {
            flush();
        }
    }

    /** Whether the last that were sent were no more than {@link InboundPath#FEW}; of those before it is not told again. */
    boolean takeFew() {
        boolean result = few;
        few = false;
        return result;
    }

    /** Sends what waits. A fault in sending costs what it left of that, which is not tried again. */
    void flush() {
        DatagramRun waiting = run;
        TunnelState to = state;
        SecurityAssociation with = sa;
        if (waiting == null || waiting.isEmpty() || to == null || with == null) {
            return;
        }
        lost = 0;
        try {
            if (!open || seal(waiting, with)) {
                send(waiting, to.transport(), to);
            }
        } finally {
            lost += waiting.count();
            waiting.clear();
            few = packets > 0 && packets <= InboundPath.FEW;
            count(with);
            packets = 0;
            bytes = 0;
            state = null;
            sa = null;
        }
    }

    /** @return false if the SA is gone, and so its packets */
    private boolean seal(DatagramRun waiting, SecurityAssociation with) {
        EspBurst sealer = burst;
        PacketBuffer buffer = waiting.buffer();
        return sealer != null
                && sealer.seal(
                        with,
                        buffer.bytes(),
                        buffer.address(),
                        waiting.offset(),
                        waiting.segment(),
                        waiting.length(),
                        sequences);
    }

    private void count(SecurityAssociation with) {
        if (lost > 0) {
            with.verdicts().count(Verdict.OUTBOUND_SEND_FAILED, lost);
            tunnel.verdicts().count(Verdict.OUTBOUND_SEND_FAILED, lost);
        }
        int sent = Math.max(0, packets - lost);
        if (sent > 0) {
            int sentBytes = lost == 0 ? bytes : (int) ((long) bytes * sent / packets);
            tunnel.outbound().count(sent, sentBytes);
        }
    }

    /** A route that got narrower costs packets their DF, not their lives; the next are cut or answered. */
    private void send(DatagramRun waiting, EspTransport transport, TunnelState to) {
        while (!waiting.isEmpty()) {
            int result = transport.send(waiting, to.peer(), outer);
            if (result == EspTransport.TOO_BIG && outer.dontFragment()) {
                if (routeEvents.allows()) {
                    tunnel.events().routeTooSmall(tunnel);
                }
                outer.setDontFragment(false);
            } else if (result == EspTransport.TOO_BIG) {
                waiting.skip(1);
                lost++;
            } else if (result != 0) {
                lost += waiting.count();
                waiting.clear();
            }
        }
    }
}
