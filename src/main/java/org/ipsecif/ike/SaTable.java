package org.ipsecif.ike;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The IKE SAs that there are, found by this end's SPI and by the peer's name. */
final class SaTable {
    private final Map<Long, IkeSa> bySpi = new HashMap<>();
    private final Map<String, Set<IkeSa>> byName = new HashMap<>();

    void add(IkeSa sa) {
        bySpi.put(sa.localSpi(), sa);
        byName.computeIfAbsent(sa.name(), each -> new LinkedHashSet<>()).add(sa);
    }

    void remove(IkeSa sa) {
        bySpi.remove(sa.localSpi(), sa);
        removeName(sa);
    }

    private void removeName(IkeSa sa) {
        Set<IkeSa> some = byName.get(sa.name());
        if (some != null && some.remove(sa) && some.isEmpty()) {
            byName.remove(sa.name());
        }
    }

    /** It is another peer's than was thought. */
    void setPeer(IkeSa sa, PeerConfig peer) {
        boolean known = bySpi.get(sa.localSpi()) == sa;
        removeName(sa);
        sa.setPeer(peer);
        if (known) {
            add(sa);
        }
    }

    @Nullable
    IkeSa find(long localSpi) {
        return bySpi.get(localSpi);
    }

    /** But for those that the peer has deleted. A copy. */
    List<IkeSa> all() {
        return alive(bySpi.values());
    }

    /** Likewise, of one peer. */
    List<IkeSa> of(String name) {
        return alive(byName.getOrDefault(name, Set.of()));
    }

    private static List<IkeSa> alive(Collection<IkeSa> some) {
        return some.stream().filter(sa -> sa.state != IkeSa.State.DELETED).toList();
    }
}
