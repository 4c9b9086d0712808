package org.ipsecif.tunnel;

import org.ipsecif.platform.UdpEndpoint;
import org.ipsecif.sa.IpAddress;

/** Takes IKE messages that came in UDP. Called on the thread that received one, which is not to wait. */
public interface IkeReceiver {
    /** Nobody speaks IKE. */
    IkeReceiver NONE = (local, localPort, from, message, offset, length) -> false;

    /**
     * @param message at {@code offset}, without a non-ESP marker; the array is the caller's again afterwards
     * @return false if it is not wanted
     */
    boolean receive(IpAddress local, int localPort, UdpEndpoint from, byte[] message, int offset, int length);

    /**
     * ESP came with an SPI that no SA has. Called a few times a second at most.
     *
     * @param from its port is 0 if ESP was not in UDP
     */
    default void unknownSpi(IpAddress local, UdpEndpoint from, int spi) {}

    /**
     * An authentic packet of ESP in UDP came from elsewhere than ESP is sent to: a NAT has given the peer another port or address
     * (RFC 7296 section 2.23). Called a few times a second at most.
     */
    default void peerMoved(IpAddress local, UdpEndpoint from, int spi) {}
}
