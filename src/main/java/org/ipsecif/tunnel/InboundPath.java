package org.ipsecif.tunnel;

import java.util.Arrays;
import java.util.function.Supplier;
import org.ipsecif.esp.EspBurst;
import org.ipsecif.esp.EspDecapsulator;
import org.ipsecif.esp.TunnelHeaders;
import org.ipsecif.platform.Datagrams;
import org.ipsecif.platform.EspTransport;
import org.ipsecif.platform.EspTransport.Encapsulation;
import org.ipsecif.platform.PacketBuffer;
import org.ipsecif.platform.PacketChannel;
import org.ipsecif.platform.UdpEndpoint;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.PacketSettings;
import org.ipsecif.sa.PolicyAction;
import org.ipsecif.sa.SecurityAssociation;
import org.ipsecif.sa.SecurityPolicy;
import org.ipsecif.sa.TransformTemplate;
import org.ipsecif.sa.Verdict;
import org.ipsecif.sa.VerdictCounters;
import org.ipsecif.wire.Bytes;
import org.ipsecif.wire.OuterHeader;
import org.ipsecif.wire.PacketView;
import org.ipsecif.wire.TcpMss;
import org.jspecify.annotations.Nullable;

/**
 * The inbound walk (docs/architecture.md):
 *
 * <ol>
 *   <li>{@code EspTransport.receive}: a datagram from the network
 *   <li>{@link #process}: SPI to SA and interface
 *   <li>{@code EspDecapsulator.decapsulate}: window check, ICV ({@code Aead.open}), window advance, padding
 *   <li>{@link #deliver}: the inbound policy of the SA, and its traffic selectors
 *   <li>{@code TunnelHeaders.decapsulate}: what the outer header tells the inner one (ECN, DSCP); in transport mode it is the same
 *   <li>{@link Arrival}, {@code TunDevice.write}: to the host, as received on the interface, with those that follow it
 * </ol>
 *
 * Owned by whoever has the turn of the transport's inbound worker. Packets that belong to no interface are counted on the transport.
 */
final class InboundPath implements PacketWalk {
    private static final int MAX_DATAGRAM = 65_535;
    private static final int KEEPALIVE = 0xff;
    private static final int ALONE = -1;

    /** When no more come at once, how soon they go on counts, not how many. */
    static final int FEW = 4;

    /** Bytes of zero where ESP has its SPI (RFC 3948 section 2.2). */
    private static final int NON_ESP_MARKER = 4;

    /** Packets with unknown SPIs in a second that IKE is told of. */
    private static final int MOST_UNKNOWN = 10;

    /** Likewise, packets from elsewhere. */
    private static final int MOST_MOVES = 10;

    /** Likewise, packets that are none of their SA's. */
    private static final int MOST_MISMATCHES = 1;

    /** Bytes of such a packet: its headers. */
    private static final int START = 64;

    private final RateLimit mismatches = new RateLimit(MOST_MISMATCHES, System::nanoTime);
    private final RateLimit unknownSpis = new RateLimit(MOST_UNKNOWN, System::nanoTime);
    private final RateLimit moves = new RateLimit(MOST_MOVES, System::nanoTime);
    private final Habit answers = new Habit();
    private volatile @Nullable Worker worker;
    private final EspTransport transport;
    private final Supplier<InboundTable> table;
    private final IkeReceiver ike;
    private final VerdictCounters verdicts;
    private final PacketBuffer incoming;
    private final Datagrams datagrams;
    private final Arrival arrival;
    private final byte[] buffer = new byte[MAX_DATAGRAM];

    /** Of the datagrams that one receive brought, that which is walked, and the next. */
    private int current;

    private int next;

    // What was looked up last.
    private @Nullable InboundTable lastTable;
    private InboundTable.@Nullable Entry lastEntry;
    private int lastSpi;

    private final OuterHeader outer = new OuterHeader();
    private final @Nullable EspBurst burst = EspBurst.current(null);

    /** Of each datagram in the burst, or {@link #ALONE}. */
    private final int[] number;

    private final EspDecapsulator decapsulator = new EspDecapsulator(MAX_DATAGRAM);

    /**
     * @param ike takes what is no ESP
     * @param verdicts counts what belongs to no interface
     */
    InboundPath(EspTransport transport, Supplier<InboundTable> table, IkeReceiver ike, VerdictCounters verdicts) {
        this.transport = transport;
        this.table = table;
        this.ike = ike;
        this.verdicts = verdicts;
        incoming = transport.newBuffer(transport.receiveSize());
        datagrams = new Datagrams(transport.receiveCount());
        number = new int[transport.receiveCount()];
        arrival = new Arrival(transport);
    }

