package org.ipsecif.platform.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.EspTransport;
import org.ipsecif.platform.UdpEndpoint;
import org.ipsecif.platform.posix.DescriptorChannel;
import org.ipsecif.platform.posix.Errno;
import org.ipsecif.platform.posix.LibC;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.wire.Ipv6Fragmenter;
import org.ipsecif.wire.OuterHeader;

/**
 * ESP over a raw(7) socket of protocol 50, or over UDP port 4500. A raw IPv4 socket hands over the outer header too,
 * which is removed here; a raw IPv6 socket does not.
 */
final class SocketEspTransport extends DescriptorChannel implements EspTransport {
    private static final int MAX_DATAGRAM = 65_535;
    private static final int MIN_IPV4_HEADER = 20;
    private static final int IPPROTO_ESP = 50;
    private static final int IPPROTO_UDP = 17;
    private static final int IPPROTO_FRAGMENT = 44;
    private static final int UDP_HEADER = 8;
    private static final int EINVAL = 22;
    private static final int EMSGSIZE = 90;

    /** More in a row than a flood of ICMP errors could leave: the socket itself is broken. */
    private static final int MAX_ERRORS = 1_000;

    private static final int SO_NO_CHECK = 11;

    // ip(7) and ipv6(7), linux/in.h and linux/in6.h
    private static final int IP_TOS = 1;
    private static final int IP_TTL = 2;
    private static final int IP_RECVTTL = 12;
    private static final int IP_RECVTOS = 13;
    private static final int IPV6_FLOWINFO = 11;
    private static final int IPV6_RECVHOPLIMIT = 51;
    private static final int IPV6_HOPLIMIT = 52;
    private static final int IPV6_DONTFRAG = 62;
    private static final int IPV6_RECVTCLASS = 66;
    private static final int IPV6_TCLASS = 67;
    private static final int IPV6_AUTOFLOWLABEL = 70;

    /** What one sending thread needs: threads send at once, none waits for another. */
    private static final class Outgoing {
        final SocketMessage message;
        final Ipv6Fragmenter fragmenter = new Ipv6Fragmenter(IPPROTO_ESP);
        final byte[] fragment = new byte[Ipv6Fragmenter.MAX_LENGTH];
        UdpEndpoint remote;

        Outgoing(IpAddress local, int port) {
            byte[] address = LinuxSockets.sockaddr(local, port);
            remote = new UdpEndpoint(local, port);
            if (local.family() == Family.INET) {
                message = new SocketMessage(MAX_DATAGRAM, address.length, 2);
                message.setControl(0, LinuxSockets.IPPROTO_IP, IP_TOS);
                message.setControl(1, LinuxSockets.IPPROTO_IP, IP_TTL);
            } else {
                message = new SocketMessage(MAX_DATAGRAM, address.length, 4);
                message.setControl(0, LinuxSockets.IPPROTO_IPV6, IPV6_TCLASS);
                message.setControl(1, LinuxSockets.IPPROTO_IPV6, IPV6_HOPLIMIT);
                message.setControl(2, LinuxSockets.IPPROTO_IPV6, IPV6_FLOWINFO);
                message.setControl(3, LinuxSockets.IPPROTO_IPV6, IPV6_DONTFRAG);
            }
            message.setName(address);
        }
    }

    private final IpAddress local;
    private final Encapsulation encapsulation;
    /**
     * Sends what the first socket cannot: over IPv4 what shall have DF, for which there is no control message; over
     * IPv6 fragments, since a raw socket's kernel cuts for the first link only. Negative for UDP over IPv6, where the
     * kernel knows the path.
     */
    private final int otherFd;

    private final SocketMessage incoming = new SocketMessage(MAX_DATAGRAM, LinuxSockets.MAX_SOCKADDR, 2);
    private final boolean outerHeader;
    private final int localPort;
    private final ThreadLocal<Outgoing> outgoing;
    private final ThreadLocal<Outgoing> outgoingOther;

    /** Kernels before 5.3 take only labels that were leased. */
    private volatile boolean flowLabels = true;

    SocketEspTransport(IpAddress local, Encapsulation encapsulation) throws ErrnoException {
        this(local, encapsulation, encapsulation == Encapsulation.UDP ? UDP_PORT : 0);
    }

