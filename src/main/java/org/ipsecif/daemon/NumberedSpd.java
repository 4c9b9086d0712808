package org.ipsecif.daemon;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.InstalledPolicy;
import org.ipsecif.platform.PolicyChange;
import org.ipsecif.platform.PolicyChange.Install;
import org.ipsecif.platform.PolicyChange.Remove;
import org.ipsecif.platform.PolicyChange.Update;
import org.ipsecif.platform.PolicyInstaller;
import org.ipsecif.sa.PolicyKey;
import org.ipsecif.sa.SecurityPolicy;

/**
 * The kernel's SPD, remembering which numbers it gave to the entries that were made here, and removing them by these. Control thread only.
 */
final class NumberedSpd implements PolicyInstaller {
    private record Numbered(SecurityPolicy policy, int number) {}

    private final PolicyInstaller installer;
    private final Map<PolicyKey, Numbered> numbers = new HashMap<>();

    NumberedSpd(PolicyInstaller installer) {
        this.installer = installer;
    }

    /** The number of the entry that this one became, or 0. */
    int number(SecurityPolicy policy) {
        Numbered known = numbers.get(PolicyKey.of(policy));
        return known != null && known.policy().hasSameEffect(policy) ? known.number() : 0;
    }

    /** Of an entry that an earlier run made. */
    void remember(InstalledPolicy installed) {
        SecurityPolicy policy = installed.policy();
        if (policy != null) {
            remember(policy, installed.number());
        }
    }

    private void remember(SecurityPolicy policy, int number) {
        if (number == 0) {
            numbers.remove(PolicyKey.of(policy));
        } else {
            numbers.put(PolicyKey.of(policy), new Numbered(policy, number));
        }
    }

    /** The numbers of what is about to change. @return whether there were any */
    boolean forget(List<PolicyChange> changes) {
        boolean any = false;
        for (PolicyChange change : changes) {
            any |= numbers.remove(change.key()) != null;
        }
        return any;
    }

    @Override
    public List<Outcome> apply(List<PolicyChange> changes) {
        List<Outcome> outcomes = installer.apply(numbered(changes));
        outcomes.stream().filter(Outcome::done).forEach(this::note);
        return outcomes;
    }

    /** Removes the entries that we know, and not what others may have put in their place. */
    private List<PolicyChange> numbered(List<PolicyChange> changes) {
        Set<PolicyKey> changing = new HashSet<>(); // and so perhaps getting another number
        List<PolicyChange> all = new ArrayList<>(changes.size());
        for (PolicyChange change : changes) {
            Numbered known = changing.add(change.key()) ? numbers.get(change.key()) : null;
            boolean unnumbered = change instanceof Remove remove && remove.number() == 0;
            all.add(unnumbered && known != null ? new Remove(change.key(), known.number()) : change);
        }
        return all;
    }

    private void note(Outcome outcome) {
        PolicyChange change = outcome.change();
        if (change instanceof Install install) {
            remember(install.policy(), outcome.number());
        } else if (change instanceof Update update) {
            remember(update.policy(), outcome.number());
        } else {
            numbers.remove(change.key());
        }
    }

    @Override
    public List<InstalledPolicy> dump() throws ErrnoException {
        return installer.dump();
    }

    @Override
    public int origin() {
        return installer.origin();
    }

    @Override
    public void close() {
        installer.close();
    }
}
