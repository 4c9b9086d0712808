package org.ipsecif.ike;

import java.util.List;
import org.ipsecif.ike.message.AddressRange;
import org.ipsecif.sa.IpAddress;

/**
 * A Child SA as it was at one moment. Holds no keys; what it has carried, the SAD knows.
 *
 * @param name of its configuration
 * @param state {@code adding}, {@code active}, {@code rekeying}, or {@code replaced}, about to be deleted
 * @param inboundSpi of the SA towards this end
 * @param outboundSpi of the SA towards the peer
 * @param localAddress outer address at this end
 * @param remoteAddress outer address of the peer
 * @param local what it carries, of this end's addresses
 * @param remote likewise of the peer's
 * @param algorithms {@code AES_GCM_16_256/ESN}
 * @param esn whether sequence numbers are extended
 * @param inUdp whether ESP goes in UDP (RFC 3948)
 * @param rekeyNanos until this end replaces it; -1 if nothing is planned
 */
public record ChildStatus(
        String name,
        String state,
        int inboundSpi,
        int outboundSpi,
        IpAddress localAddress,
        IpAddress remoteAddress,
        List<AddressRange> local,
        List<AddressRange> remote,
        String algorithms,
        boolean esn,
        boolean inUdp,
        long rekeyNanos) {
    public ChildStatus {
        local = List.copyOf(local);
        remote = List.copyOf(remote);
    }

    /** Whether it carries traffic, or could. */
    public boolean isActive() {
        return state.equals(Snapshots.ACTIVE) || state.equals(Snapshots.REKEYING);
    }
}
