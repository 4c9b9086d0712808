package org.ipsecif.platform.freebsd;

import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.posix.DirectBuffer;
import org.ipsecif.platform.posix.Errno;
import org.ipsecif.platform.posix.Posix;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;

/** Sockets that packets and datagrams go through: inet(4), ip(4), udp(4), inet6(4), ip6(4). All of them non-blocking. */
final class BsdSockets {
    /** kern.ipc.maxsockbuf allows 1.8 MiB by default; what is refused is asked for by halves. */
    private static final int RECEIVE_BUFFER = 8 << 20;

    /** More than the longest datagram: a message longer than the buffer is refused. The default of 9,216 bytes would be. */
    private static final int SEND_BUFFER = 1 << 20;

    private static final int LEAST_BUFFER = 64 << 10;

    /** That of the process, which a socket has anyway. */
    static final int PROCESS_FIB = -1;

    private final Posix posix;
    private final int fib;

    BsdSockets(Posix posix) {
        this(posix, PROCESS_FIB);
    }

    /** @param fib number of the routing table that they send by, or {@link #PROCESS_FIB} */
    BsdSockets(Posix posix, int fib) {
        this.posix = posix;
        this.fib = fib;
    }

    /**
     * A socket, and what its kernel is like.
     *
     * @param ipsec whether the kernel has IPsec for its family, and so keeps what comes as ESP to itself
     */
    record Opened(int fd, boolean ipsec) {}

    /** A UDP socket bound to an address that need not be configured yet. */
    int openUdp(IpAddress local, int port) throws ErrnoException {
        String what = local + " port " + port;
        int fd = open(local.family(), Abi.SOCK_DGRAM, 0, what).fd();
        try {
            if (local.family() == Family.INET6) {
                set(fd, Abi.IPPROTO_IPV6, Abi.IPV6_V6ONLY, 1, "IPV6_V6ONLY");
            }
            allowAnyAddress(fd, local.family());
            posix.check(bind(fd, local, port), "bind " + what);
            return fd;
        } catch (ErrnoException e) {
            posix.libc().close(fd);
            throw e;
        }
    }

    /**
     * A raw socket of this protocol, not bound.
     *
     * @param protocol IANA number
     */
    Opened openRaw(Family family, int protocol) throws ErrnoException {
        return open(family, Abi.SOCK_RAW, protocol, "raw socket of protocol " + protocol);
    }

    /** A raw IPv4 socket that is written whole packets to, and that gets none. */
    int openHeaderIncluded() throws ErrnoException {
        int fd = openRaw(Family.INET, Abi.IPPROTO_RAW).fd();
        try {
            includeHeader(fd);
            return fd;
        } catch (ErrnoException e) {
            posix.libc().close(fd);
            throw e;
        }
    }

    /** What is written to a raw IPv4 socket begins with the header, whose checksum, and identification of 0, the kernel fills in. */
    void includeHeader(int fd) throws ErrnoException {
        set(fd, Abi.IPPROTO_IP, Abi.IP_HDRINCL, 1, "IP_HDRINCL");
    }

    private Opened open(Family family, int type, int protocol, String what) throws ErrnoException {
        int domain = Sockaddr.number(family);
        int fd = posix.check(
                posix.libc().socket(domain, type | Abi.SOCK_NONBLOCK | Abi.SOCK_CLOEXEC, protocol), "socket " + what);
        try {
            setFib(fd, fib); // before it is bound: net.inet.udp.bind_all_fibs
            boolean ipsec = bypassPolicies(fd, family);
            enlarge(fd, Abi.SO_SNDBUF, SEND_BUFFER);
            enlarge(fd, Abi.SO_RCVBUF, RECEIVE_BUFFER);
            return new Opened(fd, ipsec);
        } catch (ErrnoException e) {
            posix.libc().close(fd);
            throw e;
        }
    }

    /** Binds to an address that need not be configured yet (ip(4), ip6(4)). IPv6's raw sockets know no such thing. */
    void allowAnyAddress(int fd, Family family) throws ErrnoException {
        if (family == Family.INET) {
            set(fd, Abi.IPPROTO_IP, Abi.IP_BINDANY, 1, "IP_BINDANY");
        } else {
            set(fd, Abi.IPPROTO_IPV6, Abi.IPV6_BINDANY, 1, "IPV6_BINDANY");
        }
    }

