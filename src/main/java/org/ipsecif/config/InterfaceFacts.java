package org.ipsecif.config;

import java.util.List;
import org.ipsecif.sa.InnerAddress;
import org.ipsecif.sa.TunnelEndpoints;

/**
 * What an SPD template may know of an interface.
 *
 * @param reqid 32 bits, unsigned
 * @param ifId the id of {@code scope = if_id}, 32 bits, unsigned
 * @param keyIn vti's ikey, 0 for none
 * @param keyOut vti's okey, 0 for none
 */
public record InterfaceFacts(
        String name, TunnelEndpoints tunnel, List<InnerAddress> addresses, int reqid, int ifId, int keyIn, int keyOut) {
    public InterfaceFacts {
        addresses = List.copyOf(addresses);
    }
}
