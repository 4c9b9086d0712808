package org.ipsecif.daemon;

import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ipsecif.config.ConfigException;
import org.ipsecif.config.Encap;
import org.ipsecif.config.IkeAction;
import org.ipsecif.config.IkeBehaviour;
import org.ipsecif.config.IkeCredentials;
import org.ipsecif.config.IkePpk;
import org.ipsecif.config.IkeSettings;
import org.ipsecif.config.InterfaceConfig;
import org.ipsecif.control.DaemonControl.RefusedException;
import org.ipsecif.ike.ChildSa;
import org.ipsecif.ike.Identity;
import org.ipsecif.ike.IkeTimes;
import org.ipsecif.ike.Path;
import org.ipsecif.ike.PeerConfig;
import org.ipsecif.ike.PpkUse;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.EspTransport;
import org.ipsecif.platform.EspTransport.Encapsulation;
import org.ipsecif.sa.Flow;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.SaParameters;
import org.ipsecif.sa.SecurityAssociation;
import org.ipsecif.sa.SecurityPolicyDatabase;
import org.ipsecif.sa.TunnelEndpoints;
import org.jspecify.annotations.Nullable;

/**
 * Joins interfaces to IKE: what is agreed to with the peer of each comes from its configuration and its SPD template, and the SAs
 * that are keyed go to it. Control thread only.
 */
final class IkePeers implements IkeSad.Interfaces {
    private static final int RETRY_SECONDS = 5;
    private static final int TRANSMISSIONS = 8;

    /** What IKE was told of an interface. */
    private record Told(
            InterfaceConfig config, SecurityPolicyDatabase policies, IpAddress local, List<FileStamp> credentials) {}

    private final Host host;
    private final InterfaceRegistry registry;
    private final Map<String, Told> told = new HashMap<>();

    /** Interfaces without IKE though they want it, and why. */
    private final Map<String, String> problems = new HashMap<>();

    private int seconds;

    /** Of peers whose interfaces come into being with them. */
    private final Map<String, Told> kinds = new HashMap<>();

    private Map<String, InterfaceConfig> wantedKinds = Map.of();

    /** Whether files are looked at again that were read before. */
    private boolean reading;

    private final Set<SaParameters> keyed = Collections.newSetFromMap(new IdentityHashMap<>());

    IkePeers(Host host, InterfaceRegistry registry) {
        this.host = host;
        this.registry = registry;
        host.ike().sad().setInterfaces(this);
        registry.lifetimes().onExpiring(sa -> expiring(sa.parameters()));
        registry.lifetimes().onExpired(sa -> expiring(sa.parameters()));
    }

    private void expiring(SaParameters sa) {
        if (isKeyed(sa)) {
            host.ike().execute(() -> host.ike().endpoint().expiring(sa.spi()));
        }
    }

    /** Whether IKE keyed it: its numbers are nobody's to remember. */
    boolean isKeyed(SaParameters sa) {
        return keyed.contains(sa);
    }

    /** Likewise, though only what is in the files of secrets and certificates may have changed. */
    void settleAgain(Collection<ManagedInterface> interfaces) {
        reading = true;
        try {
            settle(interfaces);
        } finally {
            reading = false;
        }
    }

    /** Tells IKE what has changed of these interfaces, which are all. */
    void settle(Collection<ManagedInterface> interfaces) {
        Map<String, ManagedInterface> wanted = new HashMap<>();
        for (ManagedInterface each : interfaces) {
            if (isWanted(each)) {
                wanted.put(each.name(), each);
            }
        }
        for (String name : List.copyOf(told.keySet())) {
            if (!wanted.containsKey(name)) {
                forget(name);
                forgetLog(name);
            }
        }
        for (String name : List.copyOf(problems.keySet())) {
            if (!wanted.containsKey(name) && !wantedKinds.containsKey(name)) {
                problems.remove(name);
                forgetLog(name);
            }
        }
        wanted.forEach(this::tell);
    }

    private static boolean isWanted(ManagedInterface subject) {
        InterfaceConfig config = subject.config();
        return config.ike().isUsed()
                && config.tunnel() != null
                && config.up()
                && !subject.policies().policies().isEmpty();
    }

