package org.ipsecif.platform.linux;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import org.ipsecif.platform.InstalledPolicy;
import org.ipsecif.sa.Direction;
import org.ipsecif.sa.Family;
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

/** Reads XFRM policies, anybody's, in the layouts of {@link XfrmPolicyCodec}. */
final class XfrmPolicyReader {
    private static final int XFRMA_SEC_CTX = 8;
    private static final int XFRMA_POLICY_TYPE = 16;
    private static final int XFRMA_OFFLOAD_DEV = 28;
    private static final int XFRM_POLICY_TYPE_MAIN = 0;

    // Offsets in xfrm_user_tmpl
    private static final int SPI = 16;
    private static final int PROTO = 20;
    private static final int FAMILY = 24;
    private static final int SADDR = 28;
    private static final int REQID = 44;
    private static final int MODE = 48;
    private static final int SHARE = 49;
    private static final int OPTIONAL = 50;
    private static final int ALGORITHMS = 52;

    private final IntFunction<@Nullable String> nameOfIndex;

    /** @param nameOfIndex names of devices, null for an unknown one */
    XfrmPolicyReader(IntFunction<@Nullable String> nameOfIndex) {
        this.nameOfIndex = nameOfIndex;
    }

    /** Reads a message of a dump, with the entry's number. @return null if it is none */
    @Nullable
    InstalledPolicy read(ByteBuffer message) {
        if (message.limit() < XfrmPolicyCodec.USERPOLICY_INFO) {
            return null;
        }
        InstalledPolicy entry = read(message, NetlinkReader.attributes(message, XfrmPolicyCodec.USERPOLICY_INFO));
        return entry.key() == null ? entry : entry.withNumber(message.getInt(XfrmPolicyCodec.INDEX));
    }

    /** @param info a struct xfrm_userpolicy_info */
    InstalledPolicy read(ByteBuffer info, Map<Integer, ByteBuffer> attributes) {
        PolicyKey key = readKey(info, attributes);
        return new InstalledPolicy(key, key == null ? null : readPolicy(info, attributes, key), ids(attributes));
    }

    private static Set<Integer> ids(Map<Integer, ByteBuffer> attributes) {
        Set<Integer> ids = new HashSet<>();
        ids.add(integer(attributes.get(XfrmPolicyCodec.XFRMA_IF_ID), 0));
        templates(attributes).forEach(template -> ids.add(template.getInt(REQID)));
        ids.remove(0);
        return ids;
    }

    private static List<ByteBuffer> templates(Map<Integer, ByteBuffer> attributes) {
        ByteBuffer all = attributes.get(XfrmPolicyCodec.XFRMA_TMPL);
        int size = XfrmPolicyCodec.USER_TMPL;
        List<ByteBuffer> templates = new ArrayList<>();
        for (int at = 0; all != null && at + size <= all.limit(); at += size) {
            templates.add(all.slice(at, size).order(all.order()));
        }
        return templates;
    }

    private static int integer(@Nullable ByteBuffer attribute, int at) {
        return attribute != null && attribute.limit() >= at + 4 ? attribute.getInt(at) : 0;
    }

    /** @return null for what our records cannot say: sockets' policies, odd port masks, two scopes at once */
    private @Nullable PolicyKey readKey(ByteBuffer info, Map<Integer, ByteBuffer> attributes) {
        int direction = info.get(XfrmPolicyCodec.DIRECTION);
        ByteBuffer type = attributes.get(XFRMA_POLICY_TYPE);
        boolean main = type == null || !type.hasRemaining() || type.get(0) == XFRM_POLICY_TYPE_MAIN;
        if (direction < 0
                || direction > 2
                || !main
                || attributes.containsKey(XFRMA_SEC_CTX)
                || info.getInt(XfrmPolicyCodec.USER) != 0) {
            return null;
        }
        Selector selector = readSelector(info);
        PolicyScope scope = readScope(info.getInt(XfrmPolicyCodec.IFINDEX), attributes);
        return selector == null || scope == null ? null : new PolicyKey(readDirection(direction), selector, scope);
    }

    private static Direction readDirection(int direction) {
        return direction == 0 ? Direction.INBOUND : direction == 1 ? Direction.OUTBOUND : Direction.FORWARD;
    }

    private static @Nullable Selector readSelector(ByteBuffer info) {
        PortRange destinationPorts = readPort(info, 32);
        PortRange sourcePorts = readPort(info, 36);
        int family = info.getShort(40);
        if (family != LinuxSockets.AF_INET && family != LinuxSockets.AF_INET6) {
            return null;
        }
        IpPrefix source = readPrefix(info, 16, family, info.get(43) & 0xff);
        IpPrefix destination = readPrefix(info, 0, family, info.get(42) & 0xff);
        if (destinationPorts == null || sourcePorts == null || source == null || destination == null) {
            return null;
        }
        int protocol = info.get(44) & 0xff;
        return new Selector(
                source, destination, protocol == 0 ? Selector.ANY_PROTOCOL : protocol, sourcePorts, destinationPorts);
    }

    /** The kernel keeps host bits and what stands behind an IPv4 address, and tells entries apart by them. */
    private static @Nullable IpPrefix readPrefix(ByteBuffer info, int at, int family, int length) {
        IpAddress address = readAddress(info, at, family);
        boolean stray = family == LinuxSockets.AF_INET && (info.getInt(at + 4) | info.getLong(at + 8)) != 0;
        if (length > address.family().addressBits() || stray) {
            return null;
        }
        IpPrefix prefix = new IpPrefix(address, length);
        return prefix.address().equals(address) ? prefix : null;
    }

