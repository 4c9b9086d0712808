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
}
