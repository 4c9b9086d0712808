package org.ipsecif.platform.freebsd;

import java.io.IOException;

/** Starts and ends the processes that hold devices. */
interface HolderStarter {
    /**
     * Starts one, and waits until it listens at the socket, or another one does.
     *
     * @throws IOException with its own words if it does not
     */
    void start() throws IOException;

    /** Ends one that does not answer any more, and waits until it has ended, if it does in a few seconds: its devices are open until then. */
    void kill(int pid);
}
