package org.ipsecif.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.ipsecif.config.AllowedAlgorithms;
import org.ipsecif.config.ConfigException;
import org.ipsecif.config.ConfigurationReader;
import org.ipsecif.config.InterfaceConfig;
import org.ipsecif.platform.KernelCopy;
import org.ipsecif.sa.PolicyAction;
import org.ipsecif.sa.SecurityPolicy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes on FreeBSD of the templates that ship, and of others: the table of docs/man/ipsecif-templates.5. */
class FreeBsdTemplatesTest {
    private static final String TUNNEL = "ifconfig_ipsec0=\"tunnel 203.0.113.1 198.51.100.2\"\n";
    private static final String INNER = "ifconfig_ipsec0_alias0=\"inet 10.0.0.1/30 10.0.0.2\"\n";
    private static final String NETWORKS = "ipsecif_ipsec0_local_networks=\"10.1.0.0/16\"\n"
            + "ipsecif_ipsec0_remote_networks=\"10.2.0.0/16 2001:db8:2::/48\"\n";
    private static final String ESP_OUT = " 1000 protect esp/tunnel/203.0.113.1-198.51.100.2/use";
    private static final String ESP_IN = " 1000 protect esp/tunnel/198.51.100.2-203.0.113.1/use";

    /** What goes with every tunnel of which the kernel has something. */
    private static final Set<String> BYPASSES = Set.of(
            "out 203.0.113.1/32 to 198.51.100.2/32 protocol 50, host: 1 bypass",
            "out 203.0.113.1/32 to 198.51.100.2/32 protocol 17 ports 500 to any, host: 1 bypass",
            "out 203.0.113.1/32 to 198.51.100.2/32 protocol 17 ports 4500 to any, host: 1 bypass",
            "in 198.51.100.2/32 to 203.0.113.1/32 protocol 50, host: 1 bypass",
            "in 198.51.100.2/32 to 203.0.113.1/32 protocol 17 ports any to 500, host: 1 bypass",
            "in 198.51.100.2/32 to 203.0.113.1/32 protocol 17 ports any to 4500, host: 1 bypass");

    @TempDir
    private Path directory;

    private final FreeBsdSpd spd = new FreeBsdSpd();

    private InterfaceChange.Plan plan(Path templates, String rcConf) throws Exception {
        Path file = Files.writeString(directory.resolve("rc.conf"), rcConf);
        InterfaceConfig config =
                ConfigurationReader.read(List.of(file), null).interfaces().get(0);
        Planner planner = new Planner(templates, new AllowedAlgorithms(false, false), MemoryPlatform.freeBsd(spd));
        return planner.plan(config.withReqid(100));
    }

    private KernelCopy copy(String template, String rcConf) throws Exception {
        return plan(Path.of("templates"), rcConf + "ipsecif_ipsec0_template=" + template + "\n")
                .copy();
    }

    /** One policy, of a template of its own. */
    private KernelCopy own(String policy) throws Exception {
        Files.writeString(
                directory.resolve("own.conf"),
                "[template]\ndescription = own\n\n[policy]\npriority = 1000\n" + policy.replace("; ", "\n") + "\n");
        String rcConf = TUNNEL + INNER + NETWORKS + "ipsecif_ipsec0_template=own\n";
        return plan(directory, rcConf).copy();
    }

    private static Set<String> lines(KernelCopy copy) {
        Set<String> lines = new TreeSet<>();
        copy.entries().forEach(entry -> assertTrue(lines.add(FreeBsdSpd.line(entry)), "twice: " + entry));
        return lines;
    }

    private static void assertEntries(KernelCopy copy, String... others) {
        Set<String> expected = new TreeSet<>(BYPASSES);
        expected.addAll(List.of(others));
        assertEquals(expected, lines(copy));
    }

    private static String reason(KernelCopy copy, String policy) {
        List<String> reasons = new ArrayList<>();
        copy.policies().stream()
                .filter(each -> each.policy().name().equals(policy))
                .forEach(each -> reasons.add(each.reason()));
        assertEquals(1, reasons.size(), policy);
        return reasons.get(0);
    }

