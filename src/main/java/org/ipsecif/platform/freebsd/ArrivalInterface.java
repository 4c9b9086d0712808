package org.ipsecif.platform.freebsd;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.LinkConfigurer;
import org.ipsecif.platform.LinkConfigurer.Route;
import org.ipsecif.platform.posix.Posix;
import org.ipsecif.sa.InnerAddress;
import org.ipsecif.sa.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * Which interface packets for a local address come in by: the one that has the address, or, if it is a loopback interface that has it, the one
 * by which the host sends to the peer. One thread.
 */
final class ArrivalInterface implements AutoCloseable {
    private final Posix posix;
    private final Interfaces interfaces;
    private final LinkConfigurer links;
    private final IpAddress local;
    private volatile int fib;

    /** Whether the peer decides. */
    private boolean byPeer;

    /**
     * @param links taken over
     * @param fib by which the host sends to the peer, of {@link BsdSockets}
     */
    ArrivalInterface(Posix posix, LinkConfigurer links, IpAddress local, int fib) {
        this.fib = fib;
        this.posix = posix;
        this.links = links;
        this.local = local;
        interfaces = new Interfaces(posix);
    }

    /** An interface as it is now. */
    record Found(int index, String name) {}

    /**
     * Looks.
     *
     * @param peer to whom packets were sent, if it is known
     * @return null if there is none now
     */
    @Nullable
    Found find(@Nullable IpAddress peer) throws ErrnoException {
        byPeer = false;
        for (Map.Entry<Integer, List<InnerAddress>> each : new TreeMap<>(links.addresses()).entrySet()) {
            if (each.getValue().stream().anyMatch(has -> has.local().equals(local))) {
                String name = posix.interfaceName(each.getKey());
                if (name != null && !isLoopback(name)) {
                    return new Found(each.getKey(), name);
                }
                byPeer |= name != null;
            }
        }
        Route route = byPeer && peer != null ? links.route(local, peer, fib) : null;
        String name = route == null ? null : posix.interfaceName(route.index());
        return route == null || name == null ? null : new Found(route.index(), name);
    }

    void setFib(int next) {
        fib = next;
    }

    /** Whether {@link #find} needed a peer the last time. */
    boolean isByPeer() {
        return byPeer;
    }

    private boolean isLoopback(String name) throws ErrnoException {
        return (interfaces.flags(name) & LinkAbi.IFF_LOOPBACK) != 0;
    }

    @Override
    public void close() {
        links.close();
    }
}
