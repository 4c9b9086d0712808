package org.ipsecif.daemon;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.ipsecif.config.FibNumbers;
import org.ipsecif.config.InterfaceConfig;
import org.ipsecif.control.Counter;
import org.ipsecif.control.IkeEvent;
import org.ipsecif.control.IkeSaStatus;
import org.ipsecif.control.InterfaceStatus;
import org.ipsecif.control.SaStatus;
import org.ipsecif.crypto.IntegrityAlgorithm;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.LinkConfigurer;
import org.ipsecif.sa.InnerAddress;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.Lifetimes;
import org.ipsecif.sa.PathMtu;
import org.ipsecif.sa.SaParameters;
import org.ipsecif.sa.SecurityAssociation;
import org.ipsecif.sa.SecurityAssociationDatabase;
import org.ipsecif.sa.TunnelEndpoints;
import org.ipsecif.sa.Verdict;
import org.ipsecif.tunnel.TunnelInterface;
import org.ipsecif.tunnel.TunnelState;
import org.jspecify.annotations.Nullable;

/** What the daemon tells about itself. Control thread only. */
final class StatusReport {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final Host host;
    private final InterfaceRegistry registry;
    private final LongSupplier restored;

    /** @param restored counts the entries of the kernel's SPD that were put back */
    StatusReport(Host host, InterfaceRegistry registry, LongSupplier restored) {
        this.restored = restored;
        this.host = host;
        this.registry = registry;
    }

    /** @param ike all IKE SAs, or those of this interface */
    InterfaceStatus interfaceStatus(ManagedInterface each, List<IkeSaStatus> ike) {
        InterfaceConfig config = each.config();
        TunnelEndpoints endpoints = each.endpoints();
        PathMtu path = each.pathMtu();
        LinkConfigurer.Link link = link(each);
        boolean up = link != null && link.up();
        String status = status(each, up);
        List<IkeSaStatus> own =
                ike.stream().filter(sa -> sa.name().equals(each.name())).toList();
        return new InterfaceStatus(
                config.name(),
                each.tunnel().index(),
                flags(up, status.equals("active")),
                link == null ? each.mtu() : link.mtu(),
                config.mtu() == InterfaceConfig.AUTO_MTU ? "auto" : "configured",
                path == null ? 0 : path.mtu(),
                path == null ? 0 : path.secondsLeft(host.nanoTime()),
                fib(config.fibs().inner()),
                fib(config.fibs().tunnel()),
                config.packetWords(),
                config.description(),
                endpoints == null ? null : endpoints.local().toString(),
                endpoints == null ? null : remote(config, endpoints),
                word(config.encap()),
                Integer.toUnsignedLong(config.reqid()),
                config.template(),
                spd(),
                config.ikeWords(),
                own,
                own.isEmpty() ? ikeProblem(each.name()) : "",
                addresses(each.hostAddresses()),
                status,
                associations(sa -> sa.reqid() == config.reqid()),
                counters(each.tunnel(), link == null ? 0 : link.dropped()));
    }

    private static @Nullable Integer fib(int number) {
        return number == FibNumbers.PROCESS ? null : (Integer) number;
    }

    private String spd() {
        String absence = host.spdAbsence();
        return absence.isEmpty() ? "" : "in the process alone: " + absence;
    }

    private String ikeProblem(String name) {
        IkeEvent last = host.ike().events().journal().lastOf(name, IkeEvent.WARNING, 0);
        return last == null ? "" : last.text();
    }

    /** Where the peer is; while nobody knows, what the configuration says of that. */
    static String remote(InterfaceConfig config, TunnelEndpoints endpoints) {
        String peerHost = config.ike().peerHost();
        return !endpoints.isAnywhere() ? endpoints.remote().toString() : peerHost == null ? "any" : peerHost;
    }

    /** Null if it is gone, and the worker is about to say so. */
    private LinkConfigurer.@Nullable Link link(ManagedInterface each) {
        try {
            return host.links().link(each.tunnel().index());
        } catch (ErrnoException e) {
            return null;
        }
    }

    private static List<String> flags(boolean up, boolean running) {
        List<String> flags = new ArrayList<>();
        if (up) {
            flags.add("UP");
        }
        flags.add("POINTOPOINT");
        if (running) {
            flags.add("RUNNING");
        }
        flags.add("MULTICAST");
        return flags;
    }

    private String status(ManagedInterface each, boolean up) {
        TunnelState state = each.tunnel().state();
        if (!up) {
            return "down";
        }
        if (state == null) {
            return "no tunnel endpoints";
        }
        if (each.problem() != null) {
            return "policies do not follow the addresses: " + each.problem();
        }
        SecurityAssociation newest = state.outbound().newest();
        if (newest == null) {
            String peerHost = each.config().ike().peerHost();
            return peerHost != null && host.ike().hostNames().isUnknown(peerHost)
                    ? "no address of " + peerHost + " is known"
                    : "no outbound SA";
        }
        return newest.isExhausted() ? "outbound SA used up" : "active";
    }

    private static List<InterfaceStatus.AddressStatus> addresses(List<InnerAddress> addresses) {
        return addresses.stream()
                .map(address -> new InterfaceStatus.AddressStatus(
                        address.family().word(),
                        address.local().toString(),
                        address.prefixLength(),
                        address.remote() == null ? null : address.remote().toString()))
                .toList();
    }

