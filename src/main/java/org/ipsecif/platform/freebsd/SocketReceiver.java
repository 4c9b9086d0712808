package org.ipsecif.platform.freebsd;

import java.nio.ByteBuffer;
import org.ipsecif.platform.Datagrams;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.PacketBuffer;
import org.ipsecif.platform.PacketChannel;
import org.ipsecif.platform.UdpEndpoint;
import org.ipsecif.platform.posix.Errno;
import org.ipsecif.platform.posix.Posix;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;

/**
 * Receives by recvmmsg(2) as many datagrams as there are slots. A raw IPv4 socket hands over the outer header too, which is skipped here;
 * all others say by control messages what it said: IP_RECVTOS and IP_RECVTTL one byte each (ip(4)), IPV6_TCLASS and
 * IPV6_HOPLIMIT an int each (RFC 3542). One thread.
 */
final class SocketReceiver {
    private static final int MAX_DATAGRAM = 65_535;
    private static final int SLOTS = 16;

    /** struct in6_pktinfo: an address, and the index of an interface. */
    private static final int PACKET_INFO = 20;

    private static final int CONTROLS = 2 * BsdMessages.space(Integer.BYTES) + BsdMessages.space(PACKET_INFO);

    /** More in a row than could come from the network: the socket itself is broken. */
    private static final int MAX_ERRORS = 1_000;

    private final Posix posix;
    private final int fd;
    private final IpAddress local;
    private final boolean raw;
    private final boolean inet;
    private final int slots;
    private final BsdMessages messages;

    /** Which message each datagram was. */
    private final int[] origins;

    /**
     * @param raw of ESP, else of UDP
     * @param many whether to receive several at once
     */
    SocketReceiver(Posix posix, int fd, IpAddress local, boolean raw, boolean many) throws ErrnoException {
        this.posix = posix;
        this.fd = fd;
        this.local = local;
        this.raw = raw;
        inet = local.family() == Family.INET;
        slots = many ? SLOTS : 1;
        messages = new BsdMessages(slots, 1, Sockaddr.MOST, CONTROLS, false);
        origins = new int[slots];
        ask(new BsdSockets(posix));
    }

    private void ask(BsdSockets sockets) throws ErrnoException {
        if (!inet) {
            sockets.set(fd, Abi.IPPROTO_IPV6, Abi.IPV6_RECVTCLASS, 1, "IPV6_RECVTCLASS");
            sockets.set(fd, Abi.IPPROTO_IPV6, Abi.IPV6_RECVHOPLIMIT, 1, "IPV6_RECVHOPLIMIT");
        } else if (!raw) {
            sockets.set(fd, Abi.IPPROTO_IP, Abi.IP_RECVTOS, 1, "IP_RECVTOS");
            sockets.set(fd, Abi.IPPROTO_IP, Abi.IP_RECVTTL, 1, "IP_RECVTTL");
        }
        if (isUnbound()) {
            sockets.set(fd, Abi.IPPROTO_IPV6, Abi.IPV6_RECVPKTINFO, 1, "IPV6_RECVPKTINFO");
        }
    }

    /** IPv6's raw sockets cannot be bound to an address that is not configured yet, so what is for others is left out here. */
    private boolean isUnbound() {
        return raw && !inet;
    }

    int receiveSize() {
        return slots * MAX_DATAGRAM;
    }

    int receiveCount() {
        return slots;
    }

    /** An error that an earlier datagram caused is passed over. */
    int receive(PacketBuffer into, Datagrams datagrams) {
        datagrams.clear();
        for (int i = 0; i < slots; i++) {
            messages.setPart(i, 0, into.address() + (long) i * MAX_DATAGRAM, MAX_DATAGRAM);
        }
        for (int errors = 0; errors < MAX_ERRORS; errors++) {
            messages.offer(slots);
            int received = posix.libc().recvmmsg(fd, messages.pointer(), slots, 0, 0);
            if (received > 0) {
                read(received, into.bytes(), datagrams);
                return datagrams.count();
            }
            if (Errno.last() == Abi.EAGAIN) {
                return PacketChannel.NOTHING;
            }
        }
        return PacketChannel.GONE;
    }

    private void read(int received, ByteBuffer bytes, Datagrams datagrams) {
        for (int i = 0; i < received; i++) {
            int at = i * MAX_DATAGRAM;
            int length = messages.length(i);
            if (isUnbound() && !isForUs(i)) {
                continue;
            }
            origins[datagrams.count()] = i;
            if (raw && inet) {
                datagrams.addWithHeader(bytes, at, length);
            } else {
                datagrams.add(at, length, trafficClass(i), hopLimit(i));
            }
        }
    }

    private boolean isForUs(int message) {
        int at = messages.find(message, Abi.IPPROTO_IPV6, Abi.IPV6_PKTINFO, PACKET_INFO);
        return at >= 0 && SocketAddresses.isAddress(messages.controls(), at, local);
    }

    private int trafficClass(int message) {
        return inet ? oneByte(message, Abi.IP_RECVTOS) : integer(message, Abi.IPV6_TCLASS);
    }

    private int hopLimit(int message) {
        return inet ? oneByte(message, Abi.IP_RECVTTL) : integer(message, Abi.IPV6_HOPLIMIT);
    }

    private int oneByte(int message, int type) {
        int at = messages.find(message, Abi.IPPROTO_IP, type, 1);
        return at < 0 ? 0 : messages.controls().get(at) & 0xff;
    }

    private int integer(int message, int type) {
        int at = messages.find(message, Abi.IPPROTO_IPV6, type, Integer.BYTES);
        return at < 0 ? 0 : messages.controls().getInt(at) & 0xff;
    }

    UdpEndpoint source(int datagram) {
        return SocketAddresses.decode(messages.names(), messages.nameAt(origins[datagram]));
    }

    boolean isFrom(int datagram, UdpEndpoint sender) {
        return SocketAddresses.is(messages.names(), messages.nameAt(origins[datagram]), sender);
    }
}
