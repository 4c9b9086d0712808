package org.ipsecif.daemon.freebsd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.ipsecif.Eventually;
import org.ipsecif.daemon.RunningDaemon;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** FreeBSD hosts whose kernels have IPsec: their SPD holds a copy, they keep ESP from sockets, and others change what is in them. */
class KernelPoliciesTest {
    private static final int ESP = 50;
    private static final String OUT = "out 10.0.0.1";

    @TempDir
    private Path directory;

    private TwoHosts hosts;
    private Ipsec kernel;

    @BeforeEach
    void setUp() throws Exception {
        hosts = new TwoHosts(directory);
        kernel = hosts.one.enableIpsec();
        hosts.two.enableIpsec();
    }

    private RunningDaemon start(TwoHosts.End end) throws Exception {
        return end.start(end.manualRcConf());
    }

    @Test
    void pingsGoThroughTheTunnelBothWaysAsEsp() throws Exception {
        kernel.addForeign();
        List<String> before = kernel.policies();
        try (RunningDaemon one = start(hosts.one);
                RunningDaemon two = start(hosts.two)) {
            assertTrue(hosts.one.host.ping("10.0.0.1", "10.0.0.2"));
            assertTrue(hosts.two.host.ping("10.0.0.2", "10.0.0.1", 1300));
            List<byte[]> carried = hosts.network.takeCarried();
            assertEquals(4, carried.size());
            carried.forEach(each -> assertEquals(ESP, each[9]));
            assertEquals(2, hosts.one.host.counter("ESP to the kernel"));
            assertTrue(kernel.policies().size() > before.size());
            assertTrue(kernel.policies().containsAll(before));
        }
        assertEquals(before, kernel.policies());
        assertEquals(0, hosts.one.process.openDescriptors());
    }

    @Test
    void ikeTakesItsOwnWayThroughTheKernelsPolicies() throws Exception {
        try (RunningDaemon one = hosts.one.start(hosts.one.ikeRcConf());
                RunningDaemon two = hosts.two.start(hosts.two.ikeRcConf())) {
            Eventually.await("SAs at both ends", () -> IkeTest.isUp(one) && IkeTest.isUp(two));
            assertTrue(hosts.one.host.ping("10.0.0.1", "10.0.0.2"));
            assertTrue(hosts.two.host.ping("10.0.0.2", "10.0.0.1"));
        }
        assertEquals(List.of(), kernel.policies());
    }

    @Test
    void policiesFollowTheAddressesThatOthersGiveAndTake() throws Exception {
        try (RunningDaemon one = start(hosts.one)) {
            hosts.one.host.addAddress("ipsec0", "10.4.0.1/30 10.4.0.2");
            Eventually.await(
                    "the kernel has them", () -> kernel.policies().toString().contains("10.4.0.2"));
            hosts.one.host.removeAddress("ipsec0", "10.4.0.1");
            Eventually.await(
                    "the kernel has them no more",
                    () -> !kernel.policies().toString().contains("10.4.0.2"));
            assertTrue(kernel.policies().toString().contains("10.0.0.2"));
        }
    }

    @Test
    void aPolicyOfOursThatSomebodyDeletesIsRestored() throws Exception {
        try (RunningDaemon one = start(hosts.one)) {
            List<String> ours = kernel.policiesWithoutIds();
            kernel.delete(kernel.policy(OUT));
            Eventually.await(
                    "it is there again", () -> kernel.policiesWithoutIds().equals(ours));
        }
        assertEquals(List.of(), kernel.policies());
    }

    @Test
    void aPolicyOfOursThatSomebodyAltersIsRestored() throws Exception {
        try (RunningDaemon one = start(hosts.one)) {
            List<String> ours = kernel.policiesWithoutIds();
            kernel.alter();
            Eventually.await(
                    "it is as it was", () -> kernel.policiesWithoutIds().equals(ours));
        }
        assertEquals(List.of(), kernel.policies());
    }

    @Test
    void whatOthersHaveInTheSpdIsLeftAlone() throws Exception {
        try (RunningDaemon one = start(hosts.one)) {
            kernel.addForeign();
            String foreign = kernel.policy("10.77.0.1");
            hosts.one.host.addAddress("ipsec0", "10.4.0.1/30 10.4.0.2");
            Eventually.await(
                    "the kernel has them", () -> kernel.policies().toString().contains("10.4.0.2"));
            one.call("policy.list", "{}"); // it is done with the address
            assertEquals(foreign, kernel.policy("10.77.0.1"));
            kernel.delete(foreign);
            List<String> ours = kernel.policiesWithoutIds();
            assertFalse(ours.toString().contains("10.77.0.1"));
            kernel.delete(kernel.policy(OUT + "[0]/32 10.0.0.2")); // which the daemon hears of after the other
            Eventually.await(
                    "ours is there again", () -> kernel.policiesWithoutIds().equals(ours));
            one.call("policy.list", "{}"); // it is done with what it heard
            assertEquals(ours, kernel.policiesWithoutIds());
        }
        assertEquals(List.of(), kernel.policies());
    }
}
