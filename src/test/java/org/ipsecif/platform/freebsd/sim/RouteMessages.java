package org.ipsecif.platform.freebsd.sim;

import java.io.ByteArrayOutputStream;
import java.util.SortedMap;
import java.util.TreeMap;
import org.ipsecif.platform.freebsd.sim.Ifnet.Ifaddr;
import org.ipsecif.platform.freebsd.sim.RouteTable.Route;
import org.jspecify.annotations.Nullable;

/** The messages of route(4) and of sysctl(3)'s lists, written as net/rtsock.c writes them (net/route.h, net/if.h). */
final class RouteMessages {
    static final int RTM_VERSION = 5;
    static final int RTM_ADD = 1;
    static final int RTM_DELETE = 2;
    static final int RTM_GET = 4;
    static final int RTM_NEWADDR = 12;
    static final int RTM_DELADDR = 13;
    static final int RTM_IFINFO = 14;
    static final int RTM_IFANNOUNCE = 17;
    static final int RTA_DST = 0x1;
    static final int RTA_GATEWAY = 0x2;
    static final int RTA_NETMASK = 0x4;
    static final int RTA_IFP = 0x10;
    static final int RTA_IFA = 0x20;
    static final int RTA_BRD = 0x80;
    static final int IFAN_ARRIVAL = 0;
    static final int IFAN_DEPARTURE = 1;
    static final int RT_MSGHDR = 152;

    private static final int IF_MSGHDR = 168;
    private static final int IF_MSGHDRL = 176;
    private static final int IFA_MSGHDR = 20;
    private static final int IFA_MSGHDRL = 176;
    private static final int IF_DATA = 152;
    private static final int IF_ANNOUNCEMSGHDR = 24;

    private RouteMessages() {}

    /** struct if_announcemsghdr */
    static byte[] announcement(Ifnet of, int what) {
        byte[] message = begin(IF_ANNOUNCEMSGHDR, RTM_IFANNOUNCE);
        Words.put16(message, 4, of.index);
        Words.putText(message, 6, of.name, Ifnet.NAME_SIZE);
        return finish(Words.put16(message, 22, what), new byte[0]);
    }

    /** struct if_msghdr, with RTA_IFP in lists only. */
    static byte[] information(Ifnet of, boolean withName) {
        byte[] message = begin(IF_MSGHDR, RTM_IFINFO);
        Words.put32(message, 4, withName ? RTA_IFP : 0);
        Words.put32(message, 8, of.flags);
        Words.put16(message, 12, of.index);
        Words.copy(data(of), message, 16);
        return finish(message, withName ? addresses(RTA_IFP, of.linkAddress()) : new byte[0]);
    }

    /** struct if_msghdrl: ifm_len at 16, ifm_data_off at 18, the data at 24. */
    static byte[] longInformation(Ifnet of) {
        byte[] message = begin(IF_MSGHDRL, RTM_IFINFO);
        Words.put32(message, 4, RTA_IFP);
        Words.put32(message, 8, of.flags);
        Words.put16(message, 12, of.index);
        Words.put16(message, 16, IF_MSGHDRL);
        Words.put16(message, 18, 24);
        Words.copy(data(of), message, 24);
        return finish(message, addresses(RTA_IFP, of.linkAddress()));
    }

    /** struct if_data: type 0, link state 4, datalen 6, mtu 8, oerrors 48, oqdrops 104. */
    private static byte[] data(Ifnet of) {
        byte[] data = new byte[IF_DATA];
        Words.put8(data, 0, of.type);
        Words.put8(data, 2, of.hardwareAddress().length);
        Words.put8(data, 4, of.linkState);
        Words.put16(data, 6, IF_DATA);
        Words.put32(data, 8, of.mtu);
        Words.put64(data, 48, of.outputErrors);
        return Words.put64(data, 104, of.queueDrops);
    }

    /** struct ifa_msghdr: addrs 4, flags 8, index 12, metric 16. Notices have the interface's name, lists do not. */
    static byte[] address(Ifnet of, Ifaddr address, int type, boolean withName) {
        SortedMap<Integer, byte[]> parts = parts(of, address, withName);
        byte[] message = begin(IFA_MSGHDR, type);
        Words.put32(message, 4, bits(parts));
        Words.put16(message, 12, of.index);
        return finish(message, sockaddrs(parts));
    }

