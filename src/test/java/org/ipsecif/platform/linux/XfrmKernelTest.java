package org.ipsecif.platform.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
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
import org.ipsecif.platform.KernelEvent.PolicyChanged;
import org.ipsecif.platform.PacketChannel;
import org.ipsecif.platform.PolicyChange;
import org.ipsecif.platform.PolicyChange.Install;
import org.ipsecif.platform.PolicyChange.Remove;
import org.ipsecif.platform.PolicyChange.Update;
import org.ipsecif.platform.PolicyInstaller.Outcome;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The real kernel's SPD, in a network namespace that ends with the one thread that is in it. Needs root and iproute2. */
class XfrmKernelTest {
    private static final int CLONE_NEWNET = 0x40000000;
    private static final IpAddress LOCAL = IpAddress.parse("203.0.113.1");
    private static final IpAddress REMOTE = IpAddress.parse("198.51.100.2");

    /** unshare(2) */
    public interface Namespaces {
        int unshare(int flags);
    }

    private final ExecutorService inside = Executors.newSingleThreadExecutor();

    @BeforeEach
    void enter() throws Exception {
        Namespaces namespaces = LibraryLoader.create(Namespaces.class).load("c");
        assumeTrue(inside(() -> namespaces.unshare(CLONE_NEWNET)) == 0, "only root may make a network namespace");
    }

    @AfterEach
    void leave() {
        inside.shutdownNow();
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

    /** On the thread inside. */
    private static String run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        return output;
    }

    private static TransformTemplate transform(IpsecMode mode, IpAddress from, IpAddress to, Level level, int reqid) {
        return new TransformTemplate(mode, from, to, level, reqid);
    }

    private static SecurityPolicy policy(
            Direction direction, Selector selector, int priority, PolicyScope scope, TransformTemplate... transforms) {
        return new SecurityPolicy(
                "kernel",
                direction,
                selector,
                transforms.length == 0 ? PolicyAction.DISCARD : PolicyAction.PROTECT,
                List.of(transforms),
                priority,
                scope);
    }

    private static SecurityPolicy numbered(int i, int priority) {
        return policy(
                Direction.OUTBOUND,
                Selector.between(IpPrefix.ANY_INET, IpPrefix.parse("10." + i / 256 + "." + i % 256 + ".0/24")),
                priority,
                new PolicyScope.IfId(100),
                transform(IpsecMode.TUNNEL, LOCAL, REMOTE, Level.UNIQUE, 100));
    }

    private static List<PolicyChange> installs(List<SecurityPolicy> policies) {
        return policies.stream()
                .map(policy -> (PolicyChange) new Install(policy))
                .toList();
    }

    private static List<SecurityPolicy> everyKind() {
        Selector inet = Selector.between(IpPrefix.parse("10.1.0.0/16"), IpPrefix.parse("10.2.3.4/32"));
        Selector inet6 = Selector.between(IpPrefix.ANY_INET6, IpPrefix.parse("2001:db8:1::/48"));
        Selector ports =
                new Selector(inet.source(), inet.destination(), 6, new PortRange(0, 0), new PortRange(65_535, 65_535));
        Selector echo =
                new Selector(inet6.source(), inet6.destination(), 58, new PortRange(128, 128), new PortRange(0, 0));
        IpAddress local6 = IpAddress.parse("2001:db8::1");
        IpAddress remote6 = IpAddress.parse("2001:db8::2");
        TransformTemplate tunnel = transform(IpsecMode.TUNNEL, LOCAL, REMOTE, Level.UNIQUE, -2);
        TransformTemplate tunnel6 = transform(IpsecMode.TUNNEL, local6, remote6, Level.REQUIRE, 0);
        TransformTemplate transport =
                transform(IpsecMode.TRANSPORT, IpAddress.ANY_INET, IpAddress.ANY_INET, Level.USE, 0);
        TransformTemplate transport6 =
                transform(IpsecMode.TRANSPORT, IpAddress.ANY_INET6, IpAddress.ANY_INET6, Level.REQUIRE, 0);
        return List.of(
                policy(Direction.OUTBOUND, inet, 1000, new PolicyScope.IfId(-3), tunnel),
                policy(Direction.OUTBOUND, inet, 1000, new PolicyScope.Mark(5, -1), tunnel6),
                policy(Direction.OUTBOUND, inet, 1000, new PolicyScope.Mark(0, 0xff), transport),
                policy(Direction.OUTBOUND, inet, 1000, new PolicyScope.Device("lo")),
                policy(Direction.OUTBOUND, inet, 0, new PolicyScope.Host()),
                policy(Direction.INBOUND, ports, Integer.MAX_VALUE, new PolicyScope.Host(), transport, tunnel),
                policy(Direction.FORWARD, inet6, 7, new PolicyScope.IfId(1), tunnel),
                policy(Direction.OUTBOUND, echo, 7, new PolicyScope.Host(), transport6, tunnel6),
                new SecurityPolicy(
                        "kernel",
                        Direction.OUTBOUND,
                        inet6,
                        PolicyAction.BYPASS,
                        List.of(),
                        3,
                        new PolicyScope.Device("lo")));
    }

