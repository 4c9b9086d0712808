package org.ipsecif.sa;

import java.util.List;
import org.ipsecif.sa.SelectorField.Range;
import org.ipsecif.wire.PacketView;

/**
 * The selectors of an SA for one end and one family. A few are asked one by one; many are compiled as in {@link SelectorBlock}.
 * Immutable.
 */
final class TrafficRanges {
    /** So few are faster asked one by one. */
    private static final int FEW = 4;

    private final TrafficRange[] ranges;
    private final boolean takesAll;
    private final int words;

    /** Addresses, protocols and ports; empty if there are few. */
    private final SelectorField[] fields;

    /** @param ranges of one family */
    TrafficRanges(List<TrafficRange> ranges) {
        this.ranges = ranges.toArray(TrafficRange[]::new);
        this.takesAll = ranges.stream().anyMatch(TrafficRange::takesAll);
        this.words = (ranges.size() + 63) / 64;
        this.fields = takesAll || ranges.size() <= FEW ? new SelectorField[0] : compile(ranges);
    }

    private static SelectorField[] compile(List<TrafficRange> ranges) {
        boolean wide = ranges.get(0).family() == Family.INET6;
        return new SelectorField[] {
            new SelectorField(ranges.stream().map(TrafficRanges::addresses).toList(), wide),
            new SelectorField(ranges.stream().map(TrafficRanges::protocols).toList(), false),
            new SelectorField(ranges.stream().map(TrafficRanges::ports).toList(), false)
        };
    }

    static Range addresses(TrafficRange range) {
        return new Range(
                range.first().high(),
                range.first().low(),
                range.last().high(),
                range.last().low());
    }

    /** One more than the number, so that what a packet does not show ({@link PacketView#UNKNOWN}) is 0. */
    private static Range protocols(TrafficRange range) {
        long only = range.protocol() + 1L;
        return range.protocol() == Selector.ANY_PROTOCOL ? Range.of(0, -1) : Range.of(only, only);
    }

    /** One more than the number, likewise. */
    private static Range ports(TrafficRange range) {
        if (range.isOpaque()) {
            return Range.of(0, 0);
        }
        return range.isAnyPort() ? Range.of(0, -1) : Range.of(range.firstPort() + 1L, range.lastPort() + 1L);
    }

    boolean takesAll() {
        return takesAll;
    }

    /**
     * Whether one of them takes this end of a packet of their family.
     *
     * @param protocol or {@link PacketView#UNKNOWN}
     * @param port or {@link PacketView#UNKNOWN}
     */
    boolean take(long high, long low, int protocol, int port) {
        if (takesAll) {
            return true;
        }
        return fields.length == 0 ? takeFew(high, low, protocol, port) : takeMany(high, low, protocol, port);
    }

    private boolean takeFew(long high, long low, int protocol, int port) {
        for (TrafficRange each : ranges) {
            if (isBetween(high, low, each)
                    && (each.protocol() == Selector.ANY_PROTOCOL || each.protocol() == protocol)
                    && takesPort(each, port)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isBetween(long high, long low, TrafficRange range) {
        return !isBefore(high, low, range.first()) && !isBefore(range.last(), high, low);
    }

    private static boolean isBefore(long high, long low, IpAddress other) {
        int byHigh = Long.compareUnsigned(high, other.high());
        return byHigh < 0 || (byHigh == 0 && Long.compareUnsigned(low, other.low()) < 0);
    }

    private static boolean isBefore(IpAddress one, long high, long low) {
        int byHigh = Long.compareUnsigned(one.high(), high);
        return byHigh < 0 || (byHigh == 0 && Long.compareUnsigned(one.low(), low) < 0);
    }

    private static boolean takesPort(TrafficRange range, int port) {
        if (range.isOpaque()) {
            return port == PacketView.UNKNOWN;
        }
        return range.isAnyPort() || (range.firstPort() <= port && port <= range.lastPort());
    }

    private boolean takeMany(long high, long low, int protocol, int port) {
        int a = fields[0].row(high, low);
        int p = fields[1].row(0, protocol + 1L);
        int q = fields[2].row(0, port + 1L);
        long[] as = fields[0].rows();
        long[] ps = fields[1].rows();
        long[] qs = fields[2].rows();
        for (int i = 0; i < words; i++) {
            if ((as[a + i] & ps[p + i] & qs[q + i]) != 0) {
                return true;
            }
        }
        return false;
    }
}
