package org.ipsecif.daemon;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.ipsecif.sa.InnerAddress;
import org.jspecify.annotations.Nullable;

/**
 * What an earlier daemon recorded and did not clear, because it crashed or was told to leave it. An interface that is configured
 * again takes its own over; what then remains is removed. Control thread only.
 */
final class Leftovers {
    private final List<StateDirectory.Entry> entries;
    private final Set<String> taken = new HashSet<>();

    /** @param recorded of an interface that was being changed there are two, the newer last */
    Leftovers(List<StateDirectory.Entry> recorded) {
        entries = new ArrayList<>(recorded);
    }

    /** All, also of interfaces that were taken over: until {@link #clear()} something of theirs may still be in the kernel. */
    List<StateDirectory.Entry> all() {
        return List.copyOf(entries);
    }

    /** Names of interfaces that nobody took over. */
    Set<String> unclaimed() {
        Set<String> names = new TreeSet<>();
        entries.forEach(entry -> names.add(entry.name()));
        names.removeAll(taken);
        return names;
    }

    /** The newest of an interface, or null. */
    StateDirectory.@Nullable Entry find(String name) {
        return entries.stream()
                .filter(entry -> entry.name().equals(name))
                .reduce((older, newer) -> newer)
                .orElse(null);
    }

    /** Whether the device that has this name now is one that the earlier daemon made. */
    boolean made(String name, int index) {
        return entries.stream()
                .anyMatch(entry -> entry.name().equals(name)
                        && entry.made()
                        && (entry.ifIndex() == 0 || entry.ifIndex() == index));
    }

    /** Those of {@code present} that the earlier daemon gave the interface. */
    List<InnerAddress> given(String name, List<InnerAddress> present) {
        return present.stream()
                .filter(address ->
                        entries.stream().anyMatch(entry -> entry.name().equals(name) && entry.gave(address)))
                .toList();
    }

    /** The interface has an owner again. */
    void taken(String name) {
        taken.add(name);
    }

    /** Nothing is left. */
    void clear() {
        entries.clear();
    }
}
