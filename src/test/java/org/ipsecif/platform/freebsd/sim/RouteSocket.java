package org.ipsecif.platform.freebsd.sim;

import org.ipsecif.platform.freebsd.sim.RouteTable.Route;

/** A socket of route(4): notices, and RTM_GET (net/rtsock.c). */
final class RouteSocket extends Socket {
    /** net.raw.recvspace and sendspace */
    private static final int SPACE = 8192;

    private static final int RTAX_MAX = 8;

    private final Routing routing;
    private final int family;

    RouteSocket(SimulatedFreeBsd host, Routing routing, int family) {
        super(host, 3, SPACE, SPACE);
        this.routing = routing;
        this.family = family;
    }

    /** It wants notices about; 0 is all. */
    int family() {
        return family;
    }

    /** route_output. The answer goes to all routing sockets, errors too. */
    @Override
    int send(SimulatedProcess by, Message message, boolean dontWait) {
        byte[] request = message.data;
        KernelError.when(request.length < RouteMessages.RT_MSGHDR, KernelError.EINVAL);
        KernelError.when(request.length != Words.u16(request, 0), KernelError.EINVAL);
        KernelError.when(Words.u8(request, 2) != RouteMessages.RTM_VERSION, KernelError.EPROTONOSUPPORT);
        Address destination = destination(request);
        KernelError.when(Words.u8(request, 3) != RouteMessages.RTM_GET, KernelError.EOPNOTSUPP);
        Route route = host.routes().find(destination, fib);
        int sequence = Words.i32(request, 20);
        if (route == null) {
            byte[] refused = Words.put32(request.clone(), 24, KernelError.ESRCH);
            routing.broadcast(Words.put32(refused, 16, by.getpid()), destination.family(), fib);
            throw new KernelError(KernelError.ESRCH);
        }
        int wanted = Words.i32(request, 12) & (RouteMessages.RTA_IFP | RouteMessages.RTA_IFA);
        routing.broadcast(
                RouteMessages.route(route, RouteMessages.RTM_GET, by.getpid(), sequence, wanted != 0),
                destination.family(),
                fib);
        return request.length;
    }

    /** rt_xaddrs: every address wholly within the message. */
    private static Address destination(byte[] request) {
        int bits = Words.i32(request, 12);
        KernelError.when((bits & RouteMessages.RTA_DST) == 0, KernelError.EINVAL);
        int at = RouteMessages.RT_MSGHDR;
        for (int i = 0; i < RTAX_MAX && at < request.length; i++) {
            if ((bits & 1 << i) != 0) {
                int length = Words.u8(request, at);
                KernelError.when(length > request.length - at, KernelError.EINVAL);
                at += length == 0 ? 8 : length + 7 & -8;
            }
        }
        Address destination = Address.in(request, RouteMessages.RT_MSGHDR);
        KernelError.when(destination == null, KernelError.EAFNOSUPPORT);
        KernelError.when(
                Words.u8(request, RouteMessages.RT_MSGHDR) != Address.sockaddrSize(destination.family()),
                KernelError.EINVAL);
        return destination;
    }

    @Override
    void lastClose(SimulatedProcess by) {
        routing.closed(this);
    }
}