    /** @param port local one of UDP, else 0 */
    SocketEspTransport(IpAddress local, Encapsulation encapsulation, int port) throws ErrnoException {
        super(open(local, port));
        this.local = local;
        this.encapsulation = encapsulation;
        boolean udp = encapsulation == Encapsulation.UDP;
        boolean inet = local.family() == Family.INET;
        localPort = port;
        outerHeader = !udp && inet;
        outgoing = ThreadLocal.withInitial(() -> new Outgoing(local, port));
        outgoingOther = ThreadLocal.withInitial(() -> new Outgoing(local, 0));
        try {
            otherFd = openOther(udp, inet);
        } catch (ErrnoException e) {
            super.close();
            throw e;
        }
    }

    private static int open(IpAddress local, int port) throws ErrnoException {
        boolean udp = port != 0;
        int fd = udp
                ? LinuxSockets.open(local, LinuxSockets.SOCK_DGRAM, 0, port)
                : LinuxSockets.open(local, LinuxSockets.SOCK_RAW, IPPROTO_ESP, 0);
        configure(fd, udp, local.family() == Family.INET);
        return fd;
    }

    private int openOther(boolean udp, boolean inet) throws ErrnoException {
        if (inet) {
            return LinuxSockets.openDontFragment(local, udp ? IPPROTO_UDP : IPPROTO_ESP);
        }
        return udp ? -1 : LinuxSockets.openSendOnly(local, IPPROTO_FRAGMENT);
    }