    @Test
    void dumpIsWhatWasInstalled() throws Exception {
        inside(() -> {
            try (XfrmPolicyInstaller installer = new XfrmPolicyInstaller()) {
                List<SecurityPolicy> policies = everyKind();
                for (Outcome outcome : installer.apply(installs(policies))) {
                    assertEquals("", outcome.reason(), outcome.toString());
                }
                List<InstalledPolicy> dumped = installer.dump();
                assertEquals(
                        Set.copyOf(policies.stream().map(InstalledPolicy::of).toList()),
                        Set.copyOf(withoutNumbers(installer)));
                assertEquals(policies.size(), dumped.size());
                assertEquals(
                        policies.size(),
                        dumped.stream()
                                .mapToInt(InstalledPolicy::number)
                                .filter(number -> number != 0)
                                .distinct()
                                .count());
                installer.apply(policies.stream()
                        .map(policy -> (PolicyChange) new Remove(PolicyKey.of(policy)))
                        .toList());
                assertEquals(List.of(), installer.dump());
            }
            return null;
        });
    }

    @Test
    void othersSeeWhatIproute2WouldHaveMade() throws Exception {
        inside(() -> {
            String[] theirs = ("ip xfrm policy add src 10.1.0.0/16 dst 10.2.0.0/15 proto udp dport 500 dir out"
                            + " priority 1000 if_id 100 tmpl src 203.0.113.1 dst 198.51.100.2 proto esp reqid 100"
                            + " mode tunnel")
                    .split(" ");
            run(theirs);
            String expected = run("ip", "xfrm", "policy");
            try (XfrmPolicyInstaller installer = new XfrmPolicyInstaller()) {
                InstalledPolicy read = installer.dump().get(0);
                SecurityPolicy policy = read.policy();
                assertTrue(policy != null, "ip xfrm policy add makes what our records can say");
                run("ip", "xfrm", "policy", "flush");
                assertTrue(installer.apply(List.of(new Install(policy))).get(0).done());
                assertEquals(expected, run("ip", "xfrm", "policy"));
            }
            return null;
        });
    }

    @Test
    void thousandsOfChangesEachHaveTheirAnswer() throws Exception {
        inside(() -> {
            try (XfrmPolicyInstaller installer = new XfrmPolicyInstaller()) {
                List<SecurityPolicy> all =
                        IntStream.range(0, 3_000).mapToObj(i -> numbered(i, 10)).toList();
                List<SecurityPolicy> odd = IntStream.range(0, 3_000)
                        .filter(i -> i % 2 == 1)
                        .mapToObj(all::get)
                        .toList();
                assertTrue(installer.apply(installs(odd)).stream().allMatch(Outcome::done));
                List<Outcome> outcomes = installer.apply(installs(all));
                for (int i = 0; i < all.size(); i++) {
                    assertEquals(all.get(i), ((Install) outcomes.get(i).change()).policy());
                    assertEquals(
                            i % 2 == 1 ? ErrnoException.EEXIST : 0,
                            outcomes.get(i).errno(),
                            "change " + i);
                }
                assertEquals(3_000, installer.dump().size());
                List<PolicyChange> removals = new ArrayList<>();
                for (int i = 0; i < 2; i++) {
                    odd.forEach(policy -> removals.add(new Remove(PolicyKey.of(policy))));
                }
                List<Outcome> removed = installer.apply(removals);
                for (int i = 0; i < removed.size(); i++) {
                    assertEquals(
                            i < 1_500 ? 0 : ErrnoException.ENOENT,
                            removed.get(i).errno(),
                            "removal " + i);
                }
                assertEquals(1_500, installer.dump().size());
            }
            return null;
        });
    }

