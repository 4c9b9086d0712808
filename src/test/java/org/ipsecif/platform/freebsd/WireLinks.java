package org.ipsecif.platform.freebsd;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.LinkConfigurer;
import org.ipsecif.sa.InnerAddress;
import org.ipsecif.sa.IpAddress;
import org.jspecify.annotations.Nullable;

/** A host's interfaces, addresses and routes as a test wants them; what changes them is not for it. */
final class WireLinks implements LinkConfigurer {
    final Map<Integer, List<InnerAddress>> addresses = new TreeMap<>();
    final Map<IpAddress, Route> routes = new TreeMap<>();
    int looks;

    /** The table that was asked for a route the last time; -1 for the process's. */
    int fib = -1;

    /** What asking for addresses meets with. */
    @Nullable
    ErrnoException refusal;

    int closed;

    /** Gives an interface these addresses, and no others. */
    void set(int index, String... texts) {
        addresses.put(index, Arrays.stream(texts).map(WireLinks::address).toList());
    }

    private static InnerAddress address(String text) {
        IpAddress address = IpAddress.parse(text);
        return new InnerAddress(address, address.family().addressBits(), null);
    }

    @Override
    public Map<Integer, List<InnerAddress>> addresses() throws ErrnoException {
        looks++;
        if (refusal != null) {
            throw refusal;
        }
        return addresses;
    }

    @Override
    public @Nullable Route route(IpAddress local, IpAddress remote) {
        return routes.get(remote);
    }

    @Override
    public @Nullable Route route(IpAddress local, IpAddress remote, int number) {
        fib = number;
        return route(local, remote);
    }

    @Override
    public int indexOf(String name) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Map<String, Integer> indices() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Link link(int index) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<InnerAddress> addresses(int index) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void setMtu(int index, int mtu) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void setUp(int index, boolean up) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void setDescription(int index, String description) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void addAddress(int index, InnerAddress address) throws ErrnoException {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean removeAddress(int index, InnerAddress address) throws ErrnoException {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        closed++;
    }
}
