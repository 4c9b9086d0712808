package org.ipsecif.control;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An IKE SA, without its keys.
 *
 * @param name of the interface
 * @param state {@code connecting}, {@code established}, {@code rekeying} or {@code replaced}
 * @param initiator whether this end initiated it
 * @param remoteId who the peer is or has to be, or null
 * @param localPort UDP port
 * @param initiatorSpi 16 hexadecimal digits
 * @param responderSpi likewise; zeros while the peer has not answered
 * @param ageSeconds since it was established
 * @param rekeySeconds until this end replaces it, or null if nothing is planned
 * @param algorithms negotiated ones; empty before
 * @param localNat whether a NAT was found before this end
 * @param remoteNat whether a NAT was found before the peer
 */
public record IkeSaStatus(
        String name,
        String state,
        boolean initiator,
        String localId,
        @Nullable String remoteId,
        String local,
        int localPort,
        String remote,
        int remotePort,
        String initiatorSpi,
        String responderSpi,
        long ageSeconds,
        @Nullable Long rekeySeconds,
        String algorithms,
        boolean localNat,
        boolean remoteNat,
        List<IkeChildStatus> children) {}
