package org.ipsecif.platform.linux;

import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.PacketSender;
import org.ipsecif.platform.posix.DirectBuffer;
import org.ipsecif.platform.posix.Errno;
import org.ipsecif.platform.posix.LibC;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;

/** raw(7) sockets of protocol IPPROTO_RAW: what is written begins with the IP header. */
final class RawPacketSender implements PacketSender {
    private static final int IPPROTO_RAW = 255;
    private static final int MAX_PACKET = 1_500;
    private static final int INET_DESTINATION = 16;
    private static final int INET6_DESTINATION = 24;

    private final ThreadLocal<DirectBuffer> packets = ThreadLocal.withInitial(() -> new DirectBuffer(MAX_PACKET));
    private final int inet;
    private final int inet6;

    RawPacketSender() throws ErrnoException {
        inet = LinuxSockets.open(IpAddress.ANY_INET, LinuxSockets.SOCK_RAW, IPPROTO_RAW, 0);
        int second = -1;
        try {
            second = LinuxSockets.open(IpAddress.ANY_INET6, LinuxSockets.SOCK_RAW, IPPROTO_RAW, 0);
        } catch (ErrnoException e) {
            if (e.errno() != LinuxSockets.EAFNOSUPPORT) { // a host without IPv6 needs none
                LibC.LIBC.close(inet);
                throw e;
            }
        }
        inet6 = second;
    }

    @Override
    public int send(Family family, byte[] packet, int length) {
        boolean isInet = family == Family.INET;
        IpAddress destination = IpAddress.ofBytes(family, packet, isInet ? INET_DESTINATION : INET6_DESTINATION);
        DirectBuffer address = DirectBuffer.of(LinuxSockets.sockaddr(destination, 0));
        DirectBuffer mine = packets.get();
        mine.bytes().put(0, packet, 0, length);
        long sent =
                LibC.LIBC.sendto(isInet ? inet : inet6, mine.pointer(), length, 0, address.pointer(), address.size());
        return sent < 0 ? Errno.last() : 0;
    }

    @Override
    public void close() {
        LibC.LIBC.close(inet);
        if (inet6 >= 0) {
            LibC.LIBC.close(inet6);
        }
    }
}
