package org.ipsecif.config;

import java.util.List;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpPrefix;
import org.jspecify.annotations.Nullable;

/**
 * Inner addresses that one end assigns to the other (RFC 7296 section 2.19).
 *
 * @param asks families of which this end asks the peer for an address
 * @param pool what peers get addresses of, if their interfaces come into being with them
 * @param poolFile name of the file with those that are somebody's, or null
 * @param reserved what that file says
 * @param dns name servers that peers are told of
 */
public record IkeAddresses(
        List<Family> asks,
        List<IpPrefix> pool,
        @Nullable String poolFile,
        List<Reserved> reserved,
        List<IpAddress> dns) {
    /** Nobody assigns addresses to anybody. */
    public static final IkeAddresses NONE = new IkeAddresses(List.of(), List.of(), null, List.of(), List.of());

    /**
     * Addresses that one peer gets and nobody else.
     *
     * @param identity text of who it is, in the form that {@link IdentityForm} checks
     * @param addresses one of each family at most
     */
    public record Reserved(String identity, List<IpAddress> addresses) {
        public Reserved {
            addresses = List.copyOf(addresses);
        }
    }

    public IkeAddresses {
        asks = List.copyOf(asks);
        pool = List.copyOf(pool);
        reserved = List.copyOf(reserved);
        dns = List.copyOf(dns);
    }

    /** Whether peers have to ask this end for their addresses. */
    public boolean assigns() {
        return !pool.isEmpty() || poolFile != null;
    }

    /** Whether addresses of this family are assigned. */
    public boolean assigns(Family family) {
        return pool.stream().anyMatch(each -> each.family() == family)
                || reserved.stream()
                        .flatMap(each -> each.addresses().stream())
                        .anyMatch(each -> each.family() == family);
    }

    IkeAddresses withAsks(List<Family> value) {
        return new IkeAddresses(value, pool, poolFile, reserved, dns);
    }

    IkeAddresses withPool(List<IpPrefix> value) {
        return new IkeAddresses(asks, value, poolFile, reserved, dns);
    }

    IkeAddresses withReserved(String file, List<Reserved> value) {
        return new IkeAddresses(asks, pool, file, value, dns);
    }

    IkeAddresses withDns(List<IpAddress> value) {
        return new IkeAddresses(asks, pool, poolFile, reserved, value);
    }
}
