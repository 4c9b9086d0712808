package org.ipsecif.ike;

import java.util.Collection;
import java.util.List;
import org.ipsecif.ike.message.AddressRange;
import org.ipsecif.sa.Flow;
import org.ipsecif.sa.SaSelectors;

/**
 * What one policy protects.
 *
 * @param local traffic selector at this end
 * @param remote at the other end
 */
public record SelectorPair(AddressRange local, AddressRange remote) {
    /** Whether a packet of this end's is among it. */
    boolean takes(Flow flow) {
        return local.includes(flow.source())
                && remote.includes(flow.destination())
                && SaSelectors.between(List.of(local.toTrafficRange()), List.of(remote.toTrafficRange()))
                        .take(flow);
    }

    /** Whether all of {@code other} is among it. */
    boolean contains(SelectorPair other) {
        return Narrowing.contains(local, other.local) && Narrowing.contains(remote, other.remote);
    }

    /** Whether some packet between these selectors is. */
    boolean meets(Collection<AddressRange> locals, Collection<AddressRange> remotes) {
        return locals.stream().anyMatch(each -> Narrowing.intersection(local, each) != null)
                && remotes.stream().anyMatch(each -> Narrowing.intersection(remote, each) != null);
    }

    /** Whether no packet can be of this end of the one pair and of that end of the other. */
    static boolean areUnrelated(AddressRange local, AddressRange remote) {
        boolean protocols = local.protocol() != AddressRange.ANY_PROTOCOL
                && remote.protocol() != AddressRange.ANY_PROTOCOL
                && local.protocol() != remote.protocol();
        return protocols || local.family() != remote.family();
    }

    @Override
    public String toString() {
        return local.text() + " === " + remote.text();
    }
}
