package org.ipsecif.tunnel;

import org.ipsecif.esp.EspEncapsulator;
import org.ipsecif.platform.EspTransport;
import org.ipsecif.platform.PacketChannel;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.PolicyAction;
import org.ipsecif.sa.SecurityAssociation;
import org.ipsecif.sa.SecurityPolicy;
import org.ipsecif.sa.TunnelEndpoints;
import org.ipsecif.sa.Verdict;
import org.ipsecif.wire.IpProtocol;
import org.ipsecif.wire.PacketView;

/**
 * The outbound walk (docs/architecture.md):
 *
 * <ol>
 *   <li>{@code TunDevice.read}: an inner packet that the host routed into the interface
 *   <li>{@link #process}: is it IP, is it not our own outer packet, which policy, which SA
 *   <li>{@code EspEncapsulator.encapsulate}: header, trailer
 *   <li>{@code Aead.seal}: encryption, ICV
 *   <li>{@code EspTransport.send}: to the peer
 * </ol>
 *
 * Owned by the interface's outbound worker.
 */
final class OutboundPath implements PacketWalk {
    /** The longest packet either IP version's length field allows, without jumbograms. */
    static final int MAX_PACKET = 65_535 + PacketView.IPV6_HEADER;

    private static final int MAX_ESP = 65_535 - PacketView.IPV4_HEADER;

    private final TunnelInterface tunnel;
    private final byte[] buffer = new byte[EspEncapsulator.HEADROOM + MAX_PACKET + EspEncapsulator.TAILROOM];
    private final PacketView inner = new PacketView();

    OutboundPath(TunnelInterface tunnel) {
        this.tunnel = tunnel;
    }

    @Override
    public int step() {
        int length = tunnel.device().read(buffer, EspEncapsulator.HEADROOM, MAX_PACKET);
        if (length > PacketChannel.NOTHING) {
            Verdict verdict = process(length);
            if (verdict != Verdict.DELIVERED) {
                tunnel.count(verdict);
            }
        }
        return length;
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
        return encapsulate(state);
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

    private Verdict encapsulate(TunnelState state) {
        SecurityAssociation sa = state.outbound();
        if (sa == null) {
            return Verdict.OUTBOUND_NO_SA;
        }
        int innerLength = inner.totalLength();
        if (EspEncapsulator.espLength(sa, innerLength) > MAX_ESP) {
            return Verdict.OUTBOUND_TOO_BIG;
        }
        long sequence = sa.nextSequence();
        if (sequence == SecurityAssociation.EXHAUSTED) {
            sa.verdicts().count(Verdict.OUTBOUND_SEQUENCE_EXHAUSTED);
            return Verdict.OUTBOUND_SEQUENCE_EXHAUSTED;
        }
        int espLength = EspEncapsulator.encapsulate(
                sa, sequence, buffer, EspEncapsulator.HEADROOM, innerLength, inner.isInet6());
        int espOffset = EspEncapsulator.espOffset(sa, EspEncapsulator.HEADROOM);
        int errno = state.transport()
                .send(buffer, espOffset, espLength, state.endpoints().remote());
        if (errno != 0) {
            sa.verdicts().count(Verdict.OUTBOUND_SEND_FAILED);
            return Verdict.OUTBOUND_SEND_FAILED;
        }
        sa.traffic().count(innerLength);
        tunnel.outbound().count(innerLength);
        return Verdict.DELIVERED;
    }
}
