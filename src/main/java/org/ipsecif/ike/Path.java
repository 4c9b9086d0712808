package org.ipsecif.ike;

import org.ipsecif.sa.IpAddress;

/** Between which addresses and UDP ports an IKE SA's messages go. */
public record Path(IpAddress local, int localPort, IpAddress remote, int remotePort) {
    /** RFC 7296 section 2. */
    public static final int IKE_PORT = 500;

    /** RFC 7296 section 2.23: messages here follow a non-ESP marker, and ESP shares it. */
    public static final int NAT_PORT = 4500;

    public boolean isFloated() {
        return localPort != IKE_PORT;
    }

    /** The same addresses on the port for NAT traversal. */
    Path floated() {
        return isFloated() ? this : new Path(local, NAT_PORT, remote, NAT_PORT);
    }

    @Override
    public String toString() {
        return local + "[" + localPort + "] " + remote + "[" + remotePort + "]";
    }
}
