package org.ipsecif.platform.linux;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import jnr.ffi.Pointer;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.PolicyInstaller;
import org.ipsecif.platform.posix.DirectBuffer;
import org.ipsecif.platform.posix.LibC;
import org.ipsecif.sa.SecurityPolicy;
import org.jspecify.annotations.Nullable;

/** The kernel's SPD over XFRM netlink (linux/xfrm.h, ip-xfrm(8)). */
final class XfrmPolicyInstaller implements PolicyInstaller {
    private static final int IFNAMSIZ = 16;
    private static final int ENOENT = 2;

    private final Netlink netlink;
    private final XfrmPolicyCodec codec =
            new XfrmPolicyCodec(LibC.LIBC::if_nametoindex, XfrmPolicyInstaller::interfaceName);

    XfrmPolicyInstaller() throws ErrnoException {
        netlink = new Netlink(Netlink.NETLINK_XFRM);
    }

    private static @Nullable String interfaceName(int index) {
        Pointer name = LibC.LIBC.if_indextoname(index, new DirectBuffer(IFNAMSIZ).pointer());
        return name == null ? null : name.getString(0);
    }

    @Override
    public void install(SecurityPolicy policy) throws ErrnoException {
        netlink.request(codec.newPolicy(policy), "XFRM_MSG_NEWPOLICY " + policy.name());
    }

    @Override
    public boolean remove(SecurityPolicy policy) throws ErrnoException {
        try {
            netlink.request(codec.deletePolicy(policy), "XFRM_MSG_DELPOLICY " + policy.name());
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == ENOENT) {
                return false;
            }
            throw e;
        }
    }

    @Override
    public List<SecurityPolicy> dump() throws ErrnoException {
        NetlinkWriter request =
                new NetlinkWriter(XfrmPolicyCodec.XFRM_MSG_GETPOLICY, 0, new byte[XfrmPolicyCodec.USERPOLICY_ID]);
        List<SecurityPolicy> policies = new ArrayList<>();
        for (ByteBuffer message : netlink.dump(request, "XFRM_MSG_GETPOLICY")) {
            SecurityPolicy policy = codec.read(message);
            if (policy != null) {
                policies.add(policy);
            }
        }
        return policies;
    }

    @Override
    public void close() {
        netlink.close();
    }
}
