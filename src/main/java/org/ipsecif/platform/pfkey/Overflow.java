package org.ipsecif.platform.pfkey;

import org.ipsecif.platform.posix.DirectBuffer;
import org.ipsecif.platform.posix.LibC;

/**
 * Whether messages may have been lost. FreeBSD's sockets say so themselves, by ENOBUFS, since {@link Dialect#tellOfLoss} asked. Linux drops a message in silence while more
 * memory is in use than the socket may have (pfkey_broadcast_one of net/key/af_key.c), which stays so until somebody reads: one look
 * before each read misses nothing (SO_MEMINFO of linux/sock_diag.h). One thread.
 */
final class Overflow {
    private static final int SOL_SOCKET = 1;
    private static final int SO_MEMINFO = 55;

    /** Bytes: nine numbers. */
    private static final int MEMINFO = 36;

    private static final int SK_MEMINFO_RMEM_ALLOC = 0;
    private static final int SK_MEMINFO_RCVBUF = 4;

    private final LibC libc;
    private final boolean silent;
    private final int fd;
    private final DirectBuffer value = new DirectBuffer(MEMINFO);
    private final DirectBuffer length = new DirectBuffer(4);
    private boolean over;

    Overflow(LibC libc, Dialect dialect, int fd) {
        this.libc = libc;
        silent = dialect == Dialect.LINUX;
        this.fd = fd;
    }

    /** Looks before a read. @return true once, after a time in which messages were dropped or might have been */
    boolean isOver() {
        boolean before = over;
        over = silent && isFull();
        return before && !over;
    }

    private boolean isFull() {
        length.bytes().putInt(0, MEMINFO);
        if (libc.getsockopt(fd, SOL_SOCKET, SO_MEMINFO, value.pointer(), length.pointer()) < 0) {
            return false; // Linux before 4.12
        }
        int used = value.bytes().getInt(SK_MEMINFO_RMEM_ALLOC);
        return used > value.bytes().getInt(SK_MEMINFO_RCVBUF);
    }
}
