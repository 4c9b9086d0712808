package org.ipsecif.tunnel;

import java.util.Arrays;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.ipsecif.esp.EspBurst;
import org.ipsecif.esp.EspEncapsulator;
import org.ipsecif.esp.TransportHeaders;
import org.ipsecif.esp.TunnelHeaders;
import org.ipsecif.platform.DatagramRun;
import org.ipsecif.platform.EspTransport;
import org.ipsecif.platform.PacketBuffer;
import org.ipsecif.platform.PacketChannel;
import org.ipsecif.platform.PacketSender;
import org.ipsecif.platform.TunDevice;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.Flow;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.OuterHeaderSettings;
import org.ipsecif.sa.PacketSettings;
import org.ipsecif.sa.PolicyAction;
import org.ipsecif.sa.SecurityAssociation;
import org.ipsecif.sa.SecurityPolicy;
import org.ipsecif.sa.TunnelEndpoints;
import org.ipsecif.sa.Verdict;
import org.ipsecif.wire.BufferPool;
import org.ipsecif.wire.Checksum;
import org.ipsecif.wire.IpProtocol;
import org.ipsecif.wire.Ipv4Fragmenter;
import org.ipsecif.wire.Offload;
import org.ipsecif.wire.OuterHeader;
import org.ipsecif.wire.PacketView;
import org.ipsecif.wire.Segmenter;
import org.ipsecif.wire.TcpMss;
import org.jspecify.annotations.Nullable;

/**
 * The outbound walk (docs/architecture.md):
 *
 * <ol>
 *   <li>{@code TunDevice.read}: an inner packet that the host routed into the interface
 *   <li>{@link #process}: is it IP, is it not our own outer packet, which policy, which SA
 *   <li>{@code TunnelHeaders.encapsulate}: what the outer header will say; what is too long is cut or answered. In transport mode
 *       {@code TransportHeaders.encapsulate}: the outer header is the packet's own
 *   <li>{@code EspEncapsulator.encapsulate}: header, trailer
 *   <li>{@code Aead.seal}, or with others {@code EspBurst.seal}: encryption, ICV
 *   <li>{@code EspTransport.send}: to the peer
 * </ol>
 *
 * Owned by whoever has the turn of the interface's outbound worker.
 */
final class OutboundPath implements PacketWalk {
    /** The longest packet either IP version's length field allows, without jumbograms. */
    static final int MAX_PACKET = 65_535 + PacketView.IPV6_HEADER;

    private static final int MAX_ESP = 65_535 - PacketView.IPV4_HEADER;

    /** RFC 791 section 3.2: every router passes so much in one piece. */
    private static final int LEAST_FRAGMENT = 68;

    private static final int LEAST_INET6_MTU = 1280;
    /** Each may be for another Child SA. */
    private static final int ACQUIRES_PER_SECOND = 10;

    /** So long an answer is worth waiting for without sleep: about what two wakings take, one of which it spares. */
    private static final long ANSWER_NANOS = 100_000;

    private static final int DUMMY_LENGTH = 64;
    private static final int DUMMY_HOP_LIMIT = 64;

    /** Of thousands of interfaces few have packets at a time; only those hold buffers. */
    private static final int IDLE = 16;

    /** What packets lie in on their way. */
    private static final class Buffers {
        /** As they come from the host. */
        final PacketBuffer arriving;
        /** Where they are encapsulated. */
        final byte[] packet = new byte[EspEncapsulator.HEADROOM + MAX_PACKET + EspEncapsulator.TAILROOM];
        /** As they go. */
        final DatagramRun departing;

        final Segmenter segmenter = new Segmenter();

        @Nullable
        EspBurst burst;

        Buffers(TunDevice device) {
            arriving = device.newBuffer(TunDevice.BUFFER);
            departing = new DatagramRun(device.newBuffer(DatagramRun.BUFFER));
        }
    }

    private static final BufferPool<Buffers> BUFFERS = new BufferPool<>(IDLE);
    private static final BufferPool<Ipv4Fragmenter> FRAGMENTERS = new BufferPool<>(IDLE);
    private static final byte[] NONE = new byte[0];

    private final TunnelInterface tunnel;
    private final TooBigReplies replies;
    private final Supplier<Buffers> newBuffers;
    private @Nullable Buffers buffers;
    /** That of {@link #buffers}. */
    private byte[] buffer = NONE;

    private final Offload offload = new Offload();
    private final Departure departure;
    private final PacketView inner = new PacketView();
    private final OuterHeader outer = new OuterHeader();

