package org.ipsecif.platform.freebsd.sim.key;

import static org.ipsecif.platform.freebsd.sim.key.KeyNumbers.*;

import java.nio.ByteBuffer;
import java.util.function.IntSupplier;

/** key_msg2sp. */
final class PolicyReader {
    private static final int POLICY = 16;
    private static final int REQUEST = 8;
    private static final int SIZEOF_SOCKADDR = 16;
    private static final int SIZEOF_UNION = 28;
    private static final int MAXREQ = 4;

    private final IntSupplier newReqid;

    PolicyReader(IntSupplier newReqid) {
        this.newReqid = newReqid;
    }

    /** Reads into {@code policy}; writes a reqid that the kernel chose into the extension, which is what the reply shows. */
    void read(ByteBuffer extension, Policy policy) throws Refused {
        policy.type = extension.getShort(4) & 0xffff;
        policy.priority = extension.getInt(12);
        switch (policy.type) {
            case POLICY_DISCARD, POLICY_NONE, POLICY_ENTRUST, POLICY_BYPASS -> {}
            case POLICY_IPSEC -> requests(extension, policy);
            default -> throw new Refused(EINVAL);
        }
    }

    private void requests(ByteBuffer extension, Policy policy) throws Refused {
        int left = extension.capacity() - POLICY;
        int at = POLICY;
        while (left > 0) {
            int length = left < REQUEST ? 0 : extension.getShort(at) & 0xffff;
            if (length < REQUEST || length > left || policy.requests.size() == MAXREQ) {
                throw new Refused(EINVAL);
            }
            policy.requests.add(request(extension, at, length, left));
            left -= length;
            at += length;
        }
        if (policy.requests.isEmpty()) {
            throw new Refused(EINVAL);
        }
    }

    private PolicyRequest request(ByteBuffer from, int at, int length, int left) throws Refused {
        int protocol = from.getShort(at + 2) & 0xffff;
        int mode = from.get(at + 4) & 0xff;
        int level = from.get(at + 5) & 0xff;
        if (protocol != PROTO_ESP && protocol != PROTO_AH && protocol != PROTO_IPCOMP) {
            throw new Refused(EPROTONOSUPPORT);
        }
        if ((mode != MODE_TRANSPORT && mode != MODE_TUNNEL) || level > LEVEL_UNIQUE) {
            throw new Refused(EINVAL);
        }
        int reqid = level == LEVEL_UNIQUE ? unique(from, at + 6) : 0;
        if (length == REQUEST) {
            if (mode == MODE_TUNNEL) {
                throw new Refused(EINVAL);
            }
            return new PolicyRequest(protocol, mode, level, reqid, KeyAddress.UNSET, KeyAddress.UNSET);
        }
        int first = from.get(at + REQUEST) & 0xff;
        int room = left - REQUEST;
        if (room < SIZEOF_SOCKADDR || room < 2 * first || first > SIZEOF_UNION || length < REQUEST + 2 * first) {
            throw new Refused(EINVAL);
        }
        int second = at + REQUEST + first;
        int firstFamily = first == 0 ? 0 : from.get(at + REQUEST + 1);
        if ((from.get(second) & 0xff) != first || from.get(second + 1) != firstFamily) {
            throw new Refused(EINVAL);
        }
        return new PolicyRequest(
                protocol, mode, level, reqid, KeyAddress.at(from, at + REQUEST), KeyAddress.at(from, second));
    }

    private int unique(ByteBuffer from, int at) {
        int reqid = from.getShort(at) & 0xffff;
        if (reqid == 0 || reqid > MANUAL_REQID_MAX) {
            reqid = newReqid.getAsInt();
            from.putShort(at, (short) reqid);
        }
        return reqid;
    }
}