    private static List<Counter> counters(TunnelInterface tunnel, long dropped) {
        List<Counter> counters = new ArrayList<>();
        counters.add(new Counter(
                "inbound_packets", "packets received", "", tunnel.inbound().packets()));
        counters.add(new Counter(
                "inbound_bytes", "bytes received", "", tunnel.inbound().bytes()));
        counters.add(new Counter(
                "outbound_packets", "packets sent", "", tunnel.outbound().packets()));
        counters.add(new Counter(
                "outbound_bytes", "bytes sent", "", tunnel.outbound().bytes()));
        counters.add(new Counter(
                "outbound_queue_full",
                "packets the host dropped: the interface's queue was full, or its link down",
                "",
                dropped));
        counters.addAll(verdicts(tunnel.verdicts()::get));
        return counters;
    }

    private static List<Counter> verdicts(java.util.function.ToLongFunction<Verdict> count) {
        return Arrays.stream(Verdict.values())
                .filter(verdict -> verdict != Verdict.DELIVERED)
                .map(verdict -> new Counter(
                        verdict.counterName(), verdict.description(), verdict.auditEvent(), count.applyAsLong(verdict)))
                .toList();
    }

    /** What the transports counted, added up. */
    List<Counter> hostCounters() {
        List<Counter> counters = new ArrayList<>(verdicts(host.transports().verdicts()::get));
        counters.add(new Counter(
                "inbound_queue_full",
                "datagrams the host dropped, the socket's buffer being full",
                "",
                host.transports().dropped() + host.ike().droppedByHost()));
        counters.add(new Counter(
                "ike_queue_full",
                "IKE messages dropped, too many waiting",
                "",
                host.ike().dropped()));
        counters.add(new Counter(
                "icmp_too_big_accepted",
                "ICMP errors (too big) that quoted a packet of ours",
                "",
                registry.paths().accepted()));
        counters.add(new Counter(
                "icmp_too_big_rejected",
                "ICMP errors (too big) that quoted ESP, but no packet of ours",
                "",
                registry.paths().rejected()));
        counters.add(new Counter(
                "spd_restored",
                "entries of the kernel's SPD put back after others' changes",
                "",
                restored.getAsLong()));
        return counters;
    }

    List<SaStatus> associations(Predicate<SaParameters> condition) {
        long now = host.nanoTime();
        return host.sad().select(condition).stream()
                .map(sa -> saStatus(sa, now))
                .toList();
    }

    private SaStatus saStatus(SecurityAssociation sa, long now) {
        SaParameters parameters = sa.parameters();
        ManagedInterface user = userOf(parameters);
        return new SaStatus(
                parameters.source().toString(),
                parameters.destination().toString(),
                Integer.toUnsignedLong(parameters.spi()),
                Integer.toUnsignedLong(parameters.reqid()),
                user == null ? null : user.name(),
                user == null ? "none" : direction(user, parameters),
                (user == null || parameters.mode() != IpsecMode.ANY
                                ? parameters.mode()
                                : user.policies().mode())
                        .word(),
                encryption(parameters),
                integrity(parameters),
                parameters.replayWindow(),
                parameters.esn(),
                sa.sequence(),
                sa.traffic().packets(),
                sa.traffic().bytes(),
                (now - sa.addedNanos()) / NANOS_PER_SECOND,
                lifetimes(parameters.lifetimes()),
                sa.isDying() ? "dying" : "mature",
                verdicts(sa.verdicts()::get).stream()
                        .filter(counter -> counter.value() > 0)
                        .toList());
    }

    private static SaStatus.LifetimeStatus lifetimes(Lifetimes lifetimes) {
        return new SaStatus.LifetimeStatus(
                lifetimes.softSeconds(),
                lifetimes.hardSeconds(),
                lifetimes.softBytes(),
                lifetimes.hardBytes(),
                lifetimes.softPackets(),
                lifetimes.hardPackets());
    }

    /** The IANA name, with the bits of the key if there is one. */
    static String encryption(SaParameters sa) {
        int bits = sa.encryptionKey().bits() - 8 * sa.encryption().saltLength();
        return sa.encryption().name() + (bits > 0 ? "/" + bits : "");
    }

    private static String integrity(SaParameters sa) {
        return sa.integrity() == IntegrityAlgorithm.NONE
                ? "NONE"
                : sa.integrity().name();
    }

    private @Nullable ManagedInterface userOf(SaParameters sa) {
        for (ManagedInterface each : registry.all()) {
            if (each.config().reqid() == sa.reqid() && !direction(each, sa).equals("none")) {
                return each;
            }
        }
        return null;
    }

    private static String direction(ManagedInterface user, SaParameters sa) {
        TunnelEndpoints endpoints = user.config().tunnel();
        if (endpoints == null) {
            return "none";
        }
        int reqid = user.config().reqid();
        return SecurityAssociationDatabase.isInbound(sa, reqid, endpoints)
                ? "in"
                : SecurityAssociationDatabase.isOutbound(sa, reqid, endpoints) ? "out" : "none";
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(java.util.Locale.ROOT);
    }
}