    /** Peers whose interfaces come into being with them, as IKE was told of them. */
    Collection<InterfaceConfig> kinds() {
        return wantedKinds.values();
    }

    /** Tells IKE of peers whose interfaces come into being with them. */
    void tellKinds(Map<String, InterfaceConfig> wanted) {
        wantedKinds = Map.copyOf(wanted);
        for (String name : List.copyOf(kinds.keySet())) {
            if (!wanted.containsKey(name)) {
                forget(name, kinds.remove(name));
            }
        }
        wanted.forEach((name, config) -> {
            Told before = kinds.get(name);
            TunnelEndpoints endpoints = config.tunnel();
            List<FileStamp> stamps = FileStamp.of(config.ike().credentials());
            boolean same = before != null && before.config.equals(config) && before.credentials.equals(stamps);
            if (endpoints != null && !same) {
                forget(name, before);
                kinds.remove(name);
                tellKind(config, endpoints, stamps);
            }
        });
    }

    private void tellKind(InterfaceConfig config, TunnelEndpoints endpoints, List<FileStamp> stamps) {
        host.ike().events().journal().open(config.name());
        try {
            IkeSecrets secrets = SecretFiles.read(config);
            orClose(secrets, () -> {
                host.setTunnelFib(
                        endpoints.local(),
                        host.routingTables().number(config.fibs().tunnel()));
                host.ike().open(endpoints.local());
            });
            kinds.put(config.name(), new Told(config, SecurityPolicyDatabase.EMPTY, endpoints.local(), stamps));
            PeerConfig peer = peer(config, endpoints, SecurityPolicyDatabase.EMPTY);
            host.ike().execute(() -> {
                host.ike().keyring().set(config.name(), secrets);
                host.ike().endpoint().configure(peer);
            });
            problems.remove(config.name());
        } catch (ConfigException | ErrnoException e) {
            complain(config.name(), "no IKE: " + e.getMessage() + "; tried again every " + RETRY_SECONDS + " seconds");
        }
    }

    /** Whether IKE is to begin with a packet. */
    static boolean isTrap(InterfaceConfig config) {
        return config.ike().isUsed() && config.ike().behaviour().isTrap();
    }

    /** A packet waits for an SA: with a peer that this end may ask, one is made. */
    void acquire(String name, Flow packet) {
        Told known = told.get(name);
        if (known != null && known.config.ike().behaviour().start() != IkeAction.NONE) {
            boolean connect = isTrap(known.config);
            host.ike().execute(() -> host.ike().endpoint().acquire(name, packet, connect));
        }
    }

    /** A packet came with an SA that it does not belong to; its sender is told, unless that is not wanted. */
    void mismatch(String name, int spi, byte[] start) {
        Told known = told.get(name);
        if (known != null && known.config.ike().behaviour().selectorNotices()) {
            host.ike().execute(() -> host.ike().endpoint().selectorMismatch(spi, start));
        }
    }

    /** Of an interface that is no more. */
    private void forgetLog(String name) {
        if (registry.find(name) == null) {
            host.ike().events().journal().forget(name);
        }
    }

    private void forget(String name) {
        forget(name, told.remove(name));
    }

    private void forget(String name, @Nullable Told gone) {
        if (gone != null) {
            host.ike().execute(() -> {
                host.ike().endpoint().remove(name);
                host.ike().keyring().set(name, null);
                host.control().execute(() -> host.ike().close(gone.local)); // the peer has been told by then
            });
        }
    }

