package org.ipsecif.sa;

import java.util.Comparator;
import java.util.List;
import org.ipsecif.wire.PacketView;
import org.jspecify.annotations.Nullable;

/**
 * The policies of one interface, the authority for its packets (RFC 4301 section 4.4.1). Immutable: a change publishes
 * a new one.
 */
public final class SecurityPolicyDatabase {
    public static final SecurityPolicyDatabase EMPTY = new SecurityPolicyDatabase(List.of());

    private final List<SecurityPolicy> policies;
    private final SecurityPolicy[] inbound;
    private final SecurityPolicy[] outbound;

    /** @param policies in the template's order, which decides between equal priorities */
    public SecurityPolicyDatabase(List<SecurityPolicy> policies) {
        this.policies = List.copyOf(policies);
        this.inbound = ordered(policies, Direction.INBOUND);
        this.outbound = ordered(policies, Direction.OUTBOUND);
    }

    private static SecurityPolicy[] ordered(List<SecurityPolicy> policies, Direction direction) {
        return policies.stream()
                .filter(policy -> policy.direction() == direction)
                .sorted(Comparator.comparingInt(SecurityPolicy::priority))
                .toArray(SecurityPolicy[]::new);
    }

    /** All, FORWARD included, in the order given. */
    public List<SecurityPolicy> policies() {
        return policies;
    }

    /** The first policy that selects an outbound inner packet, or null. */
    public @Nullable SecurityPolicy matchOutbound(PacketView packet) {
        return match(outbound, packet);
    }

    /** The first policy that selects a decapsulated packet, or null. */
    public @Nullable SecurityPolicy matchInbound(PacketView packet) {
        return match(inbound, packet);
    }

    private static @Nullable SecurityPolicy match(SecurityPolicy[] candidates, PacketView packet) {
        for (SecurityPolicy policy : candidates) {
            if (policy.selector().matches(packet)) {
                return policy;
            }
        }
        return null;
    }
}
