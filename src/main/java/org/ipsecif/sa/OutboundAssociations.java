package org.ipsecif.sa;

import java.util.ArrayList;
import java.util.List;
import org.ipsecif.sa.SelectorField.Range;
import org.ipsecif.wire.PacketView;
import org.jspecify.annotations.Nullable;

/**
 * The SAs that an interface may send with. A packet goes with the newest that it belongs to (RFC 4301 section 4.4.2.1). Where the newest
 * takes every packet, nothing is searched; few are asked one by one; of many, those are asked that take the packet's addresses.
 * Immutable.
 */
public final class OutboundAssociations {
    public static final OutboundAssociations NONE = new OutboundAssociations(List.of());

    /** So few are faster asked one by one. */
    private static final int FEW = 4;

    private final SecurityAssociation[] newestFirst;
    private final @Nullable SecurityAssociation newest;
    private final @Nullable SecurityAssociation forAll;
    private final @Nullable Index inet;
    private final @Nullable Index inet6;

    /** @param oldestFirst in the order in which they were added */
    public OutboundAssociations(List<SecurityAssociation> oldestFirst) {
        int count = oldestFirst.size();
        newestFirst = new SecurityAssociation[count];
        for (int i = 0; i < count; i++) {
            newestFirst[i] = oldestFirst.get(count - 1 - i);
        }
        newest = count == 0 ? null : newestFirst[0];
        forAll = newest != null && newest.takesAll() ? newest : null;
        boolean many = count > FEW && forAll == null;
        inet = many ? new Index(newestFirst, Family.INET) : null;
        inet6 = many ? new Index(newestFirst, Family.INET6) : null;
    }

    /** Of one SA, or of none. */
    public static OutboundAssociations of(@Nullable SecurityAssociation only) {
        return only == null ? NONE : new OutboundAssociations(List.of(only));
    }

    /** The one added last, or null if there is none. */
    public @Nullable SecurityAssociation newest() {
        return newest;
    }

    public boolean isEmpty() {
        return newest == null;
    }

    /** The newest first. */
    public List<SecurityAssociation> all() {
        return List.of(newestFirst);
    }

    /** The SA that a packet is to go with, or null. */
    public @Nullable SecurityAssociation match(PacketView packet) {
        if (forAll != null) {
            return forAll;
        }
        Index index = packet.isInet6() ? inet6 : inet;
        return index == null ? matchFew(packet) : index.match(packet);
    }

    private @Nullable SecurityAssociation matchFew(PacketView packet) {
        for (SecurityAssociation each : newestFirst) {
            if (each.takes(packet)) {
                return each;
            }
        }
        return null;
    }

    /** Rows of bits, one bit for each SA, by the addresses of one family. */
    private static final class Index {
        private final SecurityAssociation[] associations;
        private final int words;
        private final SelectorField sources;
        private final SelectorField destinations;

        Index(SecurityAssociation[] associations, Family family) {
            this.associations = associations;
            this.words = (associations.length + 63) / 64;
            List<List<Range>> from = new ArrayList<>();
            List<List<Range>> to = new ArrayList<>();
            for (SecurityAssociation each : associations) {
                SaSelectors selectors = each.parameters().selectors();
                from.add(ranges(selectors.sources(), family));
                to.add(ranges(selectors.destinations(), family));
            }
            sources = SelectorField.ofSets(from, family == Family.INET6);
            destinations = SelectorField.ofSets(to, family == Family.INET6);
        }

        private static List<Range> ranges(List<TrafficRange> ranges, Family family) {
            return ranges.stream()
                    .filter(each -> each.family() == family)
                    .map(TrafficRanges::addresses)
                    .toList();
        }

        @Nullable
        SecurityAssociation match(PacketView packet) {
            int s = sources.row(packet.sourceHigh(), packet.sourceLow());
            int d = destinations.row(packet.destinationHigh(), packet.destinationLow());
            long[] ss = sources.rows();
            long[] ds = destinations.rows();
            for (int i = 0; i < words; i++) {
                for (long left = ss[s + i] & ds[d + i]; left != 0; left &= left - 1) {
                    SecurityAssociation candidate = associations[64 * i + Long.numberOfTrailingZeros(left)];
                    if (candidate.takes(packet)) {
                        return candidate;
                    }
                }
            }
            return null;
        }
    }
}
