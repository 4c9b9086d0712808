package org.ipsecif.sa;

/**
 * The two outer addresses of a tunnel: of one family and not the same.
 *
 * @param remote the unspecified address if the peer may be anywhere
 */
public record TunnelEndpoints(IpAddress local, IpAddress remote) {
    /** @throws IllegalArgumentException if the pair cannot carry a tunnel */
    public TunnelEndpoints {
        if (local.family() != remote.family()) {
            throw new IllegalArgumentException(
                    "tunnel endpoints " + local + " and " + remote + " are of different families");
        }
        check(local);
        if (!remote.isUnspecified()) {
            check(remote);
        }
        if (local.equals(remote)) {
            throw new IllegalArgumentException("tunnel endpoints are both " + local);
        }
    }

    /** With a peer that may be anywhere. */
    public static TunnelEndpoints anywhere(IpAddress local) {
        return new TunnelEndpoints(local, IpAddress.unspecified(local.family()));
    }

    /** Whether the peer may be anywhere. */
    public boolean isAnywhere() {
        return remote.isUnspecified();
    }

    /** Whether these can be the two addresses of a tunnel. */
    public static boolean fit(IpAddress local, IpAddress remote) {
        try {
            return !new TunnelEndpoints(local, remote).isAnywhere();
        } catch (IllegalArgumentException e) {
            return false;
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