    /** A fault in a walk costs its packet, not those that came with it: the next step goes on behind it. */
    @Override
    public int step() {
        if (next >= datagrams.count()) {
            next = 0;
            int received = transport.receive(incoming, datagrams);
            if (received <= PacketChannel.NOTHING) {
                arrival.flush(); // after a fault
                return received;
            }
            openTogether();
        }
        while (next < datagrams.count()) {
            current = next++;
            int length = datagrams.length(current);
            boolean opened = number[current] >= 0;
            incoming.bytes().get(datagrams.offset(current), buffer, 0, opened ? EspDecapsulator.HEADER : length);
            decapsulator.opened(opened ? burst : null, number[current], incoming.bytes());
            outer.setTrafficClass(datagrams.trafficClass(current));
            outer.setHopLimit(datagrams.hopLimit(current));
            process(length);
        }
        TunnelInterface to = arrival.flush();
        if (to != null) {
            answer(to, next);
        }
        return next;
    }

    /** The host may have answered a packet at once, and the answer need not wait until the outbound worker has been woken. */
    private void answer(TunnelInterface to, int packets) {
        to.setReceiver(worker);
        if (packets <= FEW && answers.isWorthATry()) {
            answers.tried(to.assist() > 0);
        }
    }

    /** Whose walk this is. */
    void setWorker(Worker worker) {
        this.worker = worker;
    }

    /** Of the datagrams of one receive, those that are ESP packets of SAs which the accelerator takes. */
    private void openTogether() {
        Arrays.fill(number, 0, datagrams.count(), ALONE);
        EspBurst together = burst;
        if (together == null) {
            return;
        }
        together.clear();
        for (int i = 0; i < datagrams.count(); i++) {
            SecurityAssociation sa = associationOf(i);
            if (sa != null && together.takes(sa)) {
                number[i] = together.add(sa, incoming.bytes(), datagrams.offset(i), datagrams.length(i));
            }
        }
        if (together.count() > 0) {
            together.open(incoming.bytes(), incoming.address());
        }
    }

    /** That of an ESP packet that may be opened; whether it is, and what becomes of it, its walk decides. */
    private @Nullable SecurityAssociation associationOf(int index) {
        if (!EspDecapsulator.hasHeader(datagrams.length(index))) {
            return null;
        }
        int spi = Integer.reverseBytes(incoming.bytes().getInt(datagrams.offset(index)));
        InboundTable.Entry entry = spi == 0 ? null : find(spi);
        return entry != null && entry.tunnel() != null ? entry.sa() : null;
    }

    /** Most packets are of the SA that the last was of. */
    @SuppressWarnings("ReferenceEquality") // of snapshots: this one, not one like it
    private InboundTable.@Nullable Entry find(int spi) {
        InboundTable now = table.get();
        InboundTable.Entry last = lastEntry;
        if (now == lastTable && last != null && spi == lastSpi) {
            return last;
        }
        lastTable = now;
        lastSpi = spi;
        lastEntry = now.find(spi, transport.local());
        return lastEntry;
    }

    private void process(int length) {
        if (transport.encapsulation() == Encapsulation.UDP && isNotEsp(length)) {
            return;
        }
        if (!EspDecapsulator.hasHeader(length)) {
            verdicts.count(Verdict.INBOUND_TRUNCATED);
            return;
        }
        InboundTable.Entry entry = find(EspDecapsulator.spi(buffer, 0));
        if (entry == null) {
            verdicts.count(Verdict.INBOUND_UNKNOWN_SPI);
            tellUnknownSpi();
            return;
        }
        TunnelInterface tunnel = entry.tunnel();
        TunnelState state = tunnel == null ? null : tunnel.state();
        if (tunnel == null || state == null) {
            verdicts.count(Verdict.INBOUND_NO_INTERFACE);
            return;
        }
        Verdict verdict = receive(entry.sa(), tunnel, state, length);
        if (verdict != Verdict.DELIVERED) {
            tunnel.count(verdict);
            entry.sa().verdicts().count(verdict);
            if (verdict == Verdict.INBOUND_SELECTOR_MISMATCH || verdict == Verdict.INBOUND_POLICY_MISMATCH) {
                tellMismatch(tunnel, entry.sa());
            }
        }
    }

