package org.ipsecif.ike;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An IKE SA as it was at one moment. Holds no keys.
 *
 * @param name of the interface; of one whose peer is not authenticated yet, who it might be
 * @param state {@code connecting}, {@code established}, {@code rekeying}, or {@code replaced}, about to be deleted
 * @param initiator whether this end initiated it
 * @param responderSpi 0 while the peer has not answered
 * @param localId who this end is
 * @param remoteId who the peer has proved to be; until then who it has to be, or null
 * @param path between which addresses and ports its messages go
 * @param ageNanos since it was established; 0 before
 * @param rekeyNanos until this end replaces it; -1 if nothing is planned
 * @param algorithms {@code AES_GCM_16_256/PRF_HMAC_SHA2_384/ECP_384}; empty before the end of IKE_SA_INIT
 * @param localNat whether there is a NAT before this end
 * @param remoteNat whether there is a NAT before the peer
 * @param children in the order in which they were made
 */
public record IkeStatus(
        String name,
        String state,
        boolean initiator,
        long initiatorSpi,
        long responderSpi,
        Identity localId,
        @Nullable Identity remoteId,
        Path path,
        long ageNanos,
        long rekeyNanos,
        String algorithms,
        boolean localNat,
        boolean remoteNat,
        List<ChildStatus> children) {
    public IkeStatus {
        children = List.copyOf(children);
    }

    /** Whether Child SAs may be made with it, now and later. */
    public boolean isEstablished() {
        return state.equals(Snapshots.ESTABLISHED) || state.equals(Snapshots.REKEYING);
    }

    /** Whether it is on the way to be established. */
    public boolean isConnecting() {
        return state.equals(Snapshots.CONNECTING);
    }
}
