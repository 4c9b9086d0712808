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

    void broadcast(byte[] message, int family) {
        for (RouteSocket each : List.copyOf(sockets)) {
            if (each.family() == 0 || family == 0 || each.family() == family) {
                each.enqueue(new Message(message, new byte[] {2, Address.AF_ROUTE}));
            }
        }
    }

    void announce(Ifnet of, int what) {
        broadcast(RouteMessages.announcement(of, what), 0);
    }

    void changed(Ifnet of) {
        broadcast(RouteMessages.information(of, false), 0);
    }

    void address(Ifnet of, Ifaddr address, int type) {
        broadcast(
                RouteMessages.address(of, address, type, true), address.local().family());
    }

    void route(Route route, int type) {
        broadcast(
                RouteMessages.route(route, type, 0, 0, false),
                route.destination().family());
    }
}
