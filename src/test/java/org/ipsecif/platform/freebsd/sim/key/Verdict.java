package org.ipsecif.platform.freebsd.sim.key;

/** What the kernel's SPD makes of a packet. */
public enum Verdict {
    /** No policy, or one of type none: goes on as it is. */
    UNTOUCHED,

    /** A policy of level use, and no SA: an ACQUIRE at most, and the packet goes on as it is. */
    WITHOUT_SA,

    /** The kernel encapsulates it. */
    PROTECTED,

    /** A policy of level require or unique, and no SA: an ACQUIRE at most, and the packet is gone. */
    DROPPED_FOR_SA,

    /** A policy of type discard, or inbound one that wants IPsec. */
    DISCARDED;

    /** As it is. */
    boolean goesOn() {
        return this == UNTOUCHED || this == WITHOUT_SA;
    }
}
