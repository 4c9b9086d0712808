package org.ipsecif.platform;

import java.util.List;
import org.ipsecif.sa.InnerAddress;
import org.ipsecif.sa.IpPrefix;
import org.ipsecif.sa.SecurityPolicy;
import org.ipsecif.sa.TunnelEndpoints;
import org.jspecify.annotations.Nullable;

/** Makes of an interface's policies what a kernel's SPD can hold of them. Any thread. */
public interface KernelCopies {
    /** For a kernel that can say all that a template can. */
    KernelCopies SAME = (policies, facts) -> KernelCopy.same(policies);

    /**
     * What is known of the interface.
     *
     * @param addresses its own
     * @param localNetworks behind this end, as listed
     * @param remoteNetworks behind the other end, as listed
     */
    record Facts(
            TunnelEndpoints tunnel,
            List<InnerAddress> addresses,
            List<IpPrefix> localNetworks,
            List<IpPrefix> remoteNetworks) {
        public Facts {
            addresses = List.copyOf(addresses);
            localNetworks = List.copyOf(localNetworks);
            remoteNetworks = List.copyOf(remoteNetworks);
        }
    }

    /** @param policies the interface's, of one rendering of its template */
    KernelCopy of(List<SecurityPolicy> policies, Facts facts);

    /** Why no entry of the kernel's SPD can say this, for users; null if one can, as far as is known without asking the kernel. */
    default @Nullable String refusal(SecurityPolicy entry) {
        return null;
    }
}