    /** RFC 7296 section 3.10.1: IKE may tell the peer. */
    private void tellMismatch(TunnelInterface tunnel, SecurityAssociation sa) {
        if (mismatches.allows()) {
            int offset = decapsulator.innerOffset();
            int length = Math.min(START, decapsulator.inner().totalLength());
            tunnel.events()
                    .mismatch(tunnel, sa, Arrays.copyOfRange(decapsulator.innerBuffer(), offset, offset + length));
        }
    }

    /** RFC 7296 section 1.5: a peer may send so which this end has forgotten. */
    private void tellUnknownSpi() {
        if (unknownSpis.allows()) {
            boolean udp = transport.encapsulation() == Encapsulation.UDP;
            UdpEndpoint from = transport.source(current);
            UdpEndpoint sender = udp ? from : new UdpEndpoint(from.address(), 0);
            ike.unknownSpi(transport.local(), sender, EspDecapsulator.spi(buffer, 0));
        }
    }

    /** RFC 3948 sections 2.2 and 2.3: an IKE packet begins with a zero SPI, a keepalive is one byte. */
    private boolean isNotEsp(int length) {
        if (length == 1 && Bytes.u8(buffer, 0) == KEEPALIVE) {
            verdicts.count(Verdict.INBOUND_KEEPALIVE);
            return true;
        }
        if (length >= NON_ESP_MARKER && Bytes.i32(buffer, 0) == 0) {
            boolean taken = ike.receive(
                    transport.local(),
                    EspTransport.UDP_PORT,
                    transport.source(current),
                    buffer,
                    NON_ESP_MARKER,
                    length - NON_ESP_MARKER);
            if (!taken) {
                verdicts.count(Verdict.INBOUND_NOT_ESP);
            }
            return true;
        }
        return false;
    }

    private Verdict receive(SecurityAssociation sa, TunnelInterface tunnel, TunnelState state, int length) {
        if (state.transport().encapsulation() != transport.encapsulation()) {
            return Verdict.INBOUND_ENCAPSULATION_MISMATCH;
        }
        if (!sa.mayCarryMore()) {
            if (sa.raiseHard()) {
                tunnel.events().expired(sa);
            }
            return Verdict.INBOUND_SA_EXPIRED;
        }
        Verdict verdict = state.mode() == IpsecMode.TRANSPORT
                ? decapsulator.decapsulateTransport(sa, outer, buffer, 0, length)
                : decapsulator.decapsulate(sa, buffer, 0, length);
        if (verdict != Verdict.DELIVERED) {
            return verdict;
        }
        if (transport.encapsulation() == Encapsulation.UDP && !transport.isFrom(current, state.peer())) {
            tellPeerMoved(sa);
        }
        return deliver(sa, tunnel, state);
    }

    private void tellPeerMoved(SecurityAssociation sa) {
        if (moves.allows()) {
            ike.peerMoved(
                    transport.local(),
                    transport.source(current),
                    sa.parameters().spi());
        }
    }

    /** RFC 4301 section 5.2 step 4: the packet must be one that the SA's policy selects, and its selectors take. */
    private Verdict deliver(SecurityAssociation sa, TunnelInterface tunnel, TunnelState state) {
        SecurityPolicy policy = state.policies().matchInbound(decapsulator.inner());
        if (policy == null || policy.action() != PolicyAction.PROTECT || !isFor(policy, sa)) {
            return Verdict.INBOUND_POLICY_MISMATCH;
        }
        PacketView inner = decapsulator.inner();
        if (!sa.takes(inner)) {
            return Verdict.INBOUND_SELECTOR_MISMATCH;
        }
        byte[] packet = decapsulator.innerBuffer();
        int offset = decapsulator.innerOffset();
        boolean tunnelMode = state.mode() == IpsecMode.TUNNEL;
        if (tunnelMode
                && !TunnelHeaders.decapsulate(state.settings().header(), outer.trafficClass(), inner, packet, offset)) {
            return Verdict.INBOUND_CONGESTION;
        }
        int mss = state.maxSegmentSize(inner.isInet6(), state.outbound().newest());
        if (mss != PacketSettings.MSS_OFF) {
            TcpMss.clamp(inner, packet, offset, mss);
        }
        arrival.add(tunnel, sa, packet, offset, inner);
        if (sa.count(inner.totalLength())) {
            tunnel.events().expiring(sa);
        }
        return Verdict.DELIVERED;
    }

    private static boolean isFor(SecurityPolicy policy, SecurityAssociation sa) {
        TransformTemplate transform = policy.transforms().get(0);
        return transform.reqid() == 0 || transform.reqid() == sa.parameters().reqid();
    }
}