    @Test
    void routeBasedIsNarrowedToTheInnerAddresses() throws Exception {
        KernelCopy copy = copy("route-based", TUNNEL + INNER);
        assertEntries(
                copy,
                "out 10.0.0.1/32 to 10.0.0.2/32, host:" + ESP_OUT,
                "in 10.0.0.2/32 to 10.0.0.1/32, host:" + ESP_IN);
        assertEquals(
                "PF_KEY's policies are for the whole host: narrowed to the interface's addresses and networks, at level use",
                reason(copy, "out/inet"));
        assertEquals(
                "PF_KEY's policies are for the whole host, and the interface has no inet6 address or local network to"
                        + " narrow it to",
                reason(copy, "out/inet6"));
    }

    @Test
    void routeBasedIsNarrowedToListedNetworksAndThoseOfAddressesWithoutDestination() throws Exception {
        KernelCopy copy =
                copy("route-based", TUNNEL + "ifconfig_ipsec0_ipv6=\"inet6 2001:db8:1::1/64\"\n" + INNER + NETWORKS);
        assertEntries(
                copy,
                "out 10.1.0.0/16 to 10.2.0.0/16, host:" + ESP_OUT,
                "out 10.1.0.0/16 to 10.0.0.2/32, host:" + ESP_OUT,
                "out 10.0.0.1/32 to 10.2.0.0/16, host:" + ESP_OUT,
                "out 10.0.0.1/32 to 10.0.0.2/32, host:" + ESP_OUT,
                "out 2001:db8:1::1/128 to 2001:db8:2::/48, host:" + ESP_OUT,
                "out 2001:db8:1::1/128 to 2001:db8:1::/64, host:" + ESP_OUT,
                "in 10.2.0.0/16 to 10.1.0.0/16, host:" + ESP_IN,
                "in 10.0.0.2/32 to 10.1.0.0/16, host:" + ESP_IN,
                "in 10.2.0.0/16 to 10.0.0.1/32, host:" + ESP_IN,
                "in 10.0.0.2/32 to 10.0.0.1/32, host:" + ESP_IN,
                "in 2001:db8:2::/48 to 2001:db8:1::1/128, host:" + ESP_IN,
                "in 2001:db8:1::/64 to 2001:db8:1::1/128, host:" + ESP_IN);
    }

    @Test
    void routeBasedWithoutAddressesIsInTheProcessAlone() throws Exception {
        KernelCopy copy = copy("route-based", TUNNEL);
        assertEquals(Set.of(), lines(copy));
        assertEquals(6, copy.policies().size());
        assertEquals(2, copy.absent().size());
    }

    @Test
    void vtiIsInTheProcessAloneForThereAreNoMarks() throws Exception {
        KernelCopy copy = copy("vti", TUNNEL + INNER + "create_args_ipsec0=\"key 15\"\n");
        assertEquals(Set.of(), lines(copy));
        assertEquals(
                Map.of(
                        "PF_KEY's policies know no marks",
                        List.of("out/inet", "out/inet6", "in/inet", "in/inet6", "forward/inet", "forward/inet6")),
                copy.absent());
    }

    @Test
    void pointToPointIsTheSameAtLevelUse() throws Exception {
        KernelCopy copy = copy("point-to-point", TUNNEL + INNER);
        assertEntries(
                copy,
                "out 10.0.0.1/32 to 10.0.0.2/32, host:" + ESP_OUT,
                "in 10.0.0.2/32 to 10.0.0.1/32, host:" + ESP_IN);
        assertEquals(
                "PF_KEY's policies are for the whole host, at level use",
                copy.policies().get(0).reason());
    }

    @Test
    void subnetsAreTheSameAtLevelUseAndForwardedOnesMeetTheInboundEntries() throws Exception {
        KernelCopy copy = copy("subnets", TUNNEL + NETWORKS + "ipsecif_ipsec0_template_protocol=\"tcp\"\n");
        assertEquals(3, copy.policies().size());
        assertEntries(
                copy,
                "out 10.1.0.0/16 to 10.2.0.0/16 protocol 6, host:" + ESP_OUT,
                "in 10.2.0.0/16 to 10.1.0.0/16 protocol 6, host:" + ESP_IN);
    }

    @Test
    void failClosedIsRefused() {
        ConfigException refusal =
                assertThrows(ConfigException.class, () -> copy("fail-closed", TUNNEL + INNER + NETWORKS));
        assertTrue(refusal.getMessage().contains("platform linux"), refusal.getMessage());
    }

