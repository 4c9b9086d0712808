package org.ipsecif.platform.freebsd.sim.key;

/** The kernel says no. */
final class Refused extends Exception {
    private static final long serialVersionUID = 1;

    final int errno;

    Refused(int errno) {
        super("errno " + errno, null, false, false);
        this.errno = errno;
    }
}