    private static void configure(int fd, boolean udp, boolean inet) {
        if (udp && inet) {
            LinuxSockets.trySet(
                    fd, LinuxSockets.SOL_SOCKET, SO_NO_CHECK, 1); // RFC 3948 2.1: the checksum SHOULD be zero
            LinuxSockets.trySet(fd, LinuxSockets.IPPROTO_IP, IP_RECVTOS, 1);
            LinuxSockets.trySet(fd, LinuxSockets.IPPROTO_IP, IP_RECVTTL, 1);
        } else if (!inet) {
            LinuxSockets.trySet(fd, LinuxSockets.IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
            LinuxSockets.trySet(fd, LinuxSockets.IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
            LinuxSockets.trySet(fd, LinuxSockets.IPPROTO_IPV6, IPV6_AUTOFLOWLABEL, 0);
        }
    }

    @Override
    public IpAddress local() {
        return local;
    }

    @Override
    public Encapsulation encapsulation() {
        return encapsulation;
    }

    /** An ICMP error that an earlier packet caused comes out of recvmsg(2) too; it is passed over. */
    @Override
    public int receive(byte[] buffer, int offset, int length, OuterHeader outer) {
        int received = receive();
        for (int errors = 0; received < 0; errors++) {
            if (Errno.last() == LinuxSockets.EAGAIN) {
                return NOTHING;
            }
            if (errors == MAX_ERRORS) {
                return GONE;
            }
            received = receive();
        }
        readHeader(received, outer);
        int skip = outerHeader ? headerLength(received) : 0;
        int payload = Math.min(length, received - skip);
        incoming.payload().get(skip, buffer, offset, payload);
        // An empty datagram is a datagram: one byte that no SPI has keeps it apart from "nothing".
        return payload > 0 ? payload : emptyDatagram(buffer, offset);
    }

    private int receive() {
        incoming.offerControl();
        incoming.offerName();
        return (int) LibC.LIBC.recvmsg(fd(), incoming.pointer(), 0);
    }

    private void readHeader(int received, OuterHeader outer) {
        if (outerHeader) {
            boolean whole = received >= MIN_IPV4_HEADER;
            outer.setTrafficClass(whole ? incoming.payload().get(1) & 0xff : 0);
            outer.setHopLimit(whole ? incoming.payload().get(8) & 0xff : 0);
        } else if (local.family() == Family.INET) {
            outer.setTrafficClass(incoming.receivedByte(LinuxSockets.IPPROTO_IP, IP_TOS));
            outer.setHopLimit(incoming.receivedByte(LinuxSockets.IPPROTO_IP, IP_TTL));
        } else {
            outer.setTrafficClass(incoming.receivedByte(LinuxSockets.IPPROTO_IPV6, IPV6_TCLASS));
            outer.setHopLimit(incoming.receivedByte(LinuxSockets.IPPROTO_IPV6, IPV6_HOPLIMIT));
        }
    }

    private static int emptyDatagram(byte[] buffer, int offset) {
        buffer[offset] = 0;
        return 1;
    }

    private int headerLength(int received) {
        if (received < MIN_IPV4_HEADER) {
            return received;
        }
        int header = (incoming.payload().get(0) & 0xf) * 4;
        return Math.min(header, received);
    }

    @Override
    public UdpEndpoint source() {
        return LinuxSockets.endpoint(incoming.name());
    }

    @Override
    public boolean isFrom(UdpEndpoint sender) {
        return LinuxSockets.isEndpoint(incoming.name(), sender);
    }

    @Override
    public int send(byte[] buffer, int offset, int length, UdpEndpoint remote, OuterHeader outer) {
        if (local.family() == Family.INET6) {
            return sendInet6(buffer, offset, length, remote, outer);
        }
        boolean raw = outer.dontFragment();
        boolean udpHeader = raw && encapsulation == Encapsulation.UDP;
        Outgoing mine = (raw ? outgoingOther : outgoing).get();
        address(mine, remote, !raw && encapsulation == Encapsulation.UDP);
        mine.message.setValue(0, outer.trafficClass());
        mine.message.setValue(1, outer.hopLimit());
        int start = udpHeader ? UDP_HEADER : 0;
        if (udpHeader) {
            writeUdpHeader(mine.message.payload(), remote.port(), length);
        }
        mine.message.payload().put(start, buffer, offset, length);
        mine.message.setLength(start + length);
        return result(LibC.LIBC.sendmsg(raw ? otherFd : fd(), mine.message.pointer(), 0));
    }

    private static void address(Outgoing mine, UdpEndpoint remote, boolean withPort) {
        if (!mine.remote.equals(remote)) {
            mine.message.setName(LinuxSockets.sockaddr(remote.address(), withPort ? remote.port() : 0));
            mine.remote = remote;
        }
    }

    /** RFC 3948 section 2.1, with no checksum. */
    private void writeUdpHeader(ByteBuffer bytes, int remotePort, int length) {
        bytes.putShort(0, networkOrder(localPort))
                .putShort(2, networkOrder(remotePort))
                .putShort(4, networkOrder(UDP_HEADER + length))
                .putShort(6, (short) 0);
    }

    private static short networkOrder(int value) {
        return ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN ? (short) value : Short.reverseBytes((short) value);
    }

    private int sendInet6(byte[] buffer, int offset, int length, UdpEndpoint remote, OuterHeader outer) {
        if (outer.cut() && otherFd >= 0) {
            return sendFragments(buffer, offset, length, remote, outer);
        }
        Outgoing mine = outgoing.get();
        address(mine, remote, encapsulation == Encapsulation.UDP);
        mine.message.payload().put(0, buffer, offset, length);
        mine.message.setLength(length);
        return sendInet6(fd(), mine, outer);
    }

    /**
     * Of 1,280 bytes: an error about a fragment names no SPI, so that nothing could be learned from one about a longer.
     */
    private int sendFragments(byte[] buffer, int offset, int length, UdpEndpoint remote, OuterHeader outer) {
        Outgoing mine = outgoingOther.get();
        address(mine, remote, false);
        mine.fragmenter.begin(buffer, offset, length);
        int result = 0;
        int size = mine.fragmenter.next(mine.fragment);
        while (size > 0 && result == 0) {
            mine.message.payload().put(0, mine.fragment, 0, size);
            mine.message.setLength(size);
            result = sendInet6(otherFd, mine, outer);
            size = mine.fragmenter.next(mine.fragment);
        }
        return result;
    }

    private int sendInet6(int socket, Outgoing mine, OuterHeader outer) {
        int label = flowLabels ? outer.flowLabel() : 0;
        mine.message.setValue(0, outer.trafficClass());
        mine.message.setValue(1, outer.hopLimit());
        mine.message.setValue(2, ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN ? label : Integer.reverseBytes(label));
        mine.message.setValue(3, outer.dontFragment() ? 1 : 0);
        int result = result(LibC.LIBC.sendmsg(socket, mine.message.pointer(), 0));
        if (result == EINVAL && label != 0) {
            flowLabels = false;
            mine.message.setValue(2, 0);
            result = result(LibC.LIBC.sendmsg(socket, mine.message.pointer(), 0));
        }
        return result;
    }

    private static int result(long sent) {
        if (sent >= 0) {
            return 0;
        }
        int errno = Errno.last();
        return errno == EMSGSIZE ? TOO_BIG : errno;
    }

    @Override
    public void close() {
        super.close();
        if (otherFd >= 0) {
            LibC.LIBC.close(otherFd);
        }
    }
}