    @Test
    void transportIsTheSameAtLevelUse() throws Exception {
        KernelCopy copy = copy("transport-gre", TUNNEL);
        String level = "1000 protect esp/transport/0.0.0.0-0.0.0.0/use";
        List<String> expected = new ArrayList<>();
        for (int protocol : List.of(47, 4, 41)) {
            expected.add("out 203.0.113.1/32 to 198.51.100.2/32 protocol " + protocol + ", host: " + level);
            expected.add("in 198.51.100.2/32 to 203.0.113.1/32 protocol " + protocol + ", host: " + level);
        }
        assertEntries(copy, expected.toArray(String[]::new));
    }

    private static final String PROTECT =
            "action = protect; scope = if_id; transform = esp/tunnel/${tunnel.local}-${tunnel.remote}/unique:${reqid}; ";

    @Test
    void whatWouldCoverTheTunnelsOwnPacketsOrTheHostIsNotHeld() throws Exception {
        String networks = "ipsecif_ipsec0_local_networks=\"203.0.113.0/24 10.1.0.0/16\"\n"
                + "ipsecif_ipsec0_remote_networks=\"198.51.100.0/24\"\n";
        KernelCopy copy = copy("subnets", TUNNEL + networks);
        assertEntries(
                copy,
                "out 10.1.0.0/16 to 198.51.100.0/24, host:" + ESP_OUT,
                "in 198.51.100.0/24 to 10.1.0.0/16, host:" + ESP_IN);
        assertEquals(
                "it would be about the tunnel's own packets too",
                nameless(copy.policies().get(0).reason()));
        KernelCopy wide = copy("subnets", TUNNEL + networks.replace("203.0.113.0/24 10.1.0.0/16", "0.0.0.0/0"));
        assertEquals(Set.of(), lines(wide));
        assertEquals(
                "it would be about all packets of the host",
                nameless(wide.policies().get(0).reason()));
    }

    private static String nameless(String reason) {
        return reason.substring(reason.lastIndexOf(": ") + 2);
    }

    @Test
    void everythingBehindTheOtherEndIsHeldForWhatIsOfThisEnd() throws Exception {
        String networks =
                "ipsecif_ipsec0_local_networks=\"10.1.0.0/16\"\n" + "ipsecif_ipsec0_remote_networks=\"0.0.0.0/0\"\n";
        assertEntries(
                copy("subnets", TUNNEL + networks),
                "out 10.1.0.0/16 to 0.0.0.0/0, host:" + ESP_OUT,
                "in 0.0.0.0/0 to 10.1.0.0/16, host:" + ESP_IN);
    }

    @Test
    void otherTransportThanTheTunnelsOwnPortsIsHeld() throws Exception {
        String transport =
                "direction = out; source = ${tunnel.local}; destination = ${tunnel.remote}; action = protect;"
                        + " scope = if_id; transform = esp/transport//unique:${reqid}; protocol = udp; ";
        assertEquals(7, own(transport + "source-port = 53").entries().size());
        assertEquals(0, own(transport + "source-port = 4500").entries().size());
        assertEquals(0, own(transport + "destination-port = 500").entries().size());
        assertEquals(0, own(transport.replace("udp", "50")).entries().size());
        assertEquals(0, own(transport.replace("protocol = udp; ", "")).entries().size());
    }

