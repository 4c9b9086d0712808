package org.ipsecif.sa;

import java.util.List;
import java.util.function.Function;
import org.ipsecif.sa.Selector.PortRange;
import org.ipsecif.sa.SelectorField.Range;
import org.ipsecif.wire.PacketView;

/**
 * Up to {@link #CAPACITY} selectors of one family, compiled: a packet selects a row of bits in each field, and the first bit that
 * all five rows have is the first selector that matches. The cost hardly depends on what the selectors are. Immutable.
 */
final class SelectorBlock {
    /** Fields of a thousand addresses each take half a megabyte then; more selectors take more blocks. */
    static final int CAPACITY = 1024;

    private static final int NONE = -1;

    private final int words;
    private final SelectorField source;
    private final SelectorField destination;
    private final SelectorField protocol;
    private final SelectorField sourcePort;
    private final SelectorField destinationPort;

    SelectorBlock(List<Selector> selectors) {
        boolean inet6 = selectors.get(0).family() == Family.INET6;
        words = (selectors.size() + 63) / 64;
        source = field(selectors, inet6, selector -> range(selector.source()));
        destination = field(selectors, inet6, selector -> range(selector.destination()));
        protocol = field(selectors, false, SelectorBlock::protocols);
        sourcePort = field(selectors, false, selector -> range(selector.sourcePorts()));
        destinationPort = field(selectors, false, selector -> range(selector.destinationPorts()));
    }

    private static SelectorField field(List<Selector> selectors, boolean wide, Function<Selector, Range> range) {
        return new SelectorField(selectors.stream().map(range).toList(), wide);
    }

    private static Range range(IpPrefix prefix) {
        IpAddress first = prefix.address();
        int hostBits = first.family().addressBits() - prefix.length();
        return new Range(
                first.high(), first.low(), first.high() | lowBits(hostBits - 64), first.low() | lowBits(hostBits));
    }

    private static long lowBits(int count) {
        return count <= 0 ? 0 : -1L >>> Math.max(0, 64 - count);
    }

    /** One more than the number, so that what a packet does not show ({@link PacketView#UNKNOWN}) is 0. */
    private static Range protocols(Selector selector) {
        int only = selector.protocol() + 1;
        return selector.protocol() == Selector.ANY_PROTOCOL ? Range.of(0, -1) : Range.of(only, only);
    }

    /** One more than the number, likewise. */
    private static Range range(PortRange ports) {
        return ports.equals(PortRange.ANY) ? Range.of(0, -1) : Range.of(ports.first() + 1L, ports.last() + 1L);
    }

    /** The first selector that matches, or -1. As {@link Selector#matches}, for a packet of this family. */
    int match(PacketView packet) {
        int s = source.row(packet.sourceHigh(), packet.sourceLow());
        int d = destination.row(packet.destinationHigh(), packet.destinationLow());
        int p = protocol.row(0, packet.protocol() + 1);
        int sp = sourcePort.row(0, packet.sourcePort() + 1);
        int dp = destinationPort.row(0, packet.destinationPort() + 1);
        long[] ss = source.rows();
        long[] ds = destination.rows();
        long[] ps = protocol.rows();
        long[] sps = sourcePort.rows();
        long[] dps = destinationPort.rows();
        for (int i = 0; i < words; i++) {
            long all = ss[s + i] & ds[d + i] & ps[p + i] & sps[sp + i] & dps[dp + i];
            if (all != 0) {
                return 64 * i + Long.numberOfTrailingZeros(all);
            }
        }
        return NONE;
    }
}
