package org.ipsecif.platform.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.function.ToIntFunction;
import org.ipsecif.sa.Direction;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.Level;
import org.ipsecif.sa.PolicyAction;
import org.ipsecif.sa.PolicyKey;
import org.ipsecif.sa.PolicyScope;
import org.ipsecif.sa.SecurityPolicy;
import org.ipsecif.sa.Selector;
import org.ipsecif.sa.Selector.PortRange;
import org.ipsecif.sa.TransformTemplate;

/**
 * XFRM policies as bytes: linux/xfrm.h, LP64 layouts, native byte order except addresses, ports and SPIs. What cannot be
 * said so is an IllegalArgumentException with the reason.
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
    static final int XFRM_MSG_UPDPOLICY = 0x19;
    static final int XFRMA_TMPL = 5;
    static final int XFRMA_MARK = 21;
    static final int XFRMA_IF_ID = 31;
    static final int USERPOLICY_ID = 64;
    static final int USERPOLICY_INFO = 168;
    static final int USER_TMPL = 64;
    static final long XFRM_INF = -1;
    static final int ALLOW = 0;
    static final int BLOCK = 1;
    static final int IPPROTO_ESP = 50;
    static final int ANY_PORT_MASK = 0;
    static final int ONE_PORT_MASK = 0xffff;

    /** Before the index, as ip(8) names a device that is gone. */
    static final String NAMELESS = "if";

    // Offsets in xfrm_userpolicy_info
    static final int IFINDEX = 48;
    static final int USER = 52;
    static final int LIFETIMES = 56;
    static final int LIMITS = 4;
    static final int PRIORITY = 152;

    /** The kernel's number of the entry, which PF_KEY calls its id. */
    static final int INDEX = 156;

    static final int DIRECTION = 160;
    static final int ACTION = 161;
    static final int FLAGS = 162;

    private final ToIntFunction<String> indexOfName;

    /** @param indexOfName device names to indices, 0 for an unknown one */
    XfrmPolicyCodec(ToIntFunction<String> indexOfName) {
        this.indexOfName = indexOfName;
    }

    NetlinkWriter newPolicy(SecurityPolicy policy) {
        return policy(XFRM_MSG_NEWPOLICY, Netlink.NLM_F_CREATE | Netlink.NLM_F_EXCL, policy);
    }

    /** Makes the entry if there is none; otherwise changes it without a moment in which there is none. */
    NetlinkWriter updatePolicy(SecurityPolicy policy) {
        return policy(XFRM_MSG_UPDPOLICY, Netlink.NLM_F_REPLACE, policy);
    }

    private NetlinkWriter policy(int type, int flags, SecurityPolicy policy) {
        byte[] body = new byte[USERPOLICY_INFO];
        ByteBuffer info = inNativeOrder(body);
        putSelector(info, PolicyKey.of(policy));
        for (int i = 0; i < LIMITS; i++) {
            info.putLong(LIFETIMES + 8 * i, XFRM_INF); // bytes and packets; 0 for the times
        }
        info.putInt(PRIORITY, policy.priority());
        info.put(DIRECTION, (byte) direction(policy.direction()));
        info.put(ACTION, (byte) (policy.action() == PolicyAction.DISCARD ? BLOCK : ALLOW));
        NetlinkWriter message = new NetlinkWriter(type, flags, body);
        if (!policy.transforms().isEmpty()) {
            message.attribute(XFRMA_TMPL, templates(policy.transforms()));
        }
        return scope(message, policy.scope());
    }

    NetlinkWriter deletePolicy(PolicyKey key) {
        byte[] body = new byte[USERPOLICY_ID];
        ByteBuffer id = inNativeOrder(body);
        putSelector(id, key);
        id.put(60, (byte) direction(key.direction()));
        return scope(new NetlinkWriter(XFRM_MSG_DELPOLICY, 0, body), key.scope());
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

    private void putSelector(ByteBuffer to, PolicyKey key) {
        Selector selector = key.selector();
        to.put(0, selector.destination().address().toBytes());
        to.put(16, selector.source().address().toBytes());
        putPort(to, 32, selector.destinationPorts());
        putPort(to, 36, selector.sourcePorts());
        to.putShort(40, (short) LinuxSockets.addressFamily(selector.family()));
        to.put(42, (byte) selector.destination().length());
        to.put(43, (byte) selector.source().length());
        to.put(44, (byte) Math.max(0, selector.protocol()));
        if (key.scope() instanceof PolicyScope.Device device) {
            to.putInt(IFINDEX, indexOf(device.name()));
        }
    }

    /** 0 would make it an entry for the whole host. */
    private int indexOf(String device) {
        int index = indexOfName.applyAsInt(device);
        if (index == 0 && device.matches(NAMELESS + "[1-9][0-9]{0,8}")) {
            index = Integer.parseInt(device.substring(NAMELESS.length()));
        }
        check(index != 0, "there is no device " + device);
        return index;
    }

    private static void check(boolean condition, String otherwise) {
        if (!condition) {
            throw new IllegalArgumentException(otherwise);
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
            check(ifId.ifId() != 0, "if_id 0 stands for none");
            message.attribute(XFRMA_IF_ID, ifId.ifId());
        } else if (scope instanceof PolicyScope.Mark mark) {
            check(mark.mask() != 0, "a mark with the mask 0 stands for none");
            byte[] value = new byte[8];
            inNativeOrder(value).putInt(0, mark.value()).putInt(4, mark.mask());
            message.attribute(XFRMA_MARK, value);
        }
        return message;
    }
}
