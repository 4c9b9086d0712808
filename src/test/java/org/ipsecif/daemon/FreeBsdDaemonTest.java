package org.ipsecif.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.ipsecif.platform.InstalledPolicy;
import org.ipsecif.sa.Direction;
import org.ipsecif.sa.IpPrefix;
import org.ipsecif.sa.PolicyAction;
import org.ipsecif.sa.PolicyScope;
import org.ipsecif.sa.SecurityPolicy;
import org.ipsecif.sa.Selector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole daemon, on a host in memory whose kernel holds policies as FreeBSD's does. */
class FreeBsdDaemonTest {
    private static final String RC_CONF = """
            ifconfig_ipsec0="inet tunnel 203.0.113.1 198.51.100.2 up"
            ifconfig_ipsec0_alias0="inet 10.0.0.1/30 10.0.0.2"
            """;

    private static final String OUT =
            "out 10.0.0.1/32 to 10.0.0.2/32, host: 1000 protect esp/tunnel/203.0.113.1-198.51.100.2/use";

    @TempDir
    private Path directory;

    private final FreeBsdSpd spd = new FreeBsdSpd();
    private final MemoryPlatform host = MemoryPlatform.freeBsd(spd);

    private RunningDaemon start() throws Exception {
        return RunningDaemon.start(host, directory, RC_CONF);
    }

    private static SecurityPolicy theirs(String destination) {
        return new SecurityPolicy(
                "",
                Direction.OUTBOUND,
                Selector.between(IpPrefix.parse("10.0.0.1"), IpPrefix.parse(destination)),
                PolicyAction.BYPASS,
                List.of(),
                0,
                new PolicyScope.Host());
    }

    private static List<String> column(JsonNode policies, String name) {
        List<String> values = new ArrayList<>();
        policies.forEach(each -> values.add(each.get(name).asText()));
        return values;
    }

    @Test
    void kernelHasWhatIsNarrowedAndTheProcessAll() throws Exception {
        InstalledPolicy others = spd.put(theirs("10.9.0.1"));
        try (RunningDaemon daemon = start()) {
            assertEquals(9, spd.entries.size());
            assertTrue(spd.lines().contains(OUT), spd.lines().toString());
            assertEquals(
                    0x2000,
                    daemon.call("interface.list", "{}").get(0).get("reqid").asInt());
            JsonNode policies = daemon.call("policy.list", "{'name':'ipsec0'}");
            assertEquals(6 + 8, policies.size());
            assertEquals(
                    List.of("narrowed", "same", "absent", "narrowed", "same", "absent", "narrowed", "absent"),
                    column(policies, "kernel").subList(0, 8));
            assertEquals(
                    6,
                    column(policies, "process").stream().filter("true"::equals).count());
            assertTrue(column(policies, "note").get(2).contains("no inet6 address"));
            assertEquals(
                    14,
                    daemon.call("template.render", "{'template':'route-based','name':'ipsec0'}")
                            .get("policies")
                            .size());
        }
        assertEquals(List.of(others), spd.dump());
    }

    /** What several interfaces lead to the kernel has once; Linux has it once for each, by their if_ids. */
    @Test
    void twoTunnelsToTheSameNetworksGoTogether() throws Exception {
        String both = RC_CONF + """
                ipsecif_ipsec0_remote_networks="10.8.0.0/16"
                ifconfig_ipsec1="inet tunnel 203.0.113.1 198.51.100.3 up"
                ifconfig_ipsec1_alias0="inet 10.0.0.1/30 10.0.0.2"
                ipsecif_ipsec1_remote_networks="10.8.0.0/16"
                """;
        try (RunningDaemon daemon = RunningDaemon.start(host, directory, both)) {
            assertTrue(spd.lines().contains(OUT), spd.lines().toString());
            JsonNode policies = daemon.call("policy.list", "{}");
            assertFalse(column(policies, "kernel").contains("differs"), policies.toString());
            daemon.call("interface.destroy", "{'name':'ipsec0'}");
            assertTrue(
                    spd.lines().contains(OUT.replace("198.51.100.2", "198.51.100.3")),
                    spd.lines().toString());
            assertFalse(
                    spd.lines().toString().contains("198.51.100.2"), spd.lines().toString());
        }
        assertEquals(List.of(), spd.dump());
    }

    @Test
    void entriesFollowTheAddressesThoughThePoliciesStayTheSame() throws Exception {
        try (RunningDaemon daemon = start()) {
            daemon.call("interface.configure", "{'name':'ipsec0','words':['inet','10.0.0.5/32','10.0.0.6','alias']}");
            String second = OUT.replace("0.1/32", "0.5/32").replace("0.2/32", "0.6/32");
            assertTrue(spd.lines().contains(second), spd.lines().toString());
            assertEquals(6 + 8, spd.entries.size());
            daemon.call("interface.configure", "{'name':'ipsec0','words':['inet','10.0.0.5','-alias']}");
            assertFalse(spd.lines().contains(second));
            assertEquals(8, spd.entries.size());
        }
    }

