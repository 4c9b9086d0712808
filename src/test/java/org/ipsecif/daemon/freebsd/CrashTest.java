package org.ipsecif.daemon.freebsd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.ipsecif.Eventually;
import org.ipsecif.daemon.RunningDaemon;
import org.ipsecif.platform.freebsd.sim.SimulatedFreeBsd.Shown;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A daemon that dies, and the next one that finds what is left. */
class CrashTest {
    private static final List<String> WITHOUT_OURS = List.of("lo0", "em0");

    @TempDir
    private Path directory;

    private TwoHosts hosts;

    @BeforeEach
    void setUp() throws Exception {
        hosts = new TwoHosts(directory);
    }

    private RunningDaemon start(TwoHosts.End end) throws Exception {
        return end.start(end.manualRcConf());
    }

    @Test
    void theNextStartTakesTheInterfaceAndTheTunnelWorksAgain() throws Exception {
        try (RunningDaemon two = start(hosts.two)) {
            RunningDaemon first = start(hosts.one);
            assertTrue(hosts.one.host.ping("10.0.0.1", "10.0.0.2"));
            int index = hosts.one.host.show("ipsec0").index();
            hosts.one.crash(first);
            assertEquals(List.of(), hosts.one.host.show("ipsec0").addresses()); // nobody held the device
            try (RunningDaemon next = start(hosts.one)) {
                Shown shown = hosts.one.host.show("ipsec0");
                assertEquals(index, shown.index());
                assertTrue(shown.up());
                assertEquals(List.of("10.0.0.1/30 10.0.0.2"), shown.addresses());
                assertTrue(hosts.one.host.ping("10.0.0.1", "10.0.0.2"));
                assertTrue(hosts.two.host.ping("10.0.0.2", "10.0.0.1"));
            }
            assertEquals(WITHOUT_OURS, hosts.one.host.interfaceNames());
        }
    }

    @Test
    void anInterfaceThatIsConfiguredNoMoreIsRemovedByTheNextStart() throws Exception {
        hosts.one.crash(start(hosts.one));
        try (RunningDaemon next = hosts.one.start("")) {
            assertEquals(WITHOUT_OURS, hosts.one.host.interfaceNames());
            assertTrue(next.call("interface.list", "{}").isEmpty());
        }
    }

    @Test
    void whatACrashLeftInTheKernelsSpdGoesWithTheNextStartAndWhatOthersHaveStays() throws Exception {
        Ipsec kernel = hosts.one.enableIpsec();
        kernel.addForeign();
        List<String> foreign = kernel.policies();
        RunningDaemon first = start(hosts.one);
        List<String> ours = kernel.policiesWithoutIds();
        hosts.one.crash(first);
        assertEquals(ours, kernel.policiesWithoutIds());
        try (RunningDaemon next = start(hosts.one)) {
            assertEquals(ours, kernel.policiesWithoutIds());
        }
        assertEquals(foreign, kernel.policies());
        hosts.one.crash(start(hosts.one));
        try (RunningDaemon next = hosts.one.start("")) {
            assertEquals(foreign, kernel.policies());
        }
    }

    @Test
    void policiesThatSomebodyElseMadeMeanwhileAreNotTakenForOurs() throws Exception {
        Ipsec kernel = hosts.one.enableIpsec();
        hosts.one.crash(start(hosts.one));
        kernel.addForeign();
        try (RunningDaemon next = hosts.one.start("")) {
            assertEquals(1, kernel.policies().size());
            assertTrue(kernel.policies().get(0).contains("10.77.0.1"));
        }
    }

    @Test
    void anUpgradeLeavesWhatThereIsForTheNext() throws Exception {
        Ipsec kernel = hosts.one.enableIpsec();
        start(hosts.one).leave();
        List<String> left = kernel.policies();
        assertFalse(left.isEmpty());
        assertTrue(hosts.one.host.interfaceNames().contains("ipsec0"));
        hosts.one.process.kill(); // its process has ended
        try (RunningDaemon next = start(hosts.one)) {
            assertEquals(left, kernel.policies());
            assertEquals(
                    List.of("10.0.0.1/30 10.0.0.2"),
                    hosts.one.host.show("ipsec0").addresses());
        }
        assertEquals(List.of(), kernel.policies());
        assertEquals(WITHOUT_OURS, hosts.one.host.interfaceNames());
    }

    /** What a routing daemon and a firewall have put on it, too. */
    private void addMore(TwoHosts.End end) {
        end.host.addRoute("10.20.0.0/16", end.innerRemote);
        end.host.addAddress("ipsec0", "10.6.0.1/30 10.6.0.2");
    }

    @Test
    void withAHolderAddressesAndRoutesSurviveACrashAndTheTunnelWorksAgain() throws Exception {
        var holder = hosts.one.enableHolder();
        Ipsec kernel = hosts.one.enableIpsec();
        kernel.addForeign();
        List<String> foreign = kernel.policies();
        try (RunningDaemon two = start(hosts.two)) {
            RunningDaemon first = start(hosts.one);
            addMore(hosts.one);
            Eventually.await("it is held", () -> holder.held() == 1);
            Eventually.await(
                    "it knows the address", () -> kernel.policies().toString().contains("10.6.0.2"));
            List<String> addresses = hosts.one.host.show("ipsec0").addresses();
            List<String> routes = hosts.one.host.routesOf("ipsec0");
            assertTrue(routes.contains("10.20.0.0/16"));
            hosts.one.crash(first);
            assertEquals(addresses, hosts.one.host.show("ipsec0").addresses());
            assertEquals(routes, hosts.one.host.routesOf("ipsec0"));
            try (RunningDaemon next = start(hosts.one)) {
                assertEquals(addresses, hosts.one.host.show("ipsec0").addresses());
                assertEquals(routes, hosts.one.host.routesOf("ipsec0"));
                assertTrue(hosts.one.host.ping("10.0.0.1", "10.0.0.2"));
                assertTrue(hosts.two.host.ping("10.0.0.2", "10.0.0.1"));
            }
            assertEquals(WITHOUT_OURS, hosts.one.host.interfaceNames());
            assertEquals(foreign, kernel.policies());
        }
    }

    @Test
    void withAHolderAnUpgradeLosesNothing() throws Exception {
        hosts.one.enableHolder();
        start(hosts.one).leave();
        hosts.one.process.kill();
        addMore(hosts.one);
        List<String> routes = hosts.one.host.routesOf("ipsec0");
        try (RunningDaemon next = start(hosts.one)) {
            assertEquals(
                    List.of("10.0.0.1/30 10.0.0.2", "10.6.0.1/30 10.6.0.2"),
                    hosts.one.host.show("ipsec0").addresses());
            assertEquals(routes, hosts.one.host.routesOf("ipsec0"));
        }
        assertEquals(WITHOUT_OURS, hosts.one.host.interfaceNames());
    }

    @Test
    void aHolderThatIsKilledIsStartedAgainByTheDaemonAndHoldsAgain() throws Exception {
        var holder = hosts.one.enableHolder();
        RunningDaemon first = start(hosts.one);
        holder.kill();
        Eventually.await("another one holds", () -> holder.held() == 1);
        hosts.one.crash(first);
        assertEquals(
                List.of("10.0.0.1/30 10.0.0.2"), hosts.one.host.show("ipsec0").addresses());
        try (RunningDaemon next = start(hosts.one)) {
            assertTrue(hosts.one.host.show("ipsec0").up());
        }
        assertEquals(WITHOUT_OURS, hosts.one.host.interfaceNames());
    }
}
