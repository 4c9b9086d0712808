package org.ipsecif.platform.freebsd;

/**
 * Numbers of FreeBSD's headers under their C names: errno, descriptors, sockets and their options, kqueue. {@code SIZEOF_S} is the size of
 * {@code struct s}, {@code S_F} the offset of its field {@code f}, both in bytes, on LP64 little-endian (amd64 and arm64). {@link LinkAbi},
 * {@link RouteAbi} and {@link BpfAbi} have the rest. A test holds them to a table that a program printed on such a system's headers.
 */
final class Abi {
    // sys/errno.h
    static final int ESRCH = 3;
    static final int ENXIO = 6;
    static final int ENOMEM = 12;
    static final int EAGAIN = 35;
    static final int EMSGSIZE = 40;
    static final int ENOPROTOOPT = 42;
    static final int EPROTONOSUPPORT = 43;
    static final int EAFNOSUPPORT = 47;
    static final int EADDRINUSE = 48;
    static final int EADDRNOTAVAIL = 49;
    static final int ENETUNREACH = 51;
    static final int ECONNRESET = 54;
    static final int ENOBUFS = 55;
    static final int ECONNREFUSED = 61;
    static final int ENAMETOOLONG = 63;
    static final int EHOSTDOWN = 64;
    static final int ENOMSG = 83;

    // sys/fcntl.h
    static final int O_RDONLY = 0;
    static final int O_RDWR = 2;
    static final int O_NONBLOCK = 0x4;
    static final int O_CLOEXEC = 0x100000;
    static final int F_SETFD = 2;
    static final int FD_CLOEXEC = 1;

    // sys/socket.h
    static final int AF_UNSPEC = 0;
    static final int AF_UNIX = 1;
    static final int AF_INET = 2;
    static final int AF_ROUTE = 17;
    static final int AF_LINK = 18;
    static final int AF_INET6 = 28;
    static final int SOCK_DGRAM = 2;
    static final int SOCK_RAW = 3;
    static final int SOCK_SEQPACKET = 5;
    static final int SOCK_CLOEXEC = 0x10000000;
    static final int SOCK_NONBLOCK = 0x20000000;
    static final int SOL_SOCKET = 0xffff;
    static final int SO_SNDBUF = 0x1001;
    static final int SO_RCVBUF = 0x1002;
    static final int SO_RCVTIMEO = 0x1006;
    static final int SO_SETFIB = 0x1014;

    /** ENOBUFS for what a full receive buffer lost; kernels before FreeBSD 14 do not know it. */
    static final int SO_RERROR = 0x20000;

    /** Of SO_RCVTIMEO: seconds, then microseconds, as longs. */
    static final int SIZEOF_TIMEVAL = 16;

    static final int SCM_RIGHTS = 1;
    static final int MSG_PEEK = 0x2;
    static final int MSG_TRUNC = 0x10;
    static final int MSG_CTRUNC = 0x20;
    static final int MSG_DONTWAIT = 0x80;
    static final int MSG_NOSIGNAL = 0x20000;
    static final int MSG_CMSG_CLOEXEC = 0x40000;

    static final int SIZEOF_MSGHDR = 48;
    static final int MSGHDR_MSG_NAME = 0;
    static final int MSGHDR_MSG_NAMELEN = 8;
    static final int MSGHDR_MSG_IOV = 16;
    static final int MSGHDR_MSG_IOVLEN = 24;
    static final int MSGHDR_MSG_CONTROL = 32;
    static final int MSGHDR_MSG_CONTROLLEN = 40;
    static final int MSGHDR_MSG_FLAGS = 44;
    static final int SIZEOF_MMSGHDR = 56;
    static final int MMSGHDR_MSG_LEN = 48;
    static final int SIZEOF_IOVEC = 16;
    static final int IOVEC_IOV_BASE = 0;
    static final int IOVEC_IOV_LEN = 8;

    /** Its data begins where {@link #align} says, and so does the next one. */
    static final int SIZEOF_CMSGHDR = 12;

    static final int CMSGHDR_CMSG_LEN = 0;
    static final int CMSGHDR_CMSG_LEVEL = 4;
    static final int CMSGHDR_CMSG_TYPE = 8;

    // sys/un.h, netinet/in.h, netinet6/in6.h, net/if_dl.h
    static final int SIZEOF_SOCKADDR_UN = 106;
    static final int SOCKADDR_UN_SUN_LEN = 0;
    static final int SOCKADDR_UN_SUN_FAMILY = 1;
    static final int SOCKADDR_UN_SUN_PATH = 2;
    static final int SIZEOF_SOCKADDR_IN = 16;
    static final int SOCKADDR_IN_SIN_FAMILY = 1;
    static final int SOCKADDR_IN_SIN_PORT = 2;
    static final int SOCKADDR_IN_SIN_ADDR = 4;
    static final int SIZEOF_SOCKADDR_IN6 = 28;
    static final int SOCKADDR_IN6_SIN6_ADDR = 8;
    static final int SOCKADDR_DL_SDL_FAMILY = 1;
    static final int SOCKADDR_DL_SDL_NLEN = 5;
    static final int SOCKADDR_DL_SDL_DATA = 8;

    // netinet/in.h
    static final int IPPROTO_IP = 0;
    static final int IPPROTO_ICMP = 1;
    static final int IPPROTO_IPV6 = 41;
    static final int IPPROTO_ESP = 50;
    static final int IPPROTO_ICMPV6 = 58;
    static final int IPPROTO_RAW = 255;
    static final int IP_HDRINCL = 2;
    static final int IP_IPSEC_POLICY = 21;
    static final int IP_BINDANY = 24;
    static final int IP_RECVTTL = 65;
    static final int IP_RECVTOS = 68;

    // netinet6/in6.h, netinet/icmp6.h
    static final int ICMP6_FILTER = 18;
    static final int IPV6_V6ONLY = 27;
    static final int IPV6_IPSEC_POLICY = 28;
    static final int IPV6_RECVPKTINFO = 36;
    static final int IPV6_RECVHOPLIMIT = 37;
    static final int IPV6_PKTINFO = 46;
    static final int IPV6_HOPLIMIT = 47;
    static final int IPV6_RECVTCLASS = 57;
    static final int IPV6_TCLASS = 61;
    static final int IPV6_DONTFRAG = 62;
    static final int IPV6_BINDANY = 64;

    // sys/event.h, since FreeBSD 12
    static final short EVFILT_READ = -1;
    static final short EVFILT_USER = -11;
    static final short EV_ADD = 0x1;
    static final short EV_CLEAR = 0x20;
    static final int NOTE_TRIGGER = 0x01000000;
    static final int SIZEOF_KEVENT = 64;
    static final int KEVENT_IDENT = 0;
    static final int KEVENT_FILTER = 8;
    static final int KEVENT_FLAGS = 10;
    static final int KEVENT_FFLAGS = 12;

    // machine/_types.h
    static final int SIZEOF_LONG = 8;

    private Abi() {}

    /**
     * Rounds up to whole longs, at which control messages and their data (CMSG_SPACE of sys/socket.h), a routing message's addresses
     * (SA_SIZE of net/route.h) and bpf(4)'s packets (BPF_WORDALIGN of net/bpf.h) begin.
     */
    static int align(int bytes) {
        return bytes + SIZEOF_LONG - 1 & -SIZEOF_LONG;
    }
}
