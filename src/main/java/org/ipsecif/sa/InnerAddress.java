package org.ipsecif.sa;

import org.jspecify.annotations.Nullable;

/**
 * An address of a tunnel interface itself.
 *
 * @param local the interface's own address
 * @param prefixLength 0 to 32 or 128
 * @param remote the point-to-point destination, of the same family, or null when none was given
 */
public record InnerAddress(
        IpAddress local, int prefixLength, @Nullable IpAddress remote) {
    /** @throws IllegalArgumentException if the families differ or the prefix length is out of range */
    public InnerAddress {
        if (remote != null && remote.family() != local.family()) {
            throw new IllegalArgumentException(local + " and " + remote + " are of different families");
        }
        if (prefixLength < 0 || prefixLength > local.family().addressBits()) {
            throw new IllegalArgumentException("prefix length " + prefixLength + " is not 0 to "
                    + local.family().addressBits());
        }
    }

    public Family family() {
        return local.family();
    }

    /** The network that the address is in: of the destination if there is one, as `ip addr add A peer B/LEN` has it. */
    public IpPrefix network() {
        return new IpPrefix(remote != null ? remote : local, prefixLength);
    }

    @Override
    public String toString() {
        return local + "/" + prefixLength + (remote != null ? " " + remote : "");
    }
}
