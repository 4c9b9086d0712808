package org.ipsecif.daemon;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.ipsecif.control.DaemonControl.RefusedException;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.InstalledPolicy;
import org.ipsecif.platform.PolicyChange;
import org.ipsecif.platform.PolicyChange.Install;
import org.ipsecif.platform.PolicyChange.Remove;
import org.ipsecif.platform.PolicyChange.Update;
import org.ipsecif.platform.PolicyInstaller;
import org.ipsecif.platform.PolicyInstaller.Outcome;
import org.ipsecif.sa.PolicyKey;
import org.ipsecif.sa.SecurityPolicy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One change of one interface's entries in the kernel, and how to take it back. Control thread only. */
final class KernelSpdChange {
    private static final Logger LOG = LoggerFactory.getLogger(KernelSpdChange.class);

    private final String interfaceName;
    private final PolicyInstaller installer;
    private final Map<PolicyKey, InstalledPolicy> before;
    private final Deque<PolicyChange> inverse = new ArrayDeque<>();

    /** @param before the entries that are ours to change or remove */
    KernelSpdChange(String interfaceName, PolicyInstaller installer, Map<PolicyKey, InstalledPolicy> before) {
        this.interfaceName = interfaceName;
        this.installer = installer;
        this.before = before;
    }

    /**
     * Changes in place, then additions, then removals: no flow is without a policy meanwhile.
     *
     * @throws RefusedException as the kernel says; then see {@link #takeBack}
     */
    void make(Map<PolicyKey, SecurityPolicy> after) throws RefusedException {
        List<PolicyChange> updates = new ArrayList<>();
        List<PolicyChange> additions = new ArrayList<>();
        after.forEach((key, policy) -> {
            InstalledPolicy there = before.get(key);
            if (there == null) {
                additions.add(new Install(policy));
            } else if (!there.is(policy)) {
                updates.add(new Update(policy));
            }
        });
        apply(updates);
        apply(additions);
        List<PolicyChange> removals = new ArrayList<>();
        before.keySet().stream().filter(key -> !after.containsKey(key)).forEach(key -> removals.add(new Remove(key)));
        apply(removals);
    }

    private void apply(List<PolicyChange> changes) throws RefusedException {
        List<Outcome> outcomes = installer.apply(changes);
        outcomes.stream().filter(Outcome::done).map(Outcome::change).forEach(this::remember);
        for (Outcome outcome : outcomes) {
            if (outcome.change() instanceof Remove remove && outcome.errno() == ErrnoException.ENOENT) {
                LOG.warn("{}: policy {} was gone from the kernel's SPD", interfaceName, remove.key());
            } else if (!outcome.done()) {
                throw refusal(outcome);
            }
        }
    }

    private void remember(PolicyChange change) {
        if (change instanceof Install) {
            inverse.push(new Remove(change.key()));
            return;
        }
        InstalledPolicy there = before.get(change.key());
        SecurityPolicy policy = there == null ? null : there.policy();
        if (policy != null) {
            inverse.push(change instanceof Update ? new Update(policy) : new Install(policy));
        }
    }

    private RefusedException refusal(Outcome outcome) {
        PolicyChange change = outcome.change();
        String what = change instanceof Install install
                ? named(install.policy())
                : change instanceof Update update ? named(update.policy()) : "(" + change.key() + ")";
        if (outcome.errno() == ErrnoException.EEXIST) {
            return new RefusedException(
                    interfaceName + ": the kernel's SPD has another program's policy in the place of " + what);
        }
        return new RefusedException(interfaceName + ": the kernel refuses policy " + what + ": " + outcome.reason());
    }

    private static String named(SecurityPolicy policy) {
        return policy.name() + " (" + PolicyKey.of(policy) + ")";
    }

    /** What was done last goes first, so that again no flow is without a policy meanwhile. */
    void takeBack() {
        for (Outcome outcome : installer.apply(List.copyOf(inverse))) {
            if (!outcome.done()) {
                PolicyKey key = outcome.change().key();
                LOG.error("{}: cannot put back policy {}: {}", interfaceName, key, outcome.reason());
            }
        }
        inverse.clear();
    }
}
