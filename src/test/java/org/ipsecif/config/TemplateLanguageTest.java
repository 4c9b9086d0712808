package org.ipsecif.config;

import static org.ipsecif.config.Problems.assertProblem;
import static org.ipsecif.config.Problems.assertProblemBegins;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.ipsecif.sa.InnerAddress;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpPrefix;
import org.ipsecif.sa.SecurityPolicy;
import org.ipsecif.sa.TunnelEndpoints;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Parameters, conditions, inheritance, repetition, ports; and the templates that ship. */
class TemplateLanguageTest {
    private static final InnerAddress INET = new InnerAddress(address("10.0.0.1"), 30, address("10.0.0.2"));
    private static final InnerAddress INET6 = new InnerAddress(address("2001:db8::1"), 64, null);

    private static final String HEAD = """
            [template]
            description = test
            [param port]
            type = port
            default = 443
            [param more]
            type = networks
            default = none
            [param open]
            type = boolean
            default = no
            """;
    private static final String SECTION = """
            [out]
            direction = out
            source = 10.0.0.0/8
            destination = 10.1.0.0/16
            action = discard
            priority = 7
            scope = host
            """;

    @TempDir
    private Path directory;

    private static IpAddress address(String text) {
        return IpAddress.parse(text);
    }

    private static InterfaceFacts facts(TemplateSettings settings, InnerAddress... addresses) {
        return new InterfaceFacts(
                "ipsec0",
                new TunnelEndpoints(address("203.0.113.1"), address("198.51.100.2")),
                List.of(addresses),
                100,
                200,
                settings,
                "linux");
    }

    private static TemplateSettings given(String name, String value) {
        return TemplateSettings.DEFAULT.withParameter(
                name, new GivenParameter(value, "rc.conf", 3, "ipsecif_ipsec0_template_" + name));
    }

    private static TemplateSettings networks(String local, String remote) throws ConfigException {
        return TemplateSettings.DEFAULT
                .withLocalNetworks(IfconfigWords.networks("local", local))
                .withRemoteNetworks(IfconfigWords.networks("remote", remote));
    }

    private static List<String> render(String text, TemplateSettings settings, InnerAddress... addresses)
            throws ConfigException {
        return lines(SpdTemplate.parse("t", IniFile.parse("t.conf", text)).render(facts(settings, addresses)));
    }

    private static List<String> lines(List<SecurityPolicy> policies) {
        return policies.stream()
                .map(each -> each.direction().word() + " " + each.selector().source() + " "
                        + each.selector().destination() + " " + each.selector().protocol())
                .toList();
    }

    private List<String> shipped(String name, TemplateSettings settings, InnerAddress... addresses)
            throws ConfigException {
        return lines(SpdTemplate.load(Path.of("templates"), name).render(facts(settings, addresses)));
    }

    private static String ports(String lines, TemplateSettings settings) throws ConfigException {
        SecurityPolicy policy = SpdTemplate.parse("t", IniFile.parse("t.conf", HEAD + SECTION + lines))
                .render(facts(settings, INET))
                .get(0);
        return policy.selector().sourcePorts().first() + "-"
                + policy.selector().sourcePorts().last() + " "
                + policy.selector().destinationPorts().first() + "-"
                + policy.selector().destinationPorts().last();
    }

