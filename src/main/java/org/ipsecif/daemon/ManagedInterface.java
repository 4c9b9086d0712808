package org.ipsecif.daemon;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.ipsecif.config.Encap;
import org.ipsecif.config.InterfaceConfig;
import org.ipsecif.ike.Path;
import org.ipsecif.platform.EspTransport;
import org.ipsecif.platform.EspTransport.Encapsulation;
import org.ipsecif.platform.KernelCopy;
import org.ipsecif.platform.UdpEndpoint;
import org.ipsecif.sa.InnerAddress;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.PathMtu;
import org.ipsecif.sa.SecurityPolicyDatabase;
import org.ipsecif.sa.TunnelEndpoints;
import org.ipsecif.tunnel.TunnelInterface;
import org.jspecify.annotations.Nullable;

/** One interface as it stands on the host. Control thread only. */
final class ManagedInterface {
    /** Who made the device. */
    enum Origin {
        CREATED("created"),
        /** By an earlier run of the daemon. */
        LEFT("taken over"),
        /** By somebody else, and it stays somebody else's. */
        FOREIGN("adopted");

        private final String words;

        Origin(String words) {
            this.words = words;
        }

        @Override
        public String toString() {
            return words;
        }
    }

    private final TunnelInterface tunnel;

    /** What has been applied, with the reqid it got. */
    private InterfaceConfig config;

    /** Whether a configuration file made it; a reload removes it when the file no longer does. */
    private boolean fromConfiguration;

    /** As set on the device, bytes; 0 before the first time. */
    private int mtu;

    /** What the host has on the device, whoever put it there, as last seen; ours first. */
    private List<InnerAddress> hostAddresses = List.of();

    private final Origin origin;
    private final RoutingTables.Sender replies;
    private @Nullable PathMtu pathMtu;
    private @Nullable EspTransport transport;

    /** What IKE found out of the peer: where it is, and whether ESP has to go in UDP. Null while nobody has asked. */
    private @Nullable Path peerPath;

    private @Nullable TunnelEndpoints foundFor;

    private boolean peerInUdp;
    private AutoCloseable dummies = () -> {};
    private int dummiesPerSecond;
    private SecurityPolicyDatabase policies = SecurityPolicyDatabase.EMPTY;
    private KernelCopy copy = KernelCopy.EMPTY;
    private List<FiledAssociation> fromSaFile = List.of();

    /** Inner addresses that the peer has assigned, among those of the configuration. */
    private List<InnerAddress> assigned = List.of();

    /** Why its policies are not those of its addresses; null while they are. */
    private @Nullable String problem;

    /** @param replies what it answers inner senders by */
    ManagedInterface(TunnelInterface tunnel, InterfaceConfig config, Origin origin, RoutingTables.Sender replies) {
        this.replies = replies;
        this.tunnel = tunnel;
        this.config = config;
        this.origin = origin;
    }

    /** Whether the device is this daemon's to remove. */
    boolean isMade() {
        return origin != Origin.FOREIGN;
    }

    RoutingTables.Sender replies() {
        return replies;
    }

    Origin origin() {
        return origin;
    }

    List<InnerAddress> hostAddresses() {
        return hostAddresses;
    }

    void setHostAddresses(List<InnerAddress> addresses) {
        hostAddresses = List.copyOf(addresses);
    }

    /** {@code present}, in the order known. Link-local addresses are not among them, but are known if they are configured. */
    List<InnerAddress> inOrder(List<InnerAddress> present) {
        Set<InnerAddress> all = new LinkedHashSet<>();
        hostAddresses.stream()
                .filter(address -> present.contains(address) || address.local().isLinkLocal())
                .forEach(all::add);
        all.addAll(present);
        return List.copyOf(all);
    }

    /** The addresses that the interface has once {@code next} is applied: those that others gave it stay. */
    List<InnerAddress> addressesWith(InterfaceConfig next) {
        Set<InnerAddress> all = new LinkedHashSet<>(next.addresses());
        hostAddresses.stream()
                .filter(address -> !config.addresses().contains(address))
                .forEach(all::add);
        return List.copyOf(all);
    }

    /** Inner addresses that the peer has assigned. */
    List<InnerAddress> assigned() {
        return assigned;
    }

    void setAssigned(List<InnerAddress> addresses) {
        assigned = List.copyOf(addresses);
    }

