package org.ipsecif.daemon.freebsd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.ipsecif.Eventually;
import org.ipsecif.daemon.RunningDaemon;
import org.ipsecif.platform.freebsd.sim.SimulatedFreeBsd.Shown;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From rc.conf to ping between two FreeBSD hosts whose kernels have no IPsec, with keys by hand; and what others do to the interface. */
class ManualKeysTest {
    private static final int ESP = 50;

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
    void pingsGoThroughTheTunnelBothWaysAsEsp() throws Exception {
        try (RunningDaemon one = start(hosts.one);
                RunningDaemon two = start(hosts.two)) {
            assertTrue(hosts.one.host.ping("10.0.0.1", "10.0.0.2"));
            assertTrue(hosts.two.host.ping("10.0.0.2", "10.0.0.1", 1300));
            List<byte[]> carried = hosts.network.takeCarried();
            assertEquals(4, carried.size());
            carried.forEach(each -> assertEquals(ESP, each[9]));
            Shown shown = hosts.one.host.show("ipsec0");
            assertTrue(shown.up());
            assertEquals(List.of("10.0.0.1/30 10.0.0.2"), shown.addresses());
            assertEquals(0x8051, shown.flags()); // UP, POINTOPOINT, RUNNING, MULTICAST
        }
        for (TwoHosts.End end : hosts.ends()) {
            assertEquals(List.of("lo0", "em0"), end.host.interfaceNames());
            assertEquals(0, end.process.openDescriptors());
        }
    }

    @Test
    void overIpv6Likewise() throws Exception {
        for (TwoHosts.End end : hosts.ends()) {
            end.keys = TwoHosts.IPV6_SAS;
            end.local = end.local.replace("192.0.2.", "2001:db8::");
            end.remote = end.remote.replace("192.0.2.", "2001:db8::");
        }
        try (RunningDaemon one = start(hosts.one);
                RunningDaemon two = start(hosts.two)) {
            assertTrue(hosts.one.host.ping("10.0.0.1", "10.0.0.2"));
            assertTrue(hosts.two.host.ping("10.0.0.2", "10.0.0.1", 1300));
            List<byte[]> carried = hosts.network.takeCarried();
            assertEquals(4, carried.size());
            carried.forEach(each -> assertEquals(ESP, each[6]));
        }
    }

    @Test
    void manyPacketsOfEverySizeUpToTheMtuArriveAndLongerOnesInFragments() throws Exception {
        try (RunningDaemon one = start(hosts.one);
                RunningDaemon two = start(hosts.two)) {
            int mtu = hosts.one.host.show("ipsec0").mtu();
            for (int size = 8; size <= mtu - 20; size += 50) {
                assertTrue(hosts.one.host.ping("10.0.0.1", "10.0.0.2", size), "size " + size);
            }
            assertTrue(hosts.one.host.ping("10.0.0.1", "10.0.0.2", mtu - 20));
            assertTrue(hosts.one.host.ping("10.0.0.1", "10.0.0.2", 5000));
        }
    }

    @Test
    void nothingGoesOutInTheClear() throws Exception {
        try (RunningDaemon one = start(hosts.one)) {
            hosts.one.host.addRoute("10.5.0.0/16", "10.0.0.2");
            assertEquals(0, hosts.one.host.pingOnce("10.0.0.1", "10.5.0.1"));
            Eventually.await("a packet went out", () -> {
                List<byte[]> carried = hosts.network.takeCarried();
                carried.forEach(each -> assertEquals(ESP, each[9]));
                return !carried.isEmpty();
            });
        }
    }

    @Test
    void addressesThatOthersGiveAndTakeAreFollowed() throws Exception {
        hosts.ends().forEach(end -> end.more = "ipsecif_ipsec0_template=\"point-to-point\"\n");
        try (RunningDaemon one = start(hosts.one);
                RunningDaemon two = start(hosts.two)) {
            hosts.one.host.addAddress("ipsec0", "10.0.1.1/30 10.0.1.2");
            hosts.two.host.addAddress("ipsec0", "10.0.1.2/30 10.0.1.1");
            Eventually.await(
                    "both know the new addresses",
                    () -> policies(one).contains("10.0.1.1") && policies(two).contains("10.0.1.1"));
            assertTrue(hosts.one.host.ping("10.0.1.1", "10.0.1.2"));
            hosts.one.host.removeAddress("ipsec0", "10.0.1.1");
            Eventually.await("it is forgotten", () -> !policies(one).contains("10.0.1.1"));
            assertTrue(hosts.one.host.ping("10.0.0.1", "10.0.0.2"));
        }
    }

    private static String policies(RunningDaemon daemon) throws Exception {
        return daemon.call("policy.list", "{'name':'ipsec0'}").toString();
    }
}