    private static @Nullable PortRange readPort(ByteBuffer info, int at) {
        int port = (info.get(at) & 0xff) << 8 | (info.get(at + 1) & 0xff);
        int mask = Short.toUnsignedInt(info.getShort(at + 2));
        if (mask == XfrmPolicyCodec.ANY_PORT_MASK && port == 0) {
            return PortRange.ANY;
        }
        return mask == XfrmPolicyCodec.ONE_PORT_MASK ? new PortRange(port, port) : null;
    }

    private static IpAddress readAddress(ByteBuffer message, int at, int family) {
        byte[] bytes = new byte[16];
        message.get(at, bytes);
        return IpAddress.ofBytes(family == LinuxSockets.AF_INET ? Family.INET : Family.INET6, bytes, 0);
    }

    private @Nullable PolicyScope readScope(int ifindex, Map<Integer, ByteBuffer> attributes) {
        int ifId = integer(attributes.get(XfrmPolicyCodec.XFRMA_IF_ID), 0);
        int mark = integer(attributes.get(XfrmPolicyCodec.XFRMA_MARK), 0);
        int mask = integer(attributes.get(XfrmPolicyCodec.XFRMA_MARK), 4);
        boolean marked = mark != 0 || mask != 0;
        if (ifId != 0) {
            return marked || ifindex != 0 ? null : new PolicyScope.IfId(ifId);
        }
        if (marked) {
            return ifindex != 0 || mask == 0 ? null : new PolicyScope.Mark(mark, mask);
        }
        if (ifindex == 0) {
            return new PolicyScope.Host();
        }
        String device = nameOfIndex.apply(ifindex);
        return new PolicyScope.Device(device != null ? device : XfrmPolicyCodec.NAMELESS + ifindex);
    }

    /** @return null for what our records cannot say: AH, limited lifetimes, flags, algorithms, optional with a reqid */
    private static @Nullable SecurityPolicy readPolicy(
            ByteBuffer info, Map<Integer, ByteBuffer> attributes, PolicyKey key) {
        List<TransformTemplate> transforms = readTemplates(attributes);
        boolean block = info.get(XfrmPolicyCodec.ACTION) == XfrmPolicyCodec.BLOCK;
        if (transforms == null
                || !isPlain(info)
                || attributes.containsKey(XFRMA_OFFLOAD_DEV)
                || (block && !transforms.isEmpty())) {
            return null;
        }
        PolicyAction action =
                block ? PolicyAction.DISCARD : transforms.isEmpty() ? PolicyAction.BYPASS : PolicyAction.PROTECT;
        return new SecurityPolicy(
                "kernel",
                key.direction(),
                key.selector(),
                action,
                transforms,
                info.getInt(XfrmPolicyCodec.PRIORITY),
                key.scope());
    }

    private static boolean isPlain(ByteBuffer info) {
        int action = info.get(XfrmPolicyCodec.ACTION);
        boolean plain = action == XfrmPolicyCodec.ALLOW || action == XfrmPolicyCodec.BLOCK;
        for (int i = 0; i < XfrmPolicyCodec.LIMITS; i++) {
            plain &= info.getLong(XfrmPolicyCodec.LIFETIMES + 8 * i) == XfrmPolicyCodec.XFRM_INF;
            plain &= info.getLong(XfrmPolicyCodec.LIFETIMES + 8 * (XfrmPolicyCodec.LIMITS + i)) == 0;
        }
        return plain && info.getShort(XfrmPolicyCodec.FLAGS) == 0; // and share
    }

    private static @Nullable List<TransformTemplate> readTemplates(Map<Integer, ByteBuffer> attributes) {
        List<TransformTemplate> transforms = new ArrayList<>();
        for (ByteBuffer template : templates(attributes)) {
            TransformTemplate transform = readTemplate(template);
            if (transform == null) {
                return null;
            }
            transforms.add(transform);
        }
        return transforms;
    }

    /** All bits of three masks; none where af_key made the entry, which says so elsewhere (net/key/af_key.c parse_ipsecrequest, allalgs). */
    private static boolean takesAnyAlgorithm(ByteBuffer template) {
        int first = template.getInt(ALGORITHMS);
        return (first == -1 || first == 0)
                && template.getInt(ALGORITHMS + 4) == first
                && template.getInt(ALGORITHMS + 8) == first;
    }

    private static @Nullable TransformTemplate readTemplate(ByteBuffer template) {
        int mode = template.get(MODE);
        int family = template.getShort(FAMILY);
        int reqid = template.getInt(REQID);
        boolean optional = template.get(OPTIONAL) != 0;
        if (template.get(PROTO) != XfrmPolicyCodec.IPPROTO_ESP
                || template.getInt(SPI) != 0
                || mode < 0
                || mode > 1
                || template.get(SHARE) != 0
                || (family != LinuxSockets.AF_INET && family != LinuxSockets.AF_INET6)
                || !takesAnyAlgorithm(template)
                || (optional && reqid != 0)) {
            return null;
        }
        return new TransformTemplate(
                mode == 1 ? IpsecMode.TUNNEL : IpsecMode.TRANSPORT,
                readAddress(template, SADDR, family),
                readAddress(template, 0, family),
                optional ? Level.USE : reqid != 0 ? Level.UNIQUE : Level.REQUIRE,
                reqid);
    }
}
