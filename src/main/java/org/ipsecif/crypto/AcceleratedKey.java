package org.ipsecif.crypto;

import org.ipsecif.wire.Gate;

/**
 * An SA's key in an accelerator's memory. It is wiped as soon as it is closed and no burst uses it: a worker that still has packets of an
 * SA that is gone must not seal them with what is left of its key.
 */
public abstract class AcceleratedKey implements AutoCloseable {
    private final Gate gate = new Gate();

    /** @return false if it is closed; else {@link #release()} has to follow */
    public final boolean acquire() {
        return gate.enter();
    }

    public final void release() {
        if (gate.leave()) {
            wipe();
        }
    }

    /** Idempotent. */
    @Override
    public final void close() {
        if (gate.shut()) {
            wipe();
        }
    }

    /** Overwrites it. Once, by whoever was the last. */
    protected abstract void wipe();
}