    @Test
    void parametersHaveDefaultsThatUsersOverride() throws ConfigException {
        String lines = "protocol = tcp\ndestination-port = ${param.port}\n";
        assertEquals("0-65535 443-443", ports(lines, TemplateSettings.DEFAULT));
        assertEquals("0-65535 8443-8443", ports(lines, given("port", "8443")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[out]\ntransfrom",
                "[out]\nwhatever =",
                "[template]\nwhatever =",
                "[more]\ntransfrom",
                "[param priority]\nwhatever ="
            })
    void valuelessKeyOfNobodysIsUnknownInAnExtensionToo(String lines) throws ConfigException {
        String key = lines.replaceAll(".*\n| =", "");
        IniFile base = IniFile.read(Path.of("templates/route-based.conf"));
        IniFile extension = IniFile.parse("t.conf", lines + "\n");
        String section = lines.substring(0, lines.indexOf('\n'));
        assertProblemBegins(
                "t.conf:2: " + section + " " + key + ": unknown key; known are ",
                () -> SpdTemplate.parse("t", base, extension));
    }

    @Test
    void valuelessKeyTakesAwayWhatIsThere() throws ConfigException {
        IniFile base = IniFile.parse("b.conf", HEAD + SECTION + "when = never\nprotocol = tcp\n");
        assertEquals(
                List.of("out 10.0.0.0/8 10.1.0.0/16 -1"),
                lines(SpdTemplate.parse("t", base, IniFile.parse("t.conf", "[out]\nwhen =\nprotocol\n"))
                        .render(facts(TemplateSettings.DEFAULT))));
        assertProblemBegins(
                "t.conf:2: [out] icmp-type: ",
                () -> SpdTemplate.parse("t", base, IniFile.parse("t.conf", "[out]\nicmp-type =\nwhen =\n"))
                        .render(facts(TemplateSettings.DEFAULT)));
    }

    @Test
    void typeOfIcmpStandsInTheSourcePort() throws ConfigException {
        String lines = "protocol = icmp\nicmp-type = 8\nicmp-code = 0\n";
        assertEquals("8-8 0-0", ports(lines, TemplateSettings.DEFAULT));
    }

    @ParameterizedTest
    @CsvSource({
        "port, https, '\"https\" is not any or a port'",
        "more, 10.0.0.0/40, '\"10.0.0.0/40\" is not prefixes with spaces or commas between them, or none'",
        "open, maybe, '\"maybe\" is not yes or no'",
        "colour, blue, 'template \"t\" has no parameter colour; it has more, open, port'",
        "port, '${env:HOME}', '\"${env:HOME}\" is not any or a port'",
    })
    void wrongParameterIsNamedWithThePlaceWhereTheUserSetIt(String name, String value, String problem) {
        assertProblem(
                "rc.conf:3: ipsecif_ipsec0_template_" + name + ": " + problem,
                () -> render(HEAD + SECTION, given(name, value)));
    }

    @Test
    void parameterWithoutADefaultMustBeGiven() {
        assertProblem(
                "template \"route-based\" has no default for its parameter peer (whom); set ipsecif_ipsec0_template_peer",
                () -> render("[param peer]\ntype = address\ndescription = whom\n" + SECTION, TemplateSettings.DEFAULT));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "for-each = nothing | for-each: \"nothing\" is not one of family, inner, network, remote-network, param.more",
                "for-each = inner inner | for-each: inner: given twice",
                "when = sunny | when: \"sunny\" is no condition; expected family, has, key, outer, platform, param, not",
                "when = key | when: \"key \": expected in or out or set",
                "when = key set or key in | when: \"or\": expected \"and\" or nothing",
                "when = param port | when: \"param port\": expected open",
                "when = family inet | when: asks for what only a section with for-each knows",
                "destination-port = 80 | destination-port: needs protocol = tcp, udp, sctp, dccp or udplite",
                "icmp-type = 8 | icmp-type: needs protocol = icmp or icmp6",
                "protocol = icmp6 | protocol: \"icmp6\" is not inet's",
            })
    void mistakeIsNamedWithSectionAndKey(String line, String problem) {
        assertProblemBegins(
                "t.conf:19: [out] " + problem, () -> render(HEAD + SECTION + line + "\n", TemplateSettings.DEFAULT));
    }

    @Test
    void rangeOfPortsIsRefusedWithTheReason() {
        assertProblem(
                "t.conf:20: [out] source-port: 1024-2047 has no place in a kernel's SPD, which selects one value or all;"
                        + " give one, or any",
                () -> render(HEAD + SECTION + "protocol = udp\nsource-port = 1024-2047\n", TemplateSettings.DEFAULT));
    }

    @Test
    void markWithoutAKeyIsRefusedSinceItWouldBindUnmarkedPackets() {
        assertProblemBegins(
                "t.conf:18: [out] scope: mark needs the interface's okey (or key), and ipsec0 has none",
                () -> render(HEAD + SECTION.replace("= host", "= mark"), TemplateSettings.DEFAULT.withKeys(5, 0)));
    }

    @ParameterizedTest
    @CsvSource({
        "not key set and platform linux, 1",
        "key set, 0",
        "platform freebsd, 0",
        "outer inet, 1",
        "outer inet6, 0",
        "has inner and not has remote-network, 1",
        "has local-network, 0",
        "param open, 0",
        "not param open, 1",
        "never, 0",
        "not never, 1",
    })
    void conditionDecidesWhetherASectionIsThere(String condition, int policies) throws ConfigException {
        assertEquals(
                policies,
                render(HEAD + SECTION + "when = " + condition + "\n", TemplateSettings.DEFAULT, INET)
                        .size());
    }

