package org.ipsecif.platform.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.LinkConfigurer;
import org.ipsecif.platform.posix.LibC;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.InnerAddress;
import org.ipsecif.sa.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * rtnetlink(7).
 *
 * <pre>
 * struct ifinfomsg { u8 ifi_family, pad; u16 ifi_type; int ifi_index; unsigned ifi_flags, ifi_change; };      // 16
 * struct rtmsg { u8 family, dst_len, src_len, tos, table, protocol, scope, type; u32 flags; };                // 12
 * struct rtnexthop { u16 len; u8 flags, hops; int ifindex; };                                                 // 8
 * struct ifaddrmsg { u8 ifa_family, ifa_prefixlen, ifa_flags, ifa_scope; u32 ifa_index; };                    // 8
 * </pre>
 */
final class RtnetlinkLinkConfigurer implements LinkConfigurer {
    static final int RTM_NEWLINK = 16;
    static final int RTM_GETLINK = 18;
    private static final int RTM_NEWADDR = 20;
    private static final int RTM_DELADDR = 21;
    private static final int RTM_GETADDR = 22;
    private static final int RTM_GETROUTE = 26;
    private static final int RTM_F_FIB_MATCH = 0x2000;
    private static final int RTMSG = 12;
    private static final int RTA_DST = 1;
    private static final int RTA_SRC = 2;
    private static final int RTA_OIF = 4;
    private static final int RTA_METRICS = 8;
    private static final int RTA_MULTIPATH = 9;
    private static final int RTAX_MTU = 2;
    static final int IFINFOMSG = 16;
    private static final int IFLA_IFNAME = 3;
    private static final int IFLA_MTU = 4;
    private static final int IFLA_IFALIAS = 20;
    private static final int IFLA_STATS64 = 23;

    /** Of struct rtnl_link_stats64, whose eighth number it is. */
    private static final int TX_DROPPED = 56;

    private static final int IFLA_EXT_MASK = 29;
    private static final int RTEXT_FILTER_SKIP_STATS = 8;
    private static final int IFLA_CARRIER = 33;
    private static final int IFADDRMSG = 8;
    private static final int IFA_ADDRESS = 1;
    private static final int IFA_LOCAL = 2;
    private static final int IFA_F_NODAD = 0x02;
    private static final int IFF_UP = 1;
    private static final int IFI_FLAGS = 8;
    private static final int EADDRNOTAVAIL = 99;

    private final Netlink netlink;

    RtnetlinkLinkConfigurer() throws ErrnoException {
        netlink = new Netlink(Netlink.NETLINK_ROUTE);
    }

    @Override
    public int indexOf(String name) {
        return LibC.LIBC.if_nametoindex(name);
    }

