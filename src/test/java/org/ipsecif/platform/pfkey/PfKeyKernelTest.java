package org.ipsecif.platform.pfkey;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import jnr.ffi.LibraryLoader;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.InstalledPolicy;
import org.ipsecif.platform.KernelEvent;
import org.ipsecif.platform.KernelEvent.Change;
import org.ipsecif.platform.PacketChannel;
import org.ipsecif.platform.PolicyChange;
import org.ipsecif.platform.PolicyChange.Install;
import org.ipsecif.platform.PolicyChange.Remove;
import org.ipsecif.platform.PolicyChange.Update;
import org.ipsecif.platform.PolicyInstaller.Outcome;
import org.ipsecif.platform.pfkey.PfKeyMonitor.Interest;
import org.ipsecif.platform.pfkey.SadbAssociation.Amounts;
import org.ipsecif.platform.pfkey.SadbAssociation.State;
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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The real kernel's af_key, in a network namespace that ends with the one thread that is in it. Needs root, iproute2 and a kernel with
 * af_key; kernel-pfkey.sh runs it, by {@link InKernel}, in the virtual machine.
 */
class PfKeyKernelTest {
    private static final int CLONE_NEWNET = 0x40000000;
    private static final IpAddress LOCAL = IpAddress.parse("203.0.113.1");
    private static final IpAddress REMOTE = IpAddress.parse("198.51.100.2");
    private static final SadbAssociation.Id ID = new SadbAssociation.Id(50, LOCAL, REMOTE, 0x2001);

    /** unshare(2) */
    public interface Namespaces {
        int unshare(int flags);
    }

    private final ExecutorService inside = Executors.newSingleThreadExecutor();

    @BeforeEach
    void enter() throws Exception {
        Namespaces namespaces = LibraryLoader.create(Namespaces.class).load("c");
        assumeTrue(inside(() -> namespaces.unshare(CLONE_NEWNET)) == 0, "only root may make a network namespace");
        assumeTrue(inside(PfKeyKernelTest::hasPfKey), "the kernel has no af_key");
    }

    @AfterEach
    void leave() {
        inside.shutdownNow();
    }

    private static boolean hasPfKey() throws ErrnoException {
        try (PfKeyPolicyInstaller installer = installer()) {
            return installer.origin() > 0;
        } catch (ErrnoException e) {
            if (Dialect.LINUX.saysAbsent(e.errno())) {
                return false;
            }
            throw e;
        }
    }

    private static PfKeyPolicyInstaller installer() throws ErrnoException {
        return new PfKeyPolicyInstaller(Posix.POLLING, Dialect.LINUX);
    }

    private static PfKeyMonitor monitor(int receiveBuffer, Interest interest) throws ErrnoException {
        return new PfKeyMonitor(Posix.POLLING, Dialect.LINUX, receiveBuffer, interest);
    }

