package org.ipsecif.platform.pfkey;

import java.util.ArrayList;
import java.util.List;
import org.ipsecif.platform.KernelCopies;
import org.ipsecif.platform.KernelCopy;
import org.ipsecif.platform.KernelCopy.OfPolicy;
import org.ipsecif.sa.Direction;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.InnerAddress;
import org.ipsecif.sa.IpPrefix;
import org.ipsecif.sa.Level;
import org.ipsecif.sa.PolicyAction;
import org.ipsecif.sa.PolicyScope;
import org.ipsecif.sa.SecurityPolicy;
import org.ipsecif.sa.Selector;
import org.ipsecif.sa.TransformTemplate;
import org.ipsecif.sa.TunnelEndpoints;
import org.ipsecif.wire.IpProtocol;
import org.jspecify.annotations.Nullable;

/**
 * What an SPD holds that is spoken to by PF_KEY, FreeBSD's above all. SADB_X_SPDADD makes entries for the whole host alone, which the
 * kernel consults before a packet reaches its interface (FreeBSD: netipsec/key.c key_spdadd, ipsec_output.c ipsec4_common_output): one
 * that protects at level require or unique would drop packets, or have the kernel do ESP. So what protects is narrowed to the interface's own addresses and networks and held at level use:
 * a packet for which the kernel has no SA goes on, to the interface. The tunnel's own packets bypass whatever else there is.
 */
public final class NarrowedCopies implements KernelCopies {
    /** Before what templates make (1000), behind what setkey(8) makes (0). */
    private static final int BYPASS_PRIORITY = 1;

    private static final int IKE_PORT = 500;
    private static final int NAT_T_PORT = 4500;

    private static final String WHOLE = "PF_KEY's policies are for the whole host";
    private static final String NARROWED = ": narrowed to the interface's addresses and networks";
    private static final String USE = ", at level use";
    private static final String ALL_PACKETS = "it would be about all packets of the host";
    private static final String TUNNELS_OWN = "it would be about the tunnel's own packets too";

    @Override
    public KernelCopy of(List<SecurityPolicy> policies, Facts facts) {
        List<OfPolicy> all = policies.stream().map(each -> of(each, facts)).toList();
        boolean protects = all.stream()
                .flatMap(each -> each.entries().stream())
                .anyMatch(entry -> entry.action() == PolicyAction.PROTECT);
        return new KernelCopy(all, protects ? bypasses(facts.tunnel()) : List.of());
    }

    private static OfPolicy of(SecurityPolicy policy, Facts facts) {
        String problem = problem(policy, facts.tunnel());
        if (problem != null) {
            return new OfPolicy(policy, List.of(), problem);
        }
        return policy.action() == PolicyAction.BYPASS && policy.scope() instanceof PolicyScope.Host
                ? asItIs(policy)
                : narrowed(policy, facts);
    }

    private static OfPolicy asItIs(SecurityPolicy policy) {
        Selector selector = policy.selector();
        boolean any = isWide(selector.source()) && isWide(selector.destination()) && selector.isAnyProtocol();
        return any
                ? new OfPolicy(policy, List.of(), ALL_PACKETS)
                : new OfPolicy(policy, List.of(entry(policy, selector)), "");
    }

    /** Why there can be no entry for it, whatever the interface's addresses are. */
    private static @Nullable String problem(SecurityPolicy policy, TunnelEndpoints tunnel) {
        if (policy.scope() instanceof PolicyScope.Mark) {
            return "PF_KEY's policies know no marks";
        }
        if (policy.scope() instanceof PolicyScope.Device) {
            return "PF_KEY's policies know no device";
        }
        if (policy.action() == PolicyAction.DISCARD) {
            return "PF_KEY's policies are consulted before a packet reaches its interface: it would discard what the interface is for";
        }
        if (policy.action() == PolicyAction.PROTECT && tunnel.isAnywhere()) {
            return "the tunnel's peer may be anywhere, and an entry names both addresses of the tunnel";
        }
        return unsayable(policy.selector());
    }

