package org.ipsecif.platform.freebsd;

/** As {@link Abi}: what passing descriptors between processes needs beside it. */
final class HolderAbi {
    // sys/un.h
    static final int SOL_LOCAL = 0;
    static final int LOCAL_PEERCRED = 1;

    /** sun_path, with its NUL. */
    static final int SUN_PATH_SIZE = 104;

    // sys/ucred.h
    static final int XUCRED_VERSION = 0;
    static final int SIZEOF_XUCRED = 88;
    static final int XUCRED_CR_VERSION = 0;
    static final int XUCRED_CR_UID = 4;

    /** Where FreeBSD 12 has a null pointer. */
    static final int XUCRED_CR_PID = 80;

    // sys/socket.h, sys/fcntl.h, sys/poll.h
    static final int MSG_EOR = 0x8;
    static final int F_DUPFD_CLOEXEC = 17;
    static final short POLLIN = 1;
    static final int SIZEOF_POLLFD = 8;
    static final int POLLFD_FD = 0;
    static final int POLLFD_EVENTS = 4;
    static final int POLLFD_REVENTS = 6;

    private HolderAbi() {}
}
