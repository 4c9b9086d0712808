package org.ipsecif.platform.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import org.ipsecif.platform.InstalledPolicy;
import org.ipsecif.platform.KernelEvent;
import org.ipsecif.platform.KernelEvent.Change;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * Reads the messages of the XFRM multicast groups (linux/xfrm.h). Every length is distrusted.
 *
 * <pre>
 * XFRM_MSG_NEWPOLICY, UPDPOLICY  xfrm_userpolicy_info 168
 * XFRM_MSG_DELPOLICY             xfrm_userpolicy_id 64, with the entry in XFRMA_POLICY
 * XFRM_MSG_POLEXPIRE             xfrm_user_polexpire 176: pol 0, hard 168
 * XFRM_MSG_ACQUIRE               xfrm_user_acquire 280: id.daddr 0, saddr 24, sel 40, policy 96, seq 276
 * XFRM_MSG_NEWSA, UPDSA          xfrm_usersa_info 224: id.daddr 56, id.spi 72, id.proto 76, family 212
 * XFRM_MSG_DELSA                 xfrm_usersa_id 24: daddr 0, spi 16, family 20, proto 22
 * XFRM_MSG_EXPIRE                xfrm_user_expire 232: state 0, hard 224
 * </pre>
 */
final class XfrmEventReader {
    private static final int XFRM_MSG_NEWSA = 0x10;
    private static final int XFRM_MSG_DELSA = 0x11;
    private static final int XFRM_MSG_ACQUIRE = 0x17;
    private static final int XFRM_MSG_EXPIRE = 0x18;
    private static final int XFRM_MSG_UPDSA = 0x1a;
    private static final int XFRM_MSG_POLEXPIRE = 0x1b;
    private static final int XFRM_MSG_FLUSHSA = 0x1c;
    private static final int XFRM_MSG_FLUSHPOLICY = 0x1d;
    private static final int XFRMA_POLICY = 7;
    private static final int POLEXPIRE_HARD = 168;
    private static final int POLEXPIRE = 176;
    private static final int ACQUIRE_POLICY = 96;
    private static final int ACQUIRE_SEQ = 276;
    private static final int ACQUIRE = 280;
    private static final int USERSA_INFO = 224;
    private static final int USERSA_ID = 24;
    private static final int EXPIRE_HARD = 224;
    private static final int TMPL_FAMILY = 24;

    private final XfrmPolicyReader policies;

    XfrmEventReader(XfrmPolicyReader policies) {
        this.policies = policies;
    }

    /** @return null for what has no event of ours, or is cut off */
    @Nullable
    KernelEvent read(Netlink.Message message) {
        ByteBuffer body = message.body();
        int origin = message.port();
        return switch (message.type()) {
            case XfrmPolicyCodec.XFRM_MSG_NEWPOLICY ->
                policy(origin, Change.ADDED, body, XfrmPolicyCodec.USERPOLICY_INFO);
            case XfrmPolicyCodec.XFRM_MSG_UPDPOLICY ->
                policy(origin, Change.UPDATED, body, XfrmPolicyCodec.USERPOLICY_INFO);
            case XfrmPolicyCodec.XFRM_MSG_DELPOLICY -> removedPolicy(origin, body);
            case XFRM_MSG_POLEXPIRE -> policy(0, expiry(body, POLEXPIRE_HARD), body, POLEXPIRE);
            case XFRM_MSG_FLUSHPOLICY -> new KernelEvent.PoliciesFlushed(origin);
            case XFRM_MSG_ACQUIRE -> acquire(body);
            case XFRM_MSG_NEWSA -> association(origin, Change.ADDED, body);
            case XFRM_MSG_UPDSA -> association(origin, Change.UPDATED, body);
            case XFRM_MSG_EXPIRE -> association(0, expiry(body, EXPIRE_HARD), body);
            case XFRM_MSG_DELSA -> removedAssociation(origin, body);
            case XFRM_MSG_FLUSHSA -> new KernelEvent.SasFlushed(origin);
            default -> null;
        };
    }

    private static Change expiry(ByteBuffer body, int hard) {
        return body.limit() > hard && body.get(hard) != 0 ? Change.EXPIRED : Change.EXPIRING;
    }

    /** @param length of what stands before the attributes; begins with a struct xfrm_userpolicy_info */
    private @Nullable KernelEvent policy(int origin, Change change, ByteBuffer body, int length) {
        return body.limit() < length
                ? null
                : new KernelEvent.PolicyChanged(
                        origin, change, policies.read(body, NetlinkReader.attributes(body, length)));
    }

    private @Nullable KernelEvent removedPolicy(int origin, ByteBuffer body) {
        Map<Integer, ByteBuffer> attributes = NetlinkReader.attributes(body, XfrmPolicyCodec.USERPOLICY_ID);
        ByteBuffer policy = attributes.get(XFRMA_POLICY);
        return policy == null || policy.limit() < XfrmPolicyCodec.USERPOLICY_INFO
                ? null
                : new KernelEvent.PolicyChanged(origin, Change.REMOVED, policies.read(policy, attributes));
    }

    private @Nullable KernelEvent acquire(ByteBuffer body) {
        if (body.limit() < ACQUIRE) {
            return null;
        }
        Map<Integer, ByteBuffer> attributes = NetlinkReader.attributes(body, ACQUIRE);
        ByteBuffer template = attributes.get(XfrmPolicyCodec.XFRMA_TMPL);
        if (template == null || template.limit() < XfrmPolicyCodec.USER_TMPL) {
            return null;
        }
        int family = template.getShort(TMPL_FAMILY);
        IpAddress source = address(body, 24, family);
        IpAddress destination = address(body, 0, family);
        ByteBuffer info =
                body.slice(ACQUIRE_POLICY, XfrmPolicyCodec.USERPOLICY_INFO).order(body.order());
        InstalledPolicy policy = policies.read(info, attributes);
        return source == null || destination == null
                ? null
                : new KernelEvent.Acquire(body.getInt(ACQUIRE_SEQ), source, destination, policy);
    }

    private static @Nullable KernelEvent association(int origin, Change change, ByteBuffer body) {
        return body.limit() < USERSA_INFO
                ? null
                : association(origin, change, address(body, 56, body.getShort(212)), spi(body, 72), body.get(76));
    }

    private static @Nullable KernelEvent removedAssociation(int origin, ByteBuffer body) {
        return body.limit() < USERSA_ID
                ? null
                : association(origin, Change.REMOVED, address(body, 0, body.getShort(20)), spi(body, 16), body.get(22));
    }

    private static @Nullable KernelEvent association(
            int origin, Change change, @Nullable IpAddress destination, int spi, byte protocol) {
        return destination == null
                ? null
                : new KernelEvent.SaChanged(origin, change, destination, spi, protocol & 0xff);
    }

    private static int spi(ByteBuffer body, int at) {
        int spi = body.getInt(at);
        return body.order() == ByteOrder.BIG_ENDIAN ? spi : Integer.reverseBytes(spi);
    }

    private static @Nullable IpAddress address(ByteBuffer body, int at, int family) {
        if (family != LinuxSockets.AF_INET && family != LinuxSockets.AF_INET6) {
            return null;
        }
        byte[] bytes = new byte[16];
        body.get(at, bytes);
        return IpAddress.ofBytes(family == LinuxSockets.AF_INET ? Family.INET : Family.INET6, bytes, 0);
    }
}
