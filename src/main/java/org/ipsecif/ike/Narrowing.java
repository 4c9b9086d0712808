package org.ipsecif.ike;

import java.util.ArrayList;
import java.util.List;
import org.ipsecif.ike.message.AddressRange;
import org.ipsecif.ike.message.TrafficSelector;
import org.ipsecif.sa.IpAddress;
import org.jspecify.annotations.Nullable;

/** What two lists of traffic selectors have in common (RFC 7296 section 2.9). */
final class Narrowing {
    private Narrowing() {}

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
