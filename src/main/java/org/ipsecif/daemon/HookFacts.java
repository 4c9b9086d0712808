package org.ipsecif.daemon;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.ipsecif.config.InterfaceConfig;
import org.ipsecif.sa.InnerAddress;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.TunnelEndpoints;
import org.jspecify.annotations.Nullable;

/** What user hooks are told, as environment variables (ipsecifd(8)). No secrets. */
final class HookFacts {
    /** What has happened to the interface. */
    enum Event {
        CREATED,
        CHANGED,
        DESTROYED
    }

    static final String EVENT = "IPSECIF_EVENT";
    static final String INTERFACE = "IPSECIF_INTERFACE";

    private HookFacts() {}

    static Map<String, String> of(Event event, ManagedInterface subject) {
        InterfaceConfig config = subject.config();
        TunnelEndpoints tunnel = subject.endpoints();
        Map<String, String> facts = new TreeMap<>();
        facts.put(EVENT, event.name().toLowerCase(Locale.ROOT));
        facts.put(INTERFACE, config.name());
        facts.put("IPSECIF_INDEX", Integer.toString(subject.tunnel().index()));
        facts.put("IPSECIF_REQID", Integer.toUnsignedString(config.reqid()));
        facts.put("IPSECIF_IF_ID", Integer.toUnsignedString(subject.ifId()));
        facts.put("IPSECIF_TEMPLATE", config.template());
        facts.put("IPSECIF_TUNNEL_LOCAL", text(tunnel == null ? null : tunnel.local()));
        facts.put("IPSECIF_TUNNEL_REMOTE", text(tunnel == null || tunnel.isAnywhere() ? null : tunnel.remote()));
        facts.put(
                "IPSECIF_REMOTE_ID",
                config.ike().remoteId() == null ? "" : config.ike().remoteId());
        facts.put("IPSECIF_MTU", Integer.toString(subject.mtu()));
        facts.put("IPSECIF_ADDRESSES", list(subject.hostAddresses(), each -> each.local() + "/" + each.prefixLength()));
        facts.put("IPSECIF_DESTINATIONS", list(subject.hostAddresses(), each -> text(each.remote(), "-")));
        return facts;
    }

    private static String text(@Nullable IpAddress address) {
        return text(address, "");
    }

    private static String text(@Nullable IpAddress address, String otherwise) {
        return address == null ? otherwise : address.toString();
    }

    private static String list(List<InnerAddress> addresses, Function<InnerAddress, String> word) {
        return addresses.stream().map(word).collect(Collectors.joining(" "));
    }
}
