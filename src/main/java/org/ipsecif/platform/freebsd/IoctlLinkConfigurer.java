package org.ipsecif.platform.freebsd;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.LinkConfigurer;
import org.ipsecif.platform.posix.Posix;
import org.ipsecif.sa.InnerAddress;
import org.ipsecif.sa.IpAddress;
import org.jspecify.annotations.Nullable;

/** ioctls of interfaces, and the kernel's table of them. */
final class IoctlLinkConfigurer implements LinkConfigurer {
    private final Posix posix;
    private final Interfaces interfaces;
    private final InterfaceTable table;
    private final RouteLookup routes;

    IoctlLinkConfigurer(Posix posix) {
        this.posix = posix;
        interfaces = new Interfaces(posix);
        table = new InterfaceTable(posix);
        routes = new RouteLookup(posix);
    }

    @Override
    public int indexOf(String name) {
        return posix.libc().if_nametoindex(name);
    }

    @Override
    public Map<String, Integer> indices() throws ErrnoException {
        Map<String, Integer> found = new HashMap<>();
        for (InterfaceTable.Entry each : table.all()) {
            if (!each.name().isEmpty()) {
                found.put(each.name(), each.index());
            }
        }
        return found;
    }

    @Override
    public @Nullable Route route(IpAddress local, IpAddress remote) throws ErrnoException {
        return route(local, remote, BsdSockets.PROCESS_FIB);
    }

    @Override
    public @Nullable Route route(IpAddress local, IpAddress remote, int fib) throws ErrnoException {
        RouteLookup.Found found = routes.find(remote, fib);
        if (found == null) {
            return null;
        }
        return new Route(
                found.index(),
                found.mtu() > 0 ? found.mtu() : entry(found.index()).mtu());
    }

    @Override
    public Link link(int index) throws ErrnoException {
        InterfaceTable.Entry entry = entry(index);
        return new Link(
                entry.is(LinkAbi.IFF_UP),
                hasCarrier(entry),
                entry.mtu(),
                interfaces.description(entry.name()),
                entry.dropped());
    }

    private boolean hasCarrier(InterfaceTable.Entry entry) throws ErrnoException {
        return switch (entry.linkState()) {
            case LinkAbi.LINK_STATE_UP -> true;
            case LinkAbi.LINK_STATE_DOWN -> false;
            default -> !interfaces.tellsLinkState(entry.name()); // a tun(4) device that was never open, or a gif(4)
        };
    }

    private InterfaceTable.Entry entry(int index) throws ErrnoException {
        InterfaceTable.Entry entry = table.of(index);
        if (entry == null) {
            throw posix.exception("NET_RT_IFLIST " + index, Abi.ENXIO);
        }
        return entry;
    }

    @Override
    public Map<Integer, List<InnerAddress>> addresses() throws ErrnoException {
        Map<Integer, List<InnerAddress>> found = new HashMap<>();
        for (InterfaceTable.Entry each : table.all()) {
            if (!each.addresses().isEmpty()) {
                found.put(each.index(), each.addresses());
            }
        }
        return found;
    }

    @Override
    public List<InnerAddress> addresses(int index) throws ErrnoException {
        InterfaceTable.Entry entry = table.of(index);
        return entry == null ? List.of() : entry.addresses();
    }

    @Override
    public void setMtu(int index, int mtu) throws ErrnoException {
        interfaces.setMtu(name(index), mtu);
    }

    @Override
    public int fib(int index) throws ErrnoException {
        return interfaces.fib(name(index));
    }

    @Override
    public void setFib(int index, int fib) throws ErrnoException {
        interfaces.setFib(name(index), fib);
    }

    @Override
    public void setUp(int index, boolean up) throws ErrnoException {
        interfaces.setUp(name(index), up);
    }

    @Override
    public void setDescription(int index, String description) throws ErrnoException {
        interfaces.setDescription(name(index), description);
    }

    private String name(int index) throws ErrnoException {
        String name = posix.interfaceName(index);
        if (name == null) {
            throw posix.exception("if_indextoname " + index, Abi.ENXIO);
        }
        return name;
    }

    /**
     * The kernel would change an address that is there, whosever it is. And tun(4) goes up with an address: an interface that was down is
     * so again.
     */
    @Override
    public void addAddress(int index, InnerAddress address) throws ErrnoException {
        InterfaceTable.Entry before = entry(index);
        if (before.addresses().stream().anyMatch(each -> each.local().equals(address.local()))) {
            throw posix.exception("SIOCAIFADDR " + before.name() + " " + address, ErrnoException.EEXIST);
        }
        add(index, before.name(), address);
        if (!before.is(LinkAbi.IFF_UP) && (interfaces.flags(before.name()) & LinkAbi.IFF_UP) != 0) {
            interfaces.setUp(before.name(), false);
        }
    }

    /** EEXIST is the kernel's word for something else: in_addprefix of netinet/in.c. */
    private void add(int index, String name, InnerAddress address) throws ErrnoException {
        try {
            interfaces.addAddress(name, address);
        } catch (ErrnoException e) {
            if (e.errno() == ErrnoException.EEXIST && !addresses(index).contains(address)) {
                throw new ErrnoException(
                        e.syscall(),
                        Abi.EADDRINUSE,
                        "another interface has its network, or this destination (net.inet.ip.no_same_prefix)");
            }
            throw e;
        }
    }

    /** The kernel goes by the address alone, and would remove one with another prefix length or destination. */
    @Override
    public boolean removeAddress(int index, InnerAddress address) throws ErrnoException {
        InterfaceTable.Entry entry = entry(index);
        if (!entry.addresses().contains(address)) {
            return false;
        }
        try {
            interfaces.removeAddress(entry.name(), address.local());
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == Abi.EADDRNOTAVAIL) {
                return false;
            }
            throw e;
        }
    }

    /** Nothing is open. */
    @Override
    public void close() {}
}
