package org.ipsecif.daemon;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.ipsecif.config.IkeAddresses;
import org.ipsecif.config.InterfaceConfig;
import org.ipsecif.ike.Identity;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.InnerAddress;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpPrefix;
import org.jspecify.annotations.Nullable;

/**
 * Inner addresses that peers are assigned. A peer has the same again while nobody else needed it, and its place in the pool comes of
 * who it is, so that it most likely has the same also after the daemon was started anew. Control thread only.
 */
final class AddressPools {
    /** Of a network no more are given out: the last 20 bits. */
    private static final int MOST_BITS = 20;

    /**
     * Who has an address.
     *
     * @param kind of the peer's interface
     * @param identity in words
     */
    record Owner(String kind, String identity) {}

    private record Lease(Owner owner, Family family) {}

    private final Predicate<Owner> isThere;
    private final Map<IpAddress, Owner> owners = new HashMap<>();

    /** Those that were asked for longest ago come first. */
    private final Map<Lease, IpAddress> leases = new LinkedHashMap<>();

    /** @param isThere whether a peer's interface exists: else its addresses may be given to others */
    AddressPools(Predicate<Owner> isThere) {
        this.isThere = isThere;
    }

    /** The addresses of a peer, one of each family that the pool has; fewer, or none, if there are not enough. */
    List<IpAddress> lease(InterfaceConfig kind, Owner owner, Identity identity) {
        IkeAddresses settings = kind.ike().addresses();
        List<IpAddress> found = new ArrayList<>();
        for (Family family : Family.values()) {
            Request request = new Request(kind, new Lease(owner, family));
            IpAddress reserved = reserved(settings, identity, family);
            IpAddress address = reserved == null ? request.find() : request.takeIfFree(reserved);
            request.settle(address);
            if (address != null) {
                found.add(address);
            }
        }
        return found;
    }

    private static @Nullable IpAddress reserved(IkeAddresses settings, Identity identity, Family family) {
        return settings.reserved().stream()
                .filter(each -> Identity.parse(each.identity()).matches(identity))
                .flatMap(each -> each.addresses().stream())
                .filter(each -> each.family() == family)
                .findFirst()
                .orElse(null);
    }

    /** Forgets who is not there. */
    void forgetAbsent() {
        owners.values().removeIf(each -> !isThere.test(each));
        leases.keySet().removeIf(each -> !isThere.test(each.owner()));
    }

    /** One family of one peer's. */
    private final class Request {
        private final Lease lease;
        private final List<IpPrefix> networks;
        private final Set<IpAddress> excluded = new HashSet<>();

        Request(InterfaceConfig kind, Lease lease) {
            this.lease = lease;
            this.networks = kind.ike().addresses().pool().stream()
                    .filter(each -> each.family() == lease.family())
                    .toList();
            kind.addresses().stream().map(InnerAddress::local).forEach(excluded::add);
            kind.ike().addresses().reserved().forEach(each -> excluded.addAll(each.addresses()));
        }

        /** What it had, else one that nobody had, else the one whose owner is gone longest. */
        @Nullable
        IpAddress find() {
            IpAddress before = leases.get(lease);
            if (before != null && isInPool(before)) {
                return before;
            }
            long size = networks.stream().mapToLong(Request::size).sum();
            long start = size == 0 ? 0 : Math.floorMod(lease.owner().identity().hashCode(), size);
            for (long i = 0; i < size; i++) {
                IpAddress next = at((start + i) % size);
                if (isInPool(next) && !owners.containsKey(next)) {
                    return next;
                }
            }
            return leases.entrySet().stream()
                    .filter(each -> isInPool(each.getValue()))
                    .filter(each -> !isThere.test(each.getKey().owner()))
                    .map(Map.Entry::getValue)
                    .findFirst()
                    .orElse(null);
        }

        @Nullable
        IpAddress takeIfFree(IpAddress reserved) {
            Owner other = owners.get(reserved);
            return other == null || other.equals(lease.owner()) || !isThere.test(other) ? reserved : null;
        }

        void settle(@Nullable IpAddress address) {
            IpAddress before = leases.remove(lease);
            if (before != null) {
                owners.remove(before);
            }
            if (address != null) {
                Owner other = owners.put(address, lease.owner());
                if (other != null) {
                    leases.remove(new Lease(other, lease.family()));
                }
                leases.put(lease, address);
            }
        }

        private static long size(IpPrefix network) {
            int bits = Math.min(MOST_BITS, network.family().addressBits() - network.length());
            return 1L << bits;
        }

        private IpAddress at(long index) {
            long left = index;
            for (IpPrefix each : networks) {
                if (left < size(each)) {
                    IpAddress first = each.address();
                    return new IpAddress(first.family(), first.high(), first.low() + left);
                }
                left -= size(each);
            }
            throw new IllegalArgumentException("no address " + index);
        }

        /** Not the first of a network (the network itself, the routers' anycast address), nor IPv4's last (broadcast). */
        private boolean isInPool(IpAddress address) {
            return !excluded.contains(address)
                    && networks.stream()
                            .anyMatch(each -> each.contains(address)
                                    && (each.length() >= each.family().addressBits() - 1
                                            || (!address.equals(each.address())
                                                    && (each.family() == Family.INET6
                                                            || !address.equals(each.last())))));
        }
    }
}
