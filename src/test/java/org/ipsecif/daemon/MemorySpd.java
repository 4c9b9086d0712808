package org.ipsecif.daemon;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.InstalledPolicy;
import org.ipsecif.platform.PolicyChange;
import org.ipsecif.platform.PolicyChange.Install;
import org.ipsecif.platform.PolicyChange.Remove;
import org.ipsecif.platform.PolicyChange.Update;
import org.ipsecif.platform.PolicyInstaller;
import org.ipsecif.sa.PolicyKey;
import org.ipsecif.sa.SecurityPolicy;

/** An SPD that answers as XFRM does, and refuses what a test tells it to. */
final class MemorySpd implements PolicyInstaller {
    static final int ORIGIN = 42;

    final Map<PolicyKey, InstalledPolicy> entries = new LinkedHashMap<>();

    /** Every change that was made, in its order. */
    final List<PolicyChange> made = new ArrayList<>();

    Predicate<PolicyChange> refused = change -> false;
    boolean broken;
    int dumps;

    /** As another program does it: whatever there was. */
    void put(SecurityPolicy policy) {
        entries.put(PolicyKey.of(policy), InstalledPolicy.of(policy));
    }

    @Override
    public List<Outcome> apply(List<PolicyChange> changes) {
        return changes.stream().map(this::apply).toList();
    }

    private Outcome apply(PolicyChange change) {
        boolean there = entries.containsKey(change.key());
        int errno = refused.test(change)
                ? ErrnoException.EINVAL
                : change instanceof Install && there
                        ? ErrnoException.EEXIST
                        : change instanceof Remove && !there ? ErrnoException.ENOENT : 0;
        if (errno != 0) {
            return new Outcome(change, errno, "errno " + errno + " (planned)");
        }
        made.add(change);
        if (change instanceof Install install) {
            put(install.policy());
        } else if (change instanceof Update update) {
            put(update.policy());
        } else {
            entries.remove(change.key());
        }
        return new Outcome(change, 0, "");
    }

    @Override
    public List<InstalledPolicy> dump() throws ErrnoException {
        dumps++;
        if (broken) {
            throw new ErrnoException("XFRM_MSG_GETPOLICY", ErrnoException.EPERM, "planned");
        }
        return List.copyOf(entries.values());
    }

    @Override
    public int origin() {
        return ORIGIN;
    }

    @Override
    public void close() {}
}
