package org.ipsecif.platform.posix;

import org.ipsecif.platform.ErrnoException;

/**
 * Waits for a descriptor, perhaps for another too, until woken up. One thread waits; any thread nudges and wakes; closed after the waiter
 * has ended. Neither descriptor is closed here.
 */
public interface Readiness extends AutoCloseable {
    /** No descriptor. */
    int NONE = -1;

    /** How a kernel's threads wait. */
    interface Maker {
        /**
         * @param fd the descriptor to wait for
         * @param other likewise, or {@link #NONE}
         */
        Readiness open(int fd, int other) throws ErrnoException;
    }

    /** Blocks until a descriptor has something, an error included, or it was nudged. @return false once woken up */
    boolean await();

    /** Whether the last {@link #await()} found something at the other descriptor. By the thread that waits. */
    boolean isOtherReady();

    /** Makes {@link #await()} return true once. Never blocks. */
    void nudge();

    /** Ends the wait, and every later one. */
    void wakeup();

    @Override
    void close();
}
