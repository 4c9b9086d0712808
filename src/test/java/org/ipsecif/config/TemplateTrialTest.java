package org.ipsecif.config;

import static org.ipsecif.config.Problems.assertProblem;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.ipsecif.config.SpdTemplate.SectionText;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TemplateTrialTest {
    private static final Path SHIPPED = Path.of("templates");
    private static final String SECTION = """
            [out]
            direction = out
            source = 10.0.0.0/8
            destination = 10.1.0.0/16
            action = discard
            priority = 7
            scope = host
            """;

    private static TemplateTrial trial(String text) throws ConfigException {
        return TemplateTrial.of("x.conf", text, SHIPPED, "linux");
    }

    @ParameterizedTest
    @CsvSource({"route-based, 6", "vti, 6", "point-to-point, 4", "subnets, 6", "fail-closed, 15", "transport-gre, 6"})
    void shippedTemplatesAreInOrder(String name, int policies) throws Exception {
        TemplateTrial trial = trial(Files.readString(SHIPPED.resolve(name + ".conf")));
        assertEquals("", trial.reason());
        assertEquals(policies, trial.policies());
    }

    @Test
    void mistakesThatOnlyARenderingShowsAreFound() {
        assertProblem(
                "x.conf:2: [out] direction: \"sideways\" is not in, out or forward",
                () -> trial(SECTION.replace("= out", "= sideways")));
    }

    private static final String PROTECT = SECTION.replace("discard", "protect");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "esp/tunnel/${tunnel.local}-${tunnel.remote}/use\\ntransform = esp/transport//use"
                        + " | asks for 2 transforms; the daemon does one",
                "esp/transport//use | asks for transport mode, which is between 192.0.2.1 and 192.0.2.2 only",
                "esp/tunnel/${tunnel.remote}-${tunnel.local}/use | asks for tunnel mode between 192.0.2.2 and 192.0.2.1;"
                        + " the interface's is between 192.0.2.1 and 192.0.2.2",
            })
    void whatTheDaemonRefusesIsRefused(String transform, String problem) {
        String text = PROTECT + "transform = " + transform.replace("\\n", "\n");
        assertProblem("template \"x.conf\": policy out " + problem, () -> trial(text));
    }

    @Test
    void mixtureOfModesIsRefused() {
        String section = PROTECT + "transform = esp/tunnel/${tunnel.local}-${tunnel.remote}/use\n";
        String other = section.replace("[out]", "[again]")
                .replace("10.1.0.0", "10.2.0.0")
                .replaceFirst("tunnel/.*/", "transport//");
        assertProblem(
                "template \"x.conf\": policy again asks for another mode than the policies before it;"
                        + " an interface has one",
                () -> trial(section + other));
    }

    @Test
    void templateWithTheNumbersOfOneInterfaceIsInOrderIfTheyAgree() throws ConfigException {
        String out = PROTECT + "transform = esp/tunnel/203.0.113.1-203.0.113.2/unique:7\n";
        assertEquals(new Outcome(1, ""), Outcome.of(trial(out)));
        String in = out.replace("out", "in").replace("1-203.0.113.2/unique:7", "2-203.0.113.1/unique:");
        assertEquals(new Outcome(2, ""), Outcome.of(trial(out + in.replace("unique:", "unique:7"))));
        assertProblem(
                "template \"x.conf\": policy out asks for tunnel mode between 203.0.113.1 and 203.0.113.2;"
                        + " the interface's is between 192.0.2.1 and 192.0.2.2",
                () -> trial(out + in.replace("unique:", "unique:8")));
    }

    @Test
    void fileIsNoLongerThanTheDaemonReads() throws ConfigException {
        String most = SECTION + "#".repeat(SpdTemplate.MAX_BYTES - SECTION.length());
        assertEquals(new Outcome(1, ""), Outcome.of(trial(most)));
        assertProblem("x.conf: is longer than 1048576 bytes", () -> trial(most + "#"));
    }

    @Test
    void templateMayExtendOneOfTheDirectory() throws ConfigException {
        TemplateTrial trial = trial("[template]\nextends = route-based\n[forward]\nwhen = never\n");
        assertEquals(4, trial.policies());
        assertEquals(3, trial.template().policySections());
    }

    @Test
    void whatCannotBeTriedSaysWhy() throws ConfigException {
        assertEquals(
                new Outcome(-1, "not tried on an interface: the parameter net has no default"),
                Outcome.of(trial(SECTION + "[param net]\ntype = prefix\n")));
        assertEquals(
                new Outcome(-1, "not tried on an interface: it requires what none can have here"),
                Outcome.of(trial("[template]\nrequires = platform freebsd\n" + SECTION)));
        assertEquals(
                new Outcome(1, ""), Outcome.of(trial("[template]\nrequires = not has remote-network\n" + SECTION)));
    }

    private record Outcome(int policies, String reason) {
        static Outcome of(TemplateTrial trial) {
            return new Outcome(trial.policies(), trial.reason());
        }
    }

    /** What {@code template show} prints is a template again, and the same. */
    @ParameterizedTest
    @CsvSource({"route-based", "vti", "point-to-point", "subnets", "fail-closed"})
    void sectionsAreWholeAndCanBeReadAgain(String name) throws ConfigException, IOException {
        SpdTemplate template = SpdTemplate.load(SHIPPED, name);
        StringBuilder text = new StringBuilder();
        for (SectionText section : template.sections()) {
            text.append('[').append(section.name()).append("]\n");
            section.lines().forEach(line -> text.append(line).append('\n'));
        }
        for (TemplateParameter parameter : template.parameters()) {
            text.append("[param ").append(parameter.name()).append("]\ntype = ").append(parameter.type());
            text.append("\ndefault = ").append(parameter.preset()).append('\n');
        }
        TemplateTrial again = trial(text.toString());
        assertEquals(template.sections(), again.template().sections());
        assertEquals(trial(Files.readString(SHIPPED.resolve(name + ".conf"))).policies(), again.policies());
    }
}
