package org.ipsecif.wire;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Large buffers that a thread borrows while it has packets to walk, so that a thousand threads that wait hold none. Nobody waits for
 * another, and nothing is allocated once there are as many as threads work at a time. Any thread.
 */
public final class BufferPool<T> {
    private final AtomicReferenceArray<@Nullable T> idle;

    /** @param kept how many idle ones are kept; more may be out at a time */
    public BufferPool(int kept) {
        this.idle = new AtomicReferenceArray<>(kept);
    }

    /** One that nobody else has, with whatever was last in it. @param maker makes one where none is idle */
    public T take(Supplier<T> maker) {
        for (int i = 0; i < idle.length(); i++) {
            T taken = idle.get(i) == null ? null : idle.getAndSet(i, null);
            if (taken != null) {
                return taken;
            }
        }
        return maker.get();
    }

    /** Gives back what was taken. */
    public void give(T taken) {
        for (int i = 0; i < idle.length(); i++) {
            if (idle.get(i) == null && idle.compareAndSet(i, null, taken)) {
                return;
            }
        }
    }
}
