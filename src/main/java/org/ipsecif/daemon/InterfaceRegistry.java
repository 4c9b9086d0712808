package org.ipsecif.daemon;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.ipsecif.config.ConfigException;
import org.ipsecif.config.InterfaceConfig;
import org.ipsecif.config.InterfaceName;
import org.ipsecif.control.DaemonControl.RefusedException;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.TunDevice;
import org.ipsecif.sa.SecurityAssociation;
import org.ipsecif.sa.SecurityPolicy;
import org.ipsecif.tunnel.TunnelInterface;
import org.ipsecif.tunnel.TunnelState;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The interfaces that exist, and the hook: every change of one renders its template and applies the difference, wholly
 * or not at all. Control thread only.
 */
final class InterfaceRegistry {
    private static final Logger LOG = LoggerFactory.getLogger(InterfaceRegistry.class);
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final Host host;
    private final Planner planner;
    private final Map<String, ManagedInterface> interfaces = new TreeMap<>();
    private final PathMtus paths;
    private final SaLifetimes lifetimes;
    private final WorkerEvents events;

    InterfaceRegistry(Host host, Planner planner) {
        this.host = host;
        this.planner = planner;
        this.paths = new PathMtus(host, Collections.unmodifiableCollection(interfaces.values()));
        this.lifetimes = new SaLifetimes(host, this::settle);
        this.events = new WorkerEvents(host.control(), this);
    }

    PathMtus paths() {
        return paths;
    }

    SaLifetimes lifetimes() {
        return lifetimes;
    }

    /** For workers of what all interfaces share. */
    WorkerEvents events() {
        return events;
    }

    Collection<ManagedInterface> all() {
        return List.copyOf(interfaces.values());
    }

    @Nullable
    ManagedInterface find(String name) {
        return interfaces.get(name);
    }

    /** The interface of this name. @throws RefusedException if there is none */
    ManagedInterface require(String name) throws RefusedException {
        ManagedInterface found = interfaces.get(name);
        if (found == null) {
            throw new RefusedException(name + ": no such interface of ipsecif");
        }
        return found;
    }

    /** The lowest {@code PREFIX}N that no interface of the host has. */
    String freeName(String prefix) throws RefusedException {
        try {
            int unit = 0;
            while (interfaces.containsKey(prefix + unit) || host.links().indexOf(prefix + unit) != 0) {
                unit++;
            }
            return prefix + unit;
        } catch (ErrnoException e) {
            throw new RefusedException(String.valueOf(e.getMessage()));
        }
    }

    /** Makes an interface as wanted, or nothing. */
    ManagedInterface create(InterfaceConfig wanted) throws ConfigException, RefusedException {
        String name = wanted.name();
        InterfaceName.check(name);
        if (interfaces.containsKey(name)) {
            throw new RefusedException(name + ": an interface of that name exists already");
        }
        Undo undo = new Undo();
        try {
            InterfaceChange.Plan plan = planner.plan(assignReqid(wanted, 0));
            ManagedInterface created = new ManagedInterface(openDevice(name, undo), InterfaceConfig.named(name));
            interfaces.put(name, created);
            undo.push("forget " + name, () -> interfaces.remove(name));
            apply(created, plan, undo);
            undo.commit();
            LOG.info(
                    "{}: created, reqid {}",
                    name,
                    Integer.toUnsignedString(created.config().reqid()));
            return created;
        } catch (ErrnoException e) {
            undo.rollBack();
            throw new RefusedException(name + ": " + e.getMessage());
        } catch (ConfigException | RefusedException | RuntimeException e) {
            undo.rollBack();
            throw e;
        } finally {
            settle();
        }
    }

    private TunnelInterface openDevice(String name, Undo undo) throws ErrnoException, RefusedException {
        if (host.links().indexOf(name) != 0) {
            throw new RefusedException(name + ": the host has an interface of that name already");
        }
        TunDevice device = host.platform().createTun(name);
        TunnelInterface tunnel = new TunnelInterface(device, host.packetSender(), events, host::nanoTime);
        undo.push("remove " + name, tunnel::close);
        return tunnel;
    }

