package org.ipsecif.control;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A Child SA of an IKE SA: a pair of SAs.
 *
 * @param state {@code adding}, {@code active}, {@code rekeying} or {@code replaced}
 * @param inboundSpi unsigned, towards this end
 * @param outboundSpi unsigned, towards the peer
 * @param local traffic selectors at this end: prefixes or ranges, perhaps with protocol and ports
 * @param algorithms with ESN or NO_ESN
 * @param inUdp whether ESP goes in UDP
 * @param ageSeconds since the inbound SA was added to the SAD; 0 before
 * @param rekeySeconds until this end replaces it, or null if nothing is planned
 */
public record IkeChildStatus(
        String name,
        String state,
        long inboundSpi,
        long outboundSpi,
        List<String> local,
        List<String> remote,
        String algorithms,
        boolean esn,
        boolean inUdp,
        long ageSeconds,
        @Nullable Long rekeySeconds,
        long inboundPackets,
        long inboundBytes,
        long outboundPackets,
        long outboundBytes) {}