    /** Files of secrets are read at first, if others are named, and at a reload, not with any change: one may be half written. */
    private void tell(String name, ManagedInterface subject) {
        TunnelEndpoints endpoints = subject.config().tunnel();
        Told before = told.get(name);
        boolean troubled = problems.containsKey(name);
        boolean rewritten = (reading || troubled)
                && before != null
                && !before.credentials.equals(
                        FileStamp.of(subject.config().ike().credentials()));
        if (endpoints == null
                || (before != null
                        && !rewritten
                        && !troubled
                        && before.config.equals(subject.config())
                        && before.policies == subject.policies())) {
            return;
        }
        boolean moves = before != null && moves(before.config, subject.config());
        if (before != null && !moves && !endpoints.equals(before.config.tunnel())) {
            forget(name);
            before = null;
        }
        host.ike().events().journal().open(name);
        try {
            IkeCredentials credentials = subject.config().ike().credentials();
            boolean others = before != null
                    && (rewritten || !before.config.ike().credentials().equals(credentials));
            boolean reads = before == null || others || troubled;
            List<FileStamp> stamps = before == null || reads ? FileStamp.of(credentials) : before.credentials;
            IkeSecrets secrets = reads ? SecretFiles.read(subject.config()) : null;
            if (secrets != null) {
                secrets.warnings().forEach(line -> host.ike().events().warn(name, line));
            }
            if (before == null || moves) {
                orClose(secrets, () -> host.ike().open(endpoints.local()));
            }
            told.put(name, new Told(subject.config(), subject.policies(), endpoints.local(), stamps));
            PeerConfig peer =
                    peer(subject.config(), endpoints, subject.policies()).withInner(InnerAddressPlan.of(subject));
            IpAddress left = before != null && moves ? before.local : null;
            host.ike().execute(() -> {
                if (secrets != null) {
                    host.ike().keyring().set(name, secrets);
                }
                host.ike().endpoint().configure(peer);
                if (others) {
                    host.ike().endpoint().credentialsChanged(name);
                }
                if (left != null) {
                    host.control().execute(() -> host.ike().close(left));
                }
            });
            if (problems.remove(name) != null) {
                host.ike().events().log(name, "IKE goes on");
            }
        } catch (ConfigException | ErrnoException e) {
            complain(name, "no IKE: " + e.getMessage() + "; tried again every " + RETRY_SECONDS + " seconds");
        }
    }

    private interface Step {
        void run() throws ErrnoException;
    }

    /** What was read is wiped if IKE is not told of it. */
    private static void orClose(@Nullable IkeSecrets secrets, Step step) throws ErrnoException {
        try {
            step.run();
        } catch (ErrnoException e) {
            if (secrets != null) {
                secrets.close();
            }
            throw e;
        }
    }

    /** Once, though what is wrong is found again with every change of whatever interface. */
    private void complain(String name, String problem) {
        if (!problem.equals(problems.put(name, problem))) {
            host.ike().events().warn(name, problem);
        }
    }

    /** Each second: what could not be opened or read may have come free, or been mended. */
    void tryAgain() {
        if (!problems.isEmpty() && ++seconds >= RETRY_SECONDS) {
            seconds = 0;
            for (String name : List.copyOf(problems.keySet())) {
                ManagedInterface subject = registry.find(name);
                if (wantedKinds.containsKey(name)) {
                    tellKinds(wantedKinds);
                } else if (subject == null || !isWanted(subject)) {
                    problems.remove(name);
                } else {
                    tell(name, subject);
                }
            }
        }
    }

    /** Whether this end is elsewhere and both are who they were: SAs may move (RFC 4555). */
    private static boolean moves(InterfaceConfig from, InterfaceConfig to) {
        TunnelEndpoints before = from.tunnel();
        TunnelEndpoints after = to.tunnel();
        return before != null
                && after != null
                && !before.local().equals(after.local())
                && before.remote().equals(after.remote())
                && from.ike().localId() != null
                && from.ike().equals(to.ike());
    }

    private static PeerConfig peer(InterfaceConfig config, TunnelEndpoints endpoints, SecurityPolicyDatabase policies) {
        IkeSettings ike = config.ike();
        String localId = ike.localId();
        return new PeerConfig(
                config.name(),
                endpoints.local(),
                endpoints.isAnywhere() ? null : endpoints.remote(),
                localId == null ? Identity.of(endpoints.local()) : Identity.parse(localId),
                ike.isRemoteAnybody() ? null : remoteIdentity(ike, endpoints),
                ike.ike(),
                List.of(InnerAddressPlan.confine(config, ChildSelectors.of(config, policies))),
                times(ike.behaviour()),
                ike.behaviour().start() == IkeAction.START,
                ike.behaviour().onClose() == IkeAction.START,
                config.encap() == Encap.UDP,
                ike.behaviour().fragmentation(),
                use(ike.credentials().ppk()),
                ike.behaviour().childless(),
                ike.behaviour().onDead() == IkeAction.START,
                ike.peerHost());
    }

