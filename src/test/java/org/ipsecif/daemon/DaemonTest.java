package org.ipsecif.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.ipsecif.Eventually;
import org.ipsecif.control.DaemonControl.RefusedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The whole daemon, on a host in memory. */
class DaemonTest {
    private static final String RC_CONF = """
            ifconfig_ipsec0="inet tunnel 203.0.113.1 198.51.100.2 up"
            ifconfig_ipsec0_alias0="inet 10.0.0.1/30 10.0.0.2"
            create_args_ipsec0="reqid 100"
            """;

    @TempDir
    private Path directory;

    private final MemorySpd spd = new MemorySpd();
    private final MemoryPlatform host = new MemoryPlatform(spd);

    private Set<String> kernel() {
        Set<String> keys = new TreeSet<>();
        spd.entries.keySet().forEach(key -> keys.add(key.toString()));
        return keys;
    }

    @Test
    void startsOnThePlatformThatItIsGivenAndLeavesNothingAtTheEnd() throws Exception {
        try (RunningDaemon daemon = RunningDaemon.start(host, directory, RC_CONF)) {
            assertEquals(Set.of("ipsec0"), host.links.keySet());
            assertEquals(6, kernel().size());
            assertEquals(
                    "10.0.0.1/30 10.0.0.2",
                    host.links.get("ipsec0").addresses.get(0).toString());
            assertEquals(
                    100, daemon.call("interface.list", "{}").get(0).get("reqid").asInt());
            assertEquals(0, host.closed.get());
        }
        assertEquals(1, host.closed.get());
        assertEquals(Map.of(), host.links);
        assertEquals(Set.of(), kernel());
    }

    /** The way to the kernel's SPD is chosen at the start. */
    @ParameterizedTest
    @CsvSource({
        "'', kernel-spd = xfrm, 0",
        "kernel-spd = xfrm, '', 0",
        "'', kernel-spd = pfkey, 1",
        "kernel-spd = xfrm, kernel-spd = pfkey, 1",
        "kernel-spd = pfkey, '', 1"
    })
    void reloadTellsOfAnotherWayToTheSpdAndOfNoOther(String before, String after, int lines) throws Exception {
        Path conf = Files.writeString(directory.resolve("ipsecif.conf"), before + "\n");
        try (RunningDaemon daemon = RunningDaemon.start(host, directory, RC_CONF)) {
            Files.writeString(conf, after + "\n");
            JsonNode changes = daemon.call("reload", "{}").get("changes");
            assertEquals(lines, changes.size(), changes.toString());
            assertEquals(lines == 1, changes.toString().contains("kernel-spd: a change takes effect"));
        }
    }

    @Test
    void startThatFailsClosesThePlatformToo() {
        host.add("ipsec0").foreign = true;
        assertThrows(RefusedException.class, () -> RunningDaemon.start(host, directory, RC_CONF));
        assertEquals(1, host.closed.get());
    }

    @Test
    void nextDaemonTakesOverWhatOneLeft() throws Exception {
        RunningDaemon.start(host, directory, RC_CONF).leave();
        Set<String> left = kernel();
        int index = host.links.get("ipsec0").index;
        spd.made.clear();
        try (RunningDaemon daemon = RunningDaemon.start(host, directory, RC_CONF)) {
            assertEquals(
                    index,
                    daemon.call("interface.list", "{}").get(0).get("index").asInt());
            assertEquals(left, kernel());
            assertEquals(List.of(), spd.made);
        }
        assertTrue(kernel().isEmpty());
    }

    @Test
    void deviceOfSomebodyElseIsGivenBackAtTheEnd() throws Exception {
        MemoryPlatform.Link others = host.add("ipsec0");
        try (RunningDaemon daemon = RunningDaemon.start(host, directory, RC_CONF)) {
            assertEquals(1, daemon.call("interface.list", "{}").size());
            assertFalse(others.released);
        }
        assertEquals(others, host.links.get("ipsec0"));
        assertTrue(others.released);
    }

    /** For the next daemon, which is to find it as it is. */
    @Test
    void deviceThatIsLeftForAnotherDaemonIsNotGivenBack() throws Exception {
        MemoryPlatform.Link others = host.add("ipsec0");
        RunningDaemon.start(host, directory, RC_CONF).leave();
        assertFalse(others.released);
    }

    @Test
    void nextDaemonGivesBackWhatItDoesNotWant() throws Exception {
        MemoryPlatform.Link others = host.add("ipsec0");
        RunningDaemon.start(host, directory, RC_CONF).leave();
        try (RunningDaemon daemon = RunningDaemon.start(host, directory, "")) {
            assertEquals(0, daemon.call("interface.list", "{}").size());
            assertTrue(others.released);
        }
        assertEquals(others, host.links.get("ipsec0"));
    }

    /** Nothing else wakes one that could not be read, and that nobody sends with. */
    @Test
    void transportsAreToldEachSecondToTryAgain() throws Exception {
        try (RunningDaemon daemon = RunningDaemon.start(host, directory, RC_CONF)) {
            assertEquals(1, daemon.call("interface.list", "{}").size());
            Eventually.await("it is told", () -> host.tries.get() > 1);
        }
    }
}
