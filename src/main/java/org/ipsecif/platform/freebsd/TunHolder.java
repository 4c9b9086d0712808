package org.ipsecif.platform.freebsd;

import org.ipsecif.platform.ErrnoException;
import org.jspecify.annotations.Nullable;

/**
 * Keeps tun(4) devices open while no daemon runs: the last close of one takes its interface down and purges its addresses and routes
 * (if_tuntap.c). By name of the interface. Control thread only.
 */
public interface TunHolder extends AutoCloseable {
    /**
     * A device that is held.
     *
     * @param unit N of {@code /dev/tunN}
     * @param fd a descriptor of it, of this process, close-on-exec
     */
    record Held(int unit, int fd) {}

    /** Nobody keeps anything: interfaces lose their addresses with the process. */
    TunHolder NONE = new TunHolder() {
        @Override
        public void keep(String name, int unit, int fd) {}

        @Override
        public @Nullable Held take(String name) {
            return null;
        }

        @Override
        public @Nullable String nameOf(int unit) {
            return null;
        }

        @Override
        public void drop(String name) {}

        @Override
        public void close() {}
    };

    /** @param fd stays the caller's; what is kept is a duplicate */
    void keep(String name, int unit, int fd) throws ErrnoException;

    /**
     * Gives a descriptor of a device that is held, and goes on holding it.
     *
     * @return its descriptor the caller's; null if none is held under this name
     */
    @Nullable
    Held take(String name) throws ErrnoException;

    /**
     * The name under which a device is held that an earlier process left and this one has not taken: the one that its interface had then.
     *
     * @param unit N of {@code /dev/tunN}
     * @return null if it is not held
     */
    @Nullable
    String nameOf(int unit) throws ErrnoException;

    /**
     * Holds it no more, and is done only when the duplicate is closed: to destroy an interface waits for the last close of its device.
     */
    void drop(String name);

    /** Ends what this process has running and open for it. What is held stays held, by a holder that is about to start too. Called last. */
    @Override
    void close();
}