    private <T> T inside(Callable<T> task) throws Exception {
        try {
            return inside.submit(task).get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof AssertionError failure) {
                throw failure;
            }
            throw e;
        }
    }

    private static String ip(String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
        return said;
    }

    private static SecurityPolicy policy(int priority, Direction direction, String from, TransformTemplate... to) {
        return new SecurityPolicy(
                "p",
                direction,
                new Selector(
                        IpPrefix.parse(from), IpPrefix.parse("10.9.0.0/16"), 17, PortRange.ANY, new PortRange(53, 53)),
                to.length == 0 ? PolicyAction.DISCARD : PolicyAction.PROTECT,
                List.of(to),
                priority,
                new PolicyScope.Host());
    }

    private static TransformTemplate tunnel(Level level, int reqid) {
        return new TransformTemplate(IpsecMode.TUNNEL, LOCAL, REMOTE, level, reqid);
    }

    private static List<Integer> apply(PfKeyPolicyInstaller installer, PolicyChange... changes) {
        return installer.apply(List.of(changes)).stream().map(Outcome::errno).toList();
    }

    @Test
    void policiesComeBackAsTheyWent() throws Exception {
        inside(() -> {
            List<SecurityPolicy> policies = List.of(
                    policy(7, Direction.OUTBOUND, "10.1.0.0/16", tunnel(Level.UNIQUE, 100)),
                    policy(0, Direction.INBOUND, "10.2.0.0/16", tunnel(Level.USE, 0)),
                    policy(-1, Direction.FORWARD, "10.3.0.0/16", tunnel(Level.REQUIRE, 0)),
                    policy(9, Direction.OUTBOUND, "10.4.0.0/16"));
            try (PfKeyPolicyInstaller installer = installer()) {
                assertEquals(List.of(), installer.dump());
                for (SecurityPolicy each : policies) {
                    assertEquals(List.of(0), apply(installer, new Install(each)));
                }
                Set<InstalledPolicy> expected = new HashSet<>();
                policies.forEach(each -> expected.add(InstalledPolicy.of(each)));
                Set<InstalledPolicy> found = new HashSet<>();
                for (InstalledPolicy each : installer.dump()) {
                    assertNotNull(each.policy());
                    found.add(InstalledPolicy.of(each.policy()));
                }
                assertEquals(names(expected), names(found));
            }
            return true;
        });
    }

    private static Set<String> names(Set<InstalledPolicy> policies) {
        Set<String> names = new HashSet<>();
        for (InstalledPolicy each : policies) {
            SecurityPolicy policy = each.policy();
            assertNotNull(policy);
            names.add(each.key() + " " + policy.action() + " " + policy.transforms() + " " + policy.priority());
        }
        return names;
    }

    @Test
    void installNeverReplacesUpdateDoesAndRemoveFinds() throws Exception {
        inside(() -> {
            SecurityPolicy first = policy(7, Direction.OUTBOUND, "10.1.0.0/16", tunnel(Level.UNIQUE, 100));
            SecurityPolicy second = policy(8, Direction.OUTBOUND, "10.1.0.0/16", tunnel(Level.REQUIRE, 0));
            try (PfKeyPolicyInstaller installer = installer()) {
                assertEquals(
                        List.of(0, ErrnoException.EEXIST), apply(installer, new Install(first), new Install(second)));
                assertTrue(installer.dump().get(0).is(first));
                assertEquals(List.of(0), apply(installer, new Update(second)));
                assertTrue(installer.dump().get(0).is(second));
                Remove remove = new Remove(PolicyKey.of(first));
                assertEquals(List.of(0, ErrnoException.ENOENT), apply(installer, remove, remove));
                assertEquals(List.of(), installer.dump());
            }
            return true;
        });
    }

    @Test
    void anEntryThatSomebodyPutInThePlaceOfOursIsNotRemovedByOursNumber() throws Exception {
        inside(() -> {
            SecurityPolicy policy = policy(7, Direction.OUTBOUND, "10.1.0.0/16", tunnel(Level.UNIQUE, 100));
            try (PfKeyPolicyInstaller installer = installer()) {
                Outcome first = installer.apply(List.of(new Install(policy))).get(0);
                assertTrue(first.done() && first.number() != 0, first.reason());
                assertEquals(List.of(0), apply(installer, new Remove(PolicyKey.of(policy))));
                Outcome second = installer.apply(List.of(new Install(policy))).get(0);
                Remove ours = new Remove(PolicyKey.of(policy), first.number());
                assertEquals(List.of(ErrnoException.ENOENT), apply(installer, ours));
                assertEquals(1, installer.dump().size());
                assertEquals(List.of(0), apply(installer, new Remove(PolicyKey.of(policy), second.number())));
                assertEquals(List.of(), installer.dump());
            }
            return true;
        });
    }

    /** XFRM_MAX_DEPTH is 6. */
    @Test
    void refusalOfTheKernelHasItsWords() throws Exception {
        inside(() -> {
            TransformTemplate[] seven =
                    Collections.nCopies(7, tunnel(Level.REQUIRE, 0)).toArray(TransformTemplate[]::new);
            try (PfKeyPolicyInstaller installer = installer()) {
                Install install = new Install(policy(1, Direction.OUTBOUND, "10.1.0.0/16", seven));
                Outcome outcome = installer.apply(List.of(install)).get(0);
                assertEquals(40, outcome.errno());
                assertEquals("Too many levels of symbolic links", outcome.reason());
            }
            return true;
        });
    }

    @Test
    void entriesOfAnIfIdAreNotRemovedForThoseWithout() throws Exception {
        inside(() -> {
            SecurityPolicy ours = policy(7, Direction.OUTBOUND, "10.1.0.0/16");
            ip(
                    "xfrm",
                    "policy",
                    "add",
                    "src",
                    "10.1.0.0/16",
                    "dst",
                    "10.9.0.0/16",
                    "proto",
                    "udp",
                    "dport",
                    "53",
                    "dir",
                    "out",
                    "priority",
                    "7",
                    "if_id",
                    "5",
                    "action",
                    "block");
            try (PfKeyPolicyInstaller installer = installer()) {
                assertEquals(List.of(ErrnoException.ENOENT), apply(installer, new Remove(PolicyKey.of(ours))));
                assertEquals(List.of(0), apply(installer, new Install(ours)));
                assertEquals(2, installer.dump().size());
            }
            assertTrue(ip("xfrm", "policy").contains("if_id 0x5"));
            return true;
        });
    }

    /** Far more than the socket's buffer holds at once: af_key goes on as it is read. */
    @Test
    void longDumpIsWhole() throws Exception {
        inside(() -> {
            int count = 3_000;
            try (PfKeyPolicyInstaller installer = installer()) {
                List<PolicyChange> changes = new ArrayList<>();
                IntStream.range(0, count)
                        .mapToObj(i -> "10." + (i >> 8) + "." + (i & 0xff) + ".0/24")
                        .forEach(from ->
                                changes.add(new Install(policy(1, Direction.INBOUND, from, tunnel(Level.USE, 0)))));
                assertTrue(installer.apply(changes).stream().allMatch(Outcome::done));
                assertEquals(
                        count,
                        installer.dump().stream()
                                .map(InstalledPolicy::key)
                                .distinct()
                                .count());
            }
            return true;
        });
    }

    private static List<KernelEvent> read(PfKeyMonitor monitor) {
        List<KernelEvent> events = new ArrayList<>();
        while (monitor.receive(events::add) != PacketChannel.NOTHING) {
            assertTrue(monitor.awaitReadable());
            monitor.nudge(); // the last wait must not be for ever
        }
        return events;
    }

    @Test
    void changesOfOursAndOfOthersAreTold() throws Exception {
        inside(() -> {
            SecurityPolicy policy = policy(7, Direction.OUTBOUND, "10.1.0.0/16", tunnel(Level.UNIQUE, 100));
            try (PfKeyPolicyInstaller installer = installer();
                    PfKeyMonitor monitor = monitor(1 << 20, Interest.CHANGES)) {
                apply(installer, new Install(policy));
                ip(
                        "xfrm",
                        "policy",
                        "delete",
                        "src",
                        "10.1.0.0/16",
                        "dst",
                        "10.9.0.0/16",
                        "proto",
                        "udp",
                        "dport",
                        "53",
                        "dir",
                        "out");
                ip("xfrm", "policy", "add", "src", "10.0.0.0/8", "dst", "10.9.0.0/16", "dir", "in");
                ip("xfrm", "policy", "flush");
                List<KernelEvent> events = read(monitor);
                assertEquals(4, events.size(), events.toString());
                KernelEvent.PolicyChanged added = (KernelEvent.PolicyChanged) events.get(0);
                assertEquals(installer.origin(), added.origin());
                assertEquals(Change.ADDED, added.change());
                assertTrue(added.policy().is(policy));
                KernelEvent.PolicyChanged removed = (KernelEvent.PolicyChanged) events.get(1);
                assertFalse(removed.origin() == installer.origin());
                assertEquals(Change.REMOVED, removed.change());
                assertEquals(PolicyKey.of(policy), removed.policy().key());
                assertTrue(events.get(3) instanceof KernelEvent.PoliciesFlushed, events.toString());
            }
            return true;
        });
    }

    @Test
    void eventsThatTheSocketHadNoRoomForAreMissed() throws Exception {
        inside(() -> {
            try (PfKeyPolicyInstaller installer = installer();
                    PfKeyMonitor monitor = monitor(4096, Interest.CHANGES)) {
                SecurityPolicy policy = policy(7, Direction.OUTBOUND, "10.1.0.0/16");
                for (int i = 0; i < 100; i++) {
                    assertEquals(
                            List.of(0, 0), apply(installer, new Install(policy), new Remove(PolicyKey.of(policy))));
                }
                List<KernelEvent> events = read(monitor);
                assertTrue(events.size() < 200, events.size() + " events");
                assertTrue(events.contains(new KernelEvent.Lost()), events.toString());
                apply(installer, new Install(policy));
                assertEquals(1, read(monitor).size());
            }
            return true;
        });
    }

    private static SadbAssociation association(SadbAssociation.Id id, @Nullable KeyBytes key, Amounts soft) {
        byte[] mac = new byte[32];
        mac[0] = 7;
        return new SadbAssociation(
                id,
                IpsecMode.TUNNEL,
                100,
                32,
                State.MATURE,
                new SadbAssociation.Keys(
                        SadbAlgorithms.Authentication.HMAC_SHA2_256.number(Dialect.LINUX),
                        KeyBytes.of(mac),
                        SadbAlgorithms.Encryption.AES_CBC.number(Dialect.LINUX),
                        key,
                        0),
                null,
                new Amounts(0, 0, 3600, 0),
                soft,
                Amounts.NONE);
    }

    @Test
    void associationsAreAddedReadChangedAndDeleted() throws Exception {
        inside(() -> {
            SadbAssociation wanted = association(ID, KeyBytes.of(new byte[16]), new Amounts(0, 0, 900, 0));
            try (SadbClient client = new SadbClient(Posix.POLLING, Dialect.LINUX)) {
                assertEquals(List.of(), client.dump());
                client.add(wanted);
                ErrnoException twice = assertThrows(ErrnoException.class, () -> client.add(wanted));
                assertEquals(ErrnoException.EEXIST, twice.errno());
                for (SadbAssociation found :
                        List.of(client.get(ID), client.dump().get(0))) {
                    assertEquals(wanted.id(), found.id());
                    assertEquals(wanted.keys(), found.keys());
                    assertEquals(wanted.hard(), found.hard());
                    assertEquals(wanted.soft(), found.soft());
                    assertEquals(
                            List.of(IpsecMode.TUNNEL, 100, 32, State.MATURE),
                            List.of(found.mode(), found.reqid(), found.replayWindow(), found.state()));
                }
                assertTrue(ip("xfrm", "state").contains("spi 0x00002001 reqid 100"), "xfrm state");
                client.update(association(ID, KeyBytes.of(new byte[16]), new Amounts(0, 0, 800, 0)));
                assertEquals(800, client.get(ID).soft().addTime());
                client.delete(ID);
                ErrnoException gone = assertThrows(ErrnoException.class, () -> client.get(ID));
                assertEquals(Dialect.LINUX.noSuch(), gone.errno());
                assertEquals(List.of(), client.dump());
            }
            return true;
        });
    }

    @Test
    void spiIsTheKernelsChoiceAndLarvalUntilItHasKeys() throws Exception {
        inside(() -> {
            try (SadbClient client = new SadbClient(Posix.POLLING, Dialect.LINUX)) {
                int spi = client.getSpi(50, REMOTE, LOCAL, IpsecMode.TUNNEL, 100, 0x4000, 0x4fff);
                assertTrue(spi >= 0x4000 && spi <= 0x4fff, "" + spi);
                SadbAssociation.Id id = new SadbAssociation.Id(50, REMOTE, LOCAL, spi);
                assertEquals(State.LARVAL, client.get(id).state());
                client.update(association(id, KeyBytes.of(new byte[16]), new Amounts(0, 0, 900, 0)));
                assertEquals(State.MATURE, client.get(id).state());
                client.delete(id);
            }
            return true;
        });
    }

    @Test
    void packetWithoutAnAssociationIsTold() throws Exception {
        inside(() -> {
            SecurityPolicy policy = new SecurityPolicy(
                    "p",
                    Direction.OUTBOUND,
                    Selector.between(IpPrefix.parse("203.0.113.1"), IpPrefix.parse("203.0.113.9")),
                    PolicyAction.PROTECT,
                    List.of(tunnel(Level.UNIQUE, 100)),
                    1,
                    new PolicyScope.Host());
            ip("link", "set", "lo", "up");
            ip("link", "add", "d0", "type", "dummy");
            ip("addr", "add", "203.0.113.1/24", "dev", "d0");
            ip("link", "set", "d0", "up");
            try (PfKeyPolicyInstaller installer = installer();
                    SadbClient client = new SadbClient(Posix.POLLING, Dialect.LINUX);
                    PfKeyMonitor monitor = monitor(1 << 20, Interest.KEY_MANAGEMENT)) {
                assertTrue(client.register().encryption().contains(12), "aes-cbc");
                apply(installer, new Install(policy));
                ip("route", "get", "203.0.113.9", "from", "203.0.113.1"); // the route alone asks for nothing
                read(monitor);
                try (java.net.DatagramSocket socket = new java.net.DatagramSocket()) {
                    socket.send(new java.net.DatagramPacket(
                            new byte[1], 1, java.net.InetAddress.getByName("203.0.113.9"), 9));
                } catch (java.io.IOException expected) {
                    assertNotNull(expected.getMessage()); // there is nobody to make it
                }
                List<KernelEvent> events = read(monitor);
                KernelEvent.Acquire acquire = events.stream()
                        .filter(each -> each instanceof KernelEvent.Acquire)
                        .map(each -> (KernelEvent.Acquire) each)
                        .findFirst()
                        .orElseThrow(() -> new AssertionError(events));
                assertEquals(List.of(LOCAL, REMOTE), List.of(acquire.source(), acquire.destination()));
                assertTrue(acquire.policy().is(policy), acquire.toString());
            }
            return true;
        });
    }
}
