package org.ipsecif.platform.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.ToIntFunction;
import org.ipsecif.sa.Direction;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpPrefix;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.Level;
import org.ipsecif.sa.PolicyAction;
import org.ipsecif.sa.PolicyScope;
import org.ipsecif.sa.SecurityPolicy;
import org.ipsecif.sa.Selector;
import org.ipsecif.sa.Selector.PortRange;
import org.ipsecif.sa.TransformTemplate;
import org.jspecify.annotations.Nullable;

/**
 * XFRM policies as bytes: linux/xfrm.h, LP64 layouts, native byte order except addresses, ports and SPIs.
 *
 * <pre>
 * xfrm_selector        56: daddr 0, saddr 16, dport 32, dport_mask 34, sport 36, sport_mask 38, family 40,
 *                          prefixlen_d 42, prefixlen_s 43, proto 44, ifindex 48, user 52
 * xfrm_userpolicy_info 168: sel 0, lft 56, curlft 120, priority 152, index 156, dir 160, action 161, flags 162, share 163
 * xfrm_userpolicy_id   64: sel 0, index 56, dir 60
 * xfrm_user_tmpl       64: id.daddr 0, id.spi 16, id.proto 20, family 24, saddr 28, reqid 44, mode 48, share 49,
 *                          optional 50, aalgos 52, ealgos 56, calgos 60
 * </pre>
 */
final class XfrmPolicyCodec {
    static final int XFRM_MSG_NEWPOLICY = 0x13;
    static final int XFRM_MSG_DELPOLICY = 0x14;
    static final int XFRM_MSG_GETPOLICY = 0x15;
    static final int XFRMA_TMPL = 5;
    static final int XFRMA_MARK = 21;
    static final int XFRMA_IF_ID = 31;
    static final int USERPOLICY_ID = 64;

    private static final int USERPOLICY_INFO = 168;
    private static final int USER_TMPL = 64;
    private static final int LIFETIMES = 56;
    private static final int PRIORITY = 152;
    private static final int DIRECTION = 160;
    private static final int ACTION = 161;
    private static final int ALLOW = 0;
    private static final int BLOCK = 1;
    private static final int IPPROTO_ESP = 50;
    private static final int ANY_PORT_MASK = 0;
    private static final int ONE_PORT_MASK = 0xffff;

    private final ToIntFunction<String> indexOfName;
    private final IntFunction<@Nullable String> nameOfIndex;

    /** @param indexOfName interface names to indices; the other the way back, null for an unknown one */
    XfrmPolicyCodec(ToIntFunction<String> indexOfName, IntFunction<@Nullable String> nameOfIndex) {
        this.indexOfName = indexOfName;
        this.nameOfIndex = nameOfIndex;
    }

    NetlinkWriter newPolicy(SecurityPolicy policy) {
        byte[] body = new byte[USERPOLICY_INFO];
        ByteBuffer info = inNativeOrder(body);
        putSelector(info, policy);
        for (int i = 0; i < 4; i++) {
            info.putLong(LIFETIMES + 8 * i, -1); // XFRM_INF: byte and packet limits; 0 for the times
        }
        info.putInt(PRIORITY, policy.priority());
        info.put(DIRECTION, (byte) direction(policy.direction()));
        info.put(ACTION, (byte) (policy.action() == PolicyAction.DISCARD ? BLOCK : ALLOW));
        NetlinkWriter message = new NetlinkWriter(XFRM_MSG_NEWPOLICY, Netlink.NLM_F_CREATE | Netlink.NLM_F_EXCL, body);
        if (!policy.transforms().isEmpty()) {
            message.attribute(XFRMA_TMPL, templates(policy.transforms()));
        }
        return scope(message, policy.scope());
    }

    NetlinkWriter deletePolicy(SecurityPolicy policy) {
        byte[] body = new byte[USERPOLICY_ID];
        ByteBuffer id = inNativeOrder(body);
        putSelector(id, policy);
        id.put(60, (byte) direction(policy.direction()));
        return scope(new NetlinkWriter(XFRM_MSG_DELPOLICY, 0, body), policy.scope());
    }

    private static ByteBuffer inNativeOrder(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    }

    private static int direction(Direction direction) {
        return switch (direction) {
            case INBOUND -> 0;
            case OUTBOUND -> 1;
            case FORWARD -> 2;
        };
    }

    private static Direction readDirection(int direction) {
        return direction == 0 ? Direction.INBOUND : direction == 1 ? Direction.OUTBOUND : Direction.FORWARD;
    }

    private void putSelector(ByteBuffer to, SecurityPolicy policy) {
        Selector selector = policy.selector();
        to.put(0, selector.destination().address().toBytes());
        to.put(16, selector.source().address().toBytes());
        putPort(to, 32, selector.destinationPorts());
        putPort(to, 36, selector.sourcePorts());
        to.putShort(40, (short) LinuxSockets.addressFamily(selector.family()));
        to.put(42, (byte) selector.destination().length());
        to.put(43, (byte) selector.source().length());
        to.put(44, (byte) Math.max(0, selector.protocol()));
        if (policy.scope() instanceof PolicyScope.Device device) {
            to.putInt(48, indexOfName.applyAsInt(device.name()));
        }
    }

    private static void putPort(ByteBuffer to, int at, PortRange ports) {
        if (ports.equals(PortRange.ANY)) {
            return;
        }
        if (ports.first() != ports.last()) {
            throw new IllegalArgumentException(
                    "XFRM has no selector for the ports " + ports.first() + " to " + ports.last());
        }
        to.put(at, (byte) (ports.first() >>> 8)).put(at + 1, (byte) ports.first());
        to.putShort(at + 2, (short) ONE_PORT_MASK);
    }

