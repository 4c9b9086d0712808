package org.ipsecif.platform;

import java.util.List;

/** In place of the SPD of a kernel that has none: there is nothing in it, and nothing can be put there. */
public final class AbsentSpd implements PolicyInstaller {
    private final String reason;

    /** @param reason what the kernel lacks, for users */
    public AbsentSpd(String reason) {
        this.reason = reason;
    }

    @Override
    public List<Outcome> apply(List<PolicyChange> changes) {
        return changes.stream().map(this::refused).toList();
    }

    private Outcome refused(PolicyChange change) {
        int errno = change instanceof PolicyChange.Remove ? ErrnoException.ENOENT : ErrnoException.EINVAL;
        return new Outcome(change, errno, reason);
    }

    @Override
    public List<InstalledPolicy> dump() {
        return List.of();
    }

    @Override
    public int origin() {
        return 0;
    }

    @Override
    public void close() {}
}
