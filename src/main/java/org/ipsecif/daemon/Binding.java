package org.ipsecif.daemon;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.ipsecif.config.InterfaceConfig;
import org.ipsecif.platform.EspTransport;
import org.ipsecif.platform.UdpEndpoint;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.InnerAddress;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.OutboundAssociations;
import org.ipsecif.sa.PathMtu;
import org.ipsecif.sa.SaParameters;
import org.ipsecif.sa.SecurityAssociation;
import org.ipsecif.sa.SecurityAssociationDatabase;
import org.ipsecif.sa.TunnelEndpoints;
import org.ipsecif.tunnel.InboundTable;
import org.ipsecif.tunnel.TunnelInterface;
import org.ipsecif.tunnel.TunnelState;
import org.jspecify.annotations.Nullable;

/** Joins SAs to interfaces and publishes the snapshots that the packet walks read. */
final class Binding {
    private final SecurityAssociationDatabase database;
    private volatile InboundTable table = InboundTable.EMPTY;

    Binding(SecurityAssociationDatabase database) {
        this.database = database;
    }

    /** The newest table; for inbound workers. */
    InboundTable table() {
        return table;
    }

    /** The SAs that {@code interfaces} may send with. Control thread only. */
    List<SecurityAssociation> senders(Collection<ManagedInterface> interfaces) {
        Map<Integer, ManagedInterface> byReqid = byReqid(interfaces);
        return database.all().stream()
                .filter(sa -> {
                    ManagedInterface user = byReqid.get(sa.parameters().reqid());
                    return user != null && sends(user.config(), user.policies().mode(), sa.parameters());
                })
                .toList();
    }

    /** The SAs that an interface configured so is to send with. Control thread only. */
    OutboundAssociations outbound(InterfaceConfig config, IpsecMode mode) {
        return new OutboundAssociations(database.select(parameters -> sends(config, mode, parameters)).stream()
                .filter(sa -> !sa.isExhausted())
                .toList());
    }

    private static Map<Integer, ManagedInterface> byReqid(Collection<ManagedInterface> interfaces) {
        Map<Integer, ManagedInterface> byReqid = new HashMap<>();
        interfaces.forEach(each -> byReqid.put(each.config().reqid(), each));
        return byReqid;
    }

    /** Control thread only. */
    void publish(Collection<ManagedInterface> interfaces) {
        Map<Integer, ManagedInterface> byReqid = byReqid(interfaces);
        Map<Integer, List<SecurityAssociation>> outbound = new HashMap<>();
        List<InboundTable.Entry> inbound = new ArrayList<>();
        for (SecurityAssociation sa : database.all()) {
            SaParameters parameters = sa.parameters();
            ManagedInterface user = byReqid.get(parameters.reqid());
            inbound.add(new InboundTable.Entry(sa, user == null ? null : receiver(user, parameters)));
            if (user != null && sends(user.config(), user.policies().mode(), parameters) && !sa.isExhausted()) {
                outbound.computeIfAbsent(parameters.reqid(), reqid -> new ArrayList<>(1))
                        .add(sa);
            }
        }
        table = new InboundTable(inbound);
        for (ManagedInterface each : interfaces) {
            each.tunnel().setTrap(IkePeers.isTrap(each.config()));
            List<SecurityAssociation> senders =
                    outbound.getOrDefault(each.config().reqid(), List.of());
            each.tunnel().publish(stateOf(each, new OutboundAssociations(senders)));
        }
    }

    private static @Nullable TunnelState stateOf(ManagedInterface each, OutboundAssociations outbound) {
        TunnelEndpoints endpoints = each.endpoints();
        EspTransport transport = each.transport();
        UdpEndpoint peer = each.peer();
        if (endpoints == null || transport == null || peer == null) {
            return null;
        }
        PathMtu path = each.pathMtu();
        return new TunnelState(
                endpoints,
                transport,
                peer,
                each.policies(),
                outbound,
                each.config().packets(),
                each.mtu(),
                path == null ? new PathMtu(endpoints.family(), 0) : path,
                firstInner(each, Family.INET),
                firstInner(each, Family.INET6));
    }

    private static @Nullable IpAddress firstInner(ManagedInterface each, Family family) {
        return each.hostAddresses().stream()
                .map(InnerAddress::local)
                .filter(address -> address.family() == family && !address.isLinkLocal())
                .findFirst()
                .orElse(null);
    }

    private static @Nullable TunnelInterface receiver(ManagedInterface user, SaParameters sa) {
        TunnelEndpoints endpoints = user.config().tunnel();
        boolean receives = endpoints != null
                && sa.mode().serves(user.policies().mode())
                && SecurityAssociationDatabase.isInbound(sa, user.config().reqid(), endpoints);
        return receives ? user.tunnel() : null;
    }

    private static boolean sends(InterfaceConfig user, IpsecMode mode, SaParameters sa) {
        TunnelEndpoints endpoints = user.tunnel();
        return endpoints != null
                && sa.mode().serves(mode)
                && SecurityAssociationDatabase.isOutbound(sa, user.reqid(), endpoints);
    }
}
