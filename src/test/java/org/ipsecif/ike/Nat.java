package org.ipsecif.ike;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.ipsecif.sa.IpAddress;
import org.jspecify.annotations.Nullable;

/** A NAT with one address inside. */
final class Nat implements Function<Path, @Nullable Path> {
    private final IpAddress inside;
    private IpAddress outside;
    private final Map<Integer, Integer> outer = new HashMap<>();
    private int nextPort = 20_000;

    Nat(IpAddress inside, IpAddress outside) {
        this.inside = inside;
        this.outside = outside;
    }

    /** Forgets its mapping: what is sent next gets other ports. */
    void rebind() {
        outer.clear();
    }

    /** Likewise, and another address. */
    void rebind(IpAddress address) {
        outside = address;
        rebind();
    }

    @Override
    public @Nullable Path apply(Path path) {
        if (path.remote().equals(inside)) {
            int port = outer.computeIfAbsent(path.remotePort(), each -> nextPort++);
            return new Path(path.local(), path.localPort(), outside, port);
        }
        if (path.local().equals(outside)) {
            return outer.entrySet().stream()
                    .filter(each -> each.getValue() == path.localPort())
                    .map(each -> new Path(inside, each.getKey(), path.remote(), path.remotePort()))
                    .findFirst()
                    .orElse(null);
        }
        return path.local().equals(inside) ? null : path;
    }
}
