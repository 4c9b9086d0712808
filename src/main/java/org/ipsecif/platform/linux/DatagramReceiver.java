package org.ipsecif.platform.linux;

import java.nio.ByteBuffer;
import org.ipsecif.platform.Datagrams;
import org.ipsecif.platform.PacketBuffer;
import org.ipsecif.platform.PacketChannel;
import org.ipsecif.platform.UdpEndpoint;
import org.ipsecif.platform.posix.Errno;
import org.ipsecif.platform.posix.LibC;
import org.ipsecif.sa.Family;

/**
 * Receives many datagrams in one call: by UDP_GRO (udp(7)) one run of equal length from one sender, which the kernel has put together,
 * else by recvmmsg(2) as many as there are slots. A raw IPv4 socket hands over the outer header too, which is skipped here. One thread.
 */
final class DatagramReceiver {
    private static final int MAX_DATAGRAM = 65_535;
    private static final int SLOTS = 16;

    /** The kernel puts together 64; what a sender on the same host has put together may have 128 (UDP_MAX_SEGMENTS). */
    private static final int MAX_JOINED = 128;

    private static final int SOL_UDP = 17;
    private static final int UDP_GRO = 104;
    private static final int IP_TOS = 1;
    private static final int IP_TTL = 2;
    private static final int IPV6_HOPLIMIT = 52;
    private static final int IPV6_TCLASS = 67;
    private static final int CONTROLS = 3;

    /** More in a row than a flood of ICMP errors could leave: the socket itself is broken. */
    private static final int MAX_ERRORS = 1_000;

    private final int fd;
    private final boolean inet;
    private final boolean outerHeader;
    private final boolean joined;
    private final int slots;
    private final MessageVector messages;

    /**
     * @param outerHeader whether datagrams come with their IPv4 header
     * @param offload whether the kernel is to put datagrams of UDP together
     */
    DatagramReceiver(int fd, Family family, boolean outerHeader, boolean udp, boolean offload) {
        this.fd = fd;
        this.inet = family == Family.INET;
        this.outerHeader = outerHeader;
        joined = udp && offload && LinuxSockets.trySet(fd, SOL_UDP, UDP_GRO, 1) == 0;
        slots = joined || !offload ? 1 : SLOTS;
        messages = new MessageVector(slots, LinuxSockets.MAX_SOCKADDR, CONTROLS, false);
    }

    int receiveSize() {
        return slots * MAX_DATAGRAM;
    }

    int receiveCount() {
        return joined ? MAX_JOINED : slots;
    }

    /** An ICMP error that an earlier packet caused comes out of recvmmsg(2) too; it is passed over. */
    int receive(PacketBuffer into, Datagrams datagrams) {
        datagrams.clear();
        for (int i = 0; i < slots; i++) {
            messages.setPayload(i, into.address() + (long) i * MAX_DATAGRAM, MAX_DATAGRAM);
        }
        for (int errors = 0; errors < MAX_ERRORS; errors++) {
            messages.offer(slots);
            int received = LibC.LIBC.recvmmsg(fd, messages.pointer(), slots, 0, 0);
            if (received > 0) {
                read(received, into.bytes(), datagrams);
                return datagrams.count();
            }
            if (Errno.last() == LinuxSockets.EAGAIN) {
                return PacketChannel.NOTHING;
            }
        }
        return PacketChannel.GONE;
    }

    private void read(int received, ByteBuffer bytes, Datagrams datagrams) {
        for (int i = 0; i < received; i++) {
            int at = i * MAX_DATAGRAM;
            int length = messages.length(i);
            if (outerHeader) {
                datagrams.addWithHeader(bytes, at, length);
            } else {
                readRun(i, at, length, datagrams);
            }
        }
    }

    private void readRun(int message, int from, int length, Datagrams datagrams) {
        int level = inet ? LinuxSockets.IPPROTO_IP : LinuxSockets.IPPROTO_IPV6;
        int trafficClass = messages.received(message, level, inet ? IP_TOS : IPV6_TCLASS);
        int hopLimit = messages.received(message, level, inet ? IP_TTL : IPV6_HOPLIMIT);
        int segment = joined ? messages.received(message, SOL_UDP, UDP_GRO) : 0;
        int at = 0;
        do {
            int size = segment > 0 ? Math.min(segment, length - at) : length;
            datagrams.add(from + at, size, trafficClass, hopLimit);
            at += size;
        } while (at < length && datagrams.count() < datagrams.capacity());
    }

    UdpEndpoint source(int datagram) {
        int at = messages.nameAt(joined ? 0 : datagram);
        return LinuxSockets.endpoint(messages.names(), at);
    }

    boolean isFrom(int datagram, UdpEndpoint sender) {
        return LinuxSockets.isEndpoint(messages.names(), messages.nameAt(joined ? 0 : datagram), sender);
    }
}