    /** What is wanted, with the addresses that the peer has assigned of the families that are asked for, and without others of its. */
    InterfaceConfig withAssigned(InterfaceConfig wanted, List<InnerAddress> next) {
        List<InnerAddress> addresses = new ArrayList<>(wanted.addresses());
        addresses.removeAll(assigned);
        for (InnerAddress each : next) {
            boolean known = addresses.stream().anyMatch(other -> other.local().equals(each.local()));
            if (!known && wanted.ike().addresses().asks().contains(each.family())) {
                addresses.add(each);
            }
        }
        return wanted.withAddresses(addresses);
    }

    /** What is wanted, with what the peer had assigned before an earlier daemon left the interface: until it assigns something else. */
    InterfaceConfig keepAssigned(InterfaceConfig wanted) {
        setAssigned(config.addresses().stream()
                .filter(each -> each.remote() == null
                        && each.prefixLength() == each.family().addressBits()
                        && !wanted.addresses().contains(each)
                        && wanted.ike().addresses().asks().contains(each.family()))
                .toList());
        return withAssigned(wanted, assigned);
    }

    TunnelInterface tunnel() {
        return tunnel;
    }

    String name() {
        return config.name();
    }

    InterfaceConfig config() {
        return config;
    }

    void setConfig(InterfaceConfig next) {
        config = next;
    }

    /** The id of the kernel policies' scope: the reqid, so that both are unique together. */
    int ifId() {
        return config.reqid();
    }

    boolean isFromConfiguration() {
        return fromConfiguration;
    }

    void setFromConfiguration(boolean value) {
        fromConfiguration = value;
    }

    int mtu() {
        return mtu;
    }

    void setMtu(int bytes) {
        mtu = bytes;
    }

    /** Of the path between the endpoints; null while none are set. */
    @Nullable
    PathMtu pathMtu() {
        return pathMtu;
    }

    void setPathMtu(@Nullable PathMtu next) {
        pathMtu = next;
    }

    /** Ends what sends its dummy packets. */
    AutoCloseable dummies() {
        return dummies;
    }

    int dummiesPerSecond() {
        return dummiesPerSecond;
    }

    void setDummies(int perSecond, AutoCloseable next) {
        dummiesPerSecond = perSecond;
        dummies = next;
    }

    @Nullable
    EspTransport transport() {
        return transport;
    }

    void setTransport(@Nullable EspTransport next) {
        transport = next;
    }

    /** IKE has found the peer of these endpoints there, which may be elsewhere than they say. */
    void found(Path path, boolean inUdp) {
        peerPath = path;
        peerInUdp = inUdp;
        foundFor = config.tunnel();
    }

    /** The endpoints in effect: where the peer may be anywhere, with where IKE has found it. Null while none are set. */
    @Nullable
    TunnelEndpoints endpoints() {
        TunnelEndpoints configured = config.tunnel();
        Path path = pathTo(configured);
        return configured == null || path == null || !configured.isAnywhere()
                ? configured
                : new TunnelEndpoints(configured.local(), path.remote());
    }

    /** How ESP is to travel: as configured, or where IKE keys the interface as it found out. */
    Encapsulation encapsulation(InterfaceConfig wanted) {
        boolean found = pathTo(wanted.tunnel()) != null && peerInUdp;
        return found || wanted.encap() == Encap.UDP ? Encapsulation.UDP : Encapsulation.NO;
    }

    /** Where ESP is sent to; null while no endpoints are set. */
    @Nullable
    UdpEndpoint peer() {
        TunnelEndpoints configured = config.tunnel();
        Path path = pathTo(configured);
        int port = path != null && path.isFloated() ? path.remotePort() : EspTransport.UDP_PORT;
        IpAddress address = path != null ? path.remote() : configured != null ? configured.remote() : null;
        return address == null ? null : new UdpEndpoint(address, port);
    }

    /** Where IKE found the peer, if it is this one. */
    private @Nullable Path pathTo(@Nullable TunnelEndpoints endpoints) {
        return endpoints != null && endpoints.equals(foundFor) ? peerPath : null;
    }

    /** In-process SPD. */
    SecurityPolicyDatabase policies() {
        return policies;
    }

    /** What the kernel holds of it. */
    KernelCopy copy() {
        return copy;
    }

    void setPolicies(SecurityPolicyDatabase next, KernelCopy nextCopy) {
        policies = next;
        copy = nextCopy;
    }

    @Nullable
    String problem() {
        return problem;
    }

    void setProblem(@Nullable String why) {
        problem = why;
    }

    /** The SAs that its {@code ipsecif_IF_sa_file} gave. */
    List<FiledAssociation> fromSaFile() {
        return fromSaFile;
    }

    void setFromSaFile(List<FiledAssociation> next) {
        fromSaFile = List.copyOf(next);
    }
}
