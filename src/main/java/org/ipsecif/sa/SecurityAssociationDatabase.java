package org.ipsecif.sa;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The SAD (RFC 4301 section 4.4.2), in the order in which SAs were added. Control thread only. */
public final class SecurityAssociationDatabase {
    private record Key(IpAddress destination, int spi) {}

    private final Map<Key, SecurityAssociation> associations = new LinkedHashMap<>();

    public Collection<SecurityAssociation> all() {
        return List.copyOf(associations.values());
    }

    /** The one SA with this destination and SPI, or null. */
    public @Nullable SecurityAssociation find(IpAddress destination, int spi) {
        return associations.get(new Key(destination, spi));
    }

    /** Adds an SA. @return false, changing nothing, if its destination and SPI are taken */
    public boolean add(SecurityAssociation sa) {
        return associations.putIfAbsent(keyOf(sa), sa) == null;
    }

    /** Takes an SA out; the caller closes it once no worker can use it. */
    public boolean remove(SecurityAssociation sa) {
        return associations.remove(keyOf(sa), sa);
    }

    /**
     * Gives an SA other addresses (RFC 4555 section 3.5). It is the newest from now on.
     *
     * @param after but for the addresses as before
     * @return false, changing nothing, if it is not there, or its new destination and SPI are taken
     */
    public boolean readdress(SecurityAssociation sa, SaParameters after) {
        Key next = new Key(after.destination(), after.spi());
        SecurityAssociation other = associations.get(next);
        if ((other != null && other != sa) || !remove(sa)) {
            return false;
        }
        sa.readdress(after);
        associations.put(next, sa);
        return true;
    }

    /** The SAs for which {@code condition} holds, oldest first. */
    public List<SecurityAssociation> select(Predicate<SaParameters> condition) {
        List<SecurityAssociation> selected = new ArrayList<>();
        for (SecurityAssociation sa : associations.values()) {
            if (condition.test(sa.parameters())) {
                selected.add(sa);
            }
        }
        return selected;
    }

    /** Whether an interface with this reqid and these endpoints sends with the SA; where the peer may be anywhere, wherever it is. */
    public static boolean isOutbound(SaParameters sa, int reqid, TunnelEndpoints endpoints) {
        return sa.reqid() == reqid && sa.source().equals(endpoints.local()) && isRemote(sa.destination(), endpoints);
    }

    /** Whether an interface with this reqid and these endpoints receives with the SA. */
    public static boolean isInbound(SaParameters sa, int reqid, TunnelEndpoints endpoints) {
        return sa.reqid() == reqid
                && isRemote(sa.source(), endpoints)
                && sa.destination().equals(endpoints.local());
    }

    private static boolean isRemote(IpAddress address, TunnelEndpoints endpoints) {
        return endpoints.isAnywhere() || address.equals(endpoints.remote());
    }

    private static Key keyOf(SecurityAssociation sa) {
        return new Key(sa.parameters().destination(), sa.parameters().spi());
    }
}
