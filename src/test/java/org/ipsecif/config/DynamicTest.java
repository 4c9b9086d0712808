package org.ipsecif.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Interfaces that come into being with a peer, in rc.conf. */
class DynamicTest {
    private static final String BRANCH = """
            ipsecif_dynamic="branch%d"
            ifconfig_branch="inet tunnel 203.0.113.1 any 10.0.0.1/32 up"
            ipsecif_branch_remote_id="*.branches.example.org"
            ipsecif_branch_psk_file="/psk"
            """;

    @TempDir
    Path directory;

    private Configuration read(String text) throws ConfigException, IOException {
        Path file = directory.resolve("rc.conf");
        Files.writeString(file, text);
        return ConfigurationReader.read(List.of(file), null);
    }

    @Test
    void kindIsNoInterface() throws ConfigException, IOException {
        Configuration read = read(BRANCH + "ipsecif_dynamic_max=\"20\"\n");
        assertEquals(List.of(), read.interfaces());
        assertEquals(20, read.dynamic().most());
        InterfaceConfig kind = read.dynamic().kinds().get(0);
        assertEquals("branch", kind.name());
        assertEquals("*.branches.example.org", kind.ike().remoteId());
        assertTrue(
                read.warnings().get(0).contains("whoever has the secret may be the peer, under any such name"),
                read.warnings().toString());
    }

    @Test
    void severalKindsStandBesideInterfaces() throws ConfigException, IOException {
        Configuration read = read(BRANCH.replace("branch%d", "branch%d road%d") + """
                ifconfig_road="inet tunnel 203.0.113.1 any 10.0.0.2/32 up"
                ipsecif_road_remote_id="%any"
                ipsecif_road_psk_file="/psk"
                ifconfig_ipsec0="inet tunnel 203.0.113.1 203.0.113.2"
                """);
        assertEquals(2, read.dynamic().kinds().size());
        assertEquals(1, read.interfaces().size());
        assertEquals(Configuration.Dynamic.DEFAULT_MOST, read.dynamic().most());
    }

    @Test
    void nothingIsThereWhileAllIsOff() throws ConfigException, IOException {
        assertEquals(
                List.of(), read("ipsecif_enable=\"NO\"\n" + BRANCH).dynamic().kinds());
    }

    @ParameterizedTest
    @CsvSource({
        "branch%d, branch, expected different names",
        "branch%d, branch%d branch%d, expected different names",
        "branch%d, branch7%d, expected different names",
        "branch%d, averylongname%d, expected different names",
        "branch%d, branch%d road%d, ifconfig_road",
        "tunnel 203.0.113.1 any, tunnel 203.0.113.1 203.0.113.2, tunnel LOCAL any",
        "tunnel 203.0.113.1 any, tunnel 203.0.113.1 b.example.org, tunnel LOCAL any",
        "ipsecif_branch_psk_file, ipsecif_branch_nothing, unknown variable",
        "10.0.0.1/32 up, 10.0.0.1/32 reqid 7 up, are automatic",
    })
    void wrongKindsAreRefused(String from, String to, String problem) {
        ConfigException refused = assertThrows(ConfigException.class, () -> read(BRANCH.replace(from, to)));
        assertTrue(String.valueOf(refused.getMessage()).contains(problem), refused.getMessage());
    }

    @ParameterizedTest
    @CsvSource({"0", "-1", "many", "100000"})
    void mostIsANumber(String most) {
        assertThrows(ConfigException.class, () -> read(BRANCH + "ipsecif_dynamic_max=\"" + most + "\"\n"));
    }

    private static final String SECTION = """
            dynamic_max = 20
            [defaults]
            mtu = 1300
            [dynamic branch%d]
            tunnel = 203.0.113.1 any
            inner = 10.0.0.1/32
            remote_id = *.branches.example.org
            psk_file = /psk
            """;

    private Configuration readBoth(String rcConf, String conf) throws ConfigException, IOException {
        Path rc = directory.resolve("rc.conf");
        Path ini = directory.resolve("ipsecif.conf");
        Files.writeString(rc, rcConf);
        Files.writeString(ini, conf);
        return ConfigurationReader.read(List.of(rc), ini);
    }

    @Test
    void bothFilesSayTheSame() throws ConfigException, IOException {
        Configuration read = readBoth("", SECTION);
        InterfaceConfig kind = read.dynamic().kinds().get(0);
        assertEquals(List.of(), read.interfaces());
        assertEquals(20, read.dynamic().most());
        assertEquals(read(BRANCH).dynamic().kinds().get(0).withMtu(1300), kind);
    }

    @Test
    void oneFileAddsToTheOther() throws ConfigException, IOException {
        Configuration read = readBoth(BRANCH, SECTION.replace("branch%d", "road%d"));
        assertEquals(
                List.of("branch", "road"),
                read.dynamic().kinds().stream().map(InterfaceConfig::name).toList());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "branch%d | branch | expected different names",
                "tunnel = 203.0.113.1 any | tunnel = 203.0.113.1 203.0.113.2 | tunnel LOCAL any",
                "psk_file | nothing | unknown key",
                "dynamic_max = 20 | dynamic_max = 0 | is not a number from 1",
                "dynamic_max = 20 | dynamic_max = 20;dynamic_max = 30 | dynamic_max",
                "inner = | reqid = 7;inner = | are automatic",
            })
    void wrongSectionsAreRefused(String from, String to, String problem) {
        String text = SECTION.replace(from, to.replace(';', '\n'));
        ConfigException refused = assertThrows(ConfigException.class, () -> readBoth("", text));
        assertTrue(String.valueOf(refused.getMessage()).contains(problem), refused.getMessage());
    }

    @Test
    void whatBothFilesSayIsRefused() {
        ConfigException kind = assertThrows(ConfigException.class, () -> readBoth(BRANCH, SECTION));
        assertTrue(String.valueOf(kind.getMessage()).contains("keep one of the two"), kind.getMessage());
        ConfigException most =
                assertThrows(ConfigException.class, () -> readBoth("ipsecif_dynamic_max=\"7\"\n", SECTION));
        assertTrue(String.valueOf(most.getMessage()).contains("dynamic_max already"), most.getMessage());
    }
}