    @Test
    void peerThatMayBeAnywhereHasNoEntries() throws Exception {
        Path secret = Files.createFile(
                directory.resolve("psk"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(secret, "one of the secrets that are long enough\n");
        String ike = "ipsecif_ipsec0_psk_file=\"psk\"\nipsecif_ipsec0_remote_id=\"%any\"\n";
        KernelCopy copy = copy("route-based", TUNNEL.replace("198.51.100.2", "any") + INNER + ike);
        assertEquals(Set.of(), lines(copy));
        assertTrue(reason(copy, "out/inet").startsWith("the tunnel's peer may be anywhere"), reason(copy, "out/inet"));
    }

    @Test
    void whatSelectorsCannotSayIsNotHeld() throws Exception {
        KernelCopy icmp = own(PROTECT + "direction = out; source = 10.1.0.1; destination = 10.2.0.1; protocol = icmp;"
                + " icmp-type = 8");
        assertEquals("PF_KEY's policies have no types and codes of ICMP", reason(icmp, "policy"));
        KernelCopy zero = own(PROTECT + "direction = out; source = 10.1.0.1; destination = 10.2.0.1; protocol = tcp;"
                + " source-port = 0");
        assertEquals("PF_KEY's policies have one port or all, and 0 is all", reason(zero, "policy"));
        KernelCopy last = own(PROTECT + "direction = out; source = 10.1.0.1; destination = 10.2.0.1; protocol = 255");
        assertEquals("PF_KEY's policies have no protocol 255", reason(last, "policy"));
        KernelCopy sctp = own(PROTECT + "direction = out; source = 10.1.0.1; destination = 10.2.0.1; protocol = sctp;"
                + " source-port = 5");
        assertEquals("PF_KEY's policies have the ports of TCP and UDP alone", reason(sctp, "policy"));
    }

    private static final String PLAIN = "direction = out; source = 10.1.0.1; destination = 10.2.0.1; ";

    @Test
    void bypassOfTheWholeHostIsHeldAsItIsButNotForAllPackets() throws Exception {
        KernelCopy copy = own(PLAIN + "action = bypass; scope = host");
        assertEquals(Set.of("out 10.1.0.1/32 to 10.2.0.1/32, host: 1000 bypass"), lines(copy));
        assertEquals("", reason(copy, "policy"));
        KernelCopy any = own("direction = out; for-each = family; when = family inet; source = any; destination = any;"
                + " action = bypass; scope = host");
        assertEquals(Set.of(), lines(any));
        assertEquals(
                "it would be about all packets of the host",
                any.policies().get(0).reason());
    }

    @Test
    void bypassOfADeviceAndDiscardAmongTheInterfacesPacketsAreInTheProcessAlone() throws Exception {
        KernelCopy device = own(PLAIN + "action = bypass; scope = device");
        assertEquals("PF_KEY's policies know no device", reason(device, "policy"));
        assertEquals(Set.of(), lines(device));
        KernelCopy discard = own(PLAIN + "action = discard; scope = if_id");
        assertTrue(reason(discard, "policy").contains("discard what the interface is for"));
        assertEquals(Set.of(), lines(discard));
    }

    /** What a user wants refused must not pass for want of a kernel that refuses it. */
    @Test
    void fenceThatTheKernelCannotHoldRefusesTheInterface() {
        for (String scope : List.of("host", "device")) {
            ConfigException refusal =
                    assertThrows(ConfigException.class, () -> own(PLAIN + "action = discard; scope = " + scope));
            assertTrue(
                    refusal.getMessage()
                            .contains("template \"own\": policy policy is for the kernel to carry out, and this"
                                    + " one cannot: PF_KEY's "),
                    refusal.getMessage());
        }
    }

    /** The order of rendering, and levels and priorities, do not matter to this: nothing that is given to the kernel can capture it. */
    @Test
    void nothingIsEverMoreThanUseOrForAllPackets() throws Exception {
        List<KernelCopy> all = List.of(
                copy("route-based", TUNNEL + INNER + NETWORKS),
                copy("subnets", TUNNEL + INNER + NETWORKS),
                copy("transport-gre", TUNNEL),
                own(PROTECT.replace("unique:${reqid}", "require").replace("if_id", "host")
                        + "direction = out; for-each = family; source = any; destination = any"));
        for (KernelCopy copy : all) {
            assertTrue(copy.entries().size() > 6, copy.toString());
            for (SecurityPolicy entry : copy.entries()) {
                assertTrue(entry.action() != PolicyAction.DISCARD, entry.toString());
                entry.transforms().forEach(each -> assertTrue(each.words().endsWith("/use"), each.words()));
                assertTrue(entry.selector().source().length() > 0, entry.toString());
            }
        }
    }

    @Test
    void reqidsThatTheKernelGivesOutAreRefused() {
        ConfigException refusal = assertThrows(ConfigException.class, () -> {
            Path file =
                    Files.writeString(directory.resolve("rc.conf"), TUNNEL + "create_args_ipsec0=\"reqid 16384\"\n");
            InterfaceConfig config =
                    ConfigurationReader.read(List.of(file), null).interfaces().get(0);
            new Planner(Path.of("templates"), new AllowedAlgorithms(false, false), MemoryPlatform.freeBsd(spd))
                    .plan(config);
        });
        assertEquals(
                "ipsec0: reqid 16384: expected at most 16383, for this system's kernel gives out greater ones itself",
                refusal.getMessage());
    }
}
