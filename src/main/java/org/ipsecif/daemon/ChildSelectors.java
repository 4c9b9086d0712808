package org.ipsecif.daemon;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.ipsecif.config.IkeChildren;
import org.ipsecif.config.InterfaceConfig;
import org.ipsecif.ike.ChildConfig;
import org.ipsecif.ike.SelectorPair;
import org.ipsecif.ike.message.AddressRange;
import org.ipsecif.sa.Direction;
import org.ipsecif.sa.IpPrefix;
import org.ipsecif.sa.PolicyAction;
import org.ipsecif.sa.SecurityPolicy;
import org.ipsecif.sa.SecurityPolicyDatabase;
import org.ipsecif.sa.Selector;
import org.ipsecif.sa.Selector.PortRange;
import org.ipsecif.wire.IpProtocol;
import org.jspecify.annotations.Nullable;

/** What IKE is to negotiate for an interface: the selectors of its outbound policies that protect. */
final class ChildSelectors {
    private static final int REPLAY_WINDOW = 1_024;

    private ChildSelectors() {}

    static ChildConfig of(InterfaceConfig config, SecurityPolicyDatabase policies) {
        Set<SelectorPair> pairs = new LinkedHashSet<>();
        boolean anyToAny = true;
        for (SecurityPolicy policy : policies.policies()) {
            if (policy.direction() == Direction.OUTBOUND && policy.action() == PolicyAction.PROTECT) {
                pairs.add(pair(policy.selector()));
                anyToAny &= policy.selector().source().length() == 0
                        && policy.selector().destination().length() == 0;
            }
        }
        return new ChildConfig(
                config.name(),
                config.reqid(),
                policies.mode(),
                List.copyOf(pairs),
                isSeparate(config.ike().behaviour().children(), anyToAny),
                config.ike().esp(),
                REPLAY_WINDOW);
    }

    /** Peers with a policy for each pair of networks expect a Child SA for each; those with any-to-any take both families in one. */
    private static boolean isSeparate(@Nullable IkeChildren wanted, boolean anyToAny) {
        return wanted == null ? !anyToAny : wanted == IkeChildren.PAIR;
    }

    /**
     * RFC 7296 section 3.13.1: ICMP has type and code where others have a port. This end sends that; what the peer may send back is for the
     * inbound policies to say.
     */
    private static SelectorPair pair(Selector selector) {
        int protocol = selector.protocol();
        boolean icmp = protocol == IpProtocol.ICMP || protocol == IpProtocol.ICMPV6;
        return new SelectorPair(
                range(selector.source(), protocol, icmp ? icmpTypes(selector) : selector.sourcePorts()),
                range(selector.destination(), protocol, icmp ? PortRange.ANY : selector.destinationPorts()));
    }

    /** Of several types all codes: one range cannot say less. */
    private static PortRange icmpTypes(Selector selector) {
        PortRange types = selector.sourcePorts();
        PortRange codes = selector.destinationPorts();
        if (types.equals(PortRange.ANY)) {
            return PortRange.ANY;
        }
        boolean exact = types.first() == types.last() && !codes.equals(PortRange.ANY);
        return new PortRange(
                types.first() << 8 | (exact ? codes.first() : 0), types.last() << 8 | (exact ? codes.last() : 0xff));
    }

    private static AddressRange range(IpPrefix prefix, int protocol, PortRange ports) {
        return new AddressRange(
                protocol == Selector.ANY_PROTOCOL ? AddressRange.ANY_PROTOCOL : protocol,
                ports.first(),
                ports.last(),
                prefix.address(),
                prefix.last());
    }
}
