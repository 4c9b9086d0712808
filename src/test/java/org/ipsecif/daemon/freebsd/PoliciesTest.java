package org.ipsecif.daemon.freebsd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.ipsecif.Eventually;
import org.ipsecif.daemon.RunningDaemon;
import org.ipsecif.platform.freebsd.sim.key.Packet;
import org.ipsecif.platform.freebsd.sim.key.SimulatedKeyKernel;
import org.ipsecif.platform.freebsd.sim.key.Verdict;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Policies of an interface in the SPD of a FreeBSD kernel, and what others do there. */
class PoliciesTest {
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int ESP = 50;
    private static final int OURS = 8;
    private static final String OURS_OUT = "out 10.0.0.1[0]/32 10.0.0.2[0]/32 255 ";

    @TempDir
    private Path directory;

    private TwoHosts hosts;
    private final SimulatedKeyKernel kernel = new SimulatedKeyKernel();
    private Ipsec others;

    @BeforeEach
    void setUp() throws Exception {
        hosts = new TwoHosts(directory);
        others = new Ipsec(hosts.one.host, kernel);
    }

    private RunningDaemon start() throws Exception {
        return hosts.one.start(hosts.one.manualRcConf());
    }

    private static Packet packet(String from, String to, int protocol, int port) throws Exception {
        return new Packet(InetAddress.getByName(from), InetAddress.getByName(to), protocol, port, port, false);
    }

    @Test
    void kernelHasThemNarrowedAtLevelUseAndNothingIsCaptured() throws Exception {
        try (RunningDaemon daemon = start()) {
            assertEquals(OURS, kernel.policies().size(), kernel.policies().toString());
            assertEquals(Verdict.WITHOUT_SA, kernel.outbound(packet("10.0.0.1", "10.0.0.2", TCP, 22)));
            assertEquals(Verdict.WITHOUT_SA, kernel.inbound(packet("10.0.0.2", "10.0.0.1", TCP, 22)));
            assertEquals(Verdict.UNTOUCHED, kernel.outbound(packet("192.0.2.1", "192.0.2.2", ESP, 0)));
            assertEquals(Verdict.UNTOUCHED, kernel.outbound(packet("192.0.2.1", "192.0.2.2", TCP, 22)));
            assertEquals(Verdict.UNTOUCHED, kernel.outbound(packet("192.0.2.1", "198.51.100.7", TCP, 443)));
            assertEquals(Verdict.UNTOUCHED, kernel.inbound(packet("198.51.100.7", "192.0.2.1", TCP, 443)));
            JsonNode policies = daemon.call("policy.list", "{}");
            assertEquals(Set.of("narrowed", "absent", "same"), Set.copyOf(policies.findValuesAsText("kernel")));
        }
        assertEquals(List.of(), kernel.policies());
    }

    @ParameterizedTest
    @CsvSource({
        "route-based, ADDRESS, 8",
        "point-to-point, ADDRESS, 8",
        "subnets, NETWORKS, 10",
        "transport-gre, ADDRESS, 12",
        "vti, KEY, 0"
    })
    void ofEachTemplateTheKernelHoldsWhatItIsToHold(String template, String more, int entries) throws Exception {
        String rcConf = "ifconfig_ipsec0=\"inet tunnel 192.0.2.1 192.0.2.2 up\"\n"
                + "ifconfig_ipsec0_alias0=\"inet 10.0.0.1/30 10.0.0.2\"\n"
                + "ipsecif_ipsec0_template=\"" + template + "\"\n"
                + switch (more) {
                    case "NETWORKS" ->
                        "ipsecif_ipsec0_local_networks=\"10.1.0.0/16 2001:db8:1::/48\"\n"
                                + "ipsecif_ipsec0_remote_networks=\"10.2.0.0/16 2001:db8:2::/48\"\n";
                    case "KEY" -> "create_args_ipsec0=\"key 15\"\n";
                    default -> "";
                };
        try (RunningDaemon daemon = hosts.one.start(rcConf)) {
            assertEquals(entries, kernel.policies().size(), kernel.policies().toString());
            List<String> states = daemon.call("policy.list", "{}").findValuesAsText("kernel");
            assertEquals(entries, states.stream().filter("same"::equals).count(), states.toString());
            assertTrue(Set.of("same", "narrowed", "absent").containsAll(states), states.toString());
        }
        assertEquals(List.of(), kernel.policies());
    }

    @Test
    void pingsGoThroughTheTunnelWithPoliciesInBothKernels() throws Exception {
        hosts.two.host.setKeyKernel(new SimulatedKeyKernel());
        try (RunningDaemon one = start();
                RunningDaemon two = hosts.two.start(hosts.two.manualRcConf())) {
            assertTrue(hosts.one.host.ping("10.0.0.1", "10.0.0.2"));
            assertTrue(hosts.two.host.ping("10.0.0.2", "10.0.0.1", 1300));
        }
    }

