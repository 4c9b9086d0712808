package org.ipsecif.ike;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.ipsecif.ike.message.AddressRange;

/**
 * Which pairs can share a Child SA: it carries everything between its selectors at the one end and those at the other, and so every
 * combination of them has to be a pair, too.
 */
final class SelectorGroups {
    /** Of one TS payload, which counts in a byte (RFC 7296 section 3.13); less one for a packet's own. */
    static final int MOST = 254;

    private final Set<SelectorPair> all;
    private final Set<AddressRange> locals = new LinkedHashSet<>();
    private final Set<AddressRange> remotes = new LinkedHashSet<>();
    private final List<SelectorPair> group = new ArrayList<>();

    private SelectorGroups(Set<SelectorPair> all) {
        this.all = all;
    }

    /** The pairs among {@code all} that share a Child SA with {@code first}. */
    static List<SelectorPair> around(SelectorPair first, Collection<SelectorPair> all) {
        SelectorGroups groups = new SelectorGroups(new HashSet<>(all));
        groups.add(first);
        for (SelectorPair each : all) {
            if (!each.equals(first) && groups.takes(each)) {
                groups.add(each);
            }
        }
        return groups.group;
    }

    /** As few groups as hold all pairs, in their order. */
    static List<List<SelectorPair>> of(List<SelectorPair> pairs) {
        List<List<SelectorPair>> groups = new ArrayList<>();
        Set<SelectorPair> left = new LinkedHashSet<>(pairs);
        while (!left.isEmpty()) {
            List<SelectorPair> next = around(left.iterator().next(), left);
            groups.add(next);
            next.forEach(left::remove);
        }
        return groups;
    }

    private void add(SelectorPair pair) {
        locals.add(pair.local());
        remotes.add(pair.remote());
        group.add(pair);
    }

    private boolean takes(SelectorPair pair) {
        return (locals.contains(pair.local()) || takesLocal(pair.local()))
                && (remotes.contains(pair.remote()) || takesRemote(pair.remote()));
    }

    private boolean takesLocal(AddressRange local) {
        return locals.size() < MOST && remotes.stream().allMatch(each -> isPair(local, each));
    }

    private boolean takesRemote(AddressRange remote) {
        return remotes.size() < MOST && locals.stream().allMatch(each -> isPair(each, remote));
    }

    private boolean isPair(AddressRange local, AddressRange remote) {
        return SelectorPair.areUnrelated(local, remote) || all.contains(new SelectorPair(local, remote));
    }
}