    // How the last packet went that passed every check, for segments of the same.
    private @Nullable TunnelState like;
    private @Nullable SecurityAssociation likeSa;
    private int likeLength;
    private final RateLimit acquires;
    private final LongSupplier nanoClock;
    private final Habit awaited = new Habit();

    /** @param nanoClock monotonic */
    OutboundPath(TunnelInterface tunnel, PacketSender sender, LongSupplier nanoClock) {
        this.tunnel = tunnel;
        this.nanoClock = nanoClock;
        this.replies = new TooBigReplies(sender, nanoClock);
        this.newBuffers = () -> new Buffers(tunnel.device());
        this.departure = new Departure(tunnel, new RateLimit(1, nanoClock));
        this.acquires = new RateLimit(ACQUIRES_PER_SECOND, nanoClock);
    }

    @Override
    public int step() {
        Buffers mine = buffers();
        for (int dummies = tunnel.takeDummies(); dummies > 0; dummies--) {
            count(sendDummy());
        }
        int length = tunnel.device().read(mine.arriving, offload);
        if (length > PacketChannel.NOTHING) {
            walk(mine, length);
            return length;
        }
        departure.flush();
        departure.use(null, null);
        buffers = null;
        buffer = NONE;
        BUFFERS.give(mine);
        return length;
    }

    /** What was sent may be answered at once, and the answer need not wait until the inbound worker has been woken. */
    @Override
    public void rest() {
        Worker receiver = tunnel.receiver();
        if (receiver == null || !departure.takeFew() || !awaited.isWorthATry()) {
            return;
        }
        long since = nanoClock.getAsLong();
        int received;
        do {
            received = receiver.assist();
        } while (received == 0 && nanoClock.getAsLong() - since < ANSWER_NANOS);
        awaited.tried(received > 0);
    }

    private Buffers buffers() {
        Buffers mine = buffers;
        if (mine == null) {
            mine = BUFFERS.take(newBuffers);
            mine.burst = EspBurst.current(mine.burst);
            departure.use(mine.departing, mine.burst);
            buffers = mine;
            buffer = mine.packet;
        }
        return mine;
    }

    private void walk(Buffers mine, int length) {
        if (offload.isSegmented()) {
            walkSegments(mine, length);
            return;
        }
        mine.arriving.bytes().get(TunDevice.HEADROOM, buffer, EspEncapsulator.HEADROOM, length);
        if (offload.needsChecksum()
                && !Checksum.complete(
                        buffer, EspEncapsulator.HEADROOM, length, offload.checksumStart(), offload.checksumOffset())) {
            count(Verdict.OUTBOUND_NOT_IP);
            return;
        }
        count(process(length));
    }

    /** The host left a packet whole that stands for many. What is decided of the first holds for those like it. */
    private void walkSegments(Buffers mine, int length) {
        Segmenter segmenter = mine.segmenter;
        if (!segmenter.begin(mine.arriving.bytes(), TunDevice.HEADROOM, length, offload)) {
            count(Verdict.OUTBOUND_NOT_IP);
            return;
        }
        like = null;
        int size = segmenter.next(buffer, EspEncapsulator.HEADROOM);
        while (size > 0) {
            TunnelState state = like;
            SecurityAssociation sa = likeSa;
            if (state != null
                    && sa != null
                    && size <= likeLength
                    && !state.settings().padToMtu()) {
                count(send(state, sa, size, nextHeader()));
            } else {
                count(process(size));
            }
            size = segmenter.next(buffer, EspEncapsulator.HEADROOM);
        }
        like = null;
        likeSa = null;
    }

    private void count(Verdict verdict) {
        if (verdict != Verdict.DELIVERED) {
            tunnel.count(verdict);
        }
    }

    private Verdict process(int length) {
        TunnelState state = tunnel.state();
        if (!inner.parse(buffer, EspEncapsulator.HEADROOM, length)) {
            return Verdict.OUTBOUND_NOT_IP;
        }
        if (state == null) {
            return Verdict.OUTBOUND_NO_TUNNEL;
        }
        if (isOwnOuterPacket(state.endpoints())) {
            return Verdict.OUTBOUND_LOOP;
        }
        SecurityPolicy policy = state.policies().matchOutbound(inner);
        if (policy == null) {
            return Verdict.OUTBOUND_NO_POLICY;
        }
        if (policy.action() != PolicyAction.PROTECT) { // nothing leaves a tunnel in the clear
            return Verdict.OUTBOUND_DISCARDED;
        }
        return state.mode() == IpsecMode.TRANSPORT ? encapsulateTransport(state) : encapsulate(state, policy);
    }

