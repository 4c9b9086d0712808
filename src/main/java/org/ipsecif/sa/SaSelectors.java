package org.ipsecif.sa;

import java.util.List;
import java.util.Objects;
import org.ipsecif.wire.IpProtocol;
import org.ipsecif.wire.PacketView;
import org.jspecify.annotations.Nullable;

/**
 * The traffic selectors of one SA, as its packets go (RFC 4301 section 4.4.2.1, RFC 7296 section 2.9): a packet belongs to it whose source
 * is in one of the ranges for sources, and whose destination in one for destinations. Immutable.
 *
 * <p>A packet that shows no port, as a later fragment or a protocol without ports, belongs only where any port does, or OPAQUE (RFC 4301
 * section 7.1; the stateful check of 7.3 is not made). For ICMP the sender's side decides by type and code (RFC 4301 section 4.4.1.3).
 */
public final class SaSelectors {
    /** Every packet's, as those of SAs with manual keys. */
    public static final SaSelectors ANY = between(
            List.of(TrafficRange.of(IpPrefix.ANY_INET), TrafficRange.of(IpPrefix.ANY_INET6)),
            List.of(TrafficRange.of(IpPrefix.ANY_INET), TrafficRange.of(IpPrefix.ANY_INET6)));

    private final List<TrafficRange> sources;
    private final List<TrafficRange> destinations;
    private final TrafficRanges sourcesInet;
    private final TrafficRanges sourcesInet6;
    private final TrafficRanges destinationsInet;
    private final TrafficRanges destinationsInet6;

    private SaSelectors(List<TrafficRange> sources, List<TrafficRange> destinations) {
        this.sources = sources;
        this.destinations = destinations;
        this.sourcesInet = of(sources, Family.INET);
        this.sourcesInet6 = of(sources, Family.INET6);
        this.destinationsInet = of(destinations, Family.INET);
        this.destinationsInet6 = of(destinations, Family.INET6);
    }

    private static TrafficRanges of(List<TrafficRange> ranges, Family family) {
        return new TrafficRanges(
                ranges.stream().filter(each -> each.family() == family).toList());
    }

    /** Of packets with a source in one of these ranges and a destination in one of those. */
    public static SaSelectors between(List<TrafficRange> sources, List<TrafficRange> destinations) {
        return new SaSelectors(
                List.copyOf(sources),
                destinations.stream().map(SaSelectors::forDestination).toList());
    }

    private static TrafficRange forDestination(TrafficRange range) {
        return isIcmp(range.protocol()) ? range.withAnyPort() : range;
    }

    private static boolean isIcmp(int protocol) {
        return protocol == IpProtocol.ICMP || protocol == IpProtocol.ICMPV6;
    }

    List<TrafficRange> sources() {
        return sources;
    }

    List<TrafficRange> destinations() {
        return destinations;
    }

    /** Whether there is no packet that is not the SA's. */
    public boolean isAny() {
        return sourcesInet.takesAll()
                && sourcesInet6.takesAll()
                && destinationsInet.takesAll()
                && destinationsInet6.takesAll();
    }

    /** Whether ports, or an ICMP type, decide: then only a whole packet can be told to be the SA's. */
    public boolean havePorts() {
        return sources.stream().anyMatch(each -> !each.isAnyPort())
                || destinations.stream().anyMatch(each -> !each.isAnyPort());
    }

    /** Whether the packet is one of the SA's. */
    public boolean take(PacketView packet) {
        int protocol = packet.protocol();
        TrafficRanges from = packet.isInet6() ? sourcesInet6 : sourcesInet;
        TrafficRanges to = packet.isInet6() ? destinationsInet6 : destinationsInet;
        int fromPort = senders(protocol, packet.sourcePort(), packet.destinationPort());
        int toPort = receivers(protocol, packet.destinationPort());
        return from.take(packet.sourceHigh(), packet.sourceLow(), protocol, fromPort)
                && to.take(packet.destinationHigh(), packet.destinationLow(), protocol, toPort);
    }

    /** Whether such a packet is one of the SA's. */
    public boolean take(Flow flow) {
        TrafficRanges from = flow.isInet6() ? sourcesInet6 : sourcesInet;
        TrafficRanges to = flow.isInet6() ? destinationsInet6 : destinationsInet;
        int fromPort = senders(flow.protocol(), flow.sourcePort(), flow.destinationPort());
        int toPort = receivers(flow.protocol(), flow.destinationPort());
        return from.take(flow.source().high(), flow.source().low(), flow.protocol(), fromPort)
                && to.take(flow.destination().high(), flow.destination().low(), flow.protocol(), toPort);
    }

    private static int senders(int protocol, int sourcePort, int destinationPort) {
        boolean typeAndCode = isIcmp(protocol) && sourcePort != PacketView.UNKNOWN;
        return typeAndCode ? sourcePort << 8 | destinationPort : sourcePort;
    }

    private static int receivers(int protocol, int destinationPort) {
        return isIcmp(protocol) ? PacketView.UNKNOWN : destinationPort;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SaSelectors that
                && sources.equals(that.sources)
                && destinations.equals(that.destinations);
    }

    @Override
    public int hashCode() {
        return Objects.hash(sources, destinations);
    }
}
