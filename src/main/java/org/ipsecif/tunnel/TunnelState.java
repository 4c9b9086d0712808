package org.ipsecif.tunnel;

import org.ipsecif.platform.EspTransport;
import org.ipsecif.sa.SecurityAssociation;
import org.ipsecif.sa.SecurityPolicyDatabase;
import org.ipsecif.sa.TunnelEndpoints;
import org.jspecify.annotations.Nullable;

/**
 * All that the packet walks of one interface need to know, published as one immutable snapshot.
 *
 * @param transport carries the interface's ESP
 * @param policies the interface's SPD
 * @param outbound the SA to send with, or null while there is none
 */
public record TunnelState(
        TunnelEndpoints endpoints,
        EspTransport transport,
        SecurityPolicyDatabase policies,
        @Nullable SecurityAssociation outbound) {}
