package org.ipsecif.config;

import static org.ipsecif.config.Problems.assertProblem;
import static org.ipsecif.config.Problems.assertProblemBegins;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.ipsecif.sa.Direction;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.InnerAddress;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpPrefix;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.Level;
import org.ipsecif.sa.PolicyAction;
import org.ipsecif.sa.PolicyScope;
import org.ipsecif.sa.SecurityPolicy;
import org.ipsecif.sa.Selector;
import org.ipsecif.sa.TransformTemplate;
import org.ipsecif.sa.TunnelEndpoints;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpdTemplateTest {
    private static final IpAddress LOCAL = IpAddress.parse("203.0.113.1");
    private static final IpAddress REMOTE = IpAddress.parse("198.51.100.2");
    private static final InterfaceFacts FACTS = new InterfaceFacts(
            "ipsec0",
            new TunnelEndpoints(LOCAL, REMOTE),
            List.of(
                    new InnerAddress(IpAddress.parse("10.0.0.1"), 30, IpAddress.parse("10.0.0.2")),
                    new InnerAddress(IpAddress.parse("2001:db8::1"), 64, null)),
            100,
            200,
            TemplateSettings.DEFAULT.withKeys(15, 16),
            "linux");

    private static final String GOOD = """
            [out]
            direction = out
            source = 10.0.0.0/8
            destination = 10.1.0.0/16
            action = protect
            transform = esp/tunnel/${tunnel.local}-${tunnel.remote}/unique:${reqid}
            priority = 1000
            scope = if_id
            """;

    private static List<SecurityPolicy> render(String text) throws ConfigException {
        return SpdTemplate.parse("t", IniFile.parse("t.conf", text)).render(FACTS);
    }

    private static String with(String line) {
        String key = line.substring(0, line.indexOf(' '));
        return GOOD.contains("\n" + key + " =")
                ? GOOD.replaceFirst("(?m)^" + key + " =.*", line.replace("$", "\\$"))
                : GOOD + line;
    }

    private static SpdTemplate parse(String text) throws ConfigException {
        return SpdTemplate.check("t.conf", text, Path.of("templates"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[more | t.conf:9: \"[more\": expected [SECTION], alone on its line",
                "[more] ; no | t.conf:9: \"[more] ; no\": expected [SECTION], alone on its line",
                "[] | t.conf:9: \"[]\": expected [SECTION], alone on its line",
            })
    void lineThatIsNoSectionsIsNamed(String text, String problem) {
        assertProblem(problem, () -> parse(GOOD + text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"%s", "[out]\n%s", "# [template]\n; priority = 1\n\n[out]\r\n%s"})
    void keyGivenTwiceIsNamedWhereItStandsAgain(String text) {
        String whole = GOOD + String.format(text, "priority = 7");
        int line = whole.split("\n", -1).length;
        assertProblem("t.conf:" + line + ": [out] priority: given twice", () -> parse(whole));
    }

    @Test
    void linesThatAValueGoesOnToAreNoKeys() {
        assertProblem(
                "t.conf:7: [out] priority: given twice",
                () -> parse(
                        "[template]\ndescription = a \\\n[b \\\npriority = c\n" + "[out]\npriority = 1\npriority = 2"));
    }

    @Test
    void byteOrderMarkIsNoPartOfTheText() throws ConfigException {
        assertEquals(parse(GOOD).sections(), parse("\ufeff" + GOOD).sections());
    }

    @Test
    void protocolThatIsNoneNamesThoseThereAre() {
        assertProblem(
                "t.conf:9: [out] protocol: \"foo\" is neither a number of 1 to 255 nor any, dccp, gre, icmp, icmp6, ipencap,"
                        + " ipv6, ipv6-icmp, ospf, sctp, tcp, udp, udplite",
                () -> parse(with("protocol = foo")).render(FACTS));
    }

    @Test
    void keyThatTakesAwayNothingBeforeTheFirstSectionIsRefused() {
        assertProblem(
                "t.conf:1: nothing: stands before the first [section]",
                () -> SpdTemplate.check(
                        "t.conf", "nothing =\n[template]\nextends = route-based\n", Path.of("templates")));
    }

    @Test
    void routeBasedProtectsAnyToAnyInAllDirectionsAndFamilies() throws Exception {
        List<SecurityPolicy> expected = new ArrayList<>();
        for (Direction direction : List.of(Direction.OUTBOUND, Direction.INBOUND, Direction.FORWARD)) {
            boolean out = direction == Direction.OUTBOUND;
            for (Family family : Family.values()) {
                String section = out ? "out" : direction == Direction.INBOUND ? "in" : "forward";
                expected.add(new SecurityPolicy(
                        section + "/" + family.word(),
                        direction,
                        Selector.between(IpPrefix.any(family), IpPrefix.any(family)),
                        PolicyAction.PROTECT,
                        List.of(new TransformTemplate(
                                IpsecMode.TUNNEL, out ? LOCAL : REMOTE, out ? REMOTE : LOCAL, Level.UNIQUE, 100)),
                        1000,
                        new PolicyScope.IfId(200)));
            }
        }
        assertEquals(
                expected, SpdTemplate.load(Path.of("templates"), "route-based").render(FACTS));
    }

    @Test
    void sectionRepeatsForEachInnerAddress() throws ConfigException {
        String text = with("for-each = inner")
                .replaceFirst("source =.*", "source = \\${inner.local}")
                .replaceFirst("destination =.*", "destination = any");
        assertEquals(
                List.of("out/10.0.0.1 10.0.0.1/32 0.0.0.0/0", "out/2001:db8::1 2001:db8::1/128 ::/0"),
                render(text).stream()
                        .map(each -> each.name() + " " + each.selector().source() + " "
                                + each.selector().destination())
                        .toList());
    }

    @Test
    void sectionRepeatsForEachNetwork() throws ConfigException {
        String text = with("for-each = network")
                .replaceFirst("source =.*", "source = \\${inner.network}")
                .replaceFirst("destination =.*", "destination = any");
        assertEquals(
                List.of("10.0.0.0/30", "2001:db8::/64"),
                render(text).stream()
                        .map(each -> each.selector().source().toString())
                        .toList());
    }

    @ParameterizedTest
    @CsvSource({
        "if_id, IfId[ifId=200]",
        "mark, 'Mark[value=16, mask=-1]'",
        "device, Device[name=ipsec0]",
        "host, Host[]"
    })
    void scopeIsTakenFromTheInterface(String word, String scope) throws ConfigException {
        assertEquals(scope, render(with("scope = " + word)).get(0).scope().toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "direction = sideways | :2: [out] direction: \"sideways\" is not in, out or forward",
                "source = 10.0.0.0/33 | :3: [out] source: ",
                "source = any | :3: [out] source: \"any\" needs for-each",
                "destination = 2001:db8::/32 | :4: [out] destination: 2001:db8::/32 is not of the family of the source, 10.0.0.0/8",
                "action = drop | :5: [out] action: \"drop\" is not one of ",
                "action = discard | :6: [out] transform: only action = protect takes one",
                "transform = ah/tunnel/1.2.3.4-5.6.7.8/use | :6: [out] transform: ",
                "transform = esp/tunnel/${tunnel.local}-${tunnel.remote}/unique | :6: [out] transform: level unique takes a reqid",
                "priority = high | :7: [out] priority: \"high\" is not a number",
                "scope = all | :8: [out] scope: \"all\" is not if_id, mark, device or host",
                "colour = blue | :9: [out] colour: unknown key; known are direction, ",
                "protocol = smoke | :9: [out] protocol: ",
            })
    void wrongValueIsNamedWithFileLineSectionAndKey(String line, String problem) {
        assertProblemBegins("t.conf" + problem, () -> render(with(line)));
    }

    @Test
    void missingKeyIsNamed() {
        assertProblem("t.conf:1: [out]: has no scope", () -> render(GOOD.replace("scope = if_id\n", "")));
        assertProblemBegins("t.conf: has no policy", () -> render("[template]\ndescription = none\n"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "env:HOME",
                "sys:user.name",
                "file:UTF-8:/etc/passwd",
                "script:javascript:1",
                "const:java.io.File.separator",
                "dns:localhost",
                "url:UTF-8:file:///etc/passwd",
                "java:version",
                "nothing",
                "",
            })
    void onlyTheFactsInterpolate(String reference) {
        assertProblemBegins(
                "t.conf:3: [out] source: ${" + reference
                        + "} is not a name that templates know; known are family, if_id, ",
                () -> render(with("source = ${" + reference + "}")));
    }

    @Test
    void addressWithoutADestinationHasNoRemote() {
        assertProblemBegins(
                "t.conf:4: [out] destination: ${inner.remote} has no value here: the address has no destination",
                () -> render(with("for-each = inner")
                        .replaceFirst("source =.*", "source = any")
                        .replaceFirst("destination =.*", "destination = \\${inner.remote}")));
    }

    @Test
    void pipeIsNoTemplate(@TempDir Path directory) throws Exception {
        Files.writeString(directory.resolve("a.conf"), GOOD);
        Files.createDirectory(directory.resolve("d.conf"));
        String pipe = directory.resolve("pipe.conf").toString();
        assertEquals(0, new ProcessBuilder("mkfifo", pipe).start().waitFor());
        assertEquals(List.of("a"), SpdTemplate.names(directory));
        assertProblem(
                "template \"pipe\" is not in " + directory + "; there are a",
                () -> SpdTemplate.load(directory, "pipe"));
    }

    @Test
    void unknownTemplateListsThoseThereAre(@TempDir Path directory) throws Exception {
        Files.writeString(directory.resolve("a.conf"), GOOD);
        Files.writeString(directory.resolve("b.conf"), GOOD);
        assertProblem(
                "template \"c\" is not in " + directory + "; there are a, b", () -> SpdTemplate.load(directory, "c"));
        assertProblemBegins("template \"../a\": ", () -> SpdTemplate.load(directory, "../a"));
    }
}
