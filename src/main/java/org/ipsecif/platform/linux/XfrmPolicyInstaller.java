package org.ipsecif.platform.linux;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.InstalledPolicy;
import org.ipsecif.platform.PolicyChange;
import org.ipsecif.platform.PolicyInstaller;
import org.ipsecif.platform.posix.LibC;
import org.ipsecif.platform.posix.Posix;
import org.ipsecif.sa.PolicyScope;

/** The kernel's SPD over XFRM netlink (linux/xfrm.h, ip-xfrm(8)). */
final class XfrmPolicyInstaller implements PolicyInstaller {
    private final Netlink netlink;
    private final XfrmPolicyCodec codec = new XfrmPolicyCodec(this::indexOf);
    private final XfrmPolicyReader reader = new XfrmPolicyReader(Posix.POLLING::interfaceName);

    /** Of the devices that entries were made for: the kernel keeps the entry when the device, and so its name, is gone. */
    private final Map<String, Integer> devices = new HashMap<>();

    XfrmPolicyInstaller() throws ErrnoException {
        netlink = new Netlink(Netlink.NETLINK_XFRM);
    }

    private int indexOf(String name) {
        Integer known = devices.get(name);
        return known != null ? known : LibC.LIBC.if_nametoindex(name);
    }

    @Override
    public List<Outcome> apply(List<PolicyChange> changes) {
        List<NetlinkWriter> messages = new ArrayList<>();
        Map<PolicyChange, String> unsayable = new HashMap<>();
        for (PolicyChange change : changes) {
            try {
                messages.add(message(change));
            } catch (IllegalArgumentException e) {
                unsayable.put(change, String.valueOf(e.getMessage()));
            }
        }
        List<Netlink.Answer> answers = netlink.requestAll(messages);
        List<Outcome> outcomes = new ArrayList<>();
        int next = 0;
        for (PolicyChange change : changes) {
            String reason = unsayable.get(change);
            outcomes.add(
                    reason == null
                            ? outcome(change, answers.get(next++))
                            : new Outcome(change, ErrnoException.EINVAL, reason));
        }
        return outcomes;
    }

    private static Outcome outcome(PolicyChange change, Netlink.Answer answer) {
        return new Outcome(change, answer.errno(), answer.words());
    }

    private NetlinkWriter message(PolicyChange change) {
        if (change instanceof PolicyChange.Remove remove) {
            return codec.deletePolicy(remove.key());
        }
        if (change.key().scope() instanceof PolicyScope.Device device) {
            devices.put(device.name(), present(device.name()));
        }
        return change instanceof PolicyChange.Install install
                ? codec.newPolicy(install.policy())
                : codec.updatePolicy(((PolicyChange.Update) change).policy());
    }

    private static int present(String device) {
        int index = LibC.LIBC.if_nametoindex(device);
        if (index == 0) {
            throw new IllegalArgumentException("there is no device " + device);
        }
        return index;
    }

    @Override
    public List<InstalledPolicy> dump() throws ErrnoException {
        NetlinkWriter request =
                new NetlinkWriter(XfrmPolicyCodec.XFRM_MSG_GETPOLICY, 0, new byte[XfrmPolicyCodec.USERPOLICY_ID]);
        List<InstalledPolicy> policies = new ArrayList<>();
        for (ByteBuffer message : netlink.dump(request, "XFRM_MSG_GETPOLICY")) {
            InstalledPolicy policy = reader.read(message);
            if (policy != null) {
                policies.add(policy);
            }
        }
        return policies;
    }

    @Override
    public int origin() {
        return netlink.port();
    }

    @Override
    public void close() {
        netlink.close();
    }
}