    private static Identity remoteIdentity(IkeSettings ike, TunnelEndpoints endpoints) {
        String given = ike.remoteId();
        String peerHost = ike.peerHost();
        if (given != null) {
            return Identity.parse(given);
        }
        return peerHost == null
                ? Identity.of(endpoints.remote())
                : Identity.parse("fqdn:" + peerHost.replaceFirst("[.]$", ""));
    }

    private static PpkUse use(IkePpk ppk) {
        return ppk.file() == null ? PpkUse.NONE : ppk.required() ? PpkUse.REQUIRED : PpkUse.OPTIONAL;
    }

    private static IkeTimes times(IkeBehaviour behaviour) {
        return new IkeTimes(
                IkeTimes.DEFAULT.firstRetransmission(),
                TRANSMISSIONS,
                nanos(behaviour.rekeyTime()),
                nanos(behaviour.childRekeyTime()),
                nanos(behaviour.dpdDelay()),
                IkeTimes.DEFAULT.retry(),
                nanos(behaviour.limits().reauthTime()),
                behaviour.limits().childBytes(),
                behaviour.limits().childPackets());
    }

    private static long nanos(Duration duration) {
        return duration.toNanos();
    }

    @Override
    public @Nullable String add(ChildSa child, SaParameters sa) {
        ManagedInterface subject = registry.find(child.config().name());
        if (subject == null || subject.config().reqid() != sa.reqid()) {
            return child.config().name() + " is no more";
        }
        if (!TunnelEndpoints.fit(child.path().local(), child.path().remote())) {
            return child.path().remote() + " cannot be the other end of a tunnel";
        }
        Undo undo = new Undo();
        try {
            follow(subject, child.path(), child.inUdp());
            keyed.add(sa);
            host.associations().add(sa, undo);
            undo.commit();
            return null;
        } catch (ErrnoException | RefusedException e) {
            undo.rollBack();
            keyed.remove(sa);
            return String.valueOf(e.getMessage());
        }
    }

    @Override
    public void settle() {
        registry.settle();
    }

    /** The peer is where IKE found it, and ESP goes in UDP if it has to. */
    private void follow(ManagedInterface subject, Path path, boolean inUdp) throws ErrnoException {
        found(subject, path, inUdp);
        EspTransport before = subject.transport();
        Encapsulation wanted = subject.encapsulation(subject.config());
        if (before != null && before.encapsulation() != wanted) {
            subject.setTransport(host.transports().acquire(before.local(), wanted));
            host.transports().release(before);
        }
    }

    private void found(ManagedInterface subject, Path path, boolean inUdp) throws ErrnoException {
        TunnelEndpoints before = subject.endpoints();
        subject.found(path, inUdp);
        TunnelEndpoints now = subject.endpoints();
        if (now != null && !now.equals(before)) {
            host.ike().events().log(subject.name(), "the peer is at " + now.remote());
            registry.moved(subject, now);
        }
    }

    @Override
    public void moved(String name, Path path, boolean inUdp) {
        ManagedInterface subject = registry.find(name);
        TunnelEndpoints endpoints = subject == null ? null : subject.config().tunnel();
        boolean fits = endpoints != null
                && endpoints.local().equals(path.local())
                && TunnelEndpoints.fit(path.local(), path.remote());
        if (subject != null && fits) {
            try {
                follow(subject, path, inUdp);
            } catch (ErrnoException e) {
                complain(name, String.valueOf(e.getMessage()));
            }
            registry.settle();
        }
    }

    @Override
    public void readdress(SaParameters before, SaParameters after) {
        SecurityAssociation there = host.sad().find(before.destination(), before.spi());
        boolean known = keyed.remove(before);
        if (known && there != null && host.sad().readdress(there, after)) {
            keyed.add(after);
        }
    }

    @Override
    public void remove(SaParameters sa) {
        keyed.remove(sa);
        SecurityAssociation there = host.sad().find(sa.destination(), sa.spi());
        if (there != null && there.parameters().equals(sa)) {
            Undo undo = new Undo();
            host.associations().remove(there, undo);
            undo.commit();
        }
    }
}
