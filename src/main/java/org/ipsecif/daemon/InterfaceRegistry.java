package org.ipsecif.daemon;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.ipsecif.config.ConfigException;
import org.ipsecif.config.InterfaceConfig;
import org.ipsecif.config.InterfaceName;
import org.ipsecif.control.DaemonControl.RefusedException;
import org.ipsecif.daemon.HookFacts.Event;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.sa.Flow;
import org.ipsecif.sa.InnerAddress;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.SecurityAssociation;
import org.ipsecif.sa.SecurityPolicy;
import org.ipsecif.sa.SecurityPolicyDatabase;
import org.ipsecif.sa.TunnelEndpoints;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The interfaces that exist, and the hook: every change of one renders its template and applies the difference, wholly
 * or not at all. Control thread only.
 */
final class InterfaceRegistry {
    private static final Logger LOG = LoggerFactory.getLogger(InterfaceRegistry.class);

    private final Host host;
    private final Planner planner;
    private final Leftovers leftovers;
    private final Reqids reqids;
    private final Devices devices;
    private final UserHooks hooks;
    private final Map<String, ManagedInterface> interfaces = new TreeMap<>();
    private final PathMtus paths;
    private final SaLifetimes lifetimes;
    private final WorkerEvents events;
    private final IkePeers peers;
    private final AddressFollower addresses;

    private final Settlement settlement;
    private boolean batching;

    /** @param leftovers what an earlier daemon left, to be taken over */
    InterfaceRegistry(Host host, Planner planner, Leftovers leftovers, UserHooks hooks) {
        this.host = host;
        this.hooks = hooks;
        this.planner = planner;
        this.leftovers = leftovers;
        this.reqids = new Reqids(host.kernelSpd(), leftovers, host.platform().reqids());
        this.paths = new PathMtus(host, Collections.unmodifiableCollection(interfaces.values()));
        this.settlement = new Settlement(host, leftovers, interfaces.values());
        this.lifetimes = new SaLifetimes(host, this::settle);
        this.events = new WorkerEvents(host.control(), this);
        this.devices = new Devices(host, leftovers, events);
        this.peers = new IkePeers(host, this);
        this.addresses = new AddressFollower(this, hooks);
        settlement.setForgettable(peers::isKeyed);
        host.kernelSpd().setRecord(settlement::record);
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
        return freeName(prefix, Set.of());
    }

    /** Likewise, and none of these. */
    String freeName(String prefix, Set<String> others) throws RefusedException {
        try {
            int unit = 0;
            while (others.contains(prefix + unit)
                    || interfaces.containsKey(prefix + unit)
                    || host.links().indexOf(prefix + unit) != 0) {
                unit++;
            }
            return prefix + unit;
        } catch (ErrnoException e) {
            throw new RefusedException(String.valueOf(e.getMessage()));
        }
    }

    /** Several changes. */
    interface Batch {
        void run() throws ConfigException, RefusedException;
    }

    /**
     * Makes many changes with one record of what is coming and one publication of what is: else each of a thousand interfaces would
     * cost as much as all.
     *
     * @param coming interfaces that are about to be made
     */
    void batch(Collection<InterfaceConfig> coming, Batch changes) throws ConfigException, RefusedException {
        planner.readAgain();
        recordIntents(coming);
        batching = true;
        settlement.suspend();
        try {
            changes.run();
        } finally {
            batching = false;
            settlement.resume();
            peers.settle(interfaces.values());
        }
    }

    private void recordIntents(Collection<InterfaceConfig> coming) throws ConfigException, RefusedException {
        List<StateDirectory.Entry> intents = new ArrayList<>(host.recorded());
        try {
            for (InterfaceConfig each : coming) {
                if (!interfaces.containsKey(each.name())) {
                    InterfaceConfig config = reqids.assign(each, 0, interfaces.values());
                    InterfaceChange.Plan plan = planner.planWith(config, config.addresses(), List.of());
                    intents.add(settlement.entry(config, 0, plan.copy().entries(), devices.makes(each.name())));
                }
            }
        } catch (ErrnoException | RefusedException e) {
            LOG.debug("recorded one by one, since: {}", e.getMessage()); // what is in the way may be about to go
            return;
        }
        host.record(intents);
    }

    /** Makes an interface as wanted, or nothing. One that an earlier daemon left is taken over as it is, and changed in place. */
    ManagedInterface create(InterfaceConfig wanted) throws ConfigException, RefusedException {
        return create(wanted, false);
    }

    /** Likewise also of one that somebody else has made. */
    ManagedInterface createOrAdopt(InterfaceConfig wanted) throws ConfigException, RefusedException {
        return create(wanted, true);
    }

