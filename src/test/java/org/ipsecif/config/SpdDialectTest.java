package org.ipsecif.config;

import static org.ipsecif.config.Problems.assertProblem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.ipsecif.sa.InnerAddress;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpPrefix;
import org.ipsecif.sa.SecurityPolicy;
import org.ipsecif.sa.TunnelEndpoints;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** SPD entries as other programs take them. That ip(8) does, the tests in namespaces show. */
class SpdDialectTest {
    /**
     * A statement of FreeBSD's setkey: {@code spdadd_command} of sbin/setkey/parse.y (main, 2024) and {@code policy_spec} of
     * lib/libipsec/policy_parse.y, without what we never print.
     */
    private static final Pattern SPDADD = Pattern.compile(
            "spdadd RANGE RANGE (any|\\d+|icmp6 \\d+,\\d+)".replace("RANGE", "[0-9a-f.:]+/\\d+(\\[\\d+\\])?")
                    + " -P (in|out) (discard|none|ipsec( esp/(tunnel/ADDR-ADDR|transport/(ADDR-ADDR)?)/(use|require|unique:\\d+))+) ;"
                            .replace("ADDR", "[0-9a-f.:]+"));

    private static final String SECTION = """
            [x]
            direction = out
            source = 10.1.0.0/16
            destination = 10.2.0.0/16
            action = protect
            transform = esp/tunnel/${tunnel.local}-${tunnel.remote}/unique:${reqid}
            priority = 7
            scope = host
            """;

    private static InterfaceFacts facts(int reqid) {
        return new InterfaceFacts(
                "ipsec0",
                new TunnelEndpoints(IpAddress.parse("203.0.113.1"), IpAddress.parse("203.0.113.2")),
                List.of(
                        new InnerAddress(IpAddress.parse("10.0.0.1"), 30, IpAddress.parse("10.0.0.2")),
                        new InnerAddress(IpAddress.parse("2001:db8::1"), 128, IpAddress.parse("2001:db8::2"))),
                reqid,
                reqid,
                TemplateSettings.DEFAULT
                        .withRemoteNetworks(List.of(IpPrefix.parse("10.2.0.0/16"), IpPrefix.parse("2001:db8:2::/48")))
                        .withKeys(15, 16),
                "linux");
    }

    private static List<SecurityPolicy> policies(String lines, int reqid) throws ConfigException {
        String text = SECTION;
        for (String line : lines.split("\n")) {
            String key = line.substring(0, line.indexOf('='));
            text = text.replaceFirst("(?m)^" + key + "=.*\n", "") + line + "\n";
        }
        return SpdTemplate.parse("t", IniFile.parse("t.conf", text)).render(facts(reqid));
    }

