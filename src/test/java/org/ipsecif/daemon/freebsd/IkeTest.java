package org.ipsecif.daemon.freebsd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.ipsecif.Eventually;
import org.ipsecif.daemon.RunningDaemon;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From rc.conf to ping between two FreeBSD hosts, with keys by IKE. */
class IkeTest {
    private static final int ESP = 50;
    private static final int UDP = 17;

    @TempDir
    private Path directory;

    private TwoHosts hosts;

    @BeforeEach
    void setUp() throws Exception {
        hosts = new TwoHosts(directory);
    }

    static boolean isUp(RunningDaemon daemon) throws Exception {
        return daemon.call("ike.list", "{}").toString().contains("\"state\":\"active\"");
    }

    /** Starts both, waits for the SAs, and pings both ways. */
    private void pingBothWays(int protocol) throws Exception {
        try (RunningDaemon one = hosts.one.start(hosts.one.ikeRcConf());
                RunningDaemon two = hosts.two.start(hosts.two.ikeRcConf())) {
            Eventually.await("SAs at both ends", () -> isUp(one) && isUp(two));
            hosts.network.takeCarried();
            assertTrue(hosts.one.host.ping("10.0.0.1", "10.0.0.2"));
            assertTrue(hosts.two.host.ping("10.0.0.2", "10.0.0.1"));
            List<byte[]> carried = hosts.network.takeCarried();
            assertTrue(carried.size() >= 4);
            int at = carried.get(0)[0] >> 4 == 4 ? 9 : 6;
            assertTrue(carried.stream().filter(each -> each[at] == protocol).count() >= 4);
        }
        for (TwoHosts.End end : hosts.ends()) {
            assertEquals(List.of("lo0", "em0"), end.host.interfaceNames());
            assertEquals(0, end.process.openDescriptors());
        }
    }

    @Test
    void aSecretInAFileIsEnough() throws Exception {
        pingBothWays(ESP);
    }

    @Test
    void inUdpLikewise() throws Exception {
        hosts.ends().forEach(end -> end.more = "ipsecif_ipsec0_encap=\"udp\"\n");
        pingBothWays(UDP);
    }

    @Test
    void overIpv6Likewise() throws Exception {
        for (TwoHosts.End end : hosts.ends()) {
            end.local = end.local.replace("192.0.2.", "2001:db8::");
            end.remote = end.remote.replace("192.0.2.", "2001:db8::");
        }
        pingBothWays(ESP);
    }
}
