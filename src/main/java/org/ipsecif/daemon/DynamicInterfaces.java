package org.ipsecif.daemon;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.ipsecif.config.ConfigException;
import org.ipsecif.config.Configuration;
import org.ipsecif.config.InterfaceConfig;
import org.ipsecif.control.DaemonControl.RefusedException;
import org.ipsecif.ike.Identity;
import org.ipsecif.ike.IkeHost.Admission;
import org.ipsecif.sa.IpAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Interfaces that come into being when a peer has shown who it is, one for each, and go when it is gone. A peer keeps its interface's
 * name while the daemon runs. Control thread only, but where it says so.
 */
final class DynamicInterfaces {
    private static final Logger LOG = LoggerFactory.getLogger(DynamicInterfaces.class);

    private final InterfaceRegistry registry;
    private final Map<String, InterfaceConfig> kinds = new ConcurrentHashMap<>();

    /** The kind of each that there is. */
    private final Map<String, String> kindOf = new ConcurrentHashMap<>();

    /** The name of each peer's interface that there is or was, by kind and identity. */
    private final Map<List<String>, String> names = new HashMap<>();

    private final AddressPools pools;

    private int most;

    DynamicInterfaces(InterfaceRegistry registry) {
        this.registry = registry;
        this.pools = new AddressPools(owner -> {
            String name = names.get(List.of(owner.kind(), owner.identity()));
            return name != null && registry.find(name) != null;
        });
    }

    /** Whether peers of this name get an interface each. Any thread. */
    boolean isKind(String name) {
        return kinds.containsKey(name);
    }

    /** Whether this interface came into being with a peer. Any thread. */
    boolean isOne(String name) {
        return kindOf.containsKey(name);
    }

    /** What there is of kinds that are configured no more goes, and the rest is changed as they are. @param changes a line for each */
    void configure(Configuration.Dynamic wanted, IkePeers peers, List<String> changes)
            throws ConfigException, RefusedException {
        most = wanted.most();
        Map<String, InterfaceConfig> next = new HashMap<>();
        wanted.kinds().forEach(each -> next.put(each.name(), each));
        kinds.keySet().retainAll(next.keySet());
        kinds.putAll(next);
        peers.tellKinds(kinds);
        for (String name : List.copyOf(kindOf.keySet())) {
            ManagedInterface there = registry.find(name);
            InterfaceConfig kind = kinds.get(kindOf.getOrDefault(name, ""));
            if (there == null) {
                kindOf.remove(name);
            } else if (kind == null) {
                end(name);
                changes.add(name + ": destroyed");
            } else {
                change(there, kind, changes);
            }
        }
    }

    private void change(ManagedInterface there, InterfaceConfig kind, List<String> changes)
            throws ConfigException, RefusedException {
        InterfaceConfig before = there.config();
        String identity = String.valueOf(before.ike().remoteId());
        registry.change(there, of(kind, there.name(), identity, Identity.parse(identity)));
        if (!before.equals(there.config())) {
            changes.add(there.name() + ": changed");
        }
    }

    private InterfaceConfig of(InterfaceConfig kind, String name, String identity, Identity remote) {
        InterfaceConfig config = kind.withName(name).withIke(kind.ike().of(identity));
        if (!kind.ike().addresses().assigns()) {
            return config;
        }
        List<IpAddress> leases = pools.lease(kind, new AddressPools.Owner(kind.name(), identity), remote);
        return InnerAddressPlan.withLeases(config, leases);
    }

    /** Makes the interface of a peer, unless there is one. */
    Admission admit(String kindName, Identity remote) {
        InterfaceConfig kind = kinds.get(kindName);
        try {
            if (kind == null) {
                throw new RefusedException(kindName + " is configured no more");
            }
            String identity = remote.words();
            String name = nameOf(kindName, identity);
            ManagedInterface there = registry.find(name);
            InterfaceConfig config = of(kind, name, identity, remote);
            if (there == null) {
                make(config, kindName);
            } else if (!there.config().addresses().equals(config.addresses())) {
                registry.change(there, config);
            }
            return new Admission(name, null);
        } catch (ConfigException | RefusedException | IllegalArgumentException e) {
            return new Admission(kindName, "no interface for " + remote + ": " + e.getMessage());
        }
    }

    private void make(InterfaceConfig config, String kindName) throws ConfigException, RefusedException {
        kindOf.keySet().removeIf(each -> registry.find(each) == null);
        if (kindOf.size() >= most) {
            throw new RefusedException("there are " + most + " already (ipsecif_dynamic_max)");
        }
        kindOf.put(config.name(), kindName);
        try {
            registry.create(config);
        } catch (ConfigException | RefusedException | RuntimeException e) {
            kindOf.remove(config.name());
            throw e;
        }
        LOG.info("{}: for {}", config.name(), config.ike().remoteId());
    }

    /** The one it had; else the first that nobody has had; else the first of those that are not there now. */
    private String nameOf(String kind, String identity) throws RefusedException {
        List<String> key = List.of(kind, identity);
        String known = names.get(key);
        if (known != null) {
            return known;
        }
        if (names.size() >= 2 * most) {
            names.values().removeIf(each -> registry.find(each) == null);
            pools.forgetAbsent();
        }
        String free = registry.freeName(kind, Set.copyOf(names.values()));
        names.put(key, free);
        return free;
    }

    /** Its peer is gone. */
    void end(String name) {
        ManagedInterface there = registry.find(name);
        if (kindOf.remove(name) != null && there != null) {
            registry.destroy(there);
        }
    }
}
