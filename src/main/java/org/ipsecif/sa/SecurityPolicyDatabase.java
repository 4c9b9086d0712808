package org.ipsecif.sa;

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
    private final IpsecMode mode;
    private final PolicyLookup inboundInet;
    private final PolicyLookup inboundInet6;
    private final PolicyLookup outboundInet;
    private final PolicyLookup outboundInet6;

    /** @param policies in the template's order, which decides between equal priorities */
    public SecurityPolicyDatabase(List<SecurityPolicy> policies) {
        this.policies = List.copyOf(policies);
        this.mode = modeOf(policies);
        List<SecurityPolicy> ours =
                policies.stream().filter(policy -> !policy.isForKernelsAlone()).toList();
        this.inboundInet = new PolicyLookup(ours, Direction.INBOUND, Family.INET);
        this.inboundInet6 = new PolicyLookup(ours, Direction.INBOUND, Family.INET6);
        this.outboundInet = new PolicyLookup(ours, Direction.OUTBOUND, Family.INET);
        this.outboundInet6 = new PolicyLookup(ours, Direction.OUTBOUND, Family.INET6);
    }

    /** All, FORWARD and those for the kernel alone included, in the order given. */
    public List<SecurityPolicy> policies() {
        return policies;
    }

    /** The one mode of all that protect; tunnel mode if none does. */
    public static IpsecMode modeOf(List<SecurityPolicy> policies) {
        return policies.stream()
                .flatMap(policy -> policy.transforms().stream())
                .map(TransformTemplate::mode)
                .findFirst()
                .orElse(IpsecMode.TUNNEL);
    }

    /** See {@link #modeOf}. */
    public IpsecMode mode() {
        return mode;
    }

    /** The first policy that selects an outbound inner packet, or null. */
    public @Nullable SecurityPolicy matchOutbound(PacketView packet) {
        return (packet.isInet6() ? outboundInet6 : outboundInet).match(packet);
    }

    /** The first policy that selects a decapsulated packet, or null. */
    public @Nullable SecurityPolicy matchInbound(PacketView packet) {
        return (packet.isInet6() ? inboundInet6 : inboundInet).match(packet);
    }
}
