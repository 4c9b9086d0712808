package org.ipsecif.ike;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.ipsecif.crypto.AlgorithmProposal;
import org.ipsecif.ike.message.AddressRange;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpsecMode;

/**
 * What a peer may have Child SAs for.
 *
 * @param name for logs, and in commands
 * @param reqid of the interface whose SAs come of it
 * @param mode tunnel or transport
 * @param pairs of traffic selectors, those liked most first
 * @param separate whether this end asks for a Child SA for each pair, not for one for all; the peer may do as it likes
 * @param proposals those liked most first
 * @param replayWindow packets
 */
public record ChildConfig(
        String name,
        int reqid,
        IpsecMode mode,
        List<SelectorPair> pairs,
        boolean separate,
        List<AlgorithmProposal> proposals,
        int replayWindow) {
    public ChildConfig {
        pairs = List.copyOf(pairs);
        proposals = List.copyOf(proposals);
    }

    /** One Child SA for all there is between these selectors. */
    public ChildConfig(
            String name,
            int reqid,
            IpsecMode mode,
            List<AddressRange> local,
            List<AddressRange> remote,
            List<AlgorithmProposal> proposals,
            int replayWindow) {
        this(name, reqid, mode, product(local, remote), false, proposals, replayWindow);
    }

    private static List<SelectorPair> product(List<AddressRange> local, List<AddressRange> remote) {
        return local.stream()
                .flatMap(here -> remote.stream()
                        .filter(there -> !SelectorPair.areUnrelated(here, there))
                        .map(there -> new SelectorPair(here, there)))
                .toList();
    }

    /** As far as it is about these addresses of the peer's: what is not has no pair. */
    public ChildConfig confinedTo(Collection<IpAddress> addresses) {
        List<SelectorPair> confined = new ArrayList<>();
        for (SelectorPair pair : pairs) {
            for (IpAddress address : addresses) {
                AddressRange common = Narrowing.intersection(pair.remote(), AddressRange.of(address, address));
                if (common != null) {
                    confined.add(new SelectorPair(pair.local(), common));
                }
            }
        }
        return new ChildConfig(name, reqid, mode, confined, separate, proposals, replayWindow);
    }

    /** Selectors of traffic at this end. */
    public List<AddressRange> local() {
        return pairs.stream().map(SelectorPair::local).distinct().toList();
    }

    /** Likewise at the other end. */
    public List<AddressRange> remote() {
        return pairs.stream().map(SelectorPair::remote).distinct().toList();
    }
}
