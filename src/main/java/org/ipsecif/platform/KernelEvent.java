package org.ipsecif.platform;

import org.ipsecif.sa.IpAddress;

/**
 * What the kernel tells of its SPD and SAD of its own accord. An origin is the {@link PolicyInstaller#origin()} of whoever made
 * the change; 0 if that was the kernel itself, or somebody who did not say.
 */
public sealed interface KernelEvent {
    /** What became of an entry of the SPD or the SAD. */
    enum Change {
        ADDED,
        UPDATED,
        REMOVED,
        EXPIRING,
        EXPIRED
    }

    /** @param policy of one that was removed by its number FreeBSD tells no more than that number */
    record PolicyChanged(int origin, Change change, InstalledPolicy policy) implements KernelEvent {}

    /** All entries of the SPD went. */
    record PoliciesFlushed(int origin) implements KernelEvent {}

    /**
     * A packet met a policy for which there is no SA (RFC 4301 section 4.4.1: key management has work).
     *
     * @param sequence of the kernel's, for the answer
     * @param source outer source of the SA that is wanted
     * @param destination outer destination
     */
    record Acquire(int sequence, IpAddress source, IpAddress destination, InstalledPolicy policy)
            implements KernelEvent {}

    /**
     * @param spi in host order
     * @param protocol IANA number: ESP, AH, IPComp
     */
    record SaChanged(int origin, Change change, IpAddress destination, int spi, int protocol) implements KernelEvent {}

    /** All entries of the SAD went. */
    record SasFlushed(int origin) implements KernelEvent {}

    /** Events came faster than they were read, and some are lost: only a look at the databases tells what they are now. */
    record Lost() implements KernelEvent {}
}