    /** Makes an interface that exists as wanted, in place, or leaves it as it is. */
    void change(ManagedInterface subject, InterfaceConfig wanted) throws ConfigException, RefusedException {
        Undo undo = new Undo();
        try {
            apply(subject, planner.plan(assignReqid(wanted, subject.config().reqid())), undo);
            undo.commit();
        } catch (ErrnoException e) {
            undo.rollBack();
            throw new RefusedException(wanted.name() + ": " + e.getMessage());
        } catch (ConfigException | RefusedException | RuntimeException e) {
            undo.rollBack();
            throw e;
        } finally {
            settle();
        }
    }

    private void apply(ManagedInterface subject, InterfaceChange.Plan plan, Undo undo)
            throws ErrnoException, RefusedException {
        InterfaceChange change = new InterfaceChange(subject, plan, undo);
        InterfaceConfig before = subject.config();
        List<SecurityPolicy> policiesBefore = subject.policies().policies();
        if (before.reqid() != plan.config().reqid() || !policiesBefore.equals(plan.policies())) {
            recordIntent(subject, plan);
        }
        change.findPath(paths);
        change.configureLink(host.links(), mtuOf(subject, plan.config()));
        var transportBefore = subject.transport();
        change.switchTransport(host.transports());
        change.replacePolicies(host.kernelSpd());
        change.replaceAssociations(host.associations());
        change.setState(host.links());
        subject.setConfig(plan.config());
        undo.push("put back the configuration of " + subject.name(), () -> subject.setConfig(before));
        if (transportBefore != null && transportBefore != subject.transport()) {
            host.transports().release(transportBefore);
        }
    }

    private static int mtuOf(ManagedInterface subject, InterfaceConfig config) {
        TunnelState state = subject.tunnel().state();
        return PathMtus.interfaceMtu(
                config,
                subject.pathMtu(),
                InterfaceChange.encapsulation(config),
                state == null ? null : state.outbound());
    }

    /** Starts, changes or ends what sends an interface's dummy packets. */
    private void adjustDummies(ManagedInterface each) {
        int rate = each.config().packets().dummiesPerSecond();
        if (rate == each.dummiesPerSecond()) {
            return;
        }
        end(each.dummies());
        AutoCloseable next =
                rate == 0 ? () -> {} : host.control().every(NANOS_PER_SECOND / rate, each.tunnel()::sendDummy);
        each.setDummies(rate, next);
    }

    private static void end(AutoCloseable task) {
        try {
            task.close();
        } catch (Exception e) {
            LOG.error("{}", e.getMessage());
        }
    }

    /** Before the kernel gets an entry, so that a crash in between leaves none that nobody knows. */
    private void recordIntent(ManagedInterface subject, InterfaceChange.Plan plan) throws RefusedException {
        List<SecurityPolicy> both = new ArrayList<>(subject.policies().policies());
        both.addAll(plan.policies());
        List<StateDirectory.Entry> entries = entries();
        entries.add(StateDirectory.Entry.of(
                subject.name(), plan.config().reqid(), subject.tunnel().index(), both));
        host.record(entries);
    }

    private List<StateDirectory.Entry> entries() {
        List<StateDirectory.Entry> entries = new ArrayList<>();
        for (ManagedInterface each : interfaces.values()) {
            entries.add(StateDirectory.Entry.of(
                    each.name(),
                    each.config().reqid(),
                    each.tunnel().index(),
                    each.policies().policies()));
        }
        return entries;
    }

    /** Fills in an automatic reqid; refuses one that is somebody else's. */
    InterfaceConfig assignReqid(InterfaceConfig wanted, int current) throws ErrnoException, RefusedException {
        int asked = wanted.reqid() != 0 ? wanted.reqid() : current;
        if (asked == current && current != 0) {
            return wanted.withReqid(current);
        }
        Set<Integer> taken = new HashSet<>(host.kernelSpd().idsInUse());
        for (ManagedInterface other : interfaces.values()) {
            if (asked != 0 && other.config().reqid() == asked) {
                throw new RefusedException(
                        wanted.name() + ": reqid " + Integer.toUnsignedString(asked) + " is " + other.name() + "'s");
            }
            taken.add(other.config().reqid());
        }
        if (asked != 0 && taken.contains(asked)) {
            throw new RefusedException(wanted.name() + ": reqid or if_id " + Integer.toUnsignedString(asked)
                    + " is in use by another program's policy in the kernel");
        }
        int reqid = asked != 0 ? asked : ReqidAllocator.allocate(wanted.name(), taken);
        if (reqid == 0) {
            throw new RefusedException(wanted.name() + ": no automatic reqid is free; give one");
        }
        return wanted.withReqid(reqid);
    }