    int bind(int fd, IpAddress local, int port) {
        DirectBuffer address = Sockaddr.of(local, port);
        return posix.libc().bind(fd, address.pointer(), address.size());
    }

    /**
     * Exempts a socket from the kernel's policies, as key management daemons do theirs (ipsec(4)): no policy of anybody's shall encrypt or
     * drop what is encrypted here, or IKE.
     *
     * <pre>
     * struct sadb_x_policy { u16 len; u16 exttype; u16 type; u8 dir; u8 scope; u32 id; u32 priority; };   // 16, len in units of 8
     * </pre>
     *
     * @return whether the kernel has IPsec
     */
    private boolean bypassPolicies(int fd, Family family) throws ErrnoException {
        DirectBuffer policy = new DirectBuffer(WireAbi.SIZEOF_SADB_X_POLICY);
        policy.bytes()
                .putShort(WireAbi.SADB_EXT_SADB_EXT_LEN, (short) (WireAbi.SIZEOF_SADB_X_POLICY / 8))
                .putShort(WireAbi.SADB_EXT_SADB_EXT_TYPE, (short) WireAbi.SADB_X_EXT_POLICY)
                .putShort(WireAbi.SADB_X_POLICY_SADB_X_POLICY_TYPE, (short) WireAbi.IPSEC_POLICY_BYPASS);
        for (int direction : new int[] {WireAbi.IPSEC_DIR_INBOUND, WireAbi.IPSEC_DIR_OUTBOUND}) {
            policy.bytes().put(WireAbi.SADB_X_POLICY_SADB_X_POLICY_DIR, (byte) direction);
            if (setPolicy(fd, family, policy) < 0) {
                if (Errno.last() == Abi.ENOPROTOOPT) {
                    return false;
                }
                throw posix.exception("setsockopt IP_IPSEC_POLICY bypass", Errno.last());
            }
        }
        return true;
    }

    private int setPolicy(int fd, Family family, DirectBuffer policy) {
        boolean inet = family == Family.INET;
        int level = inet ? Abi.IPPROTO_IP : Abi.IPPROTO_IPV6;
        int option = inet ? Abi.IP_IPSEC_POLICY : Abi.IPV6_IPSEC_POLICY;
        return posix.libc().setsockopt(fd, level, option, policy.pointer(), policy.size());
    }

    /** @param number of a routing table (setfib(2)), or {@link #PROCESS_FIB} for no change */
    void setFib(int fd, int number) throws ErrnoException {
        if (number != PROCESS_FIB) {
            set(fd, Abi.SOL_SOCKET, Abi.SO_SETFIB, number, "SO_SETFIB " + number);
        }
    }

    /** As much as the system allows. */
    void enlarge(int fd, int option, int bytes) {
        int size = bytes;
        while (size >= LEAST_BUFFER && trySet(fd, Abi.SOL_SOCKET, option, size) < 0) {
            size /= 2;
        }
    }

    /** Has receiving wait no longer: EAGAIN then. */
    void setReceiveTimeout(int fd, long seconds) throws ErrnoException {
        DirectBuffer time = new DirectBuffer(Abi.SIZEOF_TIMEVAL);
        time.bytes().putLong(0, seconds);
        posix.check(
                posix.libc().setsockopt(fd, Abi.SOL_SOCKET, Abi.SO_RCVTIMEO, time.pointer(), time.size()),
                "setsockopt SO_RCVTIMEO");
    }

    void set(int fd, int level, int option, int value, String name) throws ErrnoException {
        posix.check(trySet(fd, level, option, value), "setsockopt " + name);
    }

    int trySet(int fd, int level, int option, int value) {
        DirectBuffer argument = new DirectBuffer(Integer.BYTES);
        argument.bytes().putInt(0, value);
        return posix.libc().setsockopt(fd, level, option, argument.pointer(), argument.size());
    }
}