    private ManagedInterface create(InterfaceConfig wanted, boolean mayAdopt) throws ConfigException, RefusedException {
        String name = wanted.name();
        InterfaceName.check(name);
        if (interfaces.containsKey(name)) {
            throw new RefusedException(name + ": an interface of that name exists already");
        }
        if (!batching) {
            checkBeside(wanted);
        }
        Undo undo = new Undo();
        try {
            readTemplatesAgain();
            InterfaceChange.Plan plan = planner.plan(withReqid(wanted, null));
            host.recordToo(settlement.entry(plan.config(), 0, plan.copy().entries(), devices.makes(name)));
            ManagedInterface created = devices.open(name, mayAdopt, undo);
            interfaces.put(name, created);
            undo.push("forget " + name, () -> interfaces.remove(name));
            apply(created, planFor(created, plan), undo);
            undo.commit();
            leftovers.taken(name);
            LOG.info(
                    "{}: {}, reqid {}, MTU {}",
                    name,
                    created.origin(),
                    Integer.toUnsignedString(created.config().reqid()),
                    created.mtu());
            hooks.run(HookFacts.of(Event.CREATED, created));
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

    /** Its configuration, up or down as others may have made it: a command about something else leaves that alone. */
    InterfaceConfig asItIs(ManagedInterface subject) throws ErrnoException {
        return subject.config()
                .withUp(host.links().link(subject.tunnel().index()).up());
    }

    /** Makes an interface that exists as wanted, in place, or leaves it as it is. */
    void change(ManagedInterface subject, InterfaceConfig wanted) throws ConfigException, RefusedException {
        Undo undo = new Undo();
        InterfaceConfig before = subject.config();
        try {
            readTemplatesAgain();
            if (!batching) {
                checkBeside(wanted);
            }
            InterfaceConfig assigned = withReqid(subject.withAssigned(wanted, subject.assigned()), subject);
            InterfaceChange.Plan plan = planner.plan(assigned, subject.addressesWith(assigned));
            checkModes(subject, plan);
            apply(subject, plan, undo);
            undo.commit();
            subject.setProblem(null);
            if (!before.equals(subject.config())) {
                hooks.run(HookFacts.of(Event.CHANGED, subject));
            }
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

    /** SAs that setkey(8) added serve policies of their mode alone. */
    private void checkModes(ManagedInterface subject, InterfaceChange.Plan plan) throws RefusedException {
        IpsecMode mode = SecurityPolicyDatabase.modeOf(plan.policies());
        boolean changes =
                !plan.policies().isEmpty() && mode != subject.policies().mode();
        for (SecurityAssociation sa :
                host.sad().select(each -> each.reqid() == plan.config().reqid())) {
            boolean filed = subject.fromSaFile().stream().anyMatch(each -> each.sa() == sa);
            if (changes && !filed && !sa.parameters().mode().serves(mode)) {
                throw new RefusedException("SA " + sa.parameters() + " is of "
                        + sa.parameters().mode().word() + " mode, the policies of template \""
                        + plan.config().template() + "\" are of "
                        + mode.word() + " mode; delete it first");
            }
        }
    }

    /** As {@link #create} or, with an interface that exists, {@link #change} would fill in the reqid. */
    InterfaceConfig withReqid(InterfaceConfig wanted, @Nullable ManagedInterface existing)
            throws ErrnoException, RefusedException {
        List<ManagedInterface> others =
                interfaces.values().stream().filter(each -> each != existing).toList();
        return reqids.assign(wanted, existing == null ? 0 : existing.config().reqid(), others);
    }

    /**
     * Whether an interface can be as wanted beside what there is, and what comes into being with a peer, whose sockets are there before. Where
     * there are several changes at once it is asked before ({@link Reload}, {@link HostWatch}).
     */
    void checkBeside(InterfaceConfig wanted) throws ConfigException {
        host.routingTables().checkBeside(wanted, peers.kinds(), interfaces.values());
    }

    /** What others gave the interface, or took away, and its policies follow. */
    AddressFollower addresses() {
        return addresses;
    }

    /** Has the policies be those of these addresses, or stay as they are. */
    void renderFor(ManagedInterface subject, List<InnerAddress> present)
            throws ErrnoException, ConfigException, RefusedException {
        Undo undo = new Undo();
        try {
            readTemplatesAgain();
            InterfaceConfig config = subject.config();
            InterfaceChange.Plan plan = planner.planWith(config, present, List.of());
            recordIntent(subject, plan);
            new InterfaceChange(subject, plan, undo).replacePolicies(host.kernelSpd());
            undo.commit();
        } catch (ErrnoException | ConfigException | RefusedException | RuntimeException e) {
            undo.rollBack();
            throw e;
        }
    }

    /** Files may have changed since the last command; within a batch all see the same. */
    private void readTemplatesAgain() {
        if (!batching) {
            planner.readAgain();
        }
    }

    /** With the addresses that others gave the device; and nobody's device is taken down. */
    private InterfaceChange.Plan planFor(ManagedInterface opened, InterfaceChange.Plan plan) throws ConfigException {
        InterfaceConfig config = opened.keepAssigned(plan.config());
        if (!opened.isMade()) {
            config = config.withUp(config.up() || opened.config().up());
        }
        List<InnerAddress> addresses = opened.addressesWith(config);
        return planner.planWith(config, addresses, plan.associations());
    }

    private void apply(ManagedInterface subject, InterfaceChange.Plan plan, Undo undo)
            throws ErrnoException, RefusedException {
        InterfaceChange change = new InterfaceChange(subject, plan, undo);
        InterfaceConfig before = subject.config();
        recordIntent(subject, plan);
        change.findPath(host, paths);
        change.replaceAssociations(host.associations());
        IpsecMode mode = SecurityPolicyDatabase.modeOf(plan.policies());
        change.configureLink(
                host,
                Settlement.mtuOf(subject, plan.config(), mode, host.binding().outbound(plan.config(), mode)));
        var transportBefore = subject.transport();
        change.switchTransport(host.transports());
        change.replacePolicies(host.kernelSpd());
        change.setState(host.links());
        subject.setConfig(plan.config());
        undo.push("put back the configuration of " + subject.name(), () -> subject.setConfig(before));
        if (transportBefore != null && transportBefore != subject.transport()) {
            host.transports().release(transportBefore);
        }
    }

    private void recordIntent(ManagedInterface subject, InterfaceChange.Plan plan) throws RefusedException {
        host.recordToo(settlement.entry(subject, plan));
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
        policies.accept(subject.name(), subject.copy().entries());
        Settlement.end(subject.dummies());
        subject.tunnel().publish(null);
        devices.letGo(subject);
        var transport = subject.transport();
        if (transport != null) {
            host.transports().release(transport);
        }
        settle();
        LOG.info("{}: {}", subject.name(), subject.isMade() ? "destroyed" : "let go");
        hooks.run(HookFacts.of(Event.DESTROYED, subject));
    }

    private void removeAssociations(ManagedInterface subject) {
        Undo never = new Undo();
        int reqid = subject.config().reqid();
        for (SecurityAssociation sa : host.sad().select(parameters -> parameters.reqid() == reqid)) {
            host.associations().remove(sa, never);
        }
    }

    /**
     * The daemon's end: packets of all interfaces end, then interfaces are destroyed, or left on the host as they are, for another
     * daemon to take over.
     *
     * @param stays which are left
     * @return whether nothing is left, in the kernel's SPD neither
     */
    boolean end(Predicate<ManagedInterface> stays) throws RefusedException {
        settlement.suspend();
        host.binding().publish(List.of());
        interfaces.values().forEach(each -> each.tunnel().publish(null));
        host.sequences().close(settlement.manual());
        for (ManagedInterface each : all()) {
            if (stays.test(each)) {
                Settlement.end(each.dummies());
                each.tunnel().close();
                LOG.info("{}: left as it is", each.name());
            } else {
                retire(each);
            }
        }
        host.associations().closeRemoved();
        host.record(settlement.entries());
        return interfaces.isEmpty()
                && leftovers.all().isEmpty()
                && host.kernelSpd().kept().isEmpty();
    }

    /** Removes what an earlier daemon left and the configuration no longer has. */
    void removeLeftovers() {
        int removed = host.kernelSpd().removeLeftovers();
        if (removed > 0) {
            LOG.info("removed {} policies that an earlier run left in the kernel's SPD", removed);
        }
        leftovers.unclaimed().forEach(devices::removeLeftover);
        leftovers.clear();
        settle();
    }

    /** Once a second: SAs grow old, and send. */
    void tick() {
        lifetimes.tick();
        host.sequences().keep();
        host.transports().tryAgain();
        addresses.tryAgain();
        peers.tryAgain();
    }

    /** Its peer, which may be anywhere, was found there. */
    void moved(ManagedInterface subject, TunnelEndpoints endpoints) throws ErrnoException {
        subject.setPathMtu(paths.find(endpoints));
        hooks.run(HookFacts.of(Event.CHANGED, subject));
    }

    IkePeers peers() {
        return peers;
    }

    /** A packet waits for an SA. */
    void acquire(String name, Flow packet) {
        peers.acquire(name, packet);
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
        try {
            if (each != null && paths.refresh(each)) {
                settle();
            }
        } catch (ErrnoException e) {
            LOG.warn("{}: {}", name, e.getMessage());
        }
    }

    /** Publishes and records what there is now. */
    void settle() {
        settlement.settle();
        if (!batching) {
            peers.settle(interfaces.values());
        }
    }
}
