package org.ipsecif.platform.freebsd.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** A virtual Ethernet that joins hosts, and the lock that all of them share, so that a packet's way is one step of all. */
public final class Network {
    final Object lock = new Object();
    private final List<Ether> ports = new ArrayList<>();
    private final List<byte[]> carried = new ArrayList<>();
    private int pathMtu = 65_535;
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
        if (packet.length > pathMtu && packet[0] >> 4 == 4 && (Words.net16(packet, 6) & IpPacket.DONT_FRAGMENT) != 0) {
            from.input(tooBig(packet));
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

    /** A router on the way has a link of this MTU from now on: IPv4 packets with DF that are longer get ICMP's answer instead. */
    public void setPathMtu(int mtu) {
        synchronized (lock) {
            pathMtu = mtu;
        }
    }

    /** RFC 1191: type 3, code 4, the MTU, and what of the packet is to be in it. */
    private byte[] tooBig(byte[] packet) {
        byte[] message = Words.join(new byte[8], Words.cut(packet, 0, Math.min(packet.length, 28)));
        Words.put8(message, 0, 3);
        Words.put8(message, 1, 4);
        Words.putNet16(message, 6, pathMtu);
        Words.putNet16(message, 2, Words.checksum(Words.sum(0, message, 0, message.length)));
        Address router = Address.of("192.0.2.254");
        byte[] answer = IpPacket.make(
                router, Address.of(Words.cut(packet, 12, 4)), IpPacket.ICMP, 0, IpStack.DEFAULT_TTL, 0, message);
        return Words.putNet16(answer, 10, Words.checksum(Words.sum(0, answer, 0, IpPacket.IPV4_HEADER)));
    }

    /** Loses those that it does not let pass. */
    public void setFilter(Predicate<byte[]> filter) {
        synchronized (lock) {
            passes = filter;
        }
    }
}