    private static List<InstalledPolicy> withoutNumbers(XfrmPolicyInstaller installer) throws ErrnoException {
        return installer.dump().stream().map(each -> each.withNumber(0)).toList();
    }

    @Test
    void updateChangesInPlaceAndARefusalHasTheKernelsWords() throws Exception {
        inside(() -> {
            try (XfrmPolicyInstaller installer = new XfrmPolicyInstaller()) {
                assertTrue(installer.apply(List.of(new Install(numbered(1, 10)), new Update(numbered(1, 3)))).stream()
                        .allMatch(Outcome::done));
                assertEquals(List.of(InstalledPolicy.of(numbered(1, 3))), withoutNumbers(installer));
                SecurityPolicy optionalTunnel = policy(
                        Direction.OUTBOUND,
                        Selector.between(IpPrefix.ANY_INET, IpPrefix.ANY_INET),
                        1,
                        new PolicyScope.IfId(1),
                        transform(IpsecMode.TUNNEL, LOCAL, REMOTE, Level.USE, 0),
                        transform(IpsecMode.TRANSPORT, IpAddress.ANY_INET6, IpAddress.ANY_INET6, Level.REQUIRE, 0));
                SecurityPolicy goneDevice =
                        policy(Direction.OUTBOUND, numbered(2, 1).selector(), 1, new PolicyScope.Device("ipsec9"));
                List<Outcome> refused = installer.apply(List.of(new Install(optionalTunnel), new Install(goneDevice)));
                assertEquals(ErrnoException.EINVAL, refused.get(0).errno());
                assertTrue(
                        refused.get(0).reason().startsWith("Invalid argument"),
                        refused.get(0).reason());
                assertEquals("there is no device ipsec9", refused.get(1).reason());
                assertEquals(1, installer.dump().size());
            }
            return null;
        });
    }

    @Test
    void entryOfADeviceThatIsGoneIsRemoved() throws Exception {
        inside(() -> {
            try (XfrmPolicyInstaller installer = new XfrmPolicyInstaller()) {
                run("ip", "tuntap", "add", "dev", "ipsec0", "mode", "tun");
                SecurityPolicy policy =
                        policy(Direction.OUTBOUND, numbered(1, 1).selector(), 1, new PolicyScope.Device("ipsec0"));
                assertTrue(installer.apply(List.of(new Install(policy))).get(0).done());
                run("ip", "link", "del", "ipsec0");
                assertEquals(1, installer.dump().size());
                assertTrue(installer
                        .apply(List.of(new Remove(PolicyKey.of(policy))))
                        .get(0)
                        .done());
                assertEquals(List.of(), installer.dump());
            }
            return null;
        });
    }

    private static List<KernelEvent> events(XfrmMonitor monitor) {
        List<KernelEvent> events = new ArrayList<>();
        int read;
        do {
            read = monitor.receive(events::add);
        } while (read > PacketChannel.NOTHING);
        assertEquals(PacketChannel.NOTHING, read);
        return events;
    }