    @Override
    public Map<String, Integer> indices() throws ErrnoException {
        Map<String, Integer> found = new HashMap<>();
        NetlinkWriter request =
                new NetlinkWriter(RTM_GETLINK, 0, ifinfomsg(0, 0, 0)).attribute(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
        for (ByteBuffer link : netlink.dump(request, "RTM_GETLINK")) {
            String name = text(NetlinkReader.attributes(link, IFINFOMSG).get(IFLA_IFNAME));
            if (!name.isEmpty()) {
                found.put(name, link.getInt(4));
            }
        }
        return found;
    }

    @Override
    public Link link(int index) throws ErrnoException {
        ByteBuffer link = query(index);
        Map<Integer, ByteBuffer> attributes = NetlinkReader.attributes(link, IFINFOMSG);
        ByteBuffer mtu = attributes.get(IFLA_MTU);
        ByteBuffer carrier = attributes.get(IFLA_CARRIER);
        ByteBuffer statistics = attributes.get(IFLA_STATS64);
        return new Link(
                (link.getInt(IFI_FLAGS) & IFF_UP) != 0,
                carrier != null && carrier.get(0) != 0,
                mtu == null ? 0 : mtu.getInt(0),
                text(attributes.get(IFLA_IFALIAS)),
                statistics == null || statistics.remaining() < TX_DROPPED + 8 ? 0 : statistics.getLong(TX_DROPPED));
    }

    private ByteBuffer query(int index) throws ErrnoException {
        return netlink.query(new NetlinkWriter(RTM_GETLINK, 0, ifinfomsg(index, 0, 0)), "RTM_GETLINK");
    }

    /** Of an attribute that ends with a NUL. */
    private static String text(@Nullable ByteBuffer value) {
        if (value == null || !value.hasRemaining()) {
            return "";
        }
        byte[] bytes = new byte[value.remaining() - 1];
        value.get(0, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Override
    public Map<Integer, List<InnerAddress>> addresses() throws ErrnoException {
        return dumpAddresses(0);
    }

    @Override
    public List<InnerAddress> addresses(int index) throws ErrnoException {
        return dumpAddresses(index).getOrDefault(index, List.of());
    }

    /** @param index of an interface, for kernels since 4.20, which dump its addresses alone; 0 for all */
    private Map<Integer, List<InnerAddress>> dumpAddresses(int index) throws ErrnoException {
        Map<Integer, List<InnerAddress>> found = new HashMap<>();
        byte[] header = ByteBuffer.allocate(IFADDRMSG)
                .order(ByteOrder.nativeOrder())
                .putInt(4, index)
                .array();
        NetlinkWriter request = new NetlinkWriter(RTM_GETADDR, 0, header);
        for (ByteBuffer message : netlink.dump(request, "RTM_GETADDR")) {
            InnerAddress address = readAddress(message);
            if (address != null && !address.local().isLinkLocal()) {
                found.computeIfAbsent(message.getInt(4), each -> new ArrayList<>())
                        .add(address);
            }
        }
        return found;
    }

    /** The reverse of {@link #addressMessage}. @return null for a message that makes no sense */
    static @Nullable InnerAddress readAddress(ByteBuffer message) {
        if (message.limit() < IFADDRMSG) {
            return null;
        }
        Map<Integer, ByteBuffer> attributes = NetlinkReader.attributes(message, IFADDRMSG);
        IpAddress address = address(message.get(0), attributes.get(IFA_ADDRESS));
        IpAddress local = address(message.get(0), attributes.get(IFA_LOCAL));
        int length = message.get(1) & 0xff;
        if (address == null || length > address.family().addressBits()) {
            return null;
        }
        boolean toPeer = local != null && !local.equals(address);
        return new InnerAddress(local == null ? address : local, length, toPeer ? address : null);
    }

    private static @Nullable IpAddress address(int family, @Nullable ByteBuffer value) {
        int length = family == LinuxSockets.AF_INET ? 4 : family == LinuxSockets.AF_INET6 ? 16 : -1;
        if (value == null || value.remaining() != length) {
            return null;
        }
        byte[] bytes = new byte[length];
        value.get(0, bytes);
        return IpAddress.ofBytes(bytes);
    }

    /** The entry of the routing table, not of its cache: what ICMP said to the kernel was never validated. */
    @Override
    public @Nullable Route route(IpAddress local, IpAddress remote) throws ErrnoException {
        ByteBuffer answer;
        try {
            answer = netlink.query(routeMessage(remote).attribute(RTA_SRC, local.toBytes()), "RTM_GETROUTE");
        } catch (ErrnoException withSource) { // refused while the host does not have the address
            try {
                answer = netlink.query(routeMessage(remote), "RTM_GETROUTE");
            } catch (ErrnoException none) {
                return null;
            }
        }
        Map<Integer, ByteBuffer> attributes = NetlinkReader.attributes(answer, RTMSG);
        ByteBuffer interfaceIndex = attributes.get(RTA_OIF);
        ByteBuffer hops = attributes.get(RTA_MULTIPATH);
        int index = interfaceIndex != null ? interfaceIndex.getInt(0) : hops != null ? hops.getInt(4) : 0;
        if (index == 0) {
            return null;
        }
        ByteBuffer metrics = attributes.get(RTA_METRICS);
        ByteBuffer own =
                metrics == null ? null : NetlinkReader.attributes(metrics, 0).get(RTAX_MTU);
        return new Route(index, own != null ? own.getInt(0) : smallestMtu(index, hops));
    }

    private static NetlinkWriter routeMessage(IpAddress remote) {
        byte[] header = ByteBuffer.allocate(RTMSG)
                .order(ByteOrder.nativeOrder())
                .put(0, (byte) LinuxSockets.addressFamily(remote.family()))
                .put(1, (byte) remote.family().addressBits())
                .putInt(8, RTM_F_FIB_MATCH)
                .array();
        return new NetlinkWriter(RTM_GETROUTE, 0, header).attribute(RTA_DST, remote.toBytes());
    }

    /** Packets of one tunnel may take any hop of a multipath route. */
    private int smallestMtu(int index, @Nullable ByteBuffer hops) throws ErrnoException {
        int smallest = mtu(index);
        int at = 0;
        while (hops != null && at + 8 <= hops.limit()) {
            smallest = Math.min(smallest, mtu(hops.getInt(at + 4)));
            at += Math.max(8, NetlinkWriter.align(Short.toUnsignedInt(hops.getShort(at))));
        }
        return smallest;
    }

    private int mtu(int index) throws ErrnoException {
        ByteBuffer mtu = NetlinkReader.attributes(query(index), IFINFOMSG).get(IFLA_MTU);
        return mtu == null ? 0 : mtu.getInt(0);
    }

    @Override
    public void setMtu(int index, int mtu) throws ErrnoException {
        netlink.request(
                new NetlinkWriter(RTM_NEWLINK, 0, ifinfomsg(index, 0, 0)).attribute(IFLA_MTU, mtu),
                "RTM_NEWLINK mtu " + mtu);
    }

    @Override
    public void setUp(int index, boolean up) throws ErrnoException {
        netlink.request(
                new NetlinkWriter(RTM_NEWLINK, 0, ifinfomsg(index, up ? IFF_UP : 0, IFF_UP)),
                "RTM_NEWLINK " + (up ? "up" : "down"));
    }

    /** Without a NUL, which the kernel would count as one of its 255 bytes. */
    @Override
    public void setDescription(int index, String description) throws ErrnoException {
        netlink.request(
                new NetlinkWriter(RTM_NEWLINK, 0, ifinfomsg(index, 0, 0))
                        .attribute(IFLA_IFALIAS, description.getBytes(StandardCharsets.UTF_8)),
                "RTM_NEWLINK ifalias");
    }

    static byte[] ifinfomsg(int index, int flags, int change) {
        return ByteBuffer.allocate(16)
                .order(ByteOrder.nativeOrder())
                .putInt(4, index)
                .putInt(IFI_FLAGS, flags)
                .putInt(12, change)
                .array();
    }

    @Override
    public void addAddress(int index, InnerAddress address) throws ErrnoException {
        netlink.request(
                addressMessage(RTM_NEWADDR, Netlink.NLM_F_CREATE | Netlink.NLM_F_EXCL, index, address),
                "RTM_NEWADDR " + address);
    }

    @Override
    public boolean removeAddress(int index, InnerAddress address) throws ErrnoException {
        try {
            netlink.request(addressMessage(RTM_DELADDR, 0, index, address), "RTM_DELADDR " + address);
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == EADDRNOTAVAIL) {
                return false;
            }
            throw e;
        }
    }

    /** IFA_LOCAL is the interface's own address; IFA_ADDRESS the destination, or the same (rtnetlink(7)). */
    static NetlinkWriter addressMessage(int type, int flags, int index, InnerAddress address) {
        boolean inet6 = address.family() == Family.INET6;
        byte[] header = ByteBuffer.allocate(8)
                .order(ByteOrder.nativeOrder())
                .put(0, (byte) LinuxSockets.addressFamily(address.family()))
                .put(1, (byte) address.prefixLength())
                .put(2, (byte) (inet6 ? IFA_F_NODAD : 0))
                .putInt(4, index)
                .array();
        IpAddress remote = address.remote();
        return new NetlinkWriter(type, flags, header)
                .attribute(IFA_LOCAL, address.local().toBytes())
                .attribute(IFA_ADDRESS, (remote == null ? address.local() : remote).toBytes());
    }

    @Override
    public void close() {
        netlink.close();
    }
}
