package org.ipsecif.platform.pfkey;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.InstalledPolicy;
import org.ipsecif.platform.KernelEvent;
import org.ipsecif.platform.KernelEvent.Change;
import org.ipsecif.platform.PolicyChange;
import org.ipsecif.platform.PolicyChange.Install;
import org.ipsecif.platform.PolicyChange.Remove;
import org.ipsecif.platform.PolicyChange.Update;
import org.ipsecif.platform.PolicyInstaller.Outcome;
import org.ipsecif.platform.freebsd.sim.Network;
import org.ipsecif.platform.freebsd.sim.SimulatedFreeBsd;
import org.ipsecif.platform.freebsd.sim.SimulatedProcess;
import org.ipsecif.platform.freebsd.sim.key.Packet;
import org.ipsecif.platform.freebsd.sim.key.SimulatedKeyKernel;
import org.ipsecif.platform.freebsd.sim.key.SimulatedKeyKernel.Release;
import org.ipsecif.platform.freebsd.sim.key.SimulatedKeySocket;
import org.ipsecif.platform.freebsd.sim.key.Verdict;
import org.ipsecif.platform.pfkey.SadbAssociation.Amounts;
import org.ipsecif.platform.posix.Posix;
import org.ipsecif.sa.Direction;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpPrefix;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.Level;
import org.ipsecif.sa.PolicyAction;
import org.ipsecif.sa.PolicyKey;
import org.ipsecif.sa.PolicyScope;
import org.ipsecif.sa.SecurityPolicy;
import org.ipsecif.sa.Selector;
import org.ipsecif.sa.Selector.PortRange;
import org.ipsecif.sa.TransformTemplate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The code for PF_KEY against a kernel that shares none of it and refuses what key.c refuses. */
class PfKeyAgainstKernelTest {
    private static final int ENOENT = 2;
    private static final int ESRCH = 3;
    private static final int EEXIST = 17;
    private static final int EINVAL = 22;
    private static final int ENOBUFS = 55;
    private static final int OTHERS_PID = 99;
    private static final int BUFFER = 1 << 17;

    private static final List<PolicyAction> ACTIONS = List.of(PolicyAction.values());

    private static final IpAddress LOCAL = IpAddress.parse("203.0.113.1");
    private static final IpAddress REMOTE = IpAddress.parse("198.51.100.2");

    private long now = 1000;
    private final SimulatedKeyKernel kernel = new SimulatedKeyKernel(Release.FREEBSD_14, () -> now, new Random(1));
    private final SimulatedFreeBsd host = new SimulatedFreeBsd(new Network());

    PfKeyAgainstKernelTest() {
        host.setKeyKernel(kernel);
    }

    private Posix process() {
        SimulatedProcess process = host.process();
        return new Posix(process, (fd, other) -> new NoWaiting());
    }

    private PfKeyPolicyInstaller installer() throws ErrnoException {
        return new PfKeyPolicyInstaller(process(), Dialect.FREEBSD);
    }

    private PfKeyMonitor monitor(int buffer) throws ErrnoException {
        return new PfKeyMonitor(process(), Dialect.FREEBSD, buffer);
    }

    private static List<KernelEvent> events(PfKeyMonitor monitor) {
        List<KernelEvent> events = new ArrayList<>();
        while (monitor.receive(events::add) > 0) {}
        return events;
    }

    private static TransformTemplate transform(Level level, int reqid) {
        return new TransformTemplate(IpsecMode.TUNNEL, LOCAL, REMOTE, level, reqid);
    }

    private static SecurityPolicy policy(String source, String destination, Level level, int priority) {
        return new SecurityPolicy(
                "p",
                Direction.OUTBOUND,
                Selector.between(IpPrefix.parse(source), IpPrefix.parse(destination)),
                PolicyAction.PROTECT,
                List.of(transform(level, level == Level.UNIQUE ? 100 : 0)),
                priority,
                new PolicyScope.Host());
    }

    private static final SecurityPolicy POLICY = policy("10.1.0.0/16", "10.2.0.0/15", Level.USE, 1000);

    private static Outcome apply(PfKeyPolicyInstaller installer, PolicyChange change) {
        return installer.apply(List.of(change)).get(0);
    }

