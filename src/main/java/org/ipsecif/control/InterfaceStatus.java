package org.ipsecif.control;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An interface as {@code show} and {@code list} print it.
 *
 * @param flags as ifconfig(8) names them: UP, RUNNING, POINTOPOINT, MULTICAST
 * @param mtu bytes
 * @param tunnelLocal outer address, or null while none is set
 * @param encap {@code no} or {@code udp}
 * @param reqid unsigned
 * @param template the SPD template's name
 * @param status {@code active} when an outbound SA is usable, otherwise the reason in words
 * @param securityAssociations those of the interface's reqid
 * @param counters traffic first, then one per drop reason
 */
public record InterfaceStatus(
        String name,
        int index,
        List<String> flags,
        int mtu,
        String description,
        @Nullable String tunnelLocal,
        @Nullable String tunnelRemote,
        String encap,
        long reqid,
        String template,
        List<AddressStatus> addresses,
        String status,
        List<SaStatus> securityAssociations,
        List<Counter> counters) {
    /**
     * An inner address.
     *
     * @param family {@code inet} or {@code inet6}
     */
    public record AddressStatus(
            String family,
            String local,
            int prefixLength,
            @Nullable String remote) {}
}