    /** Whether the host's routes led this tunnel's own ESP packets into it. */
    private boolean isOwnOuterPacket(TunnelEndpoints endpoints) {
        IpAddress local = endpoints.local();
        IpAddress remote = endpoints.remote();
        return inner.destinationLow() == remote.low()
                && inner.destinationHigh() == remote.high()
                && inner.sourceLow() == local.low()
                && inner.sourceHigh() == local.high()
                && inner.isInet6() == (local.family() == Family.INET6)
                && isEsp();
    }

    private boolean isEsp() {
        int port = inner.destinationPort();
        return inner.protocol() == IpProtocol.ESP
                || (inner.protocol() == IpProtocol.UDP
                        && (port == EspTransport.UDP_PORT || port == PacketView.UNKNOWN));
    }

    private Verdict encapsulate(TunnelState state, SecurityPolicy policy) {
        SecurityAssociation sa = state.outbound().match(inner);
        if (sa == null) {
            return acquire(state);
        }
        int innerLength = inner.totalLength();
        TunnelHeaders.encapsulate(state.settings().header(), inner, outer);
        int mss = state.maxSegmentSize(inner.isInet6(), sa);
        if (mss != PacketSettings.MSS_OFF) {
            TcpMss.clamp(inner, buffer, EspEncapsulator.HEADROOM, mss);
        }
        int outerLength = EspEncapsulator.espLength(sa, innerLength) + state.outerOverhead();
        if (innerLength > state.mtu() || outerLength > state.pathMtu().mtu()) {
            return sendTooLong(state, sa, policy, innerLength);
        }
        like = state;
        likeSa = sa;
        likeLength = innerLength;
        return send(state, sa, innerLength, nextHeader());
    }

    /** RFC 4303 section 3.1.1: what the IP header carries is protected, and the host writes that header anew. */
    private Verdict encapsulateTransport(TunnelState state) {
        SecurityAssociation sa = state.outbound().match(inner);
        if (!TransportHeaders.canCarry(inner, state.endpoints())) {
            return Verdict.OUTBOUND_NOT_TRANSPORT;
        }
        if (sa == null) {
            return acquire(state);
        }
        TransportHeaders.encapsulate(inner, outer);
        int header = inner.headerLength();
        int length = inner.totalLength() - header;
        if (EspEncapsulator.espLength(sa, length) + state.outerOverhead()
                > state.pathMtu().mtu()) {
            int fits = state.maxInnerOnPath(sa);
            if (inner.isInet6() ? fits >= LEAST_INET6_MTU : inner.dontFragment()) {
                return answerTooBig(state.endpoints().local(), fits);
            }
            outer.setDontFragment(false);
            outer.setCut(true);
        }
        return send(state, sa, EspEncapsulator.HEADROOM + header, length, inner.protocol());
    }

    /** RFC 4301 section 5.1: the packet waits for no SA, and goes with none that is not its own. */
    private Verdict acquire(TunnelState state) {
        if (acquires.allows()) {
            tunnel.events().acquire(tunnel, Flow.of(inner));
        }
        return state.outbound().isEmpty() ? Verdict.OUTBOUND_NO_SA : Verdict.OUTBOUND_SELECTOR_MISMATCH;
    }

    private Verdict answerTooBig(@Nullable IpAddress source, int mtu) {
        boolean answered = replies.send(source, inner, buffer, EspEncapsulator.HEADROOM, mtu);
        return answered ? Verdict.OUTBOUND_TOO_BIG : Verdict.OUTBOUND_TOO_BIG_SILENT;
    }

    private int nextHeader() {
        return inner.isInet6() ? IpProtocol.IPV6 : IpProtocol.IPV4;
    }

    /**
     * RFC 4301 section 8: what is too long for the interface or the path is cut before encapsulation if its sender allows, else its
     * sender is told; what the outer packet may be cut for goes out whole.
     */
    private Verdict sendTooLong(TunnelState state, SecurityAssociation sa, SecurityPolicy policy, int innerLength) {
        int limit = Math.min(state.mtu(), state.maxInnerOnPath(sa));
        boolean mayCut = !inner.dontFragment()
                && limit >= LEAST_FRAGMENT
                && !policy.selector().hasPorts()
                && !sa.selectsByPort();
        if (mayCut) {
            return sendFragments(state, sa, innerLength, limit);
        }
        if (inner.isInet6() && innerLength <= LEAST_INET6_MTU) {
            outer.setDontFragment(false); // no IPv6 sender makes less of it (RFC 8200 section 5)
        }
        if (!outer.dontFragment() && innerLength <= state.mtu()) {
            outer.setCut(true);
            return send(state, sa, innerLength, nextHeader());
        }
        int mtu = inner.isInet6() ? Math.max(LEAST_INET6_MTU, limit) : limit;
        return answerTooBig(inner.isInet6() ? state.inner6() : state.inner4(), mtu);
    }

