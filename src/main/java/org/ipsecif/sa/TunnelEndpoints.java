package org.ipsecif.sa;

/** The two outer addresses of a tunnel: one family, both given, not the same. */
public record TunnelEndpoints(IpAddress local, IpAddress remote) {
    /** @throws IllegalArgumentException if the pair cannot carry a tunnel */
    public TunnelEndpoints {
        if (local.family() != remote.family()) {
            throw new IllegalArgumentException(
                    "tunnel endpoints " + local + " and " + remote + " are of different families");
        }
        check(local);
        check(remote);
        if (local.equals(remote)) {
            throw new IllegalArgumentException("tunnel endpoints are both " + local);
        }
    }

    private static void check(IpAddress address) {
        if (address.isUnspecified() || address.isMulticast()) {
            throw new IllegalArgumentException("tunnel endpoint " + address + " is not a unicast address");
        }
        if (address.isLinkLocal()) {
            throw new IllegalArgumentException("tunnel endpoint " + address + " is link-local, which needs a zone");
        }
    }

    public Family family() {
        return local.family();
    }

    @Override
    public String toString() {
        return local + " " + remote;
    }
}
