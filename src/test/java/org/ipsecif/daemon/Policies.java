package org.ipsecif.daemon;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.ipsecif.platform.InstalledPolicy;
import org.ipsecif.sa.Direction;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpPrefix;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.Level;
import org.ipsecif.sa.PolicyAction;
import org.ipsecif.sa.PolicyKey;
import org.ipsecif.sa.PolicyScope;
import org.ipsecif.sa.SecurityPolicy;
import org.ipsecif.sa.Selector;
import org.ipsecif.sa.TransformTemplate;

/** Policies for tests. */
final class Policies {
    static final int IDS = 100;

    private Policies() {}

    /** Outbound, within if_id scope, with {@code ids} as if_id and reqid. */
    static SecurityPolicy protect(String destination, int priority, int ids) {
        TransformTemplate transform = new TransformTemplate(
                IpsecMode.TUNNEL, IpAddress.parse("203.0.113.1"), IpAddress.parse("198.51.100.2"), Level.UNIQUE, ids);
        return new SecurityPolicy(
                "out/" + destination,
                Direction.OUTBOUND,
                Selector.between(IpPrefix.ANY_INET, IpPrefix.parse(destination)),
                PolicyAction.PROTECT,
                List.of(transform),
                priority,
                new PolicyScope.IfId(ids));
    }

    static SecurityPolicy protect(String destination, int priority) {
        return protect(destination, priority, IDS);
    }

    static SecurityPolicy plain(PolicyAction action, String destination, PolicyScope scope) {
        return new SecurityPolicy(
                "plain/" + destination,
                Direction.OUTBOUND,
                Selector.between(IpPrefix.ANY_INET, IpPrefix.parse(destination)),
                action,
                List.of(),
                5,
                scope);
    }

    /** As a kernel holds them. */
    static Map<PolicyKey, InstalledPolicy> entries(List<SecurityPolicy> policies) {
        Map<PolicyKey, InstalledPolicy> entries = new LinkedHashMap<>();
        policies.forEach(policy -> entries.put(PolicyKey.of(policy), InstalledPolicy.of(policy)));
        return entries;
    }
}
