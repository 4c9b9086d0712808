package org.ipsecif.ike;

import java.util.ArrayList;
import java.util.List;
import org.ipsecif.ike.message.AddressRange;
import org.ipsecif.ike.message.TrafficSelector;
import org.ipsecif.sa.IpAddress;
import org.jspecify.annotations.Nullable;

/** What two lists of traffic selectors have in common (RFC 7296 section 2.9). */
final class Narrowing {
    /** Selectors of one TS payload at most: their number is a byte (RFC 7296 section 3.13). */
    private static final int MOST = 255;

    private Narrowing() {}

    /**
     * What a responder agrees to.
     *
     * @param local none if nothing suits
     * @param more whether there is more that suits, which another Child SA has to carry
     */
    record Narrowed(List<AddressRange> local, List<AddressRange> remote, boolean more) {}

    /**
     * Narrows an initiator's selectors to pairs that can share a Child SA: to all, if they can, else to those around the pair that has the
     * initiator's first selectors, which are the packet's that made it ask.
     *
     * @param theirLocal the initiator's selectors for this end
     */
    static Narrowed narrow(
            List<SelectorPair> pairs,
            List<? extends TrafficSelector> theirLocal,
            List<? extends TrafficSelector> theirRemote) {
        List<SelectorPair> suiting = pairs.stream()
                .filter(each -> meets(each.local(), theirLocal) && meets(each.remote(), theirRemote))
                .toList();
        if (suiting.isEmpty()) {
            return new Narrowed(List.of(), List.of(), false);
        }
        SelectorPair first = suiting.stream()
                .filter(each -> meets(each.local(), theirLocal.subList(0, 1))
                        && meets(each.remote(), theirRemote.subList(0, 1)))
                .findFirst()
                .orElse(suiting.get(0));
        List<SelectorPair> group = SelectorGroups.around(first, suiting);
        List<AddressRange> local =
                common(group.stream().map(SelectorPair::local).distinct().toList(), theirLocal);
        List<AddressRange> remote =
                common(group.stream().map(SelectorPair::remote).distinct().toList(), theirRemote);
        boolean more = group.size() < suiting.size() || local.size() > MOST || remote.size() > MOST;
        return new Narrowed(most(local), most(remote), more);
    }

    private static List<AddressRange> most(List<AddressRange> ranges) {
        return ranges.subList(0, Math.min(MOST, ranges.size()));
    }

    private static boolean meets(AddressRange our, List<? extends TrafficSelector> theirs) {
        return theirs.stream()
                .anyMatch(their -> their instanceof AddressRange range && intersection(our, range) != null);
    }

    /** Those that are not part of another. */
    static List<AddressRange> withoutParts(List<AddressRange> ranges) {
        List<AddressRange> whole = new ArrayList<>();
        ranges.forEach(each -> add(whole, each));
        return List.copyOf(whole);
    }

    /** @return the selectors common to both, in the order of {@code ours}, none of them part of another */
    static List<AddressRange> common(List<AddressRange> ours, List<? extends TrafficSelector> theirs) {
        List<AddressRange> common = new ArrayList<>();
        for (AddressRange our : ours) {
            for (TrafficSelector their : theirs) {
                AddressRange both = their instanceof AddressRange range ? intersection(our, range) : null;
                if (both != null) {
                    add(common, both);
                }
            }
        }
        return common;
    }

    private static void add(List<AddressRange> ranges, AddressRange range) {
        if (ranges.stream().anyMatch(each -> contains(each, range))) {
            return;
        }
        ranges.removeIf(each -> contains(range, each));
        ranges.add(range);
    }

    /** Whether every packet that {@code b} selects is one that {@code a} selects. */
    static boolean contains(AddressRange a, AddressRange b) {
        AddressRange both = intersection(a, b);
        return both != null && both.equals(b);
    }

    /** Whether all of {@code theirs} lie within {@code ours}, and there is one. */
    static boolean isWithin(List<? extends TrafficSelector> theirs, List<AddressRange> ours) {
        return !theirs.isEmpty()
                && theirs.stream()
                        .allMatch(their -> their instanceof AddressRange range
                                && ours.stream().anyMatch(our -> contains(our, range)));
    }

    /** @return null if no packet is selected by both */
    static @Nullable AddressRange intersection(AddressRange a, AddressRange b) {
        if (a.family() != b.family() || a.isOpaque() || b.isOpaque()) {
            return a.equals(b) ? a : null;
        }
        boolean anyA = a.protocol() == AddressRange.ANY_PROTOCOL;
        if (!anyA && b.protocol() != AddressRange.ANY_PROTOCOL && a.protocol() != b.protocol()) {
            return null;
        }
        AddressRange both = new AddressRange(
                anyA ? b.protocol() : a.protocol(),
                Math.max(a.startPort(), b.startPort()),
                Math.min(a.endPort(), b.endPort()),
                later(a.start(), b.start()),
                later(a.end(), b.end()).equals(a.end()) ? b.end() : a.end());
        return both.isEmpty() || both.isOpaque() ? null : both;
    }

    private static IpAddress later(IpAddress a, IpAddress b) {
        return a.compareTo(b) >= 0 ? a : b;
    }
}