    private static String script(SpdDialect dialect, String lines) throws ConfigException {
        return dialect.script(policies(lines, 100));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "priority = 7 | 10.1.0.0/16 10.2.0.0/16 any -P out ipsec esp/tunnel/203.0.113.1-203.0.113.2/unique:100 ;",
                "transform = esp/transport//require | 10.1.0.0/16 10.2.0.0/16 any -P out ipsec esp/transport//require ;",
                "\"protocol = tcp\ndestination-port = 443\" | 10.1.0.0/16 10.2.0.0/16[443] 6 -P out ipsec"
                        + " esp/tunnel/203.0.113.1-203.0.113.2/unique:100 ;",
                "\"source = 2001:db8::/32\ndestination = ::/0\nprotocol = icmp6\nicmp-type = 135\nicmp-code = 0\""
                        + " | 2001:db8::/32 ::/0 icmp6 135,0 -P out ipsec"
                        + " esp/tunnel/203.0.113.1-203.0.113.2/unique:100 ;",
            })
    void setkeysStatementIsOneOfItsGrammar(String lines, String expected) throws ConfigException {
        String script = script(SpdDialect.SETKEY, lines);
        assertEquals("spdadd " + expected + "\n", script);
        assertTrue(SPDADD.matcher(script.strip()).matches(), script);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "scope = if_id | setkey(8) cannot say if_id 0x64; without it this is for the whole host",
                "scope = mark | setkey(8) cannot say mark 0x10/0xffffffff; without it this is for the whole host",
                "scope = device | setkey(8) cannot say dev ipsec0; without it this is for the whole host",
                "direction = forward | setkey(8) has no direction fwd; there \"in\" is for forwarded packets too",
                "\"protocol = icmp\nicmp-type = 8\" | setkey(8) takes a type with a code, and of ICMPv6 alone",
                "transform = esp/tunnel/192.0.2.1-192.0.2.2/unique:16384"
                        + " | the reqid is above 16383; the kernel would take one of its own",
            })
    void whatSetkeyCannotSayIsACommentWithTheReason(String lines, String reason) throws ConfigException {
        String script = script(SpdDialect.SETKEY, lines);
        assertTrue(script.startsWith("# x: " + reason + "\n# spdadd 10.1.0.0/16 "), script);
        assertEquals(2, script.lines().count());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "scope = if_id | dir out if_id 0x64 action allow priority 7 TUNNEL",
                "scope = mark | dir out mark 0x10 mask 0xffffffff action allow priority 7 TUNNEL",
                "scope = device | dev ipsec0 dir out action allow priority 7 TUNNEL",
                "\"protocol = tcp\nsource-port = 443\" | proto 6 sport 443 dir out action allow priority 7 TUNNEL",
                "\"protocol = icmp\nicmp-type = 8\nicmp-code = 0\""
                        + " | proto 1 type 8 code 0 dir out action allow priority 7 TUNNEL",
                "transform = esp/transport//use | dir out action allow priority 7"
                        + " tmpl src 0.0.0.0 dst 0.0.0.0 proto esp mode transport level use",
            })
    void ipXfrmHasEveryScopeAndSelector(String lines, String expected) throws ConfigException {
        String tunnel = "tmpl src 203.0.113.1 dst 203.0.113.2 proto esp reqid 100 mode tunnel";
        assertEquals(
                "ip xfrm policy add src 10.1.0.0/16 dst 10.2.0.0/16 " + expected.replace("TUNNEL", tunnel) + "\n",
                script(SpdDialect.IP_XFRM, lines));
    }

    @Test
    void ipXfrmSaysThatItTakesNoPortsWithUdplite() throws ConfigException {
        String script = script(SpdDialect.IP_XFRM, "protocol = udplite\nsource-port = 1");
        assertTrue(script.startsWith("# x: ip-xfrm(8) takes no ports with udplite\n# ip xfrm"), script);
    }

    @Test
    void entriesStandInTheOrderInWhichTheyAreConsultedAndWithPrioritiesInTheDaemons() throws ConfigException {
        String second = SECTION.replace("[x]", "[y]").replace("priority = 7", "priority = 3");
        SpdTemplate template =
                SpdTemplate.parse("t", IniFile.parse("t", SECTION + second.replace("10.2.0.0", "10.3.0.0")));
        List<SecurityPolicy> policies = template.render(facts(100));
        List<String> lines = SpdDialect.SETKEY.script(policies).lines().toList();
        assertTrue(lines.get(0).contains("10.3.0.0/16"));
        assertTrue(lines.get(1).contains("10.2.0.0/16"));
        lines = SpdDialect.IP_XFRM.script(policies).lines().toList();
        assertTrue(lines.get(0).contains("10.2.0.0/16"));
        assertTrue(lines.get(1).contains("10.3.0.0/16"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"route-based", "vti", "point-to-point", "subnets"})
    void noLineOfAShippedTemplateIsForTheWholeHost(String name) throws ConfigException {
        List<SecurityPolicy> policies =
                SpdTemplate.load(Path.of("templates"), name).render(facts(100));
        assertFalse(policies.isEmpty());
        SpdDialect.SETKEY.script(policies).lines().forEach(line -> assertTrue(line.startsWith("# "), line));
    }

    @Test
    void unknownDialectIsRefusedWithThoseThereAre() {
        assertProblem("\"pf\": expected one of setkey, ip-xfrm", () -> SpdDialect.of("pf"));
    }
}
