package org.ipsecif.config;

import java.util.List;
import org.ipsecif.sa.Direction;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpPrefix;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.Level;
import org.ipsecif.sa.SecurityPolicy;
import org.ipsecif.sa.SecurityPolicyDatabase;
import org.ipsecif.sa.Selector;
import org.ipsecif.sa.TransformTemplate;
import org.ipsecif.sa.TunnelEndpoints;
import org.jspecify.annotations.Nullable;

/**
 * What the daemon does of what templates can say: a policy that would be installed and then ignored, or done otherwise, is
 * refused.
 *
 * @param tunnel the interface's endpoints
 * @param reqid the interface's, 32 bits, unsigned
 */
public record ProcessedPolicies(TunnelEndpoints tunnel, int reqid) {
    /** @throws ConfigException naming the template and the first policy that the daemon does not do */
    public void check(String template, List<SecurityPolicy> policies) throws ConfigException {
        IpsecMode mode = SecurityPolicyDatabase.modeOf(policies);
        for (SecurityPolicy policy : policies) {
            String problem = problem(policy, mode);
            if (problem != null) {
                throw new ConfigException("template \"" + template + "\": policy " + policy.name() + " " + problem);
            }
        }
    }

    private @Nullable String problem(SecurityPolicy policy, IpsecMode mode) {
        if (tunnel.isAnywhere() && isOfPeer(policy.selector())) {
            return "is about the peer's outer address, which the tunnel leaves open; expected a tunnel with two addresses";
        }
        if (policy.transforms().size() > 1) {
            return "asks for " + policy.transforms().size() + " transforms; the daemon does one";
        }
        if (policy.transforms().isEmpty()) {
            return null;
        }
        TransformTemplate transform = policy.transforms().get(0);
        if (transform.mode() != mode) {
            return "asks for another mode than the policies before it; an interface has one";
        }
        boolean out = policy.direction() == Direction.OUTBOUND;
        String place = mode == IpsecMode.TRANSPORT
                ? transportProblem(policy.selector(), source(out), destination(out))
                : tunnelProblem(transform, source(out), destination(out));
        return place != null ? place : reqidProblem(transform);
    }

    private boolean isOfPeer(Selector selector) {
        IpPrefix peer = IpPrefix.host(tunnel.remote());
        return selector.source().equals(peer) || selector.destination().equals(peer);
    }

    private IpAddress source(boolean out) {
        return out ? tunnel.local() : tunnel.remote();
    }

    private IpAddress destination(boolean out) {
        return source(!out);
    }

    private @Nullable String transportProblem(Selector selector, IpAddress source, IpAddress destination) {
        boolean hostToHost = selector.source().equals(IpPrefix.host(source))
                && selector.destination().equals(IpPrefix.host(destination));
        return hostToHost
                ? null
                : "asks for transport mode, which is between " + tunnel.local() + " and " + tunnel.remote() + " only";
    }

    private static @Nullable String tunnelProblem(
            TransformTemplate transform, IpAddress source, IpAddress destination) {
        return transform.source().equals(source) && transform.destination().equals(destination)
                ? null
                : "asks for tunnel mode between " + transform.source() + " and " + transform.destination()
                        + "; the interface's is between " + source + " and " + destination;
    }

    private @Nullable String reqidProblem(TransformTemplate transform) {
        return transform.level() != Level.UNIQUE || transform.reqid() == reqid
                ? null
                : "asks for SAs of reqid " + Integer.toUnsignedString(transform.reqid()) + "; the interface's is "
                        + Integer.toUnsignedString(reqid);
    }
}
