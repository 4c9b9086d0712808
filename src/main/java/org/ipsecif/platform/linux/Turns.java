package org.ipsecif.platform.linux;

import org.ipsecif.platform.PacketChannel;

/**
 * Which of two queues is read next: the ordinary one, or that of what goes first. The urgent one is looked at after every wait that
 * found it ready, and while the ordinary one does not run empty after each {@link #ORDINARY} packets, so that it costs a system call
 * for so many. What is urgent may not starve the rest: after {@link #URGENT} in a row it is the ordinary one's turn. One thread.
 */
final class Turns {
    /** Packets of the ordinary queue, a fraction of a millisecond, until the urgent one is looked at. */
    static final int ORDINARY = 96;

    /** Packets of the urgent queue in a row. */
    static final int URGENT = 64;

    private int left = ORDINARY;
    private int row;
    private boolean waited = true;

    /** @param ready whether the wait before found the urgent queue ready; of meaning after a wait only */
    boolean isUrgent(boolean ready) {
        if (waited) {
            waited = false;
            endRow();
            if (ready) {
                left = 0;
            }
        }
        return left <= 0;
    }

    /** @param packets that the urgent queue had: none, or that it is gone, ends its turn */
    void tookUrgent(int packets) {
        row += packets;
        if (packets <= PacketChannel.NOTHING || row >= URGENT) {
            endRow();
        }
    }

    private void endRow() {
        row = 0;
        left = ORDINARY;
    }

    /** @param packets that the ordinary queue had; after none comes a wait */
    void tookOrdinary(int packets) {
        if (packets <= PacketChannel.NOTHING) {
            waited = true;
        } else {
            left -= packets;
        }
    }
}
