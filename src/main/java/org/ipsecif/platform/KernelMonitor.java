package org.ipsecif.platform;

import java.util.function.Consumer;

/** Listens for what the kernel tells of its SPD and SAD ({@code ip xfrm monitor}). One thread reads. */
public interface KernelMonitor extends PacketChannel {
    /**
     * Reads what there is of events, without waiting.
     *
     * @param listener gets each, on this thread
     * @return positive if there were any, perhaps of a kind that has no {@link KernelEvent}; {@link #NOTHING} or {@link #GONE}
     */
    int receive(Consumer<KernelEvent> listener);
}
