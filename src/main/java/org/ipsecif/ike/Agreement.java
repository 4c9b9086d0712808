package org.ipsecif.ike;

import java.util.List;
import org.ipsecif.ike.message.AddressRange;
import org.ipsecif.ike.message.Octets;

/**
 * What an exchange has agreed to about a Child SA.
 *
 * @param initiator whether this end initiated the exchange
 * @param localSpi of the SA towards this end
 * @param more whether this end left out some of what the peer asked for, and takes it in another Child SA
 * @param initiatorNonce of the exchange
 */
record Agreement(
        ChildConfig config,
        boolean initiator,
        Chosen chosen,
        int localSpi,
        int remoteSpi,
        List<AddressRange> local,
        List<AddressRange> remote,
        boolean more,
        Octets initiatorNonce,
        Octets responderNonce) {
    Octets lowestNonce() {
        return initiatorNonce.compareTo(responderNonce) <= 0 ? initiatorNonce : responderNonce;
    }
}