    /** Removes an interface, or what is in the kernel still of one that vanished. @throws RefusedException if there is neither */
    void destroy(String name) throws RefusedException {
        if (vanished().contains(name)) {
            forget(name);
        } else {
            destroy(require(name));
        }
    }

    /** Those that are no more, and of which something is in the kernel still. */
    Set<String> vanished() {
        Set<String> names = new TreeSet<>(host.kernelSpd().kept().keySet());
        names.removeAll(interfaces.keySet());
        return names;
    }

    /** Removes what is in the kernel of one of {@link #vanished()}. */
    void forget(String name) {
        host.kernelSpd().removeAll(name, List.of());
        settle();
        LOG.info("{}: destroyed", name);
    }

    /** Removes an interface, its policies and its SAs. What fails is logged; the interface is gone in any case. */
    void destroy(ManagedInterface subject) {
        remove(subject, host.kernelSpd()::removeAll);
    }

    /** As {@link #destroy}, but nobody means to be rid of it: what it refuses the whole host stays in the kernel. */
    void retire(ManagedInterface subject) {
        remove(subject, host.kernelSpd()::removeAllButFences);
    }

    private void remove(ManagedInterface subject, BiConsumer<String, List<SecurityPolicy>> policies) {
        interfaces.remove(subject.name());
        removeAssociations(subject);
        policies.accept(subject.name(), subject.policies().policies());
        host.binding().publish(interfaces.values());
        end(subject.dummies());
        subject.tunnel().publish(null);
        subject.tunnel().close();
        var transport = subject.transport();
        if (transport != null) {
            host.transports().release(transport);
        }
        settle();
        LOG.info("{}: destroyed", subject.name());
    }

    private void removeAssociations(ManagedInterface subject) {
        Undo never = new Undo();
        int reqid = subject.config().reqid();
        for (SecurityAssociation sa : host.sad().select(parameters -> parameters.reqid() == reqid)) {
            host.associations().remove(sa, never);
        }
    }

    /** Somebody removed the device under us. */
    void vanished(String name) {
        ManagedInterface gone = interfaces.get(name);
        if (gone != null) {
            LOG.warn("{}: the interface was removed by another program; its policies and SAs go too", name);
            retire(gone);
        }
    }

    /** Asks for the routes to all peers again, and lets what was learned grow old. */
    void refreshPaths() {
        paths.age();
        interfaces.keySet().forEach(this::refreshPath);
    }

    /** Asks for the route to one peer again. */
    void refreshPath(String name) {
        ManagedInterface each = interfaces.get(name);
        if (each == null) {
            return;
        }
        try {
            if (paths.refresh(each)) {
                settle();
            }
        } catch (ErrnoException e) {
            LOG.warn("{}: {}", name, e.getMessage());
        }
    }

    /** Interfaces without an MTU of their own follow the path and the algorithm. */
    private boolean adjustMtu(ManagedInterface each) {
        int mtu = mtuOf(each, each.config());
        if (mtu == each.mtu()) {
            return false;
        }
        try {
            host.links().setMtu(each.tunnel().index(), mtu);
            each.setMtu(mtu);
            LOG.info("{}: MTU {}, by the route to the peer and the SA's algorithm", each.name(), mtu);
            return true;
        } catch (ErrnoException e) {
            LOG.warn("{}: {}", each.name(), e.getMessage());
            return false;
        }
    }

    /** Publishes to the workers, and records for the next start, what the SAD and the interfaces now are. */
    void settle() {
        host.binding().publish(interfaces.values());
        boolean changed = false;
        for (ManagedInterface each : interfaces.values()) {
            changed |= adjustMtu(each);
            adjustDummies(each);
        }
        if (changed) {
            host.binding().publish(interfaces.values());
        }
        host.associations().closeRemoved();
        try {
            host.record(entries());
        } catch (RefusedException e) {
            LOG.error("{}", e.getMessage());
        }
    }
}
