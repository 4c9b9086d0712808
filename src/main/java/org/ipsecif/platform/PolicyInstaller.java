package org.ipsecif.platform;

import java.util.List;

/** The kernel's SPD: it holds a copy of ours, and what others put there. Control thread only. */
public interface PolicyInstaller extends AutoCloseable {
    /**
     * What became of one change.
     *
     * @param errno 0 if it was made; ENOBUFS if the kernel's answer was lost
     * @param reason the kernel's words for {@code errno}, with its own explanation where it gives one; empty if it was made
     * @param number the {@link InstalledPolicy#number()} of the entry that the change made; 0 if there is none, or it is not known
     */
    record Outcome(PolicyChange change, int errno, String reason, int number) {
        /** Without a number. */
        public Outcome(PolicyChange change, int errno, String reason) {
            this(change, errno, reason, 0);
        }

        public boolean done() {
            return errno == 0;
        }
    }

    /**
     * Makes changes in their order, many in one system call. One that the kernel refuses does not keep it from the next.
     *
     * @return an outcome for each, in their order
     */
    List<Outcome> apply(List<PolicyChange> changes);

    /** All entries of the kernel's SPD, ours and others'. */
    List<InstalledPolicy> dump() throws ErrnoException;

    /** The number that the kernel's events about this installer's own changes carry. */
    int origin();

    @Override
    void close();
}
