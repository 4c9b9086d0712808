package org.ipsecif.daemon;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.InstalledPolicy;
import org.ipsecif.platform.PolicyChange;
import org.ipsecif.platform.PolicyChange.Install;
import org.ipsecif.platform.PolicyChange.Remove;
import org.ipsecif.platform.PolicyChange.Update;
import org.ipsecif.platform.PolicyInstaller;
import org.ipsecif.sa.Direction;
import org.ipsecif.sa.Level;
import org.ipsecif.sa.PolicyAction;
import org.ipsecif.sa.PolicyKey;
import org.ipsecif.sa.PolicyScope;
import org.ipsecif.sa.SecurityPolicy;
import org.ipsecif.sa.Selector;
import org.ipsecif.sa.TransformTemplate;

/**
 * An SPD that keeps what FreeBSD's keeps (netipsec/key.c): entries of the whole host, inbound or outbound, of one port or all, with a
 * reqid at level unique alone; each gets a number of its own, a new one when it is replaced. What it could not be told is a fault of the
 * test's subject.
 */
final class FreeBsdSpd implements PolicyInstaller {
    final Map<PolicyKey, InstalledPolicy> entries = new LinkedHashMap<>();

    /** Every change that was made, in its order. */
    final List<PolicyChange> made = new ArrayList<>();

    private int last;

    /** As setkey(8) does it, or another program. */
    InstalledPolicy put(SecurityPolicy policy) {
        SecurityPolicy kept = kept(policy);
        InstalledPolicy entry = InstalledPolicy.of(kept).withNumber(++last);
        entries.put(PolicyKey.of(kept), entry);
        return entry;
    }

    /** A boot empties it, and begins to count anew. */
    void boot() {
        entries.clear();
        last = 0;
    }

    private static SecurityPolicy kept(SecurityPolicy policy) {
        List<TransformTemplate> transforms = policy.transforms().stream()
                .map(each -> new TransformTemplate(
                        each.mode(),
                        each.source(),
                        each.destination(),
                        each.level(),
                        each.level() == Level.UNIQUE ? each.reqid() : 0))
                .toList();
        return new SecurityPolicy(
                "",
                policy.direction(),
                policy.selector(),
                policy.action(),
                transforms,
                policy.priority(),
                policy.scope());
    }

    private static void check(PolicyKey key) {
        boolean sayable = key.scope() instanceof PolicyScope.Host
                && key.direction() != Direction.FORWARD
                && isSayable(key.selector().sourcePorts())
                && isSayable(key.selector().destinationPorts());
        if (!sayable) {
            throw new AssertionError("FreeBSD's SPD cannot be told of " + key);
        }
    }

    private static boolean isSayable(Selector.PortRange ports) {
        return ports.equals(Selector.PortRange.ANY) || (ports.first() == ports.last() && ports.first() > 0);
    }

    @Override
    public List<Outcome> apply(List<PolicyChange> changes) {
        return changes.stream().map(this::apply).toList();
    }

    private Outcome apply(PolicyChange change) {
        check(change.key());
        boolean there = entries.containsKey(change.key());
        if (change instanceof Install && there) {
            return new Outcome(change, ErrnoException.EEXIST, "File exists");
        }
        if (change instanceof Remove && !there) {
            return new Outcome(change, ErrnoException.ENOENT, "no such entry");
        }
        made.add(change);
        if (change instanceof Remove) {
            entries.remove(change.key());
            return new Outcome(change, 0, "");
        }
        SecurityPolicy policy = change instanceof Install install ? install.policy() : ((Update) change).policy();
        return new Outcome(change, 0, "", put(policy).number());
    }

    @Override
    public List<InstalledPolicy> dump() {
        return List.copyOf(entries.values());
    }

    @Override
    public int origin() {
        return MemorySpd.ORIGIN;
    }

    @Override
    public void close() {}

    /** A line an entry: {@code out 10.0.0.1/32 to 10.0.0.2/32, host: 1000 protect esp/tunnel/A-B/use}. */
    Set<String> lines() {
        return entries.values().stream()
                .map(entry -> line(entry.policy()))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    static String line(SecurityPolicy policy) {
        String words = policy.action() == PolicyAction.PROTECT
                ? "protect " + policy.transforms().get(0).words()
                : policy.action() == PolicyAction.BYPASS ? "bypass" : "discard";
        return PolicyKey.of(policy) + ": " + policy.priority() + " " + words;
    }
}
