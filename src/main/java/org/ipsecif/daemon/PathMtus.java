package org.ipsecif.daemon;

import java.util.Collection;
import org.ipsecif.config.InterfaceConfig;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.EspTransport;
import org.ipsecif.platform.LinkConfigurer;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.OutboundAssociations;
import org.ipsecif.sa.PathMtu;
import org.ipsecif.sa.SecurityAssociation;
import org.ipsecif.sa.SecurityAssociationDatabase;
import org.ipsecif.sa.TunnelEndpoints;
import org.ipsecif.tunnel.QuotedEsp;
import org.ipsecif.tunnel.TunnelState;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What passes to each peer: by the host's routes, lowered by ICMP that quotes a packet of ours, aged. Control thread only. */
final class PathMtus {
    private static final Logger LOG = LoggerFactory.getLogger(PathMtus.class);

    /** How far behind the newest packet a quotation may be: more than any path holds at once. */
    private static final long MAX_BEHIND = 1 << 20;

    private static final long SEQUENCE_MASK = 0xffff_ffffL;

    private final Host host;
    private final Collection<ManagedInterface> interfaces;
    private long accepted;
    private long rejected;

    /** @param interfaces those that exist, now and later */
    PathMtus(Host host, Collection<ManagedInterface> interfaces) {
        this.host = host;
        this.interfaces = interfaces;
    }

    PathMtu find(TunnelEndpoints endpoints) throws ErrnoException {
        return new PathMtu(endpoints.family(), routeMtu(endpoints));
    }

    /** Bytes, or 0 if nobody knows where the peer is, or the host has no route, or one into a tunnel of ours, which says nothing about the path. */
    private int routeMtu(TunnelEndpoints endpoints) throws ErrnoException {
        if (endpoints.isAnywhere()) {
            return 0;
        }
        LinkConfigurer.Route route = host.links()
                .route(
                        endpoints.local(),
                        endpoints.remote(),
                        host.routingTables().of(endpoints.local()));
        return route == null || isOurs(route.index()) ? 0 : route.mtu();
    }

    private boolean isOurs(int index) {
        return interfaces.stream().anyMatch(each -> each.tunnel().index() == index);
    }

    /** Asks for the route again. @return whether the path's MTU changed */
    boolean refresh(ManagedInterface each) throws ErrnoException {
        PathMtu path = each.pathMtu();
        TunnelEndpoints endpoints = each.endpoints();
        return path != null && endpoints != null && path.setRoute(routeMtu(endpoints));
    }

    /** The MTU that an interface is to have. */
    static int interfaceMtu(
            InterfaceConfig config,
            @Nullable PathMtu path,
            EspTransport.Encapsulation encapsulation,
            IpsecMode mode,
            OutboundAssociations outbound) {
        TunnelEndpoints endpoints = config.tunnel();
        if (config.mtu() != InterfaceConfig.AUTO_MTU) {
            return config.mtu();
        }
        if (endpoints == null || path == null || path.routeMtu() == 0) {
            return InterfaceConfig.DEFAULT_MTU;
        }
        int fits = TunnelState.innerMtu(path.routeMtu(), endpoints.family(), encapsulation, mode, outbound);
        return Math.max(InterfaceConfig.MIN_MTU, Math.min(InterfaceConfig.MAX_MTU, fits));
    }

    /**
     * A router says that a packet was too big. Believed only if it quotes an SPI that we send with, between the SA's addresses, and a
     * sequence number that was sent lately (RFC 4301 section 8.2.1, RFC 5927).
     */
    void outerTooBig(QuotedEsp quoted, int mtu) {
        SecurityAssociation sa = host.sad().find(quoted.destination(), quoted.spi());
        ManagedInterface sender = sa == null ? null : sender(sa);
        PathMtu path = sender == null ? null : sender.pathMtu();
        if (sa == null || sender == null || path == null || !wasSent(sa, quoted)) {
            rejected++;
            return;
        }
        accepted++;
        if (path.lower(mtu, host.nanoTime())) {
            LOG.info("{}: the path to {} passes {} bytes", sender.name(), quoted.destination(), path.mtu());
        }
    }

    private @Nullable ManagedInterface sender(SecurityAssociation sa) {
        for (ManagedInterface each : interfaces) {
            TunnelEndpoints endpoints = each.config().tunnel();
            if (endpoints != null
                    && SecurityAssociationDatabase.isOutbound(
                            sa.parameters(), each.config().reqid(), endpoints)) {
                return each;
            }
        }
        return null;
    }

    private static boolean wasSent(SecurityAssociation sa, QuotedEsp quoted) {
        long behind = (sa.sequence() - quoted.sequence()) & SEQUENCE_MASK;
        return sa.parameters().source().equals(quoted.source())
                && quoted.sequence() != 0
                && behind < Math.min(MAX_BEHIND, sa.sequence());
    }

    /** "Too big" errors that quoted a packet of ours. */
    long accepted() {
        return accepted;
    }

    /** "Too big" errors that quoted ESP, but no packet of ours. */
    long rejected() {
        return rejected;
    }

    /** Tries again what was learned ten minutes ago. */
    void age() {
        long now = host.nanoTime();
        for (ManagedInterface each : interfaces) {
            PathMtu path = each.pathMtu();
            if (path != null && path.age(now)) {
                LOG.info("{}: trying the path's {} bytes again", each.name(), path.mtu());
            }
        }
    }
}