    @Test
    void networksAreCombinedWithinAFamily() throws ConfigException {
        String text = HEAD
                + SECTION.replace("10.0.0.0/8", "${network}").replace("10.1.0.0/16", "${remote.network}")
                + "for-each = network remote-network\n";
        assertEquals(
                List.of(
                        "out 10.1.0.0/16 10.3.0.0/16 -1",
                        "out 10.2.0.0/16 10.3.0.0/16 -1",
                        "out 2001:db8:1::/48 2001:db8:2::/48 -1"),
                render(
                        text,
                        networks(
                                "10.1.0.0/16 10.2.0.0/16, 2001:db8:1::/48 10.1.0.0/16",
                                "10.3.0.0/16 2001:db8:2::/48")));
        assertEquals(
                List.of("out 10.0.0.0/30 10.3.0.0/16 -1"), render(text, networks("none", "10.3.0.0/16"), INET, INET6));
    }

    @Test
    void listParameterRepeatsASection() throws ConfigException {
        String text = HEAD + SECTION.replace("10.1.0.0/16", "${param.more}") + "for-each = param.more\n";
        assertEquals(
                List.of("out 10.0.0.0/8 10.5.0.0/16 -1", "out 10.0.0.0/8 10.6.0.0/16 -1"),
                render(text, given("more", "10.5.0.0/16,10.6.0.0/16")));
    }

    @Test
    void combinationsHaveALimit() {
        List<IpPrefix> many = java.util.stream.IntStream.range(0, 257)
                .mapToObj(i -> new IpPrefix(new IpAddress(org.ipsecif.sa.Family.INET, 0, 0x0a00_0000L + i), 32))
                .toList();
        TemplateSettings settings =
                TemplateSettings.DEFAULT.withLocalNetworks(many).withRemoteNetworks(many);
        assertProblem(
                "t.conf:19: [out] for-each: more than 65536 combinations",
                () -> render(HEAD + SECTION + "for-each = network remote-network\n", settings));
    }

    @Test
    void policyThatComesOutTwiceCountsOnce() throws ConfigException {
        InnerAddress second = new InnerAddress(address("10.0.0.5"), 30, null);
        assertEquals(
                1,
                render(HEAD + SECTION + "for-each = inner\n", TemplateSettings.DEFAULT, INET, second)
                        .size());
        assertProblemBegins(
                "t.conf:19: [out2]: out2 and out select the same packets, with another outcome",
                () -> render(
                        HEAD + SECTION + SECTION.replace("[out]", "[out2]").replace("= 7", "= 8"),
                        TemplateSettings.DEFAULT));
    }

    private List<String> load(Map<String, String> files, String name) throws Exception {
        for (Map.Entry<String, String> file : files.entrySet()) {
            Files.writeString(directory.resolve(file.getKey() + ".conf"), file.getValue());
        }
        return lines(SpdTemplate.load(directory, name).render(facts(TemplateSettings.DEFAULT, INET)));
    }

    @Test
    void extendedTemplateIsOverriddenKeyByKey() throws Exception {
        String child = """
                [template]
                extends = base
                [param port]
                default = 80
                [out]
                protocol =
                destination = 10.9.0.0/16
                destination-port =
                [in]
                direction = in
                source = 10.9.0.0/16
                destination = 10.0.0.0/8
                protocol = 47
                action = discard
                priority = 7
                scope = host
                """;
        String base = HEAD + SECTION + "protocol = tcp\ndestination-port = ${param.port}\n";
        assertEquals(
                List.of("out 10.0.0.0/8 10.9.0.0/16 -1", "in 10.9.0.0/16 10.0.0.0/8 47"),
                load(Map.of("base", base, "child", child), "child"));
        assertEquals(List.of("out 10.0.0.0/8 10.1.0.0/16 6"), load(Map.of(), "base"));
    }

    @Test
    void loopAndMissingBaseAreNamed() {
        Map<String, String> loop = Map.of(
                "a", "[template]\nextends = b\n", "b", "[template]\nextends = c\n", "c", "[template]\nextends = a\n");
        assertProblem(
                directory.resolve("c.conf") + ":2: [template] extends: a loop: a extends b extends c extends a",
                () -> load(loop, "a"));
        assertProblemBegins(
                directory.resolve("d.conf") + ":2: [template] extends: template \"x\" is not in ",
                () -> load(Map.of("d", "[template]\nextends = x\n"), "d"));
        assertProblemBegins(
                directory.resolve("e.conf") + ":2: [template] extends: template \"../../etc/passwd\": expected",
                () -> load(Map.of("e", "[template]\nextends = ../../etc/passwd\n"), "e"));
    }