    /** What a sockaddr's port and sadb_address_proto have no room for. */
    private static @Nullable String unsayable(Selector selector) {
        boolean icmp = selector.protocol() == IpProtocol.ICMP || selector.protocol() == IpProtocol.ICMPV6;
        if (icmp && selector.hasPorts()) {
            return "PF_KEY's policies have no types and codes of ICMP";
        }
        if (!isSayable(selector.sourcePorts()) || !isSayable(selector.destinationPorts())) {
            return "PF_KEY's policies have one port or all, and 0 is all";
        }
        if (selector.hasPorts() && selector.protocol() != IpProtocol.TCP && selector.protocol() != IpProtocol.UDP) {
            return "PF_KEY's policies have the ports of TCP and UDP alone";
        }
        return selector.protocol() == Sadb.IPSEC_ULPROTO_ANY || selector.protocol() == 0
                ? "PF_KEY's policies have no protocol " + selector.protocol()
                : null;
    }

    private static boolean isSayable(Selector.PortRange ports) {
        return ports.equals(Selector.PortRange.ANY) || (ports.first() == ports.last() && ports.first() != 0);
    }

    private static boolean isWide(IpPrefix prefix) {
        return prefix.length() == 0;
    }

    private static OfPolicy narrowed(SecurityPolicy policy, Facts facts) {
        Selector selector = policy.selector();
        boolean out = policy.direction() == Direction.OUTBOUND;
        List<IpPrefix> locals =
                side(out ? selector.source() : selector.destination(), locals(facts, selector.family()));
        List<IpPrefix> remotes =
                side(out ? selector.destination() : selector.source(), remotes(facts, selector.family()));
        if (locals.isEmpty() || remotes.isEmpty()) {
            return new OfPolicy(policy, List.of(), missing(selector.family(), locals.isEmpty()));
        }
        List<SecurityPolicy> entries = new ArrayList<>();
        String refusal = "";
        for (IpPrefix local : locals) {
            for (IpPrefix remote : remotes) {
                Selector narrow = new Selector(
                        out ? local : remote,
                        out ? remote : local,
                        selector.protocol(),
                        selector.sourcePorts(),
                        selector.destinationPorts());
                String why = problem(policy, narrow, out, facts.tunnel());
                if (why.isEmpty()) {
                    entries.add(entry(policy, narrow));
                } else {
                    refusal = narrow.source() + " to " + narrow.destination() + ": " + why;
                }
            }
        }
        return new OfPolicy(policy, entries, reason(policy, entries, refusal));
    }

    private static String problem(SecurityPolicy policy, Selector narrow, boolean out, TunnelEndpoints tunnel) {
        if (isWide(out ? narrow.source() : narrow.destination())) {
            return ALL_PACKETS;
        }
        return policy.action() == PolicyAction.PROTECT && isOfTunnel(narrow, out, tunnel) ? TUNNELS_OWN : "";
    }

    /** @param refusal of one that there is no entry for, or empty */
    private static String reason(SecurityPolicy policy, List<SecurityPolicy> entries, String refusal) {
        if (entries.isEmpty()) {
            return refusal;
        }
        boolean wide =
                isWide(policy.selector().source()) || isWide(policy.selector().destination());
        return WHOLE
                + (wide ? NARROWED : "")
                + (policy.action() == PolicyAction.PROTECT ? USE : "")
                + (refusal.isEmpty() ? "" : "; not " + refusal);
    }

    private static String missing(Family family, boolean local) {
        return WHOLE + ", and the interface has no " + family.word()
                + (local ? " address or local network" : " destination, network or remote network")
                + " to narrow it to";
    }

    /** Of what is specific, itself. */
    private static List<IpPrefix> side(IpPrefix said, List<IpPrefix> known) {
        return isWide(said) ? known : List.of(said);
    }

    private static List<IpPrefix> locals(Facts facts, Family family) {
        List<IpPrefix> all = new ArrayList<>(facts.localNetworks());
        of(facts, family).forEach(each -> all.add(IpPrefix.host(each.local())));
        return widest(all, family);
    }

