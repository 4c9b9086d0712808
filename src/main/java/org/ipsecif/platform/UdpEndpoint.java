package org.ipsecif.platform;

import org.ipsecif.sa.IpAddress;

/**
 * Where a peer is.
 *
 * @param port of UDP; of no meaning to protocols without ports
 */
public record UdpEndpoint(IpAddress address, int port) {
    @Override
    public String toString() {
        return address + "[" + port + "]";
    }
}