    private Verdict sendFragments(TunnelState state, SecurityAssociation sa, int innerLength, int limit) {
        Ipv4Fragmenter fragmenter = FRAGMENTERS.take(Ipv4Fragmenter::new);
        fragmenter.begin(buffer, EspEncapsulator.HEADROOM, innerLength, limit);
        Verdict verdict = Verdict.DELIVERED;
        int length = fragmenter.next(buffer, EspEncapsulator.HEADROOM);
        while (length > 0 && verdict == Verdict.DELIVERED) {
            verdict = send(state, sa, length, IpProtocol.IPV4);
            length = fragmenter.next(buffer, EspEncapsulator.HEADROOM);
        }
        FRAGMENTERS.give(fragmenter);
        return verdict;
    }

    /** RFC 4303 section 2.6: as long as any other packet, and nothing in it. */
    private Verdict sendDummy() {
        TunnelState state = tunnel.state();
        SecurityAssociation sa = state == null ? null : state.outbound().newest();
        if (state == null || sa == null) {
            return Verdict.DELIVERED; // nothing to hide while nothing is sent
        }
        int length = Math.max(DUMMY_LENGTH, paddedLength(state, sa, DUMMY_LENGTH));
        Arrays.fill(buffer, EspEncapsulator.HEADROOM, EspEncapsulator.HEADROOM + length, (byte) 0);
        OuterHeaderSettings settings = state.settings().header();
        outer.set(
                settings.dscp() == OuterHeaderSettings.COPY ? 0 : settings.dscp() << 2,
                settings.hopLimit() == OuterHeaderSettings.COPY ? DUMMY_HOP_LIMIT : settings.hopLimit(),
                Math.max(0, settings.flowLabel()),
                settings.df() == OuterHeaderSettings.Df.SET);
        return send(state, sa, length, IpProtocol.NO_NEXT_HEADER);
    }

    /** Encapsulates and sends what lies in the buffer, in tunnel mode. */
    private Verdict send(TunnelState state, SecurityAssociation sa, int innerLength, int nextHeader) {
        return send(state, sa, EspEncapsulator.HEADROOM, innerLength, nextHeader);
    }

    private Verdict send(TunnelState state, SecurityAssociation sa, int from, int innerLength, int nextHeader) {
        int length = paddedLength(state, sa, innerLength);
        if (EspEncapsulator.espLength(sa, length) > MAX_ESP) {
            return Verdict.OUTBOUND_TOO_BIG_SILENT;
        }
        if (!sa.mayCarryMore()) {
            if (sa.raiseHard()) {
                tunnel.events().expired(sa);
            }
            sa.verdicts().count(Verdict.OUTBOUND_SA_EXPIRED);
            return Verdict.OUTBOUND_SA_EXPIRED;
        }
        long sequence = sa.nextSequence();
        if (sequence == SecurityAssociation.EXHAUSTED) {
            sa.verdicts().count(Verdict.OUTBOUND_SEQUENCE_EXHAUSTED);
            return Verdict.OUTBOUND_SEQUENCE_EXHAUSTED;
        }
        if (length > innerLength) { // RFC 4303 section 2.7
            Arrays.fill(buffer, from + innerLength, from + length, (byte) 0);
        }
        int espLength = departure.seals(sa)
                ? EspEncapsulator.prepare(sa, sequence, buffer, from, length, nextHeader)
                : EspEncapsulator.encapsulate(sa, sequence, buffer, from, length, nextHeader);
        int espOffset = EspEncapsulator.espOffset(sa, from);
        int whole = nextHeader == IpProtocol.NO_NEXT_HEADER ? 0 : innerLength + from - EspEncapsulator.HEADROOM;
        departure.add(state, sa, sequence, outer, buffer, espOffset, espLength, whole);
        if (sa.count(innerLength)) {
            tunnel.events().expiring(sa);
        }
        return Verdict.DELIVERED;
    }

    private static int paddedLength(TunnelState state, SecurityAssociation sa, int innerLength) {
        return state.settings().padToMtu() && state.mode() == IpsecMode.TUNNEL
                ? Math.max(innerLength, Math.min(state.mtu(), state.maxInnerOnPath(sa)))
                : innerLength;
    }
}
