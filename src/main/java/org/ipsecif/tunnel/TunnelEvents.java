package org.ipsecif.tunnel;

import org.ipsecif.sa.Flow;
import org.ipsecif.sa.SecurityAssociation;

/**
 * What workers tell the control thread. Each call returns at once, and none is made per packet: each is made once for an SA, or limited
 * in its rate.
 */
public interface TunnelEvents {
    /** A soft lifetime was reached: a new SA is wanted. */
    void expiring(SecurityAssociation sa);

    /** A hard lifetime was reached: the SA is to be removed. */
    void expired(SecurityAssociation sa);

    /** There is no SA to send this packet with, and a policy that wants one. */
    void acquire(TunnelInterface tunnel, Flow packet);

    /**
     * A packet came with an SA that it does not belong to (RFC 4301 section 5.2).
     *
     * @param start its first bytes, the receiver's to keep
     */
    void mismatch(TunnelInterface tunnel, SecurityAssociation sa, byte[] start);

    /** The route to the peer passes less than was known. */
    void routeTooSmall(TunnelInterface tunnel);

    /** The device is gone. */
    void gone(TunnelInterface tunnel);

    /**
     * A router says that an outer packet was too big.
     *
     * @param quoted what it quotes of the packet
     * @param mtu bytes that it could have passed
     */
    void outerTooBig(QuotedEsp quoted, int mtu);
}
