package org.ipsecif.platform.freebsd.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** A virtual Ethernet that joins hosts, and the lock that all of them share, so that a packet's way is one step of all. */
public final class Network {
    final Object lock = new Object();
    private final List<Ether> ports = new ArrayList<>();
    private final List<byte[]> carried = new ArrayList<>();
    private Predicate<byte[]> passes = packet -> true;

    void plug(Ether port) {
        ports.add(port);
    }

    /** Gives a packet to whoever has the next hop's address; ARP and ND find nobody else. */
    void carry(Ether from, byte[] packet, Address next) {
        carried.add(packet);
        if (!passes.test(packet)) {
            return;
        }
        for (Ether each : List.copyOf(ports)) {
            if (each != from && each.find(next) != null && each.is(Ifnet.IFF_UP)) {
                each.input(packet);
                return;
            }
        }
    }

    /** IP packets that were sent since the last call, lost ones too. */
    public List<byte[]> takeCarried() {
        synchronized (lock) {
            List<byte[]> all = List.copyOf(carried);
            carried.clear();
            return all;
        }
    }

    /** Loses those that it does not let pass. */
    public void setFilter(Predicate<byte[]> filter) {
        synchronized (lock) {
            passes = filter;
        }
    }
}
