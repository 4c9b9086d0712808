package org.ipsecif.ike;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.ipsecif.sa.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * The peers that are known, found by name, by the addresses of a message, and by who somebody says to be: in the same time whether
 * they are two or a thousand.
 */
final class PeerTable {
    /** @param remote null for peers that may be anywhere */
    private record Ends(IpAddress local, @Nullable IpAddress remote) {}

    /** Peers between the same addresses. */
    private static final class Group {
        /** By the one identity that a peer has to have. */
        final Map<Identity, Map<String, PeerConfig>> byIdentity = new HashMap<>();

        /** Those that may have more than one. */
        final Map<String, PeerConfig> open = new LinkedHashMap<>();

        /** By what is said before anybody is known. */
        final Map<PeerConfig, Map<String, PeerConfig>> byOpening = new LinkedHashMap<>();

        void put(PeerConfig peer) {
            Identity only = peer.onlyIdentity();
            if (only == null) {
                open.put(peer.name(), peer);
            } else {
                put(byIdentity, only.canonical(), peer);
            }
            put(byOpening, peer.opening(), peer);
        }

        void remove(PeerConfig peer) {
            Identity only = peer.onlyIdentity();
            if (only == null) {
                open.remove(peer.name());
            } else {
                remove(byIdentity, only.canonical(), peer);
            }
            remove(byOpening, peer.opening(), peer);
        }

        private static <K> void put(Map<K, Map<String, PeerConfig>> map, K key, PeerConfig peer) {
            map.computeIfAbsent(key, each -> new LinkedHashMap<>()).put(peer.name(), peer);
        }

        private static <K> void remove(Map<K, Map<String, PeerConfig>> map, K key, PeerConfig peer) {
            Map<String, PeerConfig> some = map.get(key);
            if (some != null && some.remove(peer.name()) != null && some.isEmpty()) {
                map.remove(key);
            }
        }

        Collection<PeerConfig> thatHasToBe(Identity identity) {
            return byIdentity.getOrDefault(identity.canonical(), Map.of()).values();
        }

        List<PeerConfig> all() {
            return byOpening.values().stream()
                    .flatMap(some -> some.values().stream())
                    .toList();
        }

        Collection<PeerConfig> openings() {
            return byOpening.values().stream()
                    .map(some -> some.values().iterator().next())
                    .toList();
        }
    }

    private final Map<String, PeerConfig> byName = new HashMap<>();
    private final Map<Ends, Group> groups = new HashMap<>();

    @Nullable
    PeerConfig find(String name) {
        return byName.get(name);
    }

    /** Adds one, or puts it in the place of the one of that name. */
    void put(PeerConfig peer) {
        remove(peer.name());
        byName.put(peer.name(), peer);
        groups.computeIfAbsent(ends(peer), each -> new Group()).put(peer);
    }

    void remove(String name) {
        PeerConfig gone = byName.remove(name);
        Group group = gone == null ? null : groups.get(ends(gone));
        if (gone != null && group != null) {
            group.remove(gone);
            if (group.byOpening.isEmpty()) {
                groups.remove(ends(gone));
            }
        }
    }

    private static Ends ends(PeerConfig peer) {
        return new Ends(peer.local(), peer.remote());
    }

    /** Those that name the address, then those that may be anywhere. */
    private List<Group> between(Path path) {
        List<Group> found = new ArrayList<>();
        add(found, new Ends(path.local(), path.remote()));
        add(found, new Ends(path.local(), null));
        return found;
    }

    private void add(List<Group> found, Ends ends) {
        Group group = groups.get(ends);
        if (group != null) {
            found.add(group);
        }
    }

    /** Whether messages between these addresses may be a peer's. */
    boolean mayBe(Path path) {
        return !between(path).isEmpty();
    }

    /** Peers that name the address. */
    List<PeerConfig> naming(Path path) {
        Group group = groups.get(new Ends(path.local(), path.remote()));
        return group == null ? List.of() : group.all();
    }

    /**
     * One for each way to begin with peers that messages between these addresses may come from; those that name the address first.
     */
    List<PeerConfig> openings(Path path) {
        return between(path).stream().flatMap(each -> each.openings().stream()).toList();
    }

    /** Peers between these addresses that may say to be that, those first that have to. */
    List<PeerConfig> accepting(Path path, Identity identity) {
        List<Group> groupsBetween = between(path);
        List<PeerConfig> found = new ArrayList<>();
        groupsBetween.forEach(each -> found.addAll(each.thatHasToBe(identity)));
        groupsBetween.forEach(each -> each.open.values().stream()
                .filter(peer -> peer.accepts(identity))
                .forEach(found::add));
        return found;
    }
}
