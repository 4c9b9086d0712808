package org.ipsecif.platform.pfkey;

import org.ipsecif.platform.posix.Readiness;

/** Of sockets that nobody waits for. */
final class NoWaiting implements Readiness {
    @Override
    public boolean await() {
        throw new AssertionError("waits");
    }

    @Override
    public boolean isOtherReady() {
        return false;
    }

    @Override
    public void nudge() {}

    @Override
    public void wakeup() {}

    @Override
    public void close() {}
}
