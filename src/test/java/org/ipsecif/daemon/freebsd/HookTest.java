package org.ipsecif.daemon.freebsd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.ipsecif.Eventually;
import org.ipsecif.daemon.RunningDaemon;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The hook: interfaces that others make and change, seen by the routing socket or devd(8). */
class HookTest {
    private static final String ON_DEMAND = """
            ipsecif_interfaces="ipsec0"
            ifconfig_ipsec0="inet tunnel 192.0.2.1 192.0.2.2"
            ipsecif_ipsec0_template="point-to-point"
            """;

    private static final String THIRD = """
            ipsecif_interfaces="ipsec0 ipsec3"
            ifconfig_ipsec3="inet tunnel 192.0.2.1 192.0.2.9"
            ipsecif_ipsec3_template="point-to-point"
            """;

    @TempDir
    private Path directory;

    private TwoHosts hosts;

    @BeforeEach
    void setUp() throws Exception {
        hosts = new TwoHosts(directory);
    }

    private static boolean has(RunningDaemon daemon, String name) throws Exception {
        return daemon.call("interface.list", "{}").findValuesAsText("name").contains(name);
    }

    private static List<String> destinations(RunningDaemon daemon) throws Exception {
        return daemon.call("policy.list", "{}").findValuesAsText("destination");
    }

    @Test
    void anInterfaceThatSomebodyElseMakesIsTakenAndGetsPoliciesForItsAddresses() throws Exception {
        try (RunningDaemon daemon = hosts.one.start(ON_DEMAND + THIRD)) {
            daemon.call("interface.destroy", "{'name':'ipsec3'}");
            assertFalse(has(daemon, "ipsec3"));
            hosts.one.host.createTun("ipsec3");
            Eventually.await("ipsec3 is ours", () -> has(daemon, "ipsec3"));
            assertFalse(destinations(daemon).contains("10.3.0.2/32"));
            hosts.one.host.addAddress("ipsec3", "10.3.0.1/30 10.3.0.2");
            Eventually.await(
                    "policies for the address", () -> destinations(daemon).contains("10.3.0.2/32"));
            hosts.one.host.removeAddress("ipsec3", "10.3.0.1");
            Eventually.await(
                    "no policies without it", () -> !destinations(daemon).contains("10.3.0.2/32"));
        }
        assertTrue(hosts.one.host.interfaceNames().contains("ipsec3")); // it is somebody else's
    }

    @Test
    void likewiseWithoutDevdAndOnKernelsThatDoNotTellOfLoss() throws Exception {
        hosts.one.host.stopDevd();
        hosts.one.host.setRelease(13);
        anInterfaceThatSomebodyElseMakesIsTakenAndGetsPoliciesForItsAddresses();
    }

    @Test
    void devdThatIsStartedAgainIsListenedToAgain() throws Exception {
        try (RunningDaemon daemon = hosts.one.start(ON_DEMAND)) {
            assertEquals(1, hosts.one.host.devdClients());
            hosts.one.host.stopDevd();
            assertEquals(0, hosts.one.host.devdClients());
            hosts.one.host.startDevd();
            for (int i = 0; i < 3; i++) {
                String address = "10.0." + i + ".1";
                hosts.one.host.addAddress("ipsec0", address + "/30 10.0." + i + ".2");
                String peer = "10.0." + i + ".2/32";
                Eventually.await(
                        "a policy to " + peer, () -> destinations(daemon).contains(peer));
            }
            Eventually.await("the daemon is connected again", () -> hosts.one.host.devdClients() == 1);
        }
    }

    @Test
    void aStormOfChangesEndsWithWhatIsThere() throws Exception {
        try (RunningDaemon daemon = hosts.one.start(ON_DEMAND)) {
            for (int i = 0; i < 2000; i++) {
                hosts.one.host.addAddress("ipsec0", "10.9.0.1/30 10.9.0.2");
                hosts.one.host.removeAddress("ipsec0", "10.9.0.1");
            }
            hosts.one.host.addAddress("ipsec0", "10.8.0.1/30 10.8.0.2");
            Eventually.await(
                    "what is there at last",
                    () -> destinations(daemon).contains("10.8.0.2/32")
                            && !destinations(daemon).contains("10.9.0.2/32"));
        }
    }

    /** The kernel has {@code ifconfig ipsec0 destroy} wait until nobody has the device open, and tells nobody meanwhile. */
    @Test
    void aDestroyThatWaitsIsDoneWhenTheDaemonLetsGo() throws Exception {
        try (RunningDaemon daemon = hosts.one.start(ON_DEMAND)) {
            Thread destroyer = new Thread(() -> hosts.one.host.destroy("ipsec0"));
            destroyer.start();
            Eventually.await("it waits", () -> destroyer.getState() == Thread.State.TIMED_WAITING);
            assertTrue(has(daemon, "ipsec0"));
            daemon.call("interface.destroy", "{'name':'ipsec0'}");
            destroyer.join();
            assertFalse(has(daemon, "ipsec0"));
            assertFalse(hosts.one.host.interfaceNames().contains("ipsec0"));
        }
    }

    @Test
    void theKernelsOwnIpsecInterfaceIsRefusedWithTheWayOut() {
        hosts.one.host.addInterface("ipsec0", "ipsec");
        Exception refused = assertThrows(Exception.class, () -> hosts.one.start(ON_DEMAND));
        assertTrue(refused.getMessage().contains("if_ipsec(4)"), refused.getMessage());
        assertTrue(refused.getMessage().contains("ipsecif_interfaces"), refused.getMessage());
        assertEquals(0, hosts.one.process.openDescriptors());
    }

    @Test
    void aNameThatAnotherDriversInterfaceHasIsRefused() {
        hosts.one.host.addInterface("ipsec0", "gif");
        Exception refused = assertThrows(Exception.class, () -> hosts.one.start(ON_DEMAND));
        assertTrue(refused.getMessage().contains("ipsec0"), refused.getMessage());
        assertTrue(hosts.one.host.interfaceNames().contains("ipsec0"));
        assertEquals(0, hosts.one.process.openDescriptors());
    }

    @Test
    void interfacesAreMadeChangedAndDestroyedByIpsecifctlsWords() throws Exception {
        try (RunningDaemon daemon = hosts.one.start("")) {
            daemon.call(
                    "interface.create",
                    "{'name':'ipsec7','words':['inet','tunnel','192.0.2.1','192.0.2.2','10.7.0.1/30','10.7.0.2']}");
            assertEquals(
                    List.of("10.7.0.1/30 10.7.0.2"),
                    hosts.one.host.show("ipsec7").addresses());
            assertTrue(hosts.one.host.routesOf("ipsec7").contains("10.7.0.2/32"));
            assertThrows(
                    IOException.class,
                    () -> daemon.call(
                            "interface.create", "{'name':'em0','words':['inet','tunnel','192.0.2.1','192.0.2.9']}"));
            daemon.call(
                    "interface.configure", "{'name':'ipsec7','words':['mtu','1300','description','to the office']}");
            assertEquals(1300, hosts.one.host.show("ipsec7").mtu());
            assertEquals("to the office", hosts.one.host.show("ipsec7").description());
            daemon.call("interface.destroy", "{'name':'ipsec7'}");
            assertFalse(hosts.one.host.interfaceNames().contains("ipsec7"));
        }
    }
}
