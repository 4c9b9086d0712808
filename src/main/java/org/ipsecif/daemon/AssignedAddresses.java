package org.ipsecif.daemon;

import java.util.ArrayList;
import java.util.List;
import org.ipsecif.config.ConfigException;
import org.ipsecif.config.InterfaceConfig;
import org.ipsecif.control.DaemonControl.RefusedException;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.sa.InnerAddress;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.TunnelEndpoints;

/**
 * Puts inner addresses on interfaces that their peers have assigned, and takes away those that they had assigned before. They stay
 * while there is no IKE SA, so that connections outlive that. Control thread only.
 */
final class AssignedAddresses {
    private final InterfaceRegistry registry;
    private final IkeLog log;

    AssignedAddresses(InterfaceRegistry registry, IkeLog log) {
        this.registry = registry;
        this.log = log;
    }

    /** @param addresses all that the peer assigns now */
    void assign(String name, List<IpAddress> addresses) {
        ManagedInterface subject = registry.find(name);
        if (subject == null) {
            return;
        }
        List<InnerAddress> before = subject.assigned();
        List<InnerAddress> next = new ArrayList<>();
        for (IpAddress each : addresses) {
            if (isOuter(subject, each)) {
                log.warn(name, "the peer assigns " + each + ", an outer address, which is left");
            } else {
                next.add(new InnerAddress(each, each.family().addressBits(), null));
            }
        }
        if (next.equals(before)) {
            return;
        }
        try {
            InterfaceConfig wanted = subject.withAssigned(registry.asItIs(subject), next);
            subject.setAssigned(next);
            registry.change(subject, wanted);
            log.log(name, next.isEmpty() ? "no inner address is assigned any more" : "the peer assigns " + next);
        } catch (ConfigException | RefusedException | ErrnoException e) {
            subject.setAssigned(before);
            log.warn(name, "inner address " + next + " not set: " + e.getMessage());
        }
    }

    private static boolean isOuter(ManagedInterface subject, IpAddress address) {
        TunnelEndpoints tunnel = subject.endpoints();
        return tunnel != null
                && (tunnel.local().equals(address) || tunnel.remote().equals(address));
    }
}