    @Test
    void eventsTellWhatHappenedAndWhoDidIt() throws Exception {
        inside(() -> {
            try (XfrmPolicyInstaller installer = new XfrmPolicyInstaller();
                    XfrmMonitor monitor = new XfrmMonitor(1 << 20)) {
                SecurityPolicy first = numbered(1, 10);
                SecurityPolicy second = numbered(1, 3);
                installer.apply(List.of(
                        new Install(first), new Update(second), new Remove(PolicyKey.of(first)), new Install(first)));
                assertTrue(monitor.awaitReadable());
                int ours = installer.origin();
                assertEquals(
                        List.of(
                                new PolicyChanged(ours, Change.ADDED, InstalledPolicy.of(first)),
                                new PolicyChanged(ours, Change.UPDATED, InstalledPolicy.of(second)),
                                new PolicyChanged(ours, Change.REMOVED, InstalledPolicy.of(second)),
                                new PolicyChanged(ours, Change.ADDED, InstalledPolicy.of(first))),
                        events(monitor));
                String selector = "ip xfrm policy delete src 0.0.0.0/0 dst 10.0.1.0/24 dir out if_id 100";
                run(selector.split(" "));
                PolicyChanged removed = (PolicyChanged) events(monitor).get(0);
                assertEquals(Change.REMOVED, removed.change());
                assertEquals(InstalledPolicy.of(first), removed.policy());
                assertTrue(removed.origin() != ours);
                installer.apply(List.of(new Install(first)));
                events(monitor);
                run("ip", "xfrm", "policy", "flush");
                assertTrue(events(monitor).stream()
                        .anyMatch(
                                event -> event instanceof KernelEvent.PoliciesFlushed flush && flush.origin() != ours));
            }
            return null;
        });
    }

    @Test
    void packetWithoutAnSaAsksForOne() throws Exception {
        inside(() -> {
            run("ip", "tuntap", "add", "dev", "t0", "mode", "tun"); // lo has no IPsec
            run("ip", "address", "add", "203.0.113.1/24", "dev", "t0");
            run("ip", "link", "set", "t0", "up");
            run("ip", "route", "add", "198.51.100.2/32", "dev", "t0");
            run("ip", "route", "add", "10.2.0.0/16", "dev", "t0");
            SecurityPolicy policy = policy(
                    Direction.OUTBOUND,
                    Selector.between(IpPrefix.ANY_INET, IpPrefix.parse("10.2.0.0/16")),
                    5,
                    new PolicyScope.Host(),
                    transform(IpsecMode.TUNNEL, LOCAL, REMOTE, Level.UNIQUE, 100));
            try (XfrmPolicyInstaller installer = new XfrmPolicyInstaller();
                    XfrmMonitor monitor = new XfrmMonitor(1 << 20);
                    DatagramSocket socket = new DatagramSocket()) {
                assertTrue(installer.apply(List.of(new Install(policy))).get(0).done());
                events(monitor);
                socket.send(new DatagramPacket(new byte[1], 1, InetAddress.getByName("10.2.0.1"), 9));
                KernelEvent.Acquire acquire = events(monitor).stream()
                        .filter(KernelEvent.Acquire.class::isInstance)
                        .map(KernelEvent.Acquire.class::cast)
                        .findFirst()
                        .orElseThrow();
                assertEquals(LOCAL, acquire.source());
                assertEquals(REMOTE, acquire.destination());
                assertEquals(InstalledPolicy.of(policy), acquire.policy());
            }
            return null;
        });
    }

    @Test
    void moreEventsThanTheBufferHoldsAreToldAsLost() throws Exception {
        inside(() -> {
            try (XfrmPolicyInstaller installer = new XfrmPolicyInstaller();
                    XfrmMonitor monitor = new XfrmMonitor(1)) { // the kernel makes it its least
                installer.apply(installs(
                        IntStream.range(0, 100).mapToObj(i -> numbered(i, 1)).toList()));
                List<KernelEvent> events = events(monitor);
                assertTrue(events.contains(new KernelEvent.Lost()), events.size() + " events");
                installer.apply(List.of(new Update(numbered(1, 9))));
                assertEquals(
                        List.of(new PolicyChanged(
                                installer.origin(), Change.UPDATED, InstalledPolicy.of(numbered(1, 9)))),
                        events(monitor));
            }
            return null;
        });
    }
}
