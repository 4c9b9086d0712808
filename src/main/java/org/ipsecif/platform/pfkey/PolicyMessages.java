package org.ipsecif.platform.pfkey;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.ipsecif.platform.InstalledPolicy;
import org.ipsecif.platform.pfkey.Extension.IpsecRequest;
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
import org.ipsecif.sa.Selector.PortRange;
import org.ipsecif.sa.TransformTemplate;
import org.jspecify.annotations.Nullable;

/**
 * Our records of policies as extensions of SADB_X_SPD* messages, and back. What PF_KEY cannot say is an IllegalArgumentException with
 * the reason.
 */
final class PolicyMessages {
    /** IPSEC_MAXREQ of FreeBSD's netipsec/ipsec.h. */
    private static final int MOST_TRANSFORMS_FREEBSD = 4;

    private final Dialect dialect;

    PolicyMessages(Dialect dialect) {
        this.dialect = dialect;
    }

    /** Of SADB_X_SPDADD and SADB_X_SPDUPDATE. */
    List<Extension> add(SecurityPolicy policy) {
        List<Extension> extensions = selector(PolicyKey.of(policy));
        List<IpsecRequest> requests =
                policy.transforms().stream().map(this::request).toList();
        check(
                dialect == Dialect.LINUX || requests.size() <= MOST_TRANSFORMS_FREEBSD,
                "FreeBSD's policies have " + MOST_TRANSFORMS_FREEBSD + " transforms at most");
        int type = switch (policy.action()) {
            case DISCARD -> Sadb.IPSEC_POLICY_DISCARD;
            case BYPASS -> Sadb.IPSEC_POLICY_NONE;
            case PROTECT -> Sadb.IPSEC_POLICY_IPSEC;
        };
        extensions.add(new Extension.Policy(type, direction(policy.direction()), 0, 0, policy.priority(), requests));
        return extensions;
    }

    /** Of SADB_X_SPDDELETE, which looks at no more of the policy than its direction. */
    List<Extension> delete(PolicyKey key) {
        List<Extension> extensions = selector(key);
        extensions.add(new Extension.Policy(Sadb.IPSEC_POLICY_NONE, direction(key.direction()), 0, 0, 0, List.of()));
        return extensions;
    }

    /** Of SADB_X_SPDGET and SADB_X_SPDDELETE2; Linux reads the direction from the number. @param number the kernel's of the entry */
    static List<Extension> number(int number) {
        return List.of(new Extension.Policy(Sadb.IPSEC_POLICY_NONE, 0, 0, number, 0, List.of()));
    }

