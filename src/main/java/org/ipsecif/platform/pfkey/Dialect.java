package org.ipsecif.platform.pfkey;

import org.ipsecif.platform.posix.DirectBuffer;
import org.ipsecif.platform.posix.LibC;
import org.ipsecif.platform.posix.Posix;

/**
 * In what the two kernels' PF_KEY differ.
 *
 * <pre>
 *                            FreeBSD (net/pfkeyv2.h, sys/socket.h)   Linux (linux/pfkeyv2.h, net/key/af_key.c)
 * sockaddr                   u8 length, u8 family                    u16 family
 * sadb_x_ipsecrequest        8: reqid u16 at 6                       16: reqid u32 at 8
 * sadb_x_policy              scope at 7                              reserved at 7
 * a dump                     sadb_msg_seq counts down to 0           1, 2, 3, ..., and 0 is the last
 * sadb_sa_replay             8 packets each                          packets, 32 at most
 * </pre>
 */
public enum Dialect {
    FREEBSD(
            27,
            28,
            8,
            new Sockets(0x2000_0000, 0x1000_0000, 0xffff, 0x1002, 0, 0x20000),
            new Errors(35, 55, 47, 43, 3)),
    LINUX(15, 10, 16, new Sockets(0x800, 0x80000, 1, 8, 33, 0), new Errors(11, 105, 97, 93, 3));

    static final int AF_INET = 2;
    static final int SOCK_RAW = 3;

    private static final int SADB_X_EXT_NAT_T_OAR = 24;
    private static final int SADB_X_EXT_SA_REPLAY = 26;
    private static final int SADB_X_EXT_NEW_ADDRESS_SRC = 27;
    private static final int SADB_X_EXT_NEW_ADDRESS_DST = 28;
    private static final int SADB_X_EXT_SEC_CTX = 24;

    /** Not an extension. */
    private static final int NONE = -1;

    /**
     * socket(2).
     *
     * @param force SO_RCVBUFFORCE, beyond the system's limit; 0 if there is none
     * @param receiveError SO_RERROR: a read fails once with ENOBUFS after messages were lost; 0 if there is none
     */
    private record Sockets(
            int nonBlocking, int closeOnExec, int level, int receiveBuffer, int force, int receiveError) {}

    /** errno(2). */
    private record Errors(int again, int noBuffers, int noFamily, int noProtocol, int noSuch) {}

    private final int domain;
    private final int inet6;
    private final int requestLength;
    private final Sockets sockets;
    private final Errors errors;

    Dialect(int domain, int inet6, int requestLength, Sockets sockets, Errors errors) {
        this.domain = domain;
        this.inet6 = inet6;
        this.requestLength = requestLength;
        this.sockets = sockets;
        this.errors = errors;
    }

    /** PF_KEY. */
    int domain() {
        return domain;
    }

    /** AF_INET6. */
    int inet6() {
        return inet6;
    }

    /** Bytes of a struct sadb_x_ipsecrequest. */
    int requestLength() {
        return requestLength;
    }

    /** The second argument of socket(2). */
    int socketType() {
        return SOCK_RAW | sockets.nonBlocking | sockets.closeOnExec;
    }

    int again() {
        return errors.again;
    }

    int noBuffers() {
        return errors.noBuffers;
    }

    /** ESRCH: no such SA. */
    int noSuch() {
        return errors.noSuch;
    }

    /** Whether socket(2) says so where the kernel has no PF_KEY: EAFNOSUPPORT or EPROTONOSUPPORT. */
    public boolean saysAbsent(int errno) {
        return errno == errors.noFamily || errno == errors.noProtocol;
    }

    /** Whether the extension is a sadb_address with a sockaddr. */
    boolean isAddress(int type) {
        boolean common = type >= Sadb.SADB_EXT_ADDRESS_SRC && type <= Sadb.SADB_EXT_ADDRESS_PROXY;
        boolean freebsd = type == SADB_X_EXT_NAT_T_OAR
                || type == SADB_X_EXT_NEW_ADDRESS_SRC
                || type == SADB_X_EXT_NEW_ADDRESS_DST;
        return common || type == Sadb.SADB_X_EXT_NAT_T_OAI || (this == FREEBSD && freebsd);
    }

    /** SADB_X_EXT_SA_REPLAY, or no number of an extension. */
    int replayExtension() {
        return this == FREEBSD ? SADB_X_EXT_SA_REPLAY : NONE;
    }

    /** SADB_X_EXT_SEC_CTX, or no number of an extension. */
    int securityContextExtension() {
        return this == LINUX ? SADB_X_EXT_SEC_CTX : NONE;
    }

    /** Whether {@code next} may follow {@code previous} in a dump. @param previous -1 for the first */
    boolean follows(int previous, int next) {
        if (this == FREEBSD) {
            return previous == -1 || next == previous - 1;
        }
        return next == 0 || next == Math.max(previous, 0) + 1;
    }

    /** As many bytes as the system lets us have, up to these. */
    void setReceiveBuffer(Posix posix, int fd, int bytes) {
        if (sockets.force != 0 && set(posix.libc(), fd, sockets.force, bytes)) {
            return;
        }
        int size = bytes;
        while (size > 1024 && !set(posix.libc(), fd, sockets.receiveBuffer, size)) {
            size /= 2; // FreeBSD refuses what is beyond its limit
        }
    }

    /** Has reads tell of lost messages, where the kernel can: FreeBSD from 14 on; before, they are lost in silence (keysock.c). */
    void tellOfLoss(Posix posix, int fd) {
        if (sockets.receiveError != 0) {
            set(posix.libc(), fd, sockets.receiveError, 1);
        }
    }

    private boolean set(LibC libc, int fd, int option, int value) {
        DirectBuffer argument = new DirectBuffer(4);
        argument.bytes().putInt(0, value);
        return libc.setsockopt(fd, sockets.level, option, argument.pointer(), 4) == 0;
    }
}
