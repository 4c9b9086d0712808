package org.ipsecif.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.ipsecif.config.AllowedAlgorithms;
import org.ipsecif.config.ConfigurationReader;
import org.ipsecif.config.InterfaceConfig;
import org.ipsecif.ike.ChildConfig;
import org.ipsecif.ike.SelectorPair;
import org.ipsecif.sa.SecurityPolicyDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From an interface's template to what IKE negotiates. */
class ChildSelectorsTest {
    private static final String SUBNETS =
            "template=subnets;local_networks=10.1.0.0/16 10.2.0.0/16;remote_networks=10.3.0.0/16";

    @TempDir
    Path directory;

    private ChildConfig child(String settings) throws Exception {
        StringBuilder text =
                new StringBuilder("create_args_ipsec0=\"reqid 100\"\nipsecif_ipsec0_psk_file=\"/etc/ipsec0.psk\"\n"
                        + "ifconfig_ipsec0=\"inet tunnel 203.0.113.1 203.0.113.2 10.0.0.1/30 10.0.0.2 up\"\n");
        for (String each : settings.split(";")) {
            text.append("ipsecif_ipsec0_").append(each.replaceFirst("=", "=\"")).append("\"\n");
        }
        Path rcConf = Files.writeString(directory.resolve("rc.conf"), text);
        Path conf = Files.writeString(directory.resolve("ipsecif.conf"), "");
        InterfaceConfig config = ConfigurationReader.read(List.of(rcConf), conf)
                .interfaces()
                .get(0)
                .withReqid(100);
        Planner planner = new Planner(
                Path.of("templates"), new AllowedAlgorithms(false, false), new MemoryPlatform(new MemorySpd()));
        return ChildSelectors.of(
                config,
                new SecurityPolicyDatabase(
                        planner.planWith(config, config.addresses(), List.of()).policies()));
    }

    private static List<String> text(ChildConfig child) {
        return child.pairs().stream().map(SelectorPair::toString).toList();
    }

    @Test
    void routeBasedIsAnyToAnyTogether() throws Exception {
        ChildConfig child = child("template=route-based");
        assertEquals(List.of("0.0.0.0/0 === 0.0.0.0/0", "::/0 === ::/0"), text(child));
        assertEquals(false, child.separate());
        assertEquals(true, child("template=route-based;children=pair").separate());
    }

    @Test
    void subnetsAreAChildSaForEachPair() throws Exception {
        ChildConfig child = child(SUBNETS);
        assertEquals(List.of("10.1.0.0/16 === 10.3.0.0/16", "10.2.0.0/16 === 10.3.0.0/16"), text(child));
        assertEquals(true, child.separate());
    }

    @Test
    void subnetsMayShareOne() throws Exception {
        assertEquals(false, child(SUBNETS + ";children=all").separate());
    }

    @Test
    void protocolIsAmongTheSelectors() throws Exception {
        assertEquals(
                List.of("10.1.0.0/16[tcp] === 10.3.0.0/16[tcp]", "10.2.0.0/16[tcp] === 10.3.0.0/16[tcp]"),
                text(child(SUBNETS + ";template_protocol=tcp")));
    }
}
