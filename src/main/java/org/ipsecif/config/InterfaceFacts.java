package org.ipsecif.config;

import java.util.List;
import org.ipsecif.sa.InnerAddress;
import org.ipsecif.sa.IpPrefix;
import org.ipsecif.sa.TunnelEndpoints;

/**
 * What an SPD template may know of an interface; no key material is in it.
 *
 * @param reqid 32 bits, unsigned
 * @param ifId the id of {@code scope = if_id}, 32 bits, unsigned
 * @param settings networks, keys and the template's parameters
 * @param platform {@code linux} or {@code freebsd}
 */
public record InterfaceFacts(
        String name,
        TunnelEndpoints tunnel,
        List<InnerAddress> addresses,
        int reqid,
        int ifId,
        TemplateSettings settings,
        String platform) {
    public InterfaceFacts {
        addresses = List.copyOf(addresses);
    }

    /** Those that the user listed, otherwise those that the inner addresses are in. */
    List<IpPrefix> localNetworks() {
        return settings.localNetworks().isEmpty()
                ? addresses.stream().map(InnerAddress::network).distinct().toList()
                : settings.localNetworks();
    }
}
