package org.ipsecif.daemon;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.ipsecif.config.IkeAddresses;
import org.ipsecif.config.InterfaceConfig;
import org.ipsecif.ike.ChildConfig;
import org.ipsecif.ike.InnerAddresses;
import org.ipsecif.sa.InnerAddress;
import org.ipsecif.sa.IpAddress;

/** What IKE is to do about the inner addresses of an interface. Where the peer gets its own from this end, they are the destinations of ours. */
final class InnerAddressPlan {
    private InnerAddressPlan() {}

    static InnerAddresses of(ManagedInterface subject) {
        IkeAddresses settings = subject.config().ike().addresses();
        if (settings.assigns()) {
            return InnerAddresses.assigning(leased(subject.config()), settings.dns());
        }
        return InnerAddresses.asking(
                settings.asks(),
                subject.assigned().stream().map(InnerAddress::local).toList());
    }

    /** RFC 7296 section 2.19: a peer's traffic selectors are the addresses that it was assigned. */
    static ChildConfig confine(InterfaceConfig config, ChildConfig child) {
        return config.ike().addresses().assigns() ? child.confinedTo(leased(config)) : child;
    }

    private static List<IpAddress> leased(InterfaceConfig config) {
        IkeAddresses settings = config.ike().addresses();
        return config.addresses().stream()
                .filter(each -> settings.assigns(each.family()))
                .flatMap(each -> each.remote() == null ? Stream.empty() : Stream.of(each.remote()))
                .distinct()
                .toList();
    }

    /** The interface of a peer that was assigned these addresses: each is the destination of the first of ours of its family. */
    static InterfaceConfig withLeases(InterfaceConfig config, List<IpAddress> leases) {
        List<InnerAddress> addresses = new ArrayList<>(config.addresses());
        for (IpAddress lease : leases) {
            for (int i = 0; i < addresses.size(); i++) {
                InnerAddress own = addresses.get(i);
                if (own.family() == lease.family() && own.remote() == null) {
                    addresses.set(i, new InnerAddress(own.local(), own.family().addressBits(), lease));
                    break;
                }
            }
        }
        return config.withAddresses(addresses);
    }
}
