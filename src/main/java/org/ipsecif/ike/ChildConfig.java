package org.ipsecif.ike;

import java.util.List;
import org.ipsecif.crypto.AlgorithmProposal;
import org.ipsecif.ike.message.AddressRange;
import org.ipsecif.sa.IpsecMode;

/**
 * A Child SA that a peer may have.
 *
 * @param name for logs, and in commands
 * @param reqid of the interface whose SAs come of it
 * @param mode tunnel or transport
 * @param local selectors of traffic at this end, those liked most first
 * @param remote likewise at the other end
 * @param proposals those liked most first
 * @param replayWindow packets
 */
public record ChildConfig(
        String name,
        int reqid,
        IpsecMode mode,
        List<AddressRange> local,
        List<AddressRange> remote,
        List<AlgorithmProposal> proposals,
        int replayWindow) {
    public ChildConfig {
        local = List.copyOf(local);
        remote = List.copyOf(remote);
        proposals = List.copyOf(proposals);
    }
}
