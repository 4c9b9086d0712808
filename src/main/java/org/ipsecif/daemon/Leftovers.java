package org.ipsecif.daemon;

import java.util.ArrayList;
import java.util.List;
import org.ipsecif.sa.InnerAddress;
import org.jspecify.annotations.Nullable;

/**
 * What an earlier daemon recorded and did not clear, because it crashed or was told to leave it. An interface that is configured
 * again takes its own over; what then remains is removed. Control thread only.
 */
final class Leftovers {
    private final List<StateDirectory.Entry> entries;

    /** @param recorded of an interface that was being changed there are two, the newer last */
    Leftovers(List<StateDirectory.Entry> recorded) {
        entries = new ArrayList<>(recorded);
    }

    List<StateDirectory.Entry> all() {
        return List.copyOf(entries);
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

    /** The interface has an owner again, or is gone. */
    void taken(String name) {
        entries.removeIf(entry -> entry.name().equals(name));
    }
}
