package org.ipsecif.config;

import static org.ipsecif.config.Problems.assertProblem;

import java.util.List;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.SecurityPolicy;
import org.ipsecif.sa.TunnelEndpoints;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProcessedPoliciesTest {
    private static final TunnelEndpoints ENDS =
            new TunnelEndpoints(IpAddress.parse("203.0.113.1"), IpAddress.parse("203.0.113.2"));

    private static void check(String direction, String transform) throws ConfigException {
        String text = "[p]\ndirection = " + direction + """

                for-each = family
                source = any
                destination = any
                action = protect
                priority = 7
                scope = if_id
                transform =\s""" + transform;
        InterfaceFacts facts =
                new InterfaceFacts("ipsec0", ENDS, List.of(), 100, 100, TemplateSettings.DEFAULT, "linux");
        List<SecurityPolicy> policies =
                SpdTemplate.parse("t", IniFile.parse("t.conf", text)).render(facts);
        new ProcessedPolicies(ENDS, 100).check("t", policies);
    }

    @ParameterizedTest
    @CsvSource({
        "out, esp/tunnel/203.0.113.1-203.0.113.2/unique:100",
        "in, esp/tunnel/203.0.113.2-203.0.113.1/unique:100",
        "forward, esp/tunnel/203.0.113.2-203.0.113.1/require",
        "out, esp/tunnel/203.0.113.1-203.0.113.2/use",
    })
    void tunnelOfTheInterfaceIsDone(String direction, String transform) throws ConfigException {
        check(direction, transform);
    }

    @ParameterizedTest
    @CsvSource({
        "out, 203.0.113.2-203.0.113.1, 203.0.113.2 and 203.0.113.1, 203.0.113.1 and 203.0.113.2",
        "in, 203.0.113.1-203.0.113.2, 203.0.113.1 and 203.0.113.2, 203.0.113.2 and 203.0.113.1",
        "forward, 203.0.113.1-203.0.113.2, 203.0.113.1 and 203.0.113.2, 203.0.113.2 and 203.0.113.1",
        "out, 203.0.113.1-203.0.113.3, 203.0.113.1 and 203.0.113.3, 203.0.113.1 and 203.0.113.2",
        "in, 203.0.113.3-203.0.113.1, 203.0.113.3 and 203.0.113.1, 203.0.113.2 and 203.0.113.1",
    })
    void anotherTunnelIsRefused(String direction, String ends, String asked, String own) {
        assertProblem(
                "template \"t\": policy p/inet asks for tunnel mode between " + asked + "; the interface's is between "
                        + own,
                () -> check(direction, "esp/tunnel/" + ends + "/unique:100"));
    }

    @Test
    void sasOfAnotherReqidAreRefused() {
        assertProblem(
                "template \"t\": policy p/inet asks for SAs of reqid 4294967295; the interface's is 100",
                () -> check("out", "esp/tunnel/203.0.113.1-203.0.113.2/unique:4294967295"));
    }
}
