package org.ipsecif.daemon.freebsd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.ipsecif.Eventually;
import org.ipsecif.daemon.RunningDaemon;
import org.ipsecif.platform.freebsd.sim.key.SimulatedKeyKernel;
import org.ipsecif.platform.freebsd.sim.key.SimulatedKeySocket;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Another program on a FreeBSD host empties the kernel's SPD, alone or in a flood that no socket has room for. */
class FloodTest {
    /** Told to all, and of no interest to any. */
    private static final int SADB_X_PROMISC = 11;

    private static final int SADB_X_SPDFLUSH = 19;

    @TempDir
    private Path directory;

    private TwoHosts hosts;
    private final SimulatedKeyKernel kernel = new SimulatedKeyKernel();
    private Ipsec ipsec;
    private SimulatedKeySocket stranger;

    @BeforeEach
    void setUp() throws Exception {
        hosts = new TwoHosts(directory);
        ipsec = new Ipsec(hosts.one.host, kernel);
        stranger = kernel.open(99);
    }

    private void say(int type) {
        assertEquals(0, stranger.write(new byte[] {2, (byte) type, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 99, 0, 0, 0}));
        while (stranger.poll() != null) {}
    }

    private void awaitBack(List<String> ours) throws Exception {
        Eventually.await(
                "they are there again", () -> ipsec.policiesWithoutIds().equals(ours));
    }

    @Test
    void policiesOfOursAreBackAfterAFlush() throws Exception {
        try (RunningDaemon daemon = hosts.one.start(hosts.one.manualRcConf())) {
            List<String> ours = ipsec.policiesWithoutIds();
            assertTrue(ours.size() > 1);
            synchronized (kernel) {
                say(SADB_X_SPDFLUSH);
                assertEquals(List.of(), kernel.policies());
            }
            awaitBack(ours);
        }
        assertEquals(List.of(), kernel.policies());
    }

    @Test
    void aFlushThatNobodyHadRoomToHearOfIsSeen() throws Exception {
        kernel.setMaxSocketBuffer(30_000);
        try (RunningDaemon daemon = hosts.one.start(hosts.one.manualRcConf())) {
            List<String> ours = ipsec.policiesWithoutIds();
            say(SADB_X_SPDFLUSH);
            awaitBack(ours);
            daemon.call("policy.list", "{}"); // behind the first look, and the repair: none is to come of itself
            synchronized (kernel) { // nobody reads meanwhile
                int before = kernel.lost();
                for (int i = 0; i < 5_000; i++) {
                    say(SADB_X_PROMISC);
                }
                int full = kernel.lost();
                assertTrue(full > before, "all sockets had room");
                say(SADB_X_SPDFLUSH);
                assertTrue(kernel.lost() > full, "somebody has heard of it");
                assertEquals(List.of(), kernel.policies());
            }
            awaitBack(ours);
        }
        assertEquals(List.of(), kernel.policies());
    }
}
