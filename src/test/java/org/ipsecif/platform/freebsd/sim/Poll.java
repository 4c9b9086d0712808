package org.ipsecif.platform.freebsd.sim;

import org.jspecify.annotations.Nullable;

/** What poll(2) says of a descriptor. */
final class Poll {
    private static final int POLLIN = 0x1;
    private static final int POLLOUT = 0x4;
    private static final int POLLHUP = 0x10;
    private static final int POLLNVAL = 0x20;
    private static final int POLLRDNORM = 0x40;

    private Poll() {}

    static int events(@Nullable OpenFile file, int wanted) {
        if (file == null) {
            return POLLNVAL;
        }
        int found = file.isReady() ? wanted & (POLLIN | POLLRDNORM) : 0;
        found |= file.isWritable() ? wanted & POLLOUT : 0;
        return found | (file instanceof PipeEnd && file.isEnded() ? POLLHUP : 0);
    }
}