    /** struct ifa_msghdrl: index 12, ifam_len 16, ifam_data_off 18, metric 20, data 24. */
    static byte[] longAddress(Ifnet of, Ifaddr address) {
        SortedMap<Integer, byte[]> parts = parts(of, address, false);
        byte[] message = begin(IFA_MSGHDRL, RTM_NEWADDR);
        Words.put32(message, 4, bits(parts));
        Words.put16(message, 12, of.index);
        Words.put16(message, 16, IFA_MSGHDRL);
        Words.put16(message, 18, 24);
        return finish(message, sockaddrs(parts));
    }

    private static SortedMap<Integer, byte[]> parts(Ifnet of, Ifaddr address, boolean withName) {
        int family = address.local().family();
        SortedMap<Integer, byte[]> parts = new TreeMap<>();
        parts.put(RTA_NETMASK, Address.mask(family, address.prefixLength()).sockaddr());
        if (withName) {
            parts.put(RTA_IFP, of.linkAddress());
        }
        parts.put(RTA_IFA, address.local().sockaddr(0, of.index));
        if (address.destination() != null) {
            parts.put(RTA_BRD, address.destination().sockaddr(0, of.index));
        }
        return parts;
    }

    /** struct rt_msghdr: index 4, flags 8, addrs 12, pid 16, seq 20, errno 24, rmx_mtu 48. */
    static byte[] route(Route route, int type, int pid, int sequence, boolean withName) {
        SortedMap<Integer, byte[]> parts = new TreeMap<>();
        parts.put(RTA_DST, route.destination().sockaddr());
        Address gateway = route.gateway();
        parts.put(RTA_GATEWAY, gateway == null ? shortLink(route.out()) : gateway.sockaddr());
        if ((route.flags() & RouteTable.RTF_HOST) == 0) {
            parts.put(
                    RTA_NETMASK,
                    Address.mask(route.destination().family(), route.bits()).sockaddr());
        }
        if (withName) {
            parts.put(RTA_IFP, route.out().linkAddress());
            Ifaddr source = route.owner() != null ? route.owner() : anyAddress(route);
            if (source != null) {
                parts.put(RTA_IFA, source.local().sockaddr(0, route.out().index));
            }
        }
        byte[] message = begin(RT_MSGHDR, type);
        Words.put16(message, 4, route.out().index);
        Words.put32(message, 8, route.flags());
        Words.put32(message, 12, bits(parts));
        Words.put32(message, 16, pid);
        Words.put32(message, 20, sequence);
        Words.put64(message, 48, route.mtuNow());
        return finish(message, sockaddrs(parts));
    }

    private static @Nullable Ifaddr anyAddress(Route route) {
        return route.out().addresses.stream()
                .filter(each -> each.local().family() == route.destination().family())
                .findFirst()
                .orElse(null);
    }

    /** struct sockaddr_dl_short: a gateway that is only an interface. */
    private static byte[] shortLink(Ifnet of) {
        byte[] link = new byte[54];
        Words.put8(link, 0, link.length);
        Words.put8(link, 1, Address.AF_LINK);
        Words.put16(link, 2, of.index);
        return Words.put8(link, 4, of.type);
    }

    private static byte[] begin(int size, int type) {
        byte[] message = new byte[size];
        Words.put8(message, 2, RTM_VERSION);
        return Words.put8(message, 3, type);
    }

    private static byte[] finish(byte[] header, byte[] addresses) {
        byte[] message = Words.join(header, addresses);
        return Words.put16(message, 0, message.length);
    }

    private static byte[] addresses(int bit, byte[] sockaddr) {
        SortedMap<Integer, byte[]> parts = new TreeMap<>();
        parts.put(bit, sockaddr);
        return sockaddrs(parts);
    }

    private static int bits(SortedMap<Integer, byte[]> parts) {
        return parts.keySet().stream().reduce(0, (one, other) -> one | other);
    }

    /** In the order of their bits, each rounded up to longs (SA_SIZE). */
    private static byte[] sockaddrs(SortedMap<Integer, byte[]> parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts.values()) {
            all.writeBytes(part);
            all.writeBytes(new byte[(8 - part.length % 8) % 8]);
        }
        return all.toByteArray();
    }
}
