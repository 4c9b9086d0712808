package org.ipsecif.platform.linux;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.UdpEndpoint;
import org.ipsecif.platform.posix.DirectBuffer;
import org.ipsecif.platform.posix.Errno;
import org.ipsecif.platform.posix.LibC;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;

/** Socket numbers and addresses of Linux: ip(7), ipv6(7), socket(7), udp(7). */
final class LinuxSockets {
    static final int AF_INET = 2;
    static final int AF_INET6 = 10;
    static final int SOCK_DGRAM = 2;
    static final int SOCK_RAW = 3;
    static final int EAGAIN = 11;
    static final int EAFNOSUPPORT = 97;

    static final int SOCK_NONBLOCK = 0x800;
    static final int SOCK_CLOEXEC = 0x80000;
    static final int SOL_SOCKET = 1;
    private static final int SO_REUSEADDR = 2;
    private static final int SO_SNDBUF = 7;
    private static final int SO_RCVBUF = 8;
    private static final int SO_SNDBUFFORCE = 32;
    private static final int SO_RCVBUFFORCE = 33;
    static final int IPPROTO_IP = 0;
    private static final int IP_MTU_DISCOVER = 10;
    private static final int IP_FREEBIND = 15;
    static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_MTU_DISCOVER = 23;
    private static final int IPV6_V6ONLY = 26;
    private static final int IPV6_FREEBIND = 78;
    private static final int PMTUDISC_DONT = 0;

    /** Sets DF and believes no ICMP about the path: what our own validation believed is applied before. */
    private static final int PMTUDISC_PROBE = 3;

    /** RFC 863. */
    private static final int DISCARD = 9;

    private static final int SO_ATTACH_FILTER = 26;
    private static final short BPF_RET = 0x06;
    private static final int SEND_BUFFER = 4 << 20;

    /** What four TCP streams have under way at most by default (net.ipv4.tcp_rmem) is 24 MiB; the kernel doubles this. */
    private static final int RECEIVE_BUFFER = 8 << 20;

    private static final int SO_MEMINFO = 55;

    /** Bytes: nine numbers, of which this is the last. */
    private static final int MEMINFO = 36;

    private static final int SK_MEMINFO_DROPS = 32;

    private LinuxSockets() {}

    static int addressFamily(Family family) {
        return family == Family.INET ? AF_INET : AF_INET6;
    }

    /**
     * A non-blocking socket bound to {@code local}, which need not be configured yet (freebind). The kernel may fragment
     * what it sends, so that no size is lost; path MTU discovery comes with the settings for it.
     *
     * @param port UDP port, or 0 for a raw socket
     */
    static int open(IpAddress local, int type, int protocol, int port) throws ErrnoException {
        return open(local, type, protocol, port, 0);
    }

    /** For UDP, with an option of SOL_SOCKET set before it is bound that lets others have the port too. */
    static int openSharing(IpAddress local, int port, int option) throws ErrnoException {
        return open(local, SOCK_DGRAM, 0, port, option);
    }

    private static int open(IpAddress local, int type, int protocol, int port, int sharing) throws ErrnoException {
        String what = local + (port > 0 ? " port " + port : " protocol " + protocol);
        int fd = Errno.check(
                LibC.LIBC.socket(addressFamily(local.family()), type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol),
                "socket " + what);
        try {
            configure(fd, local.family());
            if (sharing != 0) {
                set(fd, SOL_SOCKET, sharing, 1, "SOL_SOCKET " + sharing);
            }
            DirectBuffer address = DirectBuffer.of(sockaddr(local, port));
            Errno.check(LibC.LIBC.bind(fd, address.pointer(), address.size()), "bind " + what);
            return fd;
        } catch (ErrnoException e) {
            LibC.LIBC.close(fd);
            throw e;
        }
    }

