package org.ipsecif.platform.linux;

import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.EspTransport;
import org.ipsecif.platform.posix.DirectBuffer;
import org.ipsecif.platform.posix.Errno;
import org.ipsecif.platform.posix.LibC;
import org.ipsecif.platform.posix.Readiness;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;

/**
 * ESP over a raw(7) socket of protocol 50, or over UDP port 4500. A raw IPv4 socket hands over the outer header too, which
 * is removed here; a raw IPv6 socket does not.
 */
final class SocketEspTransport implements EspTransport {
    private static final int MAX_DATAGRAM = 65_535;
    private static final int MIN_IPV4_HEADER = 20;
    private static final int IPPROTO_ESP = 50;
    private static final int SOL_SOCKET = 1;

    /** More in a row than a flood of ICMP errors could leave: the socket itself is broken. */
    private static final int MAX_ERRORS = 1_000;

    private static final int SO_NO_CHECK = 11;

    /** What one sending thread needs: threads send at once, none waits for another. */
    private static final class Outgoing {
        final DirectBuffer packet = new DirectBuffer(MAX_DATAGRAM);
        final DirectBuffer address;
        IpAddress remote;

        Outgoing(IpAddress remote, int port) {
            this.remote = remote;
            this.address = DirectBuffer.of(LinuxSockets.sockaddr(remote, port));
        }
    }

    private final IpAddress local;
    private final Encapsulation encapsulation;
    private final int fd;
    private final Readiness readiness;
    private final DirectBuffer incoming = new DirectBuffer(MAX_DATAGRAM);
    private final boolean outerHeader;
    private final int remotePort;
    private final ThreadLocal<Outgoing> outgoing;

    SocketEspTransport(IpAddress local, Encapsulation encapsulation) throws ErrnoException {
        this.local = local;
        this.encapsulation = encapsulation;
        boolean udp = encapsulation == Encapsulation.UDP;
        remotePort = udp ? UDP_PORT : 0;
        outerHeader = !udp && local.family() == Family.INET;
        outgoing = ThreadLocal.withInitial(() -> new Outgoing(local, remotePort));
        fd = udp
                ? LinuxSockets.open(local, LinuxSockets.SOCK_DGRAM, 0, UDP_PORT)
                : LinuxSockets.open(local, LinuxSockets.SOCK_RAW, IPPROTO_ESP, 0);
        if (udp && local.family() == Family.INET) {
            LinuxSockets.trySet(fd, SOL_SOCKET, SO_NO_CHECK, 1); // RFC 3948 2.1: the checksum SHOULD be zero
        }
        try {
            readiness = new Readiness(fd);
        } catch (ErrnoException e) {
            LibC.LIBC.close(fd);
            throw e;
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

    @Override
    public boolean awaitReadable() {
        return readiness.await();
    }

    @Override
    public void wakeup() {
        readiness.wakeup();
    }

    /** An ICMP error that an earlier packet caused comes out of recv(2) too; it is passed over. */
    @Override
    public int receive(byte[] buffer, int offset, int length) {
        int received = (int) LibC.LIBC.recv(fd, incoming.pointer(), incoming.size(), 0);
        for (int errors = 0; received < 0; errors++) {
            if (Errno.last() == LinuxSockets.EAGAIN) {
                return NOTHING;
            }
            if (errors == MAX_ERRORS) {
                return GONE;
            }
            received = (int) LibC.LIBC.recv(fd, incoming.pointer(), incoming.size(), 0);
        }
        int skip = outerHeader ? headerLength(received) : 0;
        int payload = Math.min(length, received - skip);
        incoming.bytes().get(skip, buffer, offset, payload);
        // An empty datagram is a datagram: one byte that no SPI has keeps it apart from "nothing".
        return payload > 0 ? payload : emptyDatagram(buffer, offset);
    }

    private static int emptyDatagram(byte[] buffer, int offset) {
        buffer[offset] = 0;
        return 1;
    }

    private int headerLength(int received) {
        if (received < MIN_IPV4_HEADER) {
            return received;
        }
        int header = (incoming.bytes().get(0) & 0xf) * 4;
        return Math.min(header, received);
    }

    @Override
    public int send(byte[] buffer, int offset, int length, IpAddress remote) {
        Outgoing mine = outgoing.get();
        if (!mine.remote.equals(remote)) {
            mine.address.bytes().put(0, LinuxSockets.sockaddr(remote, remotePort));
            mine.remote = remote;
        }
        mine.packet.bytes().put(0, buffer, offset, length);
        long sent = LibC.LIBC.sendto(fd, mine.packet.pointer(), length, 0, mine.address.pointer(), mine.address.size());
        return sent < 0 ? Errno.last() : 0;
    }

    @Override
    public void close() {
        readiness.close();
        LibC.LIBC.close(fd);
    }
}
