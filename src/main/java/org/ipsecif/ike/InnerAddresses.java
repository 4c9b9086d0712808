package org.ipsecif.ike;

import java.util.List;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;

/**
 * Inner addresses that one end assigns to the other (RFC 7296 section 2.19).
 *
 * @param asks families of which this end wants an address from the peer
 * @param assigns whether the peer has to ask this end for its addresses
 * @param addresses what the peer gets; of an end that asks, what it had before and would like to have again
 * @param dns name servers that the peer is told of if it asks
 */
public record InnerAddresses(List<Family> asks, boolean assigns, List<IpAddress> addresses, List<IpAddress> dns) {
    /** Both ends have their addresses from elsewhere. */
    public static final InnerAddresses NONE = new InnerAddresses(List.of(), false, List.of(), List.of());

    public InnerAddresses {
        asks = List.copyOf(asks);
        addresses = List.copyOf(addresses);
        dns = List.copyOf(dns);
    }

    /** @param before what it was given before, if anything */
    public static InnerAddresses asking(List<Family> families, List<IpAddress> before) {
        return new InnerAddresses(families, false, before, List.of());
    }

    public static InnerAddresses assigning(List<IpAddress> addresses, List<IpAddress> dns) {
        return new InnerAddresses(List.of(), true, addresses, dns);
    }
}
