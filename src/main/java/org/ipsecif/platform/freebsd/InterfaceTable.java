package org.ipsecif.platform.freebsd;

import java.util.ArrayList;
import java.util.List;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.posix.Posix;
import org.ipsecif.sa.InnerAddress;
import org.ipsecif.sa.IpAddress;
import org.jspecify.annotations.Nullable;

/** The kernel's interfaces and their addresses, as sysctl(3)'s NET_RT_IFLIST has them: one if_msghdr, and its ifa_msghdrs behind it. */
final class InterfaceTable {
    /**
     * An interface.
     *
     * @param flags IFF_*
     * @param linkState LINK_STATE_*
     * @param mtu bytes
     * @param dropped packets sent into it that found its queue full, or no memory
     * @param addresses without IPv6 link-local ones
     */
    record Entry(
            String name, int index, int flags, int linkState, int mtu, long dropped, List<InnerAddress> addresses) {
        boolean is(int flag) {
            return (flags & flag) != 0;
        }
    }

    private static final int ALL = 0;

    private final Sysctl sysctl;

    InterfaceTable(Posix posix) {
        sysctl = new Sysctl(posix);
    }

    List<Entry> all() throws ErrnoException {
        return read(ALL);
    }

    /** @return null if there is none */
    @Nullable
    Entry of(int index) throws ErrnoException {
        List<Entry> found = index <= 0 ? List.of() : read(index);
        return found.isEmpty() ? null : found.get(0);
    }

    private List<Entry> read(int index) throws ErrnoException {
        var value = sysctl.read(
                "NET_RT_IFLIST", RouteAbi.CTL_NET, Abi.AF_ROUTE, 0, Abi.AF_UNSPEC, RouteAbi.NET_RT_IFLIST, index);
        return parse(new RoutingMessage(value, value.limit()));
    }

    static List<Entry> parse(RoutingMessage message) {
        List<Entry> found = new ArrayList<>();
        Entry current = null;
        while (message.next()) {
            if (message.is(RouteAbi.RTM_IFINFO, RouteAbi.SIZEOF_IF_MSGHDR)) {
                current = entry(message);
                found.add(current);
            } else if (message.is(RouteAbi.RTM_NEWADDR, RouteAbi.SIZEOF_IFA_MSGHDR)
                    && current != null
                    && message.getUnsignedShort(RouteAbi.IFA_MSGHDR_IFAM_INDEX) == current.index()) {
                addAddress(message, current);
            }
        }
        return found;
    }

    private static Entry entry(RoutingMessage message) {
        int data = RouteAbi.IF_MSGHDR_IFM_DATA;
        message.findAddresses(message.getInt(RouteAbi.IF_MSGHDR_IFM_ADDRS), RouteAbi.SIZEOF_IF_MSGHDR);
        return new Entry(
                message.linkName(),
                message.getUnsignedShort(RouteAbi.IF_MSGHDR_IFM_INDEX),
                message.getInt(RouteAbi.IF_MSGHDR_IFM_FLAGS),
                message.getUnsignedByte(data + RouteAbi.IF_DATA_IFI_LINK_STATE),
                message.getInt(data + RouteAbi.IF_DATA_IFI_MTU),
                message.getLong(data + RouteAbi.IF_DATA_IFI_OQDROPS)
                        + message.getLong(data + RouteAbi.IF_DATA_IFI_OERRORS),
                new ArrayList<>());
    }

    private static void addAddress(RoutingMessage message, Entry to) {
        message.findAddresses(message.getInt(RouteAbi.IFA_MSGHDR_IFAM_ADDRS), RouteAbi.SIZEOF_IFA_MSGHDR);
        IpAddress local = message.address(RouteAbi.RTA_IFA);
        if (local == null || local.isLinkLocal()) {
            return;
        }
        IpAddress remote = to.is(LinkAbi.IFF_POINTOPOINT) ? message.address(RouteAbi.RTA_BRD) : null;
        boolean toPeer = remote != null && remote.family() == local.family() && !remote.equals(local);
        int length = message.prefixLength(local.family());
        to.addresses().add(new InnerAddress(local, length, toPeer ? remote : null));
    }
}