    private static SecurityPolicy of(Direction direction, PolicyAction action, Selector selector, int priority) {
        List<TransformTemplate> transforms =
                action == PolicyAction.PROTECT ? List.of(transform(Level.REQUIRE, 0)) : List.of();
        return new SecurityPolicy("p", direction, selector, action, transforms, priority, new PolicyScope.Host());
    }

    /** Many that our records can say, each with a selector of its own. */
    private static List<SecurityPolicy> many(Random random, int count) {
        List<SecurityPolicy> policies = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            boolean six = random.nextBoolean();
            String net = six ? "2001:db8:%x::/48".formatted(i) : "10.%d.%d.0/24".formatted(i / 256, i % 256);
            String to = six ? "::/0" : "0.0.0.0/0";
            int protocol = List.of(Selector.ANY_PROTOCOL, 6, 17, 47).get(random.nextInt(4));
            boolean ports = protocol == 6 || protocol == 17;
            PortRange port = ports && random.nextBoolean() ? new PortRange(4500, 4500) : PortRange.ANY;
            Selector selector = new Selector(IpPrefix.parse(net), IpPrefix.parse(to), protocol, PortRange.ANY, port);
            PolicyAction action = ACTIONS.get(random.nextInt(ACTIONS.size()));
            Direction direction = random.nextBoolean() ? Direction.INBOUND : Direction.OUTBOUND;
            policies.add(of(direction, action, selector, random.nextInt()));
        }
        return policies;
    }

    @Test
    void allThatCanBeSaidIsTakenAndReadBackTheSame() throws Exception {
        List<SecurityPolicy> policies = many(new Random(7), 1000);
        try (PfKeyPolicyInstaller installer = installer()) {
            List<PolicyChange> installs = new ArrayList<>();
            policies.forEach(policy -> installs.add(new Install(policy)));
            installer.apply(installs).forEach(outcome -> assertTrue(outcome.done(), outcome.toString()));
            List<InstalledPolicy> dumped = installer.dump();
            assertEquals(1000, dumped.size());
            for (SecurityPolicy policy : policies) {
                assertTrue(dumped.stream().anyMatch(each -> each.is(policy)), policy.toString());
            }
            List<PolicyChange> removals = new ArrayList<>();
            policies.forEach(policy -> removals.add(new Remove(PolicyKey.of(policy))));
            assertTrue(installer.apply(removals).stream().allMatch(Outcome::done));
        }
        assertEquals(List.of(), kernel.policies());
    }

    @Test
    void anEntryThatIsThereIsNotReplacedUnlessItShallBe() throws Exception {
        try (PfKeyPolicyInstaller installer = installer()) {
            assertTrue(apply(installer, new Install(POLICY)).done());
            SecurityPolicy other = policy("10.1.0.0/16", "10.2.0.0/15", Level.UNIQUE, 1000);
            assertEquals(EEXIST, apply(installer, new Install(other)).errno());
            assertTrue(installer.dump().get(0).is(POLICY));
            assertTrue(apply(installer, new Update(other)).done());
            assertEquals(1, installer.dump().size());
            assertTrue(installer.dump().get(0).is(other));
            assertEquals(Set.of(100), installer.dump().get(0).ids());
            assertTrue(apply(installer, new Remove(PolicyKey.of(other))).done());
            assertEquals(
                    ENOENT, apply(installer, new Remove(PolicyKey.of(other))).errno());
        }
    }

    @Test
    void anEntryThatSomebodyPutInThePlaceOfOursIsNotRemovedByOursNumber() throws Exception {
        try (PfKeyPolicyInstaller ours = installer();
                PfKeyPolicyInstaller theirs = installer()) {
            int number = apply(ours, new Install(POLICY)).number();
            assertNotEquals(0, number);
            assertTrue(apply(theirs, new Remove(PolicyKey.of(POLICY))).done());
            int another = apply(theirs, new Install(POLICY)).number();
            Remove remove = new Remove(PolicyKey.of(POLICY), number);
            assertEquals(ENOENT, apply(ours, remove).errno());
            assertEquals(1, ours.dump().size());
            assertTrue(apply(ours, new Remove(PolicyKey.of(POLICY), another)).done());
            assertEquals(List.of(), ours.dump());
        }
    }

    @Test
    void whatTheKernelHasForItselfCanBeSeenAndNotTouched() throws Exception {
        kernel.addInterfacePolicies(
                3, 100, InetAddress.getByName("203.0.113.1"), InetAddress.getByName("198.51.100.2"));
        SecurityPolicy all = policy("0.0.0.0/0", "0.0.0.0/0", Level.UNIQUE, 3);
        try (PfKeyPolicyInstaller installer = installer()) {
            assertEquals(4, installer.dump().size());
            installer.dump().forEach(each -> assertNull(each.key()));
            installer.dump().forEach(each -> assertEquals(Set.of(100), each.ids()));
            assertEquals(ENOENT, apply(installer, new Remove(PolicyKey.of(all))).errno());
            assertTrue(apply(installer, new Install(POLICY)).done());
            assertTrue(apply(installer, new Remove(PolicyKey.of(POLICY))).done());
        }
        assertEquals(4, kernel.policies().size());
    }

    @Test
    void whatFreeBsdCannotSayIsRefusedBeforeItIsAsked() throws Exception {
        Selector range = new Selector(
                IpPrefix.parse("10.0.0.0/8"), IpPrefix.parse("10.0.0.0/8"), 17, new PortRange(1, 2), PortRange.ANY);
        try (PfKeyPolicyInstaller installer = installer()) {
            SecurityPolicy ranged = of(Direction.OUTBOUND, PolicyAction.DISCARD, range, 1);
            Outcome outcome = apply(installer, new Install(ranged));
            assertEquals(EINVAL, outcome.errno());
            assertTrue(outcome.reason().contains("ports 1 to 2"), outcome.reason());
            SecurityPolicy forward = of(Direction.FORWARD, PolicyAction.DISCARD, POLICY.selector(), 1);
            assertEquals(EINVAL, apply(installer, new Install(forward)).errno());
        }
        assertEquals(List.of(), kernel.policies());
    }

    @Test
    void levelUseLetsTheHostsOwnTrafficPass() throws Exception {
        try (PfKeyPolicyInstaller installer = installer()) {
            apply(installer, new Install(POLICY));
        }
        Packet inside =
                new Packet(InetAddress.getByName("10.1.2.3"), InetAddress.getByName("10.2.3.4"), 17, 1, 2, false);
        assertEquals(Verdict.WITHOUT_SA, kernel.outbound(inside));
        Packet outside = new Packet(
                InetAddress.getByName("203.0.113.1"), InetAddress.getByName("198.51.100.2"), 17, 4500, 4500, false);
        assertEquals(Verdict.UNTOUCHED, kernel.outbound(outside));
    }

    @Test
    void theMonitorTellsWhoChangedWhat() throws Exception {
        try (PfKeyMonitor monitor = monitor(BUFFER);
                PfKeyPolicyInstaller ours = installer();
                PfKeyPolicyInstaller theirs = installer()) {
            assertNotEquals(ours.origin(), theirs.origin());
            SecurityPolicy changed = policy("10.1.0.0/16", "10.2.0.0/15", Level.REQUIRE, 1);
            apply(ours, new Install(POLICY));
            apply(theirs, new Update(changed));
            apply(theirs, new Remove(PolicyKey.of(POLICY)));
            List<KernelEvent> events = events(monitor);
            assertEquals(3, events.size());
            check(events.get(0), ours.origin(), Change.ADDED, POLICY);
            check(events.get(1), theirs.origin(), Change.UPDATED, changed);
            KernelEvent.PolicyChanged removed = (KernelEvent.PolicyChanged) events.get(2);
            assertEquals(Change.REMOVED, removed.change());
            assertEquals(PolicyKey.of(POLICY), removed.policy().key());
            assertEquals(0, monitor.flaws().size());
        }
    }

    private static void check(KernelEvent event, int origin, Change change, SecurityPolicy policy) {
        KernelEvent.PolicyChanged changed = (KernelEvent.PolicyChanged) event;
        assertEquals(origin, changed.origin());
        assertEquals(change, changed.change());
        assertTrue(changed.policy().is(policy), event.toString());
    }

    @Test
    void theMonitorHearsOfTheKernelsOwnDoings() throws Exception {
        try (PfKeyMonitor monitor = monitor(BUFFER);
                PfKeyPolicyInstaller installer = installer()) {
            apply(installer, new Install(policy("10.1.0.0/16", "10.2.0.0/15", Level.UNIQUE, 1)));
            events(monitor);
            kernel.acquire(1);
            KernelEvent.Acquire acquire = (KernelEvent.Acquire) events(monitor).get(0);
            assertEquals(LOCAL, acquire.source());
            assertEquals(REMOTE, acquire.destination());
            assertEquals(Set.of(100), acquire.policy().ids());
            assertEquals(PolicyKey.of(POLICY), acquire.policy().key());
            kernel.addInterfacePolicies(
                    3, 5, InetAddress.getByName("203.0.113.1"), InetAddress.getByName("198.51.100.2"));
            kernel.removeInterfacePolicies(3);
            List<KernelEvent> events = events(monitor);
            assertEquals(8, events.size());
            events.forEach(each -> assertEquals(0, ((KernelEvent.PolicyChanged) each).origin()));
            events.forEach(each ->
                    assertNull(((KernelEvent.PolicyChanged) each).policy().key()));
        }
    }

    /** A message of somebody else's, of sequence 1. */
    private static byte[] others(int type, String body) {
        byte[] extensions = HexFormat.of().parseHex(body.replace(" ", ""));
        byte[] message = new byte[16 + extensions.length];
        System.arraycopy(extensions, 0, message, 16, extensions.length);
        message[0] = 2;
        message[1] = (byte) type;
        message[4] = (byte) (message.length / 8);
        message[8] = 1;
        message[12] = OTHERS_PID;
        return message;
    }

    @Test
    void whoDeletesByNumberOrFlushesIsHeardOf() throws Exception {
        SimulatedKeySocket other = kernel.open(OTHERS_PID);
        try (PfKeyMonitor monitor = monitor(BUFFER);
                PfKeyPolicyInstaller installer = installer()) {
            apply(installer, new Install(POLICY));
            events(monitor);
            assertEquals(0, other.write(others(22, "02001200 00000000 01000000 00000000")));
            InstalledPolicy numbered = new InstalledPolicy(null, null, Set.of(), 1);
            assertEquals(List.of(new KernelEvent.PolicyChanged(OTHERS_PID, Change.REMOVED, numbered)), events(monitor));
            assertEquals(0, other.write(others(19, "")));
            assertEquals(List.of(new KernelEvent.PoliciesFlushed(OTHERS_PID)), events(monitor));
            assertEquals(List.of(), installer.dump());
        }
    }

    @ParameterizedTest
    @EnumSource(Release.class)
    void whatAFullBufferLosesIsTold(Release release) throws Exception {
        SimulatedKeyKernel full = new SimulatedKeyKernel(release, () -> now, new Random(1));
        host.setKeyKernel(full);
        try (PfKeyMonitor monitor = monitor(8192);
                PfKeyPolicyInstaller installer = installer()) {
            List<PolicyChange> changes = new ArrayList<>();
            many(new Random(3), 200).forEach(policy -> changes.add(new Install(policy)));
            assertTrue(installer.apply(changes).stream()
                    .allMatch(Outcome::done)); // the installer's own room is not the monitor's
            List<KernelEvent> events = events(monitor);
            assertTrue(events.size() < 200);
            // Before FreeBSD 14 a kernel has no way to say it.
            assertEquals(release == Release.FREEBSD_14, events.contains(new KernelEvent.Lost()));
            assertEquals(200, installer.dump().size());
        }
    }

    @Test
    void aDumpThatDoesNotFitIsNoShortSpd() throws Exception {
        try (PfKeyPolicyInstaller installer = installer()) {
            List<PolicyChange> changes = new ArrayList<>();
            many(new Random(3), 100).forEach(policy -> changes.add(new Install(policy)));
            installer.apply(changes);
        }
        kernel.setMaxSocketBuffer(9_000);
        try (PfKeySocket small = new PfKeySocket(process(), Dialect.FREEBSD)) {
            ErrnoException lost =
                    assertThrows(ErrnoException.class, () -> small.dump(Request.SPDDUMP, Sadb.SADB_SATYPE_UNSPEC));
            assertEquals(ENOBUFS, lost.errno());
        }
    }

    @Test
    void associationsGoInAndComeOutAgain() throws Exception {
        try (SadbClient client = new SadbClient(process(), Dialect.FREEBSD)) {
            assertEquals(List.of(11, 12, 13, 20, 23), client.register().encryption());
            assertEquals(
                    EEXIST, assertThrows(ErrnoException.class, client::register).errno());
            try (SadbAssociation sa = association(0x1000)) {
                client.add(sa);
                assertEquals(
                        EEXIST,
                        assertThrows(ErrnoException.class, () -> client.add(sa)).errno());
                try (SadbAssociation read = client.get(sa.id())) {
                    assertEquals(sa.keys(), read.keys());
                    assertEquals(sa.hard(), read.hard());
                    assertEquals(sa.soft(), read.soft());
                    assertEquals(sa.reqid(), read.reqid());
                    assertEquals(sa.replayWindow(), read.replayWindow());
                    assertEquals(sa.udp(), read.udp());
                    assertEquals(IpsecMode.TUNNEL, read.mode());
                    assertEquals(SadbAssociation.State.MATURE, read.state());
                }
                assertEquals(1, client.dump().size());
                client.delete(sa.id());
                assertEquals(
                        ESRCH,
                        assertThrows(ErrnoException.class, () -> client.get(sa.id()))
                                .errno());
                assertEquals(
                        ESRCH,
                        assertThrows(ErrnoException.class, () -> client.delete(sa.id()))
                                .errno());
                assertEquals(List.of(), client.dump());
            }
        }
    }

    private static SadbAssociation association(int spi) {
        byte[] key = new byte[32];
        new Random(spi).nextBytes(key);
        int cbc = SadbAlgorithms.Encryption.AES_CBC.number(Dialect.FREEBSD);
        int hmac = SadbAlgorithms.Authentication.HMAC_SHA2_256.number(Dialect.FREEBSD);
        return new SadbAssociation(
                new SadbAssociation.Id(50, LOCAL, REMOTE, spi),
                IpsecMode.TUNNEL,
                100,
                4096,
                SadbAssociation.State.MATURE,
                new SadbAssociation.Keys(hmac, KeyBytes.of(key), cbc, KeyBytes.of(key), 0),
                new SadbAssociation.UdpPorts(4500, 4501),
                new Amounts(0, 0, 200, 0),
                new Amounts(0, 0, 100, 0),
                Amounts.NONE);
    }

    @Test
    void aNumberIsGivenThenItsKeysThenItExpires() throws Exception {
        try (SadbClient client = new SadbClient(process(), Dialect.FREEBSD);
                PfKeyMonitor monitor = monitor(BUFFER)) {
            int spi = client.getSpi(50, LOCAL, REMOTE, IpsecMode.TUNNEL, 100, 0x1000, 0x1fff);
            assertTrue(spi >= 0x1000 && spi <= 0x1fff);
            try (SadbAssociation sa = association(spi);
                    SadbClient other = new SadbClient(process(), Dialect.FREEBSD)) {
                assertEquals(
                        EINVAL,
                        assertThrows(ErrnoException.class, () -> other.update(sa))
                                .errno());
                client.update(sa);
            }
            now += 101;
            kernel.tick();
            now += 100;
            kernel.tick();
            List<Change> changes = new ArrayList<>();
            for (KernelEvent event : events(monitor)) {
                KernelEvent.SaChanged changed = (KernelEvent.SaChanged) event;
                assertEquals(spi, changed.spi());
                assertEquals(REMOTE, changed.destination());
                changes.add(changed.change());
            }
            assertEquals(List.of(Change.UPDATED, Change.EXPIRING, Change.EXPIRED), changes);
        }
    }

    @Test
    void aKernelWithoutPfKeySaysSo() {
        SimulatedFreeBsd bare = new SimulatedFreeBsd(new Network());
        Posix posix = new Posix(bare.process(), (fd, other) -> new NoWaiting());
        ErrnoException refused =
                assertThrows(ErrnoException.class, () -> new PfKeyPolicyInstaller(posix, Dialect.FREEBSD));
        assertTrue(Dialect.FREEBSD.saysAbsent(refused.errno()));
        assertFalse(Dialect.FREEBSD.saysAbsent(EINVAL));
    }
}