    @Test
    void tunnelsBetweenTheSameAddressesShareTheBypasses() throws Exception {
        String second = RC_CONF.replace("ipsec0", "ipsec1").replace("10.0.0.", "10.0.1.");
        try (RunningDaemon daemon = RunningDaemon.start(host, directory, RC_CONF + second)) {
            assertEquals(6 + 2 + 2, spd.entries.size());
            daemon.call("interface.destroy", "{'name':'ipsec0'}");
            assertEquals(6 + 2, spd.entries.size());
        }
        assertEquals(Set.of(), spd.lines());
    }

    @Test
    void entryOfAnotherProgramInThePlaceOfOursRefusesTheInterfaceAndStays() throws Exception {
        InstalledPolicy others = spd.put(theirs("10.0.0.2"));
        Exception refusal = assertThrows(Exception.class, this::start);
        assertEquals(
                "ipsec0: the kernel's SPD has another program's policy in the place of out/inet"
                        + " (out 10.0.0.1/32 to 10.0.0.2/32, host)",
                refusal.getMessage());
        assertEquals(List.of(others), spd.dump());
        assertEquals(Set.of(), host.links.keySet());
    }

    @Test
    void nextStartTakesOverWhatACrashLeft() throws Exception {
        start().leave();
        Set<InstalledPolicy> left = new HashSet<>(spd.dump());
        spd.made.clear();
        try (RunningDaemon daemon = start()) {
            assertEquals(left, new HashSet<>(spd.dump()));
            assertEquals(List.of(), spd.made);
        }
        assertEquals(Set.of(), spd.lines());
    }

    @Test
    void nextStartRemovesWhatNobodyWantsAnyMore() throws Exception {
        start().leave();
        InstalledPolicy others = spd.put(theirs("10.9.0.1"));
        try (RunningDaemon daemon = RunningDaemon.start(host, directory, "")) {
            assertEquals(List.of(others), spd.dump());
        }
    }

    /** While the daemon was away, somebody replaced an entry by one of the same words: its number tells. */
    @Test
    void entryOfTheSameWordsThatAnotherProgramMadeMeanwhileIsNotOurs() throws Exception {
        start().leave();
        SecurityPolicy same = spd.entries.values().stream()
                .filter(entry -> FreeBsdSpd.line(entry.policy()).equals(OUT))
                .findFirst()
                .orElseThrow()
                .policy();
        InstalledPolicy others = spd.put(same);
        try (RunningDaemon daemon = RunningDaemon.start(host, directory, "")) {
            assertEquals(List.of(others), spd.dump());
        }
    }

    @Test
    void recordOfBeforeABootClaimsNothing() throws Exception {
        start().leave();
        List<SecurityPolicy> left =
                spd.dump().stream().map(InstalledPolicy::policy).toList();
        host.boot = "second";
        host.links.clear();
        spd.boot();
        left.forEach(spd::put); // the same words, and by chance the same numbers
        MemoryPlatform.Link others = host.add("ipsec0");
        try (RunningDaemon daemon = RunningDaemon.start(host, directory, "")) {
            assertEquals(left.size(), spd.entries.size());
            assertEquals(others, host.links.get("ipsec0"));
        }
        assertEquals(left.size(), spd.entries.size());
    }

    @Test
    void kernelsOwnIpsecInterfaceIsRefusedWithTheWayOut() throws Exception {
        host.add("ipsec1").foreign = true;
        try (RunningDaemon daemon = start()) {
            Exception refusal = assertThrows(
                    Exception.class, () -> daemon.call("interface.create", "{'name':'ipsec1','words':[]}"));
            assertEquals("ipsec1 is the kernel's own", refusal.getMessage());
        }
        assertEquals(Set.of("ipsec1"), host.links.keySet());
    }

    @Test
    void withoutAnSpdAllIsInTheProcessAloneAndShowAndPolicySaySo() throws Exception {
        MemoryPlatform bare = MemoryPlatform.freeBsd(null);
        try (RunningDaemon daemon = RunningDaemon.start(bare, directory, RC_CONF)) {
            String absence = "the kernel has no memory, and so no SPD";
            assertEquals(
                    "in the process alone: " + absence,
                    daemon.call("interface.list", "{}").get(0).get("spd").asText());
            JsonNode policies = daemon.call("policy.list", "{}");
            assertEquals(6, policies.size());
            assertEquals(Set.of("absent"), Set.copyOf(column(policies, "kernel")));
            assertEquals(Set.of(absence), Set.copyOf(column(policies, "note")));
            daemon.call("interface.configure", "{'name':'ipsec0','words':['inet','10.0.0.5/32','10.0.0.6','alias']}");
        }
        assertEquals(Set.of(), bare.links.keySet());
    }

    /** Also where templates may ask for one. */
    @Test
    void withoutAnSpdThereAreNoFences() throws Exception {
        MemoryPlatform bare = new MemoryPlatform(null);
        String rcConf = RC_CONF + "ipsecif_ipsec0_template=fail-closed\nipsecif_ipsec0_remote_networks=10.2.0.0/16\n";
        Exception refusal = assertThrows(Exception.class, () -> RunningDaemon.start(bare, directory, rcConf));
        assertTrue(
                refusal.getMessage().contains("and this one cannot: the kernel has no memory"), refusal.getMessage());
        assertEquals(Set.of(), bare.links.keySet());
    }
}
