package org.ipsecif.control;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An interface as {@code show} and {@code list} print it.
 *
 * @param flags as ifconfig(8) names them: UP, RUNNING, POINTOPOINT, MULTICAST
 * @param mtu bytes
 * @param mtuSource {@code configured}, or {@code auto} when computed from the path
 * @param pathMtu bytes of outer packets that pass to the peer, or 0 while no endpoints are set
 * @param pathMtuSeconds for which a router's word on {@code pathMtu} still holds; 0 if it is the route's
 * @param fib number of the routing table that what comes out of it goes by, as configured; null if it is not said
 * @param tunnelFib likewise of outer packets
 * @param packets settings for packets that are not at their default, in ifconfig's words; may be empty
 * @param tunnelLocal outer address, or null while none is set
 * @param encap {@code no} or {@code udp}
 * @param reqid unsigned
 * @param template the SPD template's name
 * @param spd where its policies are if the kernel has no SPD, and why it has none; else empty
 * @param keying what IKE is to do, in ifconfig's words; empty if it is keyed by hand
 * @param ike its IKE SAs
 * @param ikeProblem the last warning about IKE, while there is no IKE SA; else empty
 * @param status {@code active} when an outbound SA is usable, otherwise the reason in words
 * @param securityAssociations those of the interface's reqid
 * @param counters traffic first, then one per drop reason
 */
public record InterfaceStatus(
        String name,
        int index,
        List<String> flags,
        int mtu,
        String mtuSource,
        int pathMtu,
        long pathMtuSeconds,
        @Nullable Integer fib,
        @Nullable Integer tunnelFib,
        String packets,
        String description,
        @Nullable String tunnelLocal,
        @Nullable String tunnelRemote,
        String encap,
        long reqid,
        String template,
        String spd,
        String keying,
        List<IkeSaStatus> ike,
        String ikeProblem,
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
