package org.ipsecif.platform.freebsd.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The interfaces of a host, and what becomes of them (net/if.c). */
final class Interfaces {
    private static final int IFF_UP = Ifnet.IFF_UP;

    private final SimulatedFreeBsd host;
    private final TreeMap<Integer, Ifnet> byIndex = new TreeMap<>();
    private int lastIndex;

    Interfaces(SimulatedFreeBsd host) {
        this.host = host;
    }

    int nextIndex() {
        return lastIndex + 1;
    }

    List<Ifnet> all() {
        return new ArrayList<>(byIndex.values());
    }

    @Nullable
    Ifnet named(String name) {
        return byIndex.values().stream()
                .filter(each -> each.name.equals(name))
                .findFirst()
                .orElse(null);
    }

    /** @throws KernelError ENXIO */
    Ifnet find(String name) {
        Ifnet found = named(name);
        KernelError.when(found == null, KernelError.ENXIO);
        return found;
    }

    /** Likewise. */
    Ifnet at(int index) {
        Ifnet found = byIndex.get(index);
        KernelError.when(found == null, KernelError.ENXIO);
        return found;
    }

    /** if_attach. */
    void attach(Ifnet made) {
        lastIndex = made.index;
        byIndex.put(made.index, made);
        host.routing().announce(made, RouteMessages.IFAN_ARRIVAL);
        host.devd().notice(made.name, "ATTACH");
    }

    /** if_detach. */
    void detach(Ifnet gone) {
        if (gone.is(IFF_UP)) {
            down(gone);
        }
        purge(gone);
        List.copyOf(gone.listeners).forEach(BpfDevice::detach);
        byIndex.remove(gone.index);
        host.routing().announce(gone, RouteMessages.IFAN_DEPARTURE);
        host.devd().notice(gone.name, "DETACH");
        host.changed();
    }

    /** SIOCSIFNAME. */
    void rename(Ifnet which, String to) {
        KernelError.when(to.isEmpty(), KernelError.EINVAL);
        if (to.equals(which.name)) {
            return;
        }
        KernelError.when(named(to) != null, KernelError.EEXIST);
        host.routing().announce(which, RouteMessages.IFAN_DEPARTURE);
        String before = which.name;
        which.name = to;
        host.routing().announce(which, RouteMessages.IFAN_ARRIVAL);
        host.devd().notice(before + " name=" + to, "RENAME");
    }

    /** if_up. */
    void up(Ifnet which) {
        which.flags |= IFF_UP;
        host.routing().changed(which);
        host.devd().notice(which.name, "UP");
        if (which.linkType() == Tun.DLT_NULL
                && which.addresses.stream().noneMatch(each -> each.local().isLinkLocal())) {
            // in6_if_up: auto_linklocal
            String tail = String.format("02aa00fffe00%04x", which.index);
            addAddress(which, new Ifnet.Ifaddr(new Address("fe80000000000000" + tail), 64, null));
        }
    }

    /** if_down. */
    void down(Ifnet which) {
        which.flags &= ~IFF_UP;
        host.routing().changed(which);
        host.devd().notice(which.name, "DOWN");
    }

    void setLinkState(Ifnet which, int state) {
        if (which.linkState != state) {
            which.linkState = state;
            host.routing().changed(which);
            host.devd().notice(which.name, state == Ifnet.LINK_STATE_UP ? "LINK_UP" : "LINK_DOWN");
        }
    }

    void addAddress(Ifnet which, Ifnet.Ifaddr address) {
        which.addresses.add(address);
        host.routing().address(which, address, RouteMessages.RTM_NEWADDR);
        host.routes().addInterfaceRoute(which, address);
        host.devd().notice(which.name, "ADDR_ADD", address.local().toString());
    }

    void removeAddress(Ifnet which, Ifnet.Ifaddr address) {
        host.routes().removeOf(which, address);
        which.addresses.remove(address);
        host.routing().address(which, address, RouteMessages.RTM_DELADDR);
        host.devd().notice(which.name, "ADDR_DEL", address.local().toString());
    }

    /** if_purgeaddrs, and the routes that held on to them. */
    void purge(Ifnet which) {
        List.copyOf(which.addresses).forEach(each -> removeAddress(which, each));
        host.routes().removeOf(which);
    }

    /** @return the interface that has this address, up or not; null if none has */
    @Nullable
    Ifnet having(Address address) {
        return byIndex.values().stream()
                .filter(each -> each.find(address) != null)
                .findFirst()
                .orElse(null);
    }
}