    /**
     * A raw socket that only sends. Of what it would receive it takes nothing.
     *
     * @param protocol IANA number
     */
    static int openSendOnly(IpAddress local, int protocol) throws ErrnoException {
        int fd = open(local, SOCK_RAW, protocol, 0);
        try {
            dropAll(fd);
            return fd;
        } catch (ErrnoException e) {
            LibC.LIBC.close(fd);
            throw e;
        }
    }

    /**
     * One for IPv4, always with DF.
     *
     * @param protocol IANA number
     */
    static int openDontFragment(IpAddress local, int protocol) throws ErrnoException {
        int fd = openSendOnly(local, protocol);
        try {
            set(fd, IPPROTO_IP, IP_MTU_DISCOVER, PMTUDISC_PROBE, "IP_MTU_DISCOVER");
            return fd;
        } catch (ErrnoException e) {
            LibC.LIBC.close(fd);
            throw e;
        }
    }

    /**
     * A filter that accepts no packet (linux/filter.h).
     *
     * <pre>
     * struct sock_filter { u16 code; u8 jt, jf; u32 k; };                // 8
     * struct sock_fprog  { u16 len; struct sock_filter *filter; };       // 16
     * </pre>
     */
    static void dropAll(int fd) throws ErrnoException {
        DirectBuffer filter = new DirectBuffer(8);
        filter.bytes().putShort(0, BPF_RET);
        DirectBuffer program = new DirectBuffer(16);
        program.bytes().putShort(0, (short) 1).putLong(8, filter.pointer().address());
        try {
            Errno.check(
                    LibC.LIBC.setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, program.pointer(), program.size()),
                    "setsockopt SO_ATTACH_FILTER");
        } finally {
            Reference.reachabilityFence(filter);
        }
    }

    /**
     * A UDP socket beside {@code fd}, of the same address and port, that sets DF and only sends: it is connected to an address that nobody
     * sends from, so that the kernel finds the other for all that comes.
     *
     * @param sharing another that has this port with {@code fd}, or -1
     * @throws ErrnoException EINVAL while the local address is not configured
     */
    static int openDontFragmentUdp(int fd, int sharing, IpAddress local, int port) throws ErrnoException {
        int other = Errno.check(LibC.LIBC.socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket");
        trySet(fd, SOL_SOCKET, SO_REUSEADDR, 1);
        trySet(sharing, SOL_SOCKET, SO_REUSEADDR, 1);
        try {
            configure(other, Family.INET);
            setReceiveBuffer(other, 0);
            set(other, IPPROTO_IP, IP_MTU_DISCOVER, PMTUDISC_PROBE, "IP_MTU_DISCOVER");
            set(other, SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR");
            DirectBuffer own = DirectBuffer.of(sockaddr(local, port));
            Errno.check(LibC.LIBC.bind(other, own.pointer(), own.size()), "bind " + local);
            DirectBuffer nobody = DirectBuffer.of(sockaddr(local, DISCARD));
            Errno.check(LibC.LIBC.connect(other, nobody.pointer(), nobody.size()), "connect " + local);
            trySet(other, SOL_SOCKET, SO_REUSEADDR, 0);
            return other;
        } catch (ErrnoException e) {
            LibC.LIBC.close(other);
            throw e;
        } finally {
            trySet(fd, SOL_SOCKET, SO_REUSEADDR, 0);
            trySet(sharing, SOL_SOCKET, SO_REUSEADDR, 0);
        }
    }

    private static void configure(int fd, Family family) throws ErrnoException {
        if (family == Family.INET) {
            set(fd, IPPROTO_IP, IP_FREEBIND, 1, "IP_FREEBIND");
            set(fd, IPPROTO_IP, IP_MTU_DISCOVER, PMTUDISC_DONT, "IP_MTU_DISCOVER");
        } else {
            trySet(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1); // UDP; a raw socket has one family anyway, and refuses
            set(fd, IPPROTO_IPV6, IPV6_FREEBIND, 1, "IPV6_FREEBIND");
            set(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, PMTUDISC_DONT, "IPV6_MTU_DISCOVER");
        }
        enlarge(fd, SO_SNDBUFFORCE, SO_SNDBUF, SEND_BUFFER);
        setReceiveBuffer(fd, RECEIVE_BUFFER);
    }

    private static void set(int fd, int level, int option, int value, String name) throws ErrnoException {
        Errno.check(trySet(fd, level, option, value), "setsockopt " + name);
    }

    /** FORCE goes past the system's limit, where we may; else as much as the limit allows. */
    private static void enlarge(int fd, int force, int plain, int bytes) {
        if (trySet(fd, SOL_SOCKET, force, bytes) < 0) {
            trySet(fd, SOL_SOCKET, plain, bytes);
        }
    }

    static void setReceiveBuffer(int fd, int bytes) {
        enlarge(fd, SO_RCVBUFFORCE, SO_RCVBUF, bytes);
    }

    /**
     * Packets and datagrams that the kernel dropped for want of room in the socket's buffer (SO_MEMINFO of socket(7), linux/sock_diag.h,
     * since Linux 4.12).
     *
     * @return 0 if the kernel does not say
     */
    static long dropped(int fd) {
        DirectBuffer value = new DirectBuffer(MEMINFO);
        DirectBuffer length = new DirectBuffer(4);
        length.bytes().putInt(0, MEMINFO);
        int result = LibC.LIBC.getsockopt(fd, SOL_SOCKET, SO_MEMINFO, value.pointer(), length.pointer());
        return result < 0 ? 0 : Integer.toUnsignedLong(value.bytes().getInt(SK_MEMINFO_DROPS));
    }

    static int trySet(int fd, int level, int option, int value) {
        DirectBuffer argument = new DirectBuffer(4);
        argument.bytes().putInt(0, value);
        return LibC.LIBC.setsockopt(fd, level, option, argument.pointer(), 4);
    }

    /**
     * In wire form.
     *
     * <pre>
     * struct sockaddr_in  { u16 sin_family; be16 sin_port; be32 sin_addr; u8 pad[8]; };                            // 16
     * struct sockaddr_in6 { u16 sin6_family; be16 port; be32 flowinfo; u8 addr[16]; u32 scope_id; };               // 28
     * </pre>
     */
    /** Bytes of the longest. */
    static final int MAX_SOCKADDR = 28;

    /** The same the other way round. */
    static UdpEndpoint endpoint(ByteBuffer from, int at) {
        boolean inet = from.getShort(at) == AF_INET;
        byte[] address = new byte[inet ? 4 : 16];
        from.get(at + (inet ? 4 : 8), address);
        return new UdpEndpoint(IpAddress.ofBytes(address), port(from, at));
    }

    /** Whether {@link #endpoint} would be this one. Allocates nothing. */
    static boolean isEndpoint(ByteBuffer from, int at, UdpEndpoint endpoint) {
        IpAddress address = endpoint.address();
        boolean inet = from.getShort(at) == AF_INET;
        return inet == (address.family() == Family.INET)
                && port(from, at) == endpoint.port()
                && (inet
                        ? bytes(from, at + 4, 4) == address.low()
                        : bytes(from, at + 8, 8) == address.high() && bytes(from, at + 16, 8) == address.low());
    }

    private static int port(ByteBuffer from, int at) {
        return (from.get(at + 2) & 0xff) << 8 | (from.get(at + 3) & 0xff);
    }

    private static long bytes(ByteBuffer from, int offset, int length) {
        long value = 0;
        for (int i = 0; i < length; i++) {
            value = value << 8 | (from.get(offset + i) & 0xff);
        }
        return value;
    }

    static byte[] sockaddr(IpAddress address, int port) {
        boolean inet = address.family() == Family.INET;
        ByteBuffer bytes = ByteBuffer.allocate(inet ? 16 : 28).order(ByteOrder.nativeOrder());
        bytes.putShort(0, (short) addressFamily(address.family()));
        bytes.put(2, (byte) (port >>> 8)).put(3, (byte) port);
        bytes.put(inet ? 4 : 8, address.toBytes());
        return bytes.array();
    }
}
