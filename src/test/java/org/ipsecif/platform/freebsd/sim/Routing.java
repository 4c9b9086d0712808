package org.ipsecif.platform.freebsd.sim;

import java.util.ArrayList;
import java.util.List;
import org.ipsecif.platform.freebsd.sim.Ifnet.Ifaddr;
import org.ipsecif.platform.freebsd.sim.RouteTable.Route;

/** All routing sockets of a host, which each get what there is to tell. */
final class Routing {
    private final SimulatedFreeBsd host;
    private final List<RouteSocket> sockets = new ArrayList<>();

    Routing(SimulatedFreeBsd host) {
        this.host = host;
    }

    RouteSocket open(int family) {
        RouteSocket socket = new RouteSocket(host, this, family);
        sockets.add(socket);
        return socket;
    }

    void closed(RouteSocket socket) {
        sockets.remove(socket);
    }

    private void broadcast(byte[] message) {
        List.copyOf(sockets).forEach(each -> tell(each, message));
    }

    private static void tell(RouteSocket socket, byte[] message) {
        socket.enqueue(new Message(message, new byte[] {2, Address.AF_ROUTE}));
    }

    /** raw_input_rts_cb: what is about a routing table is for the sockets of that. @param family 0: of all */
    void broadcast(byte[] message, int family, int fib) {
        for (RouteSocket each : List.copyOf(sockets)) {
            if (each.fib == fib && (each.family() == 0 || family == 0 || each.family() == family)) {
                tell(each, message);
            }
        }
    }

    void announce(Ifnet of, int what) {
        broadcast(RouteMessages.announcement(of, what));
    }

    void changed(Ifnet of) {
        broadcast(RouteMessages.information(of, false));
    }

    /** net.add_addr_allfibs is 0. */
    void address(Ifnet of, Ifaddr address, int type) {
        broadcast(
                RouteMessages.address(of, address, type, true), address.local().family(), of.fib);
    }

    void route(Route route, int type) {
        broadcast(
                RouteMessages.route(route, type, 0, 0, false),
                route.destination().family(),
                route.fib());
    }
}