    private static void check(boolean condition, String otherwise) {
        if (!condition) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    private List<Extension> selector(PolicyKey key) {
        PolicyScope scope = key.scope();
        check(
                scope instanceof PolicyScope.Host,
                "PF_KEY has only policies for the whole host, scope host, and none for " + scope.words());
        Selector selector = key.selector();
        List<Extension> extensions = new ArrayList<>();
        int protocol = protocol(selector);
        extensions.add(address(
                Sadb.SADB_EXT_ADDRESS_SRC, protocol, selector.source(), port(selector, selector.sourcePorts())));
        extensions.add(address(
                Sadb.SADB_EXT_ADDRESS_DST,
                protocol,
                selector.destination(),
                port(selector, selector.destinationPorts())));
        return extensions;
    }

    private static Extension address(int type, int protocol, IpPrefix prefix, int port) {
        return new Extension.Address(type, protocol, prefix.length(), SocketAddress.of(prefix.address(), port));
    }

    private static int protocol(Selector selector) {
        int protocol = selector.protocol();
        check(protocol != 0 && protocol != Sadb.IPSEC_ULPROTO_ANY, "PF_KEY has no policy for protocol " + protocol);
        return protocol == Selector.ANY_PROTOCOL ? Sadb.IPSEC_ULPROTO_ANY : protocol;
    }

    private int port(Selector selector, PortRange ports) {
        if (ports.equals(PortRange.ANY)) {
            return 0;
        }
        check(
                ports.first() == ports.last(),
                "PF_KEY has no selector for the ports " + ports.first() + " to " + ports.last());
        check(ports.first() != 0, "PF_KEY has no selector for port, type or code 0, which stands for any");
        int protocol = selector.protocol();
        check(
                dialect == Dialect.LINUX || protocol == Sadb.IPPROTO_TCP || protocol == Sadb.IPPROTO_UDP,
                "FreeBSD's policies look at ports of TCP and UDP alone, and at no ICMP type");
        return ports.first();
    }

    private int direction(Direction direction) {
        check(
                dialect == Dialect.LINUX || direction != Direction.FORWARD,
                "FreeBSD has no policies for direction " + Direction.FORWARD.word());
        return switch (direction) {
            case INBOUND -> Sadb.IPSEC_DIR_INBOUND;
            case OUTBOUND -> Sadb.IPSEC_DIR_OUTBOUND;
            case FORWARD -> Sadb.IPSEC_DIR_FWD;
        };
    }

    private IpsecRequest request(TransformTemplate transform) {
        int reqid = transform.reqid();
        boolean unique = transform.level() == Level.UNIQUE;
        check(unique || reqid == 0, "PF_KEY has a reqid at level unique alone");
        check(
                !unique || (reqid > 0 && reqid <= Sadb.IPSEC_MANUAL_REQID_MAX),
                "PF_KEY takes reqids from 1 to " + Sadb.IPSEC_MANUAL_REQID_MAX + " alone, and not "
                        + Integer.toUnsignedString(reqid));
        int level = switch (transform.level()) {
            case USE -> Sadb.IPSEC_LEVEL_USE;
            case REQUIRE -> Sadb.IPSEC_LEVEL_REQUIRE;
            case UNIQUE -> Sadb.IPSEC_LEVEL_UNIQUE;
        };
        boolean tunnel = transform.mode() == IpsecMode.TUNNEL;
        check(tunnel || transform.mode() == IpsecMode.TRANSPORT, "no policy has the mode any");
        boolean addressed = tunnel
                || !transform.source().isUnspecified()
                || !transform.destination().isUnspecified();
        check(
                tunnel || dialect == Dialect.FREEBSD || !addressed,
                "Linux's PF_KEY has no addresses for a transform in transport mode");
        return new IpsecRequest(
                Sadb.IPPROTO_ESP,
                tunnel ? Sadb.IPSEC_MODE_TUNNEL : Sadb.IPSEC_MODE_TRANSPORT,
                level,
                reqid,
                addressed ? SocketAddress.of(transform.source(), 0) : null,
                addressed ? SocketAddress.of(transform.destination(), 0) : null);
    }

    /** Reads anybody's entry: an answer, an entry of a dump, or the kernel's word about a change. */
    InstalledPolicy read(PfKeyMessage message) {
        Extension.Policy policy = message.find(Extension.Policy.class);
        if (policy == null) {
            return new InstalledPolicy(null, null, Set.of());
        }
        Set<Integer> ids = new HashSet<>();
        policy.requests().forEach(request -> ids.add(request.reqid()));
        ids.remove(0);
        PolicyKey key = readKey(message, policy);
        boolean echoed = dialect == Dialect.FREEBSD && message.header().type() == Sadb.SADB_X_SPDDELETE;
        SecurityPolicy known = key == null || echoed ? null : readPolicy(message, policy, key);
        return new InstalledPolicy(key, known, ids, policy.id());
    }

    /** @return null for what our records cannot say: an interface's own policies, security contexts, odd selectors */
    private @Nullable PolicyKey readKey(PfKeyMessage message, Extension.Policy policy) {
        Direction direction = switch (policy.direction()) {
            case Sadb.IPSEC_DIR_INBOUND -> Direction.INBOUND;
            case Sadb.IPSEC_DIR_OUTBOUND -> Direction.OUTBOUND;
            case Sadb.IPSEC_DIR_FWD -> dialect == Dialect.LINUX ? Direction.FORWARD : null;
            default -> null;
        };
        Selector selector = readSelector(message);
        boolean odd = policy.scope() >= Sadb.IPSEC_POLICYSCOPE_IFNET || message.has(dialect.securityContextExtension());
        return direction == null || selector == null || odd
                ? null
                : new PolicyKey(direction, selector, new PolicyScope.Host());
    }

    private static @Nullable Selector readSelector(PfKeyMessage message) {
        Extension.Address source = message.find(Extension.Address.class, Sadb.SADB_EXT_ADDRESS_SRC);
        Extension.Address destination = message.find(Extension.Address.class, Sadb.SADB_EXT_ADDRESS_DST);
        if (source == null || destination == null || source.protocol() != destination.protocol()) {
            return null;
        }
        IpPrefix from = readPrefix(source);
        IpPrefix to = readPrefix(destination);
        if (from == null || to == null || from.family() != to.family()) {
            return null;
        }
        boolean any = source.protocol() == Sadb.IPSEC_ULPROTO_ANY;
        return new Selector(
                from, to, any ? Selector.ANY_PROTOCOL : source.protocol(), readPort(source), readPort(destination));
    }

    /** The kernels keep host bits, and tell entries apart by them. */
    private static @Nullable IpPrefix readPrefix(Extension.Address address) {
        IpAddress whole = address.socket().address();
        IpPrefix prefix = new IpPrefix(whole, address.prefixLength());
        boolean plain = address.socket().scopeId() == 0 && address.socket().flowInfo() == 0;
        return plain && prefix.address().equals(whole) ? prefix : null;
    }

    private static PortRange readPort(Extension.Address address) {
        int port = address.socket().port();
        return port == 0 ? PortRange.ANY : new PortRange(port, port);
    }

    /** @return null for what our records cannot say: AH, limited lifetimes, level default, other types */
    private static @Nullable SecurityPolicy readPolicy(PfKeyMessage message, Extension.Policy policy, PolicyKey key) {
        PolicyAction action = switch (policy.policyType()) {
            case Sadb.IPSEC_POLICY_DISCARD -> PolicyAction.DISCARD;
            case Sadb.IPSEC_POLICY_NONE -> PolicyAction.BYPASS;
            case Sadb.IPSEC_POLICY_IPSEC -> PolicyAction.PROTECT;
            default -> null;
        };
        List<TransformTemplate> transforms = new ArrayList<>();
        for (IpsecRequest request : policy.requests()) {
            TransformTemplate transform = readTransform(request, key);
            if (transform == null) {
                return null;
            }
            transforms.add(transform);
        }
        boolean consistent = action == PolicyAction.PROTECT != transforms.isEmpty();
        return action == null || !consistent || isLimited(message)
                ? null
                : new SecurityPolicy(
                        "kernel", key.direction(), key.selector(), action, transforms, policy.priority(), key.scope());
    }

    private static boolean isLimited(PfKeyMessage message) {
        return message.extensions().stream()
                .filter(each -> each.type() != Sadb.SADB_EXT_LIFETIME_CURRENT)
                .anyMatch(each -> each instanceof Extension.Lifetime lifetime && !lifetime.isUnlimited());
    }

    private static @Nullable TransformTemplate readTransform(IpsecRequest request, PolicyKey key) {
        IpsecMode mode = switch (request.mode()) {
            case Sadb.IPSEC_MODE_TRANSPORT -> IpsecMode.TRANSPORT;
            case Sadb.IPSEC_MODE_TUNNEL -> IpsecMode.TUNNEL;
            default -> null;
        };
        Level level = switch (request.level()) {
            case Sadb.IPSEC_LEVEL_USE -> Level.USE;
            case Sadb.IPSEC_LEVEL_REQUIRE -> Level.REQUIRE;
            case Sadb.IPSEC_LEVEL_UNIQUE -> Level.UNIQUE;
            default -> null;
        };
        boolean odd = request.protocol() != Sadb.IPPROTO_ESP || level == Level.UNIQUE == (request.reqid() == 0);
        SocketAddress source = request.source();
        SocketAddress destination = request.destination();
        if (mode == null || level == null || odd || (mode == IpsecMode.TUNNEL && source == null)) {
            return null;
        }
        IpAddress any = IpAddress.unspecified(key.selector().family());
        return new TransformTemplate(
                mode,
                source == null ? any : source.address(),
                destination == null ? any : destination.address(),
                level,
                request.reqid());
    }
}