    @Test
    void tunnelsOwnPacketsBypassWhatAnotherProgramRequiresBetweenTheHosts() throws Exception {
        others.addRequire("c0000201", "c0000202"); // 192.0.2.1, 192.0.2.2
        Packet esp = packet("192.0.2.1", "192.0.2.2", ESP, 0);
        assertEquals(Verdict.DROPPED_FOR_SA, kernel.outbound(esp));
        try (RunningDaemon daemon = start()) {
            assertEquals(Verdict.UNTOUCHED, kernel.outbound(esp));
            assertEquals(Verdict.UNTOUCHED, kernel.outbound(packet("192.0.2.1", "192.0.2.2", UDP, 500)));
            assertEquals(Verdict.UNTOUCHED, kernel.outbound(packet("192.0.2.1", "192.0.2.2", UDP, 4500)));
            assertEquals(Verdict.DROPPED_FOR_SA, kernel.outbound(packet("192.0.2.1", "192.0.2.2", TCP, 22)));
        }
        assertEquals(1, kernel.policies().size());
    }

    @Test
    void nextDaemonTakesOverWhatACrashLeftAndNoOtherPrograms() throws Exception {
        others.addDiscard("0a000001", "0a090909"); // 10.0.0.1, 10.9.9.9
        String theirs = kernel.policies().get(0);
        start().leave();
        List<String> left = kernel.policies();
        assertEquals(OURS + 1, left.size());
        try (RunningDaemon daemon = start()) {
            assertEquals(left, kernel.policies()); // the same numbers
        }
        assertEquals(List.of(theirs), kernel.policies());
    }

    @Test
    void whatOthersDeleteIsPutBackAndKnownToTheNextDaemonByItsNewNumber() throws Exception {
        RunningDaemon first = start();
        String deleted = others.policy(OURS_OUT);
        others.delete(deleted);
        Eventually.await("it is back", () -> kernel.policies().size() == OURS);
        first.call("policy.list", "{}"); // behind the repair on the control thread
        int number = Ipsec.id(others.policy(OURS_OUT));
        assertTrue(number > Ipsec.id(deleted));
        String record = Files.readString(hosts.one.directory.resolve("state").resolve("interfaces.json"));
        assertTrue(record.contains(", number " + number), record);
        first.leave();
        try (RunningDaemon daemon = hosts.one.start("")) {
            assertEquals(List.of(), kernel.policies());
        }
    }

    @Test
    void anotherProgramsPolicyInThePlaceOfOursRefusesTheInterface() throws Exception {
        others.addDiscard("0a000001", "0a000002"); // 10.0.0.1, 10.0.0.2
        List<String> theirs = kernel.policies();
        Exception refusal = assertThrows(Exception.class, this::start);
        assertTrue(
                refusal.getMessage().contains("the kernel's SPD has another program's policy in the place of out/inet"),
                refusal.getMessage());
        assertEquals(theirs, kernel.policies());
        assertEquals(List.of("lo0", "em0"), hosts.one.host.interfaceNames());
    }

    @Test
    void policiesThatIfIpsecMadeAreNobodysButItsOwn() throws Exception {
        kernel.addInterfacePolicies(9, 16_400, InetAddress.getByName("192.0.2.1"), InetAddress.getByName("192.0.2.9"));
        List<String> its = kernel.policies();
        try (RunningDaemon daemon = start()) {
            assertEquals(its.size() + OURS, kernel.policies().size());
        }
        assertEquals(its, kernel.policies());
    }

    @Test
    void interfaceOfTheKernelsOwnIfIpsecIsRefusedWithTheWayOut() throws Exception {
        hosts.one.host.addInterface("ipsec0", "ipsec");
        String refusal = assertThrows(Exception.class, this::start).getMessage();
        for (String words :
                List.of("if_ipsec(4)", "cloned_interfaces", "ipsecif_interfaces", "ifconfig ipsec0 destroy")) {
            assertTrue(refusal.contains(words), refusal);
        }
        assertEquals(List.of("lo0", "em0", "ipsec0"), hosts.one.host.interfaceNames());
        assertEquals(List.of(), kernel.policies());
    }

    @Test
    void kernelWithoutPfKeyIsNamedByShowAndPolicy() throws Exception {
        try (RunningDaemon daemon = hosts.two.start(hosts.two.manualRcConf())) {
            String absence = "the kernel has no PF_KEY sockets (options IPSEC, or kldload ipsec), and so no SPD";
            JsonNode shown = daemon.call("interface.list", "{}").get(0);
            assertEquals("in the process alone: " + absence, shown.get("spd").asText());
            JsonNode policies = daemon.call("policy.list", "{}");
            assertEquals(Set.of("absent"), Set.copyOf(policies.findValuesAsText("kernel")));
            assertEquals(Set.of(absence), Set.copyOf(policies.findValuesAsText("note")));
        }
    }
}
