package org.ipsecif.platform.freebsd.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.ipsecif.platform.freebsd.sim.Ifnet.Ifaddr;
import org.ipsecif.platform.freebsd.sim.RouteTable.Route;
import org.jspecify.annotations.Nullable;

/** A host's IP: what comes in goes to sockets and is answered, what goes out goes by its routes. It forwards nothing. */
final class IpStack {
    static final int DEFAULT_TTL = 64;
    private static final int ECHO_REPLY = 0;
    private static final int ECHO = 8;
    private static final int ECHO_V6 = 128;
    private static final int ECHO_REPLY_V6 = 129;

    /** An echo reply that came. */
    record Reply(Address from, int id, int sequence, int length) {}

    private final SimulatedFreeBsd host;
    private final List<InetSocket> sockets = new ArrayList<>();
    private final List<Reply> replies = new ArrayList<>();
    private final Fragments fragments = new Fragments();

    /** By reason: what came and went nowhere. */
    private final Map<String, Integer> counters = new TreeMap<>();

    private int identification = 1;

    IpStack(SimulatedFreeBsd host) {
        this.host = host;
    }

    List<InetSocket> sockets() {
        return sockets;
    }

    List<Reply> replies() {
        return replies;
    }

    int counter(String reason) {
        return counters.getOrDefault(reason, 0);
    }

    private void count(String reason) {
        counters.merge(reason, 1, Integer::sum);
    }

    /** The source that a socket without one sends with; null if there is no route. */
    @Nullable
    Address sourceFor(Address to, int fib) {
        Route route = host.routes().find(to, fib);
        if (route == null) {
            return null;
        }
        Ifaddr owner = route.owner();
        if (owner != null) {
            return owner.local();
        }
        Ifnet loopback = host.loopback();
        if (route.out() == loopback) {
            return to;
        }
        return route.out().addresses.stream()
                .map(Ifaddr::local)
                .filter(each -> each.length() == to.length() && (to.isLinkLocal() || !each.isLinkLocal()))
                .findFirst()
                .orElse(null);
    }

    /**
     * ip_output and ip6_output. Fills in IPv4's identification where it is 0, source where it is unspecified, and checksum.
     *
     * @param mayFragment of IPv6, whose header does not say
     * @param bypass whether the kernel's outbound policies are not for this packet
     * @param fib number of the routing table
     * @return 0 or an errno
     */
    int output(byte[] packet, boolean mayFragment, boolean bypass, int fib) {
        boolean inet = Words.u8(packet, 0) >> 4 == 4;
        Address to = Address.of(inet ? Words.cut(packet, 16, 4) : Words.cut(packet, 24, 16));
        Route route = host.routes().find(to, fib);
        if (route == null) {
            count("no route");
            return KernelError.EHOSTUNREACH;
        }
        Address next = route.gateway() == null ? to : route.gateway();
        boolean cuttable = inet ? (Words.net16(packet, 6) & IpPacket.DONT_FRAGMENT) == 0 : mayFragment;
        if (inet) {
            finishHeader(packet, to, fib);
        }
        if (!bypass && !isSent(packet)) {
            count("outbound policy");
            return KernelError.EINVAL;
        }
        if (packet.length <= route.mtuNow()) {
            return route.out().output(packet, next);
        }
        if (!cuttable) {
            count("too big");
            return KernelError.EMSGSIZE;
        }
        int errno = 0;
        for (byte[] part : Fragments.cut(packet, route.mtuNow(), identification++)) {
            errno = errno == 0 ? route.out().output(part, next) : errno;
        }
        return errno;
    }

    private void finishHeader(byte[] packet, Address to, int fib) {
        if (Words.net32(packet, 12) == 0) {
            Address source = sourceFor(to, fib);
            Words.copy(source == null ? new byte[4] : source.bytes(), packet, 12);
        }
        if (Words.net16(packet, 4) == 0) {
            Words.putNet16(packet, 4, identification++ & 0xffff);
        }
        Words.putNet16(packet, 10, 0);
        int header = (packet[0] & 0xf) * 4;
        Words.putNet16(packet, 10, Words.checksum(Words.sum(0, packet, 0, header)));
    }

    /** ip_input, ip6_input. @param family that the driver found */
    void input(Ifnet from, byte[] bytes, int family) {
        IpPacket packet = IpPacket.parse(bytes);
        if (packet == null || packet.isInet() != (family == Address.AF_INET)) {
            count("bad header");
            return;
        }
        if (host.interfaces().having(packet.destination) == null) {
            count("not for us");
            return;
        }
        byte[] whole = fragments.take(packet);
        if (whole == null) {
            return; // others of it are to come
        }
        IpPacket complete = whole == packet.bytes ? packet : IpPacket.parse(whole);
        if (complete != null) {
            deliver(from, complete);
        }
    }

