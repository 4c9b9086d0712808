package org.ipsecif.daemon;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import org.ipsecif.control.DaemonControl.RefusedException;
import org.ipsecif.platform.AbsentSpd;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.InstalledPolicy;
import org.ipsecif.platform.PolicyChange;
import org.ipsecif.platform.PolicyInstaller;
import org.ipsecif.platform.PolicyInstaller.Outcome;
import org.ipsecif.sa.Level;
import org.ipsecif.sa.PolicyAction;
import org.ipsecif.sa.PolicyKey;
import org.ipsecif.sa.PolicyScope;
import org.ipsecif.sa.SecurityPolicy;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The copies of our policies in the kernel's SPD; touches nobody else's. Control thread only, except where said. */
final class KernelSpd implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KernelSpd.class);

    /**
     * An entry that the kernel should hold.
     *
     * @param wants what each interface that wants one with this key, there or gone, wants it to be, by name, in the order they came; the kernel
     *     holds the first
     */
    private record Owned(Map<String, SecurityPolicy> wants) {
        SecurityPolicy policy() {
            return wants.values().iterator().next();
        }

        /** Null if no other wants one. */
        @Nullable
        Owned without(String interfaceName) {
            Map<String, SecurityPolicy> others = new LinkedHashMap<>(wants);
            others.remove(interfaceName);
            return others.isEmpty() ? null : new Owned(others);
        }

        Owned with(String interfaceName, SecurityPolicy policy) {
            Map<String, SecurityPolicy> all = new LinkedHashMap<>(wants);
            all.put(interfaceName, policy);
            return new Owned(all);
        }
    }

    /**
     * How the kernel's SPD differs from what it should hold of ours.
     *
     * @param missing are not there
     * @param altered are there, and do something else
     * @param orphaned left by an earlier run, and wanted by no interface
     */
    record Differences(List<SecurityPolicy> missing, List<SecurityPolicy> altered, List<PolicyKey> orphaned) {
        boolean isEmpty() {
            return missing.isEmpty() && altered.isEmpty() && orphaned.isEmpty();
        }
    }

    private final NumberedSpd installer;
    private final boolean there;
    private final Map<PolicyKey, Owned> ours = new LinkedHashMap<>();

    /** What an earlier run left, until an interface takes it over or nobody does. */
    private final Map<PolicyKey, InstalledPolicy> leftovers = new LinkedHashMap<>();

    /** What interfaces that have gone left in the kernel, and in {@link #ours}, by their names. */
    private final Map<String, List<SecurityPolicy>> kept = new TreeMap<>();

    private Set<Integer> othersIds = Set.of();
    private final AtomicBoolean othersIdsCurrent = new AtomicBoolean();
    private volatile boolean watched;
    private Runnable record = () -> {};

    KernelSpd(PolicyInstaller installer) {
        this(installer, true);
    }

    private KernelSpd(PolicyInstaller installer, boolean there) {
        this.installer = new NumberedSpd(installer);
        this.there = there;
    }

    /** Of a kernel that has none. @param reason what it lacks, for users */
    static KernelSpd absent(String reason) {
        return new KernelSpd(new AbsentSpd(reason), false);
    }

    /** Whether the kernel has one. */
    boolean isThere() {
        return there;
    }

    /** How these are recorded, for the next start to know them by: those that are in the kernel already with their numbers there. */
    List<String> lines(List<SecurityPolicy> policies) {
        return RecordedPolicies.linesFor(policies, installer::number);
    }

    /** Likewise while {@code before} becomes {@code after}, or is put back: what changes may get another number at any time. */
    List<String> lines(List<SecurityPolicy> before, List<SecurityPolicy> after) {
        Set<String> lines = new LinkedHashSet<>(lines(before));
        lines.addAll(lines(after));
        Map<PolicyKey, SecurityPolicy> next = new HashMap<>();
        after.forEach(each -> next.put(PolicyKey.of(each), each));
        List<SecurityPolicy> changing = new ArrayList<>(before);
        changing.removeIf(each -> {
            SecurityPolicy same = next.get(PolicyKey.of(each));
            return same != null && same.hasSameEffect(each);
        });
        lines.addAll(RecordedPolicies.linesFor(changing, each -> 0));
        return List.copyOf(lines);
    }

    /** Has the record written again when numbers change that stand in it. */
    void setRecord(Runnable next) {
        record = next;
    }

    /** Of the events that our own changes cause. Any thread. */
    int origin() {
        return installer.origin();
    }

    /** Whether somebody calls {@link #othersChanged} whenever others change the SPD: then it need not be read to know. Any thread. */
    void setWatched(boolean next) {
        othersIdsCurrent.set(false);
        watched = next;
    }

    /** Somebody else changed the SPD. Any thread. */
    void othersChanged() {
        othersIdsCurrent.set(false);
    }

    /** Every reqid and if_id that others' entries in the kernel have. */
    Set<Integer> idsInUse() throws ErrnoException {
        if (!watched || !othersIdsCurrent.getAndSet(true)) {
            Set<Integer> ids = new HashSet<>();
            for (InstalledPolicy policy : installer.dump()) {
                if (!isOurs(policy.key())) {
                    ids.addAll(policy.ids());
                }
            }
            othersIds = ids;
        }
        return Collections.unmodifiableSet(othersIds);
    }

    private boolean isOurs(@Nullable PolicyKey key) {
        return key != null && (ours.containsKey(key) || leftovers.containsKey(key));
    }

    /** Whether any of these entries should be in the kernel on our behalf. */
    boolean concerns(Set<PolicyKey> keys) {
        return !Collections.disjoint(ours.keySet(), keys);
    }

    /**
     * Makes the kernel's copy of one interface's policies {@code next}, touching only what differs. What an earlier run left is
     * taken over.
     *
     * @param previous what the interface had
     * @throws RefusedException naming the entry and the reason; {@code undo} then takes back what was done
     */
    void replace(String interfaceName, List<SecurityPolicy> previous, List<SecurityPolicy> next, Undo undo)
            throws RefusedException {
        Map<PolicyKey, SecurityPolicy> after = byKey(interfaceName, next);
        Map<PolicyKey, InstalledPolicy> taken = new LinkedHashMap<>();
        for (PolicyKey key : after.keySet()) {
            InstalledPolicy left = leftovers.get(key);
            if (left != null) {
                taken.put(key, left);
            }
        }
        Map<PolicyKey, InstalledPolicy> before = new LinkedHashMap<>(taken);
        List<SecurityPolicy> stayed = kept.getOrDefault(interfaceName, List.of());
        List<SecurityPolicy> had = new ArrayList<>(previous);
        had.addAll(stayed);
        had.forEach(policy -> before.put(PolicyKey.of(policy), InstalledPolicy.of(policy)));
        Set<PolicyKey> touched = new LinkedHashSet<>(before.keySet());
        touched.addAll(after.keySet());
        Map<PolicyKey, Owned> owned = new LinkedHashMap<>();
        Map<PolicyKey, Owned> owning = new LinkedHashMap<>();
        for (PolicyKey key : touched) {
            Owned now = ours.get(key);
            if (now != null) {
                owned.put(key, now);
                before.put(key, InstalledPolicy.of(now.policy()));
            }
            Owned then = owned(now, interfaceName, after.get(key));
            if (then != null) {
                owning.put(key, then);
                after.put(key, then.policy());
            }
        }

        KernelSpdChange change = new KernelSpdChange(interfaceName, installer, before);
        undo.push("put back the policies of " + interfaceName, () -> {
            change.takeBack();
            ours.keySet().removeAll(touched);
            ours.putAll(owned);
            keep(interfaceName, stayed);
            leftovers.putAll(taken);
        });
        change.make(after);
        ours.keySet().removeAll(touched);
        ours.putAll(owning);
        keep(interfaceName, List.of());
        leftovers.keySet().removeAll(taken.keySet());
    }

    /** @param policy what the interface wants with the key from now on, or null */
    private static @Nullable Owned owned(@Nullable Owned now, String interfaceName, @Nullable SecurityPolicy policy) {
        if (policy == null) {
            return now == null ? null : now.without(interfaceName);
        }
        return now == null ? new Owned(Map.of(interfaceName, policy)) : now.with(interfaceName, policy);
    }

    private void disown(String interfaceName, List<SecurityPolicy> policies) {
        for (SecurityPolicy policy : policies) {
            ours.computeIfPresent(PolicyKey.of(policy), (key, owned) -> owned.without(interfaceName));
        }
    }

    private Map<PolicyKey, SecurityPolicy> byKey(String interfaceName, List<SecurityPolicy> policies)
            throws RefusedException {
        Map<PolicyKey, SecurityPolicy> byKey = new LinkedHashMap<>();
        for (SecurityPolicy policy : policies) {
            PolicyKey key = PolicyKey.of(policy);
            SecurityPolicy twin = byKey.put(key, policy);
            if (twin != null) {
                throw new RefusedException(
                        interfaceName + ": policies " + twin.name() + " and " + policy.name() + " are both for " + key);
            }
            Owned owned = ours.get(key);
            Owned others = owned == null ? null : owned.without(interfaceName);
            if (others != null && !mayShare(others.policy(), policy)) {
                throw new RefusedException(interfaceName + ": policy " + policy.name() + " (" + key
                        + ") has the place of " + describe(others));
            }
        }
        return byKey;
    }

    /** Two tunnels to one network may both want that nothing else leads there, or that others see of either. */
    private static boolean mayShare(SecurityPolicy one, SecurityPolicy other) {
        return one.scope() instanceof PolicyScope.Host
                && (one.hasSameEffect(other) || (isInert(one) && isInert(other)));
    }

    /** Whether a kernel without SAs for it does nothing: others see it, and no packet depends on it. */
    private static boolean isInert(SecurityPolicy policy) {
        return policy.action() == PolicyAction.PROTECT
                && policy.transforms().stream().allMatch(each -> each.level() == Level.USE);
    }

    /** What the kernel should hold in this one's place: another interface may have come first with one of its key. */
    SecurityPolicy wanted(SecurityPolicy policy) {
        Owned owned = ours.get(PolicyKey.of(policy));
        return owned == null ? policy : owned.policy();
    }

    /** Whether it goes on to keep packets in when the interface that it is for has gone. */
    private static boolean isFence(SecurityPolicy policy) {
        return policy.scope() instanceof PolicyScope.Host && policy.action() == PolicyAction.DISCARD;
    }

    private void keep(String interfaceName, List<SecurityPolicy> fences) {
        if (fences.isEmpty()) {
            kept.remove(interfaceName);
        } else {
            kept.put(interfaceName, List.copyOf(fences));
        }
    }

    /** As {@link #removeAll}, for an interface that nobody means to be rid of: what it refuses the whole host stays. */
    void removeAllButFences(String interfaceName, List<SecurityPolicy> policies) {
        List<SecurityPolicy> fences = new ArrayList<>(kept.getOrDefault(interfaceName, List.of()));
        policies.stream().filter(KernelSpd::isFence).forEach(fences::add);
        keep(interfaceName, List.of());
        removeAll(
                interfaceName,
                policies.stream().filter(policy -> !isFence(policy)).toList());
        keep(interfaceName, fences);
    }

    /** What interfaces that have gone left behind, by their names. */
    Map<String, List<SecurityPolicy>> kept() {
        return Collections.unmodifiableMap(kept);
    }

    /** Removes all of an interface's policies, going on past those that somebody else removed. */
    void removeAll(String interfaceName, List<SecurityPolicy> policies) {
        List<SecurityPolicy> all = new ArrayList<>(policies);
        all.addAll(kept.getOrDefault(interfaceName, List.of()));
        keep(interfaceName, List.of());
        List<PolicyKey> keys = all.stream().map(PolicyKey::of).toList();
        Map<PolicyKey, SecurityPolicy> before = new LinkedHashMap<>();
        keys.stream()
                .map(ours::get)
                .filter(Objects::nonNull)
                .map(Owned::policy)
                .forEach(policy -> before.put(PolicyKey.of(policy), policy));
        disown(interfaceName, all);
        remove(
                interfaceName,
                keys.stream().filter(key -> !ours.containsKey(key)).toList());
        leaveToTheNext(interfaceName, before);
    }

    /** What another wants with the same key takes the place. */
    private void leaveToTheNext(String interfaceName, Map<PolicyKey, SecurityPolicy> before) {
        List<PolicyChange> changes = new ArrayList<>();
        before.forEach((key, policy) -> {
            Owned owned = ours.get(key);
            if (owned != null && !owned.policy().hasSameEffect(policy)) {
                changes.add(new PolicyChange.Update(owned.policy()));
            }
        });
        for (Outcome outcome : installer.apply(changes)) {
            if (!outcome.done()) {
                LOG.error(
                        "{}: policy {} stays: {}",
                        interfaceName,
                        outcome.change().key(),
                        outcome.reason());
            }
        }
    }

    private int remove(String owner, List<PolicyKey> keys) {
        List<PolicyChange> removals = new ArrayList<>();
        keys.forEach(key -> removals.add(new PolicyChange.Remove(key)));
        int removed = 0;
        for (Outcome outcome : installer.apply(removals)) {
            PolicyKey key = outcome.change().key();
            if (outcome.done()) {
                removed++;
            } else if (outcome.errno() == ErrnoException.ENOENT) {
                LOG.warn("{}: policy {} was gone from the kernel's SPD", owner, key);
            } else {
                LOG.error("{}: cannot remove policy {}: {}", owner, key, outcome.reason());
            }
        }
        return removed;
    }

    /** All entries of the kernel's SPD, ours and others'. */
    List<InstalledPolicy> dump() throws ErrnoException {
        return installer.dump();
    }

    private static boolean is(@Nullable InstalledPolicy installed, SecurityPolicy wanted) {
        return installed != null && installed.is(wanted);
    }

    private Map<PolicyKey, InstalledPolicy> installed() throws ErrnoException {
        Map<PolicyKey, InstalledPolicy> installed = new HashMap<>();
        for (InstalledPolicy policy : installer.dump()) {
            PolicyKey key = policy.key();
            if (key != null) {
                installed.put(key, policy);
            }
        }
        return installed;
    }

    /** The entries in the kernel that the record of an earlier run says are ours. */
    Map<PolicyKey, InstalledPolicy> owned(List<StateDirectory.Entry> recorded) throws ErrnoException {
        Map<PolicyKey, InstalledPolicy> installed = installed();
        Map<Integer, List<StateDirectory.Entry>> byIfId = new HashMap<>();
        List<StateDirectory.Entry> withLines = new ArrayList<>();
        for (StateDirectory.Entry entry : recorded) {
            byIfId.computeIfAbsent((int) entry.ifId(), ifId -> new ArrayList<>())
                    .add(entry);
            if (entry.recordsPolicies()) {
                withLines.add(entry);
            }
        }
        installed.values().removeIf(policy -> {
            PolicyKey key = policy.key();
            List<StateDirectory.Entry> possible = key != null && key.scope() instanceof PolicyScope.IfId scope
                    ? byIfId.getOrDefault(scope.ifId(), List.of())
                    : withLines;
            return possible.stream().noneMatch(each -> RecordedPolicies.isOf(each, policy));
        });
        return installed;
    }

    /**
     * Takes charge of what an earlier run left, as it is: {@link #replace} makes of it what an interface wants,
     * {@link #removeLeftovers()} removes the rest.
     *
     * @return how many entries there are
     */
    int adopt(List<StateDirectory.Entry> recorded) throws ErrnoException {
        if (!recorded.isEmpty()) {
            leftovers.putAll(owned(recorded));
            leftovers.keySet().removeAll(ours.keySet());
            leftovers.values().forEach(installer::remember);
        }
        return leftovers.size();
    }

    /** Removes what was adopted and no interface took over. @return how many entries there were */
    int removeLeftovers() {
        List<PolicyKey> keys = List.copyOf(leftovers.keySet());
        leftovers.clear();
        return remove("an earlier run", keys);
    }

    /** Compares what the kernel holds with what it should. */
    Differences differences() throws ErrnoException {
        Map<PolicyKey, InstalledPolicy> installed = installed();
        List<SecurityPolicy> missing = new ArrayList<>();
        List<SecurityPolicy> altered = new ArrayList<>();
        ours.forEach((key, owned) -> {
            InstalledPolicy there = installed.get(key);
            if (!is(there, owned.policy())) {
                (there == null ? missing : altered).add(owned.policy());
            }
        });
        List<PolicyKey> orphaned =
                leftovers.keySet().stream().filter(installed::containsKey).toList();
        return new Differences(missing, altered, orphaned);
    }

    private static PolicyChange removal(@Nullable InstalledPolicy left, PolicyKey key) {
        return new PolicyChange.Remove(key, left == null ? 0 : left.number());
    }

    /** Puts right what differs. What the kernel refuses is logged. @return how many entries are right now */
    int repair(Differences differences) {
        List<PolicyChange> changes = new ArrayList<>();
        differences.altered().forEach(policy -> changes.add(new PolicyChange.Update(policy)));
        differences.missing().forEach(policy -> changes.add(new PolicyChange.Install(policy)));
        differences.orphaned().forEach(key -> changes.add(removal(leftovers.get(key), key)));
        differences.orphaned().forEach(leftovers::remove);
        boolean numbered = installer.forget(changes);
        if (numbered) {
            record.run();
        }
        int repaired = 0;
        for (Outcome outcome : installer.apply(changes)) {
            if (outcome.done()) {
                repaired++;
            } else {
                LOG.error("cannot put right policy {}: {}", outcome.change().key(), outcome.reason());
            }
        }
        if (numbered) {
            record.run();
        }
        return repaired;
    }

    /** For messages: {@code out/inet of ipsec0}. */
    String describe(SecurityPolicy policy) {
        Owned owned = ours.get(PolicyKey.of(policy));
        return owned == null ? policy.name() : describe(owned);
    }

    private static String describe(Owned owned) {
        return owned.policy().name() + " of "
                + String.join(" and ", new TreeSet<>(owned.wants().keySet()));
    }

    @Override
    public void close() {
        installer.close();
    }
}
