package org.ipsecif.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.ipsecif.config.AllowedAlgorithms;
import org.ipsecif.config.ConfigException;
import org.ipsecif.config.ConfigurationReader;
import org.ipsecif.config.InterfaceConfig;
import org.ipsecif.config.SpdAccess;
import org.ipsecif.platform.OffloadSettings;
import org.ipsecif.platform.Platform;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.AssertionFailedError;

class PlannerTest {
    private static final String TUNNEL = "ifconfig_ipsec0=\"tunnel 203.0.113.1 203.0.113.2\"\n";

    @TempDir
    Path directory;

    private String problem(Path templates, Path rcConf, Path conf) throws Exception {
        return problem(new MemoryPlatform(new MemorySpd()), templates, rcConf, conf);
    }

    private static String problem(Platform platform, Path templates, Path rcConf, Path conf) throws Exception {
        InterfaceConfig config =
                ConfigurationReader.read(List.of(rcConf), conf).interfaces().get(0);
        Planner planner = new Planner(templates, new AllowedAlgorithms(false, false), platform);
        return String.valueOf(assertThrows(ConfigException.class, () -> planner.plan(config.withReqid(1)))
                .getMessage());
    }

    private String problem(Path templates, String rcConf) throws Exception {
        return problem(templates, write("rc.conf", rcConf), write("ipsecif.conf", ""));
    }

    private Path write(String name, String text) throws Exception {
        return Files.writeString(directory.resolve(name), text);
    }

    @Test
    void templateThatIsNotThereIsNamedWhereItWasSet() throws Exception {
        assertEquals(
                directory + "/rc.conf:2: ipsecif_ipsec0_template: template \"nope\" is not in " + directory
                        + "; there are ipsecif, rc",
                problem(directory, TUNNEL + "ipsecif_ipsec0_template=nope\n"));
        Path conf = write("ipsecif.conf", "[defaults]\nmtu = 1400\ntemplate = nope\n");
        assertEquals(
                directory + "/ipsecif.conf:3: [defaults] template: template \"nope\" is not in " + directory
                        + "; there are ipsecif, rc",
                problem(directory, write("rc.conf", TUNNEL), conf));
    }

    @Test
    void requirementThatIsNotMetIsNamedWhereTheTemplateWasSet() throws Exception {
        assertEquals(
                directory
                        + "/rc.conf:2: ipsecif_ipsec0_template: templates/vti.conf:7: [template] requires: \"key set\""
                        + " does not hold for ipsec0; set key, or ikey and okey",
                problem(Path.of("templates"), TUNNEL + "ipsecif_ipsec0_template=vti\n"));
    }

    @Test
    void whatTheDaemonDoesNotDoIsNamedWhereTheTemplateWasSet() throws Exception {
        write(
                "other.conf",
                Files.readString(Path.of("templates/route-based.conf")).replace("${reqid}", "7"));
        assertEquals(
                directory + "/rc.conf:2: ipsecif_ipsec0_template: template \"other\": policy out/inet asks for SAs of"
                        + " reqid 7; the interface's is 1",
                problem(directory, TUNNEL + "ipsecif_ipsec0_template=other\n"));
    }

    /** So that {@code ipsecifd --check} and a reload refuse it before anything changes. */
    @Test
    void whatTheWayToTheKernelsSpdCannotSayIsNamedWhereTheTemplateWasSet() throws Exception {
        Path templates = Path.of("templates");
        Path conf = write("ipsecif.conf", "kernel-spd = pfkey\n");
        Platform pfkey = OperatingSystem.LINUX.open(OffloadSettings.NONE, SpdAccess.PFKEY, directory);
        String problem =
                "template \"route-based\" of ipsec0: the kernel's SPD cannot have policy out/inet: PF_KEY has only"
                        + " policies for the whole host, scope host, and none for if_id 0x1";
        assertEquals(problem, problem(pfkey, templates, write("rc.conf", TUNNEL), conf));
        Path named = write("rc.conf", TUNNEL + "ipsecif_ipsec0_template=route-based\n");
        assertEquals(named + ":2: ipsecif_ipsec0_template: " + problem, problem(pfkey, templates, named, conf));
        Platform xfrm = OperatingSystem.LINUX.open(OffloadSettings.NONE, SpdAccess.XFRM, directory);
        assertThrows(AssertionFailedError.class, () -> problem(xfrm, templates, named, conf));
    }

    @Test
    void parameterHasItsOwnPlaceAlone() throws Exception {
        assertEquals(
                directory + "/rc.conf:3: ipsecif_ipsec0_template_priority: \"high\" is not a number of 0 to 4294967295",
                problem(
                        Path.of("templates"),
                        TUNNEL + "ipsecif_ipsec0_template=vti\nipsecif_ipsec0_template_priority=high\n"));
    }
}
