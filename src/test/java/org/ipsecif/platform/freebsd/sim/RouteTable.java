package org.ipsecif.platform.freebsd.sim;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.ipsecif.platform.freebsd.sim.Ifnet.Ifaddr;
import org.jspecify.annotations.Nullable;

/** The routing tables: what addresses bring, and what an administrator adds. */
final class RouteTable {
    static final int RTF_UP = 0x1;
    static final int RTF_GATEWAY = 0x2;
    static final int RTF_HOST = 0x4;
    static final int RTF_STATIC = 0x800;
    static final int RTF_BLACKHOLE = 0x1000;

    /**
     * An entry.
     *
     * @param gateway null if the destination is on the interface itself
     * @param owner the address that brought it; null if it was added by hand
     * @param mtu 0: the interface's
     * @param fib number of its table
     */
    record Route(
            Address destination,
            int bits,
            @Nullable Address gateway,
            Ifnet out,
            @Nullable Ifaddr owner,
            int flags,
            int mtu,
            int fib) {
        int mtuNow() {
            return mtu == 0 ? out.mtu : Math.min(mtu, out.mtu);
        }
    }

    private final SimulatedFreeBsd host;
    private final List<Route> routes = new ArrayList<>();

    RouteTable(SimulatedFreeBsd host) {
        this.host = host;
    }

    /** in_addprefix, in6_ifinit and nd6_prefix: a peer is a host route, a network is one. */
    void addInterfaceRoute(Ifnet out, Ifaddr address) {
        Address destination = address.destination();
        boolean toPeer = destination != null && (out.is(Ifnet.IFF_POINTOPOINT) || out.is(Ifnet.IFF_LOOPBACK));
        if (toPeer && destination.equals(address.local())) {
            return;
        }
        int all = 8 * address.local().length();
        int bits = toPeer ? all : address.prefixLength();
        Address network = (toPeer ? destination : address.local()).masked(bits);
        add(new Route(network, bits, null, out, address, RTF_UP | (bits == all ? RTF_HOST : 0), 0, out.fib));
    }

    void add(Route route) {
        routes.add(route);
        host.routing().route(route, RouteMessages.RTM_ADD);
    }

    void remove(Address destination, int bits) {
        removeIf(routes.stream()
                .filter(each -> each.destination().equals(destination) && each.bits() == bits)
                .toList());
    }

    void removeOf(Ifnet out, Ifaddr owner) {
        removeIf(routes.stream()
                .filter(each -> each.out() == out && owner.equals(each.owner()))
                .toList());
    }

    /** Those by hand too. */
    void removeOf(Ifnet out) {
        removeIf(routes.stream().filter(each -> each.out() == out).toList());
    }

    private void removeIf(List<Route> gone) {
        routes.removeAll(gone);
        gone.forEach(each -> host.routing().route(each, RouteMessages.RTM_DELETE));
    }

    /** The longest prefix. A host's own addresses are on the loopback interface, in all tables. */
    @Nullable
    Route find(Address to, int fib) {
        if (host.interfaces().having(to) != null) {
            Ifnet loopback = host.loopback();
            return new Route(to, 8 * to.length(), null, loopback, null, RTF_UP | RTF_HOST, 0, fib);
        }
        return routes.stream()
                .filter(each -> each.fib() == fib && to.matches(each.destination(), each.bits()))
                .max(Comparator.comparingInt(Route::bits))
                .orElse(null);
    }

    List<Route> all() {
        return List.copyOf(routes);
    }
}