    @Test
    void errorInAnInheritedKeyNamesTheFileItIsFrom() {
        assertProblemBegins(
                directory.resolve("base.conf") + ":17: [out] priority: \"high\" is not a number",
                () -> load(
                        Map.of(
                                "base",
                                HEAD + SECTION.replace("= 7", "= high"),
                                "child",
                                "[template]\nextends = base\n[out]\nsource = 10.2.0.0/16\n"),
                        "child"));
    }

    @Test
    void vtiTakesItsMarksFromTheKeys() throws ConfigException {
        assertEquals(
                List.of("Mark[value=16, mask=-1]", "Mark[value=15, mask=-1]", "Mark[value=15, mask=-1]"),
                SpdTemplate.load(Path.of("templates"), "vti")
                        .render(facts(TemplateSettings.DEFAULT.withKeys(15, 16)))
                        .stream()
                        .filter(each -> each.name().endsWith("/inet"))
                        .map(each -> each.scope().toString())
                        .toList());
        assertProblemBegins(
                "templates/vti.conf:7: [template] requires: \"key set\" does not hold for ipsec0; set key, or ikey and okey",
                () -> shipped("vti", TemplateSettings.DEFAULT.withKeys(15, 0)));
    }

    @Test
    void pointToPointIsForAddressesWithADestination() throws ConfigException {
        assertEquals(
                List.of("out 10.0.0.1/32 10.0.0.2/32 -1", "in 10.0.0.2/32 10.0.0.1/32 -1"),
                shipped("point-to-point", TemplateSettings.DEFAULT, INET, INET6));
        assertEquals(List.of(), shipped("point-to-point", TemplateSettings.DEFAULT));
    }

    @Test
    void subnetsPairsNetworksAndNeedsRemoteOnes() throws ConfigException {
        assertEquals(
                List.of(
                        "out 10.1.0.0/16 10.2.0.0/16 -1",
                        "in 10.2.0.0/16 10.1.0.0/16 -1",
                        "fwd 10.2.0.0/16 10.1.0.0/16 -1"),
                shipped("subnets", networks("10.1.0.0/16", "10.2.0.0/16"), INET));
        assertProblemBegins(
                "templates/subnets.conf:6: [template] requires: \"has remote-network\" does not hold for ipsec0;",
                () -> shipped("subnets", TemplateSettings.DEFAULT, INET));
    }

    @Test
    void rcConfAndConfigurationFileSetNetworksKeysAndParameters() throws Exception {
        Path rc = Files.writeString(directory.resolve("rc.conf"), """
                ifconfig_ipsec0="tunnel 203.0.113.1 203.0.113.2"
                ipsecif_ipsec0_template_port="80"
                ipsecif_ipsec0_template="own"
                ipsecif_ipsec0_local_networks="10.1.0.0/16 2001:db8::/32"
                ipsecif_ipsec0_okey="0x10"
                """);
        Path ini = Files.writeString(directory.resolve("ipsecif.conf"), """
                [defaults]
                template_gone = 1
                remote_networks = 10.7.0.0/16 10.8.0.0/16
                [interface ipsec1]
                template_port = 81
                template = own
                key = 7
                """);
        List<InterfaceConfig> interfaces =
                ConfigurationReader.read(List.of(rc), ini).interfaces();
        TemplateSettings first = interfaces.get(0).policies();
        assertEquals("own", first.name());
        assertEquals(
                Map.of("port", new GivenParameter("80", rc.toString(), 2, "ipsecif_ipsec0_template_port"))
                        .toString(),
                first.parameters().toString());
        assertEquals("[10.1.0.0/16, 2001:db8::/32]", first.localNetworks().toString());
        assertEquals("[10.7.0.0/16, 10.8.0.0/16]", first.remoteNetworks().toString());
        assertEquals(16, first.keyOut());
        assertEquals(0, first.keyIn());
        TemplateSettings second = interfaces.get(1).policies();
        assertEquals(
                Map.of("port", new GivenParameter("81", ini.toString(), 5, "[interface ipsec1] template_port"))
                        .toString(),
                second.parameters().toString());
        assertEquals(7, second.keyIn());
        assertEquals(7, second.keyOut());
    }
}
