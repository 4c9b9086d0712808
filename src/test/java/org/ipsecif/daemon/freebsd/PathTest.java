package org.ipsecif.daemon.freebsd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.ipsecif.Eventually;
import org.ipsecif.daemon.RunningDaemon;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the network does to ESP on its way, and hosts to their own addresses, with IPsec in the kernel (bpf(4)) and without (raw sockets). */
class PathTest {
    private static final int ESP = 50;

    @TempDir
    private Path directory;

    private TwoHosts hosts;

    @BeforeEach
    void setUp() throws Exception {
        hosts = new TwoHosts(directory);
    }

    private void enableIpsec(boolean ipsec) {
        if (ipsec) {
            hosts.ends().forEach(TwoHosts.End::enableIpsec);
        }
    }

    private RunningDaemon start(TwoHosts.End end) throws Exception {
        return end.start(end.manualRcConf());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void espThatIsCutOnItsWayIsJoinedAgain(boolean ipsec) throws Exception {
        enableIpsec(ipsec);
        hosts.ends().forEach(end -> end.more = "ifconfig_ipsec0_alias1=\"mtu 4000 df clear\"\n");
        try (RunningDaemon one = start(hosts.one);
                RunningDaemon two = start(hosts.two)) {
            assertTrue(hosts.one.host.ping("10.0.0.1", "10.0.0.2", 3500));
            List<byte[]> carried = hosts.network.takeCarried();
            assertEquals(6, carried.size());
            carried.forEach(each -> assertEquals(ESP, each[9]));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anOuterAddressMayComeAfterTheDaemon(boolean ipsec) throws Exception {
        enableIpsec(ipsec);
        hosts.one.host.removeAddress("em0", "192.0.2.1");
        try (RunningDaemon one = start(hosts.one);
                RunningDaemon two = start(hosts.two)) {
            hosts.one.host.addAddress("em0", "192.0.2.1/24");
            pingUntilAnswered();
            hosts.one.host.removeAddress("em0", "192.0.2.1");
            hosts.one.host.addEthernet("em1", "192.0.2.1/24"); // another card has it now
            pingUntilAnswered();
        }
    }

    /** The daemon may be a moment behind its host. */
    private void pingUntilAnswered() throws Exception {
        Eventually.await("an answer", () -> hosts.two.host.ping("10.0.0.2", "10.0.0.1", 64, 50));
        assertTrue(hosts.one.host.ping("10.0.0.1", "10.0.0.2"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aNarrowerPathIsLearnedFromIcmp(boolean ipsec) throws Exception {
        enableIpsec(ipsec);
        hosts.network.setPathMtu(1000);
        hosts.ends().forEach(end -> end.more = "ifconfig_ipsec0_alias1=\"df set\"\n");
        try (RunningDaemon one = start(hosts.one);
                RunningDaemon two = start(hosts.two)) {
            assertFalse(hosts.one.host.ping("10.0.0.1", "10.0.0.2", 1300, 50)); // and an error comes for it
            Eventually.await("long packets pass", () -> hosts.one.host.ping("10.0.0.1", "10.0.0.2", 1300, 50));
            hosts.network.takeCarried();
            assertTrue(hosts.one.host.ping("10.0.0.1", "10.0.0.2", 1300));
            List<byte[]> carried = hosts.network.takeCarried();
            assertTrue(carried.size() >= 4, carried.size() + " packets"); // two each way
            carried.forEach(each -> assertTrue(each.length <= 1000, each.length + " bytes"));
        }
    }
}