    private static byte[] templates(List<TransformTemplate> transforms) {
        byte[] value = new byte[USER_TMPL * transforms.size()];
        ByteBuffer all = inNativeOrder(value);
        int at = 0;
        for (TransformTemplate transform : transforms) {
            all.put(at, transform.destination().toBytes());
            all.put(at + 20, (byte) IPPROTO_ESP);
            all.putShort(at + 24, (short)
                    LinuxSockets.addressFamily(transform.source().family()));
            all.put(at + 28, transform.source().toBytes());
            all.putInt(at + 44, transform.reqid());
            all.put(at + 48, (byte) (transform.mode() == IpsecMode.TUNNEL ? 1 : 0));
            all.put(at + 50, (byte) (transform.level() == Level.USE ? 1 : 0));
            all.putInt(at + 52, -1).putInt(at + 56, -1).putInt(at + 60, -1);
            at += USER_TMPL;
        }
        return value;
    }

    private static NetlinkWriter scope(NetlinkWriter message, PolicyScope scope) {
        if (scope instanceof PolicyScope.IfId ifId) {
            message.attribute(XFRMA_IF_ID, ifId.ifId());
        } else if (scope instanceof PolicyScope.Mark mark) {
            byte[] value = new byte[8];
            inNativeOrder(value).putInt(0, mark.value()).putInt(4, mark.mask());
            message.attribute(XFRMA_MARK, value);
        }
        return message;
    }

    /** Reads a message of a dump. @return null for what our records cannot say: sockets' policies, AH, odd port masks */
    @Nullable
    SecurityPolicy read(ByteBuffer message) {
        try {
            return readChecked(message);
        } catch (IllegalArgumentException e) { // a record's own check: lengths of prefixes, families that differ
            return null;
        }
    }

    private @Nullable SecurityPolicy readChecked(ByteBuffer message) {
        if (message.limit() < USERPOLICY_INFO || message.get(DIRECTION) > 2) {
            return null;
        }
        Map<Integer, ByteBuffer> attributes = NetlinkReader.attributes(message, USERPOLICY_INFO);
        Selector selector = readSelector(message);
        List<TransformTemplate> transforms = readTemplates(attributes.get(XFRMA_TMPL));
        if (selector == null || transforms == null) {
            return null;
        }
        PolicyAction action = message.get(ACTION) == BLOCK
                ? PolicyAction.DISCARD
                : transforms.isEmpty() ? PolicyAction.BYPASS : PolicyAction.PROTECT;
        return new SecurityPolicy(
                "kernel",
                readDirection(message.get(DIRECTION)),
                selector,
                action,
                action == PolicyAction.PROTECT ? transforms : List.of(),
                message.getInt(PRIORITY),
                readScope(message, attributes));
    }

    private static @Nullable Selector readSelector(ByteBuffer message) {
        PortRange destinationPorts = readPort(message, 32);
        PortRange sourcePorts = readPort(message, 36);
        int family = message.getShort(40);
        if (destinationPorts == null
                || sourcePorts == null
                || (family != LinuxSockets.AF_INET && family != LinuxSockets.AF_INET6)) {
            return null;
        }
        int protocol = message.get(44) & 0xff;
        return new Selector(
                new IpPrefix(readAddress(message, 16, family), message.get(43) & 0xff),
                new IpPrefix(readAddress(message, 0, family), message.get(42) & 0xff),
                protocol == 0 ? Selector.ANY_PROTOCOL : protocol,
                sourcePorts,
                destinationPorts);
    }

    private static @Nullable PortRange readPort(ByteBuffer message, int at) {
        int port = (message.get(at) & 0xff) << 8 | (message.get(at + 1) & 0xff);
        return switch (Short.toUnsignedInt(message.getShort(at + 2))) {
            case ANY_PORT_MASK -> PortRange.ANY;
            case ONE_PORT_MASK -> new PortRange(port, port);
            default -> null;
        };
    }

    private static IpAddress readAddress(ByteBuffer message, int at, int family) {
        byte[] bytes = new byte[16];
        message.get(at, bytes);
        return IpAddress.ofBytes(family == LinuxSockets.AF_INET ? Family.INET : Family.INET6, bytes, 0);
    }

    private static @Nullable List<TransformTemplate> readTemplates(@Nullable ByteBuffer value) {
        List<TransformTemplate> transforms = new ArrayList<>();
        for (int at = 0; value != null && at + USER_TMPL <= value.limit(); at += USER_TMPL) {
            int mode = value.get(at + 48);
            if (value.get(at + 20) != IPPROTO_ESP || mode < 0 || mode > 1) {
                return null;
            }
            int family = value.getShort(at + 24);
            int reqid = value.getInt(at + 44);
            Level level = value.get(at + 50) != 0 ? Level.USE : reqid != 0 ? Level.UNIQUE : Level.REQUIRE;
            transforms.add(new TransformTemplate(
                    mode == 1 ? IpsecMode.TUNNEL : IpsecMode.TRANSPORT,
                    readAddress(value, at + 28, family),
                    readAddress(value, at, family),
                    level,
                    reqid));
        }
        return transforms;
    }

    private PolicyScope readScope(ByteBuffer message, Map<Integer, ByteBuffer> attributes) {
        ByteBuffer ifId = attributes.get(XFRMA_IF_ID);
        if (ifId != null && ifId.limit() >= 4) {
            return new PolicyScope.IfId(ifId.getInt(0));
        }
        ByteBuffer mark = attributes.get(XFRMA_MARK);
        if (mark != null && mark.limit() >= 8) {
            return new PolicyScope.Mark(mark.getInt(0), mark.getInt(4));
        }
        String device = message.getInt(48) == 0 ? null : nameOfIndex.apply(message.getInt(48));
        return device != null ? new PolicyScope.Device(device) : new PolicyScope.Host();
    }
}