    private void deliver(Ifnet from, IpPacket packet) {
        switch (packet.protocol) {
            case IpPacket.ESP -> {
                if (host.keyKernel() != null) {
                    count("ESP to the kernel");
                } else {
                    toRaw(from, packet);
                }
            }
            case IpPacket.ICMP -> icmp(from, packet);
            case IpPacket.ICMPV6 -> icmp6(from, packet);
            case IpPacket.UDP -> udp(from, packet);
            default -> toRaw(from, packet);
        }
    }

    private boolean isSent(byte[] bytes) {
        KeyKernel kernel = host.keyKernel();
        IpPacket packet = IpPacket.parse(bytes);
        return kernel == null || packet == null || kernel.sends(packet.flow());
    }

    /** For sockets that say so the kernel's inbound policies do not count. */
    private boolean isAccepted(IpPacket packet, @Nullable InetSocket by) {
        KeyKernel kernel = host.keyKernel();
        boolean accepted = kernel == null || by != null && by.bypassesInbound() || kernel.accepts(packet.flow());
        if (!accepted) {
            count("inbound policy");
        }
        return accepted;
    }

    private void toRaw(Ifnet from, IpPacket packet) {
        for (InetSocket each : List.copyOf(sockets)) {
            if (each instanceof RawSocket && isAccepted(packet, each)) {
                each.offer(from, packet);
            }
        }
    }

    private void icmp(Ifnet from, IpPacket packet) {
        byte[] message = packet.payload();
        if (message.length < 8 || Words.checksum(Words.sum(0, message, 0, message.length)) != 0) {
            count("bad ICMP");
        } else if (!isAccepted(packet, null)) {
            return;
        } else if (message[0] == ECHO) {
            answer(from, packet, message, ECHO_REPLY);
        } else {
            reply(packet, message, ECHO_REPLY);
            toRaw(from, packet);
        }
    }

    private void icmp6(Ifnet from, IpPacket packet) {
        byte[] message = packet.payload();
        int sum = IpPacket.checksum(packet.source, packet.destination, IpPacket.ICMPV6, message);
        if (message.length < 8 || sum != 0) {
            count("bad ICMP");
            return;
        }
        if (!isAccepted(packet, null)) {
            return;
        }
        if (Words.u8(message, 0) == ECHO_V6) {
            answer(from, packet, message, ECHO_REPLY_V6);
        }
        reply(packet, message, ECHO_REPLY_V6);
        toRaw(from, packet);
    }

    private void reply(IpPacket packet, byte[] message, int type) {
        if (Words.u8(message, 0) == type) {
            replies.add(new Reply(packet.source, Words.net16(message, 4), Words.net16(message, 6), message.length));
            host.changed();
        }
    }

    /** By the routing table that the request came with. */
    private void answer(Ifnet from, IpPacket request, byte[] message, int type) {
        byte[] answer = Words.put8(message.clone(), 0, type);
        sendIcmp(request.destination, request.source, answer, from.fib);
    }

    private int sendIcmp(Address source, Address destination, byte[] message, int fib) {
        boolean inet = source.length() == 4;
        Words.putNet16(message, 2, 0);
        int sum = inet
                ? Words.checksum(Words.sum(0, message, 0, message.length))
                : IpPacket.checksum(source, destination, IpPacket.ICMPV6, message);
        Words.putNet16(message, 2, sum);
        int protocol = inet ? IpPacket.ICMP : IpPacket.ICMPV6;
        return output(IpPacket.make(source, destination, protocol, 0, DEFAULT_TTL, 0, message), true, false, fib);
    }

    /** ping(8): one request. @param size bytes of the ICMP message */
    int echo(Address source, Address destination, int id, int sequence, int size, int fib) {
        byte[] message = new byte[Math.max(8, size)];
        Words.put8(message, 0, source.length() == 4 ? ECHO : ECHO_V6);
        Words.putNet16(message, 4, id);
        Words.putNet16(message, 6, sequence);
        for (int i = 8; i < message.length; i++) {
            message[i] = (byte) i;
        }
        return sendIcmp(source, destination, message, fib);
    }

    private void udp(Ifnet from, IpPacket packet) {
        byte[] datagram = packet.payload();
        boolean summed = datagram.length >= 8 && Words.net16(datagram, 6) != 0;
        if (datagram.length < 8
                || Words.net16(datagram, 4) > datagram.length
                || !summed && !packet.isInet()
                || summed && IpPacket.checksum(packet.source, packet.destination, IpPacket.UDP, datagram) != 0) {
            count("bad UDP");
            return;
        }
        InetSocket best = null;
        for (InetSocket each : sockets) {
            if (each instanceof UdpSocket udp && udp.hears(packet) && (best == null || !udp.isForAll())) {
                best = each;
            }
        }
        if (best == null) {
            count("no UDP port");
        } else if (isAccepted(packet, best)) {
            best.offer(from, packet);
        }
    }
}
