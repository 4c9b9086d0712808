package org.ipsecif.platform.freebsd;

import java.util.Arrays;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.PacketSender;
import org.ipsecif.platform.posix.DirectBuffer;
import org.ipsecif.platform.posix.Errno;
import org.ipsecif.platform.posix.Posix;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.wire.Bytes;

/**
 * Sends IPv4 packets by a raw socket that is written whole packets to, where the kernel fills in a source that is 0.0.0.0. IPv6 knows no such
 * socket on FreeBSD (ip6(4)): a raw socket of the packet's next header gets what follows the header, and control messages say the
 * rest of it but the flow label. The source must be an address of the host.
 */
final class RawPacketSender implements PacketSender {
    private static final int MAX_PACKET = 1_500;
    private static final int INET_DESTINATION = 16;
    private static final int INET6_HEADER = 40;
    private static final int INET6_NEXT_HEADER = 6;
    private static final int INET6_HOP_LIMIT = 7;
    private static final int INET6_SOURCE = 8;
    private static final int INET6_DESTINATION = 24;
    private static final int PROTOCOLS = 256;
    private static final int NONE = -1;
    private static final int INTEGER = BsdMessages.space(Integer.BYTES);
    private static final int PACKET_INFO = 20;

    /** What one thread needs. */
    private static final class Outgoing {
        final DirectBuffer packet = new DirectBuffer(MAX_PACKET);
        final BsdMessages message =
                new BsdMessages(1, 1, Abi.SIZEOF_SOCKADDR_IN6, 2 * INTEGER + BsdMessages.space(PACKET_INFO), true);
        final int trafficClass = message.describe(0, Abi.IPPROTO_IPV6, Abi.IPV6_TCLASS, Integer.BYTES);
        final int hopLimit = message.describe(INTEGER, Abi.IPPROTO_IPV6, Abi.IPV6_HOPLIMIT, Integer.BYTES);
        final int source = message.describe(2 * INTEGER, Abi.IPPROTO_IPV6, Abi.IPV6_PKTINFO, PACKET_INFO);
    }

    private final ThreadLocal<Outgoing> outgoing = ThreadLocal.withInitial(Outgoing::new);
    private final Posix posix;
    private final BsdSockets sockets;
    private final int inet;

    /** By next header, opened when it is asked for. */
    private final int[] inet6 = new int[PROTOCOLS];

    private RawPacketSender(Posix posix, BsdSockets sockets, int inet) {
        this.posix = posix;
        this.inet = inet;
        this.sockets = sockets;
        Arrays.fill(inet6, NONE);
    }

    /** @throws ErrnoException without the privilege for raw sockets */
    static RawPacketSender open(Posix posix, BsdSockets sockets) throws ErrnoException {
        RawPacketSender sender = new RawPacketSender(posix, sockets, sockets.openHeaderIncluded());
        try {
            sender.openInet6(Abi.IPPROTO_ICMPV6); // what the daemon sends: it may have no privilege later
            return sender;
        } catch (ErrnoException e) {
            if (e.errno() == Abi.EAFNOSUPPORT || e.errno() == Abi.EPROTONOSUPPORT) {
                return sender; // a host without IPv6 needs none
            }
            sender.close();
            throw e;
        }
    }

    private synchronized int openInet6(int protocol) throws ErrnoException {
        if (inet6[protocol] == NONE) {
            int fd = sockets.openRaw(Family.INET6, protocol).fd();
            try {
                if (protocol == Abi.IPPROTO_ICMPV6) {
                    RawIcmpReceiver.setFilter(posix, fd, 0);
                }
            } catch (ErrnoException e) {
                posix.libc().close(fd);
                throw e;
            }
            inet6[protocol] = fd;
        }
        return inet6[protocol];
    }

    @Override
    public int send(Family family, byte[] packet, int length) {
        return family == Family.INET ? sendInet(packet, length) : sendInet6(packet, length);
    }

    private int sendInet(byte[] packet, int length) {
        IpAddress destination = IpAddress.ofBytes(Family.INET, packet, INET_DESTINATION);
        DirectBuffer address = Sockaddr.of(destination, 0);
        DirectBuffer mine = outgoing.get().packet;
        mine.bytes().put(0, packet, 0, length);
        long sent = posix.libc().sendto(inet, mine.pointer(), length, 0, address.pointer(), address.size());
        return sent < 0 ? Errno.last() : 0;
    }

    private int sendInet6(byte[] packet, int length) {
        int fd;
        try {
            fd = openInet6(Bytes.u8(packet, INET6_NEXT_HEADER));
        } catch (ErrnoException e) {
            return e.errno();
        }
        Outgoing mine = outgoing.get();
        int payload = length - INET6_HEADER;
        mine.packet.bytes().put(0, packet, INET6_HEADER, payload);
        mine.message.setPart(0, 0, mine.packet.pointer().address(), payload);
        mine.message.setName(SocketAddresses.encode(IpAddress.ofBytes(Family.INET6, packet, INET6_DESTINATION), 0));
        mine.message
                .controls()
                .putInt(mine.trafficClass, Bytes.i32(packet, 0) >>> 20 & 0xff)
                .putInt(mine.hopLimit, Bytes.u8(packet, INET6_HOP_LIMIT))
                .put(mine.source, packet, INET6_SOURCE, 16);
        return posix.libc().sendmsg(fd, mine.message.pointer(), 0) < 0 ? Errno.last() : 0;
    }

    @Override
    public synchronized void close() {
        posix.libc().close(inet);
        for (int fd : inet6) {
            if (fd != NONE) {
                posix.libc().close(fd);
            }
        }
    }
}