    private static List<IpPrefix> remotes(Facts facts, Family family) {
        List<IpPrefix> all = new ArrayList<>(facts.remoteNetworks());
        for (InnerAddress each : of(facts, family)) {
            if (each.remote() != null) {
                all.add(IpPrefix.host(each.remote()));
            } else if (each.prefixLength() < family.addressBits()) {
                all.add(each.network());
            }
        }
        return widest(all, family);
    }

    /** A link-local address is of no use without its zone. */
    private static List<InnerAddress> of(Facts facts, Family family) {
        return facts.addresses().stream()
                .filter(each -> each.family() == family && !each.local().isLinkLocal())
                .toList();
    }

    /** Those of the family that lie in no other. */
    private static List<IpPrefix> widest(List<IpPrefix> all, Family family) {
        List<IpPrefix> distinct =
                all.stream().filter(each -> each.family() == family).distinct().toList();
        return distinct.stream()
                .filter(each -> distinct.stream()
                        .noneMatch(other -> other.length() < each.length() && other.contains(each.address())))
                .toList();
    }

    /** Whether it selects IKE, or ESP as it is or in UDP, between the tunnel's addresses. */
    private static boolean isOfTunnel(Selector selector, boolean out, TunnelEndpoints tunnel) {
        boolean between = selector.source().contains(out ? tunnel.local() : tunnel.remote())
                && selector.destination().contains(out ? tunnel.remote() : tunnel.local());
        if (!between) {
            return false;
        }
        return switch (selector.protocol()) {
            case Selector.ANY_PROTOCOL, IpProtocol.ESP -> true;
            case IpProtocol.UDP -> isOfIke(out ? selector.sourcePorts() : selector.destinationPorts());
            default -> false;
        };
    }

    /** Of this end's ports. */
    private static boolean isOfIke(Selector.PortRange ports) {
        return ports.matches(IKE_PORT) || ports.matches(NAT_T_PORT);
    }

    /** FreeBSD has no direction for forwarded packets: they meet what is inbound, and what is outbound. */
    private static SecurityPolicy entry(SecurityPolicy policy, Selector selector) {
        return new SecurityPolicy(
                policy.name(),
                policy.direction() == Direction.OUTBOUND ? Direction.OUTBOUND : Direction.INBOUND,
                selector,
                policy.action(),
                policy.transforms().stream().map(NarrowedCopies::use).toList(),
                policy.priority(),
                new PolicyScope.Host());
    }

    private static TransformTemplate use(TransformTemplate transform) {
        return new TransformTemplate(transform.mode(), transform.source(), transform.destination(), Level.USE, 0);
    }

    /** IKE and ESP between the tunnel's addresses, whatever other programs' entries say: this end's ports tell, a NAT may change the peer's. */
    private static List<SecurityPolicy> bypasses(TunnelEndpoints tunnel) {
        List<SecurityPolicy> all = new ArrayList<>();
        for (Direction direction : List.of(Direction.OUTBOUND, Direction.INBOUND)) {
            all.add(bypass("esp", direction, tunnel, IpProtocol.ESP, Selector.PortRange.ANY));
            all.add(bypass("ike", direction, tunnel, IpProtocol.UDP, new Selector.PortRange(IKE_PORT, IKE_PORT)));
            all.add(bypass(
                    "esp-in-udp", direction, tunnel, IpProtocol.UDP, new Selector.PortRange(NAT_T_PORT, NAT_T_PORT)));
        }
        return all;
    }

    private static SecurityPolicy bypass(
            String name, Direction direction, TunnelEndpoints tunnel, int protocol, Selector.PortRange ours) {
        boolean out = direction == Direction.OUTBOUND;
        IpPrefix local = IpPrefix.host(tunnel.local());
        IpPrefix remote = IpPrefix.host(tunnel.remote());
        Selector selector = new Selector(
                out ? local : remote,
                out ? remote : local,
                protocol,
                out ? ours : Selector.PortRange.ANY,
                out ? Selector.PortRange.ANY : ours);
        return new SecurityPolicy(
                name + "-" + direction.word(),
                direction,
                selector,
                PolicyAction.BYPASS,
                List.of(),
                BYPASS_PRIORITY,
                new PolicyScope.Host());
    }
}
