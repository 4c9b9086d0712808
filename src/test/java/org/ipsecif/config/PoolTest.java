package org.ipsecif.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpPrefix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pools of inner addresses for branches. */
class PoolTest {
    private static final String KIND = """
            ipsecif_dynamic="branch%d"
            ifconfig_branch="inet tunnel 203.0.113.1 any 10.0.0.1/32 up"
            ifconfig_branch_ipv6="inet6 2001:db8::1/128"
            ipsecif_branch_remote_id="*.branches.example.org"
            ipsecif_branch_psk_file="/psk"
            ipsecif_branch_pool="10.9.0.0/24, 2001:db8:9::/64"
            ipsecif_branch_pool_dns="10.0.0.53"
            """;

    @TempDir
    Path directory;

    private Configuration read(String text) throws ConfigException, IOException {
        Path file = directory.resolve("rc.conf");
        Files.writeString(file, text);
        return ConfigurationReader.read(List.of(file), null);
    }

    private void assertRefused(String text, String problem) {
        ConfigException refused = assertThrows(ConfigException.class, () -> read(text));
        assertTrue(String.valueOf(refused.getMessage()).contains(problem), refused.getMessage());
    }

    @Test
    void poolIsRead() throws Exception {
        Files.writeString(directory.resolve("fixed"), """
                # whose they are
                b.branches.example.org : 10.9.0.7 2001:db8:9::7
                C=DE, O=Example, CN=b : 10.9.0.8   # a name
                @#0a0b : 10.9.0.9
                """);
        IkeAddresses read = read(KIND + "ipsecif_branch_pool_file=\"fixed\"\n")
                .dynamic()
                .kinds()
                .get(0)
                .ike()
                .addresses();
        assertEquals(List.of(IpPrefix.parse("10.9.0.0/24"), IpPrefix.parse("2001:db8:9::/64")), read.pool());
        assertEquals(List.of(IpAddress.parse("10.0.0.53")), read.dns());
        assertEquals(
                List.of(
                        new IkeAddresses.Reserved(
                                "b.branches.example.org",
                                List.of(IpAddress.parse("10.9.0.7"), IpAddress.parse("2001:db8:9::7"))),
                        new IkeAddresses.Reserved("C=DE, O=Example, CN=b", List.of(IpAddress.parse("10.9.0.8"))),
                        new IkeAddresses.Reserved("@#0a0b", List.of(IpAddress.parse("10.9.0.9")))),
                read.reserved());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "10.9.0.0/24, | 10.9.0.0/33, | pool: ",
                "10.9.0.0/24, 2001:db8:9::/64 | , | is not networks such as",
                "10.0.0.53 | nobody | pool_dns: ",
                "10.0.0.1/32 up | 10.0.0.1/32 10.0.0.2 up | without destinations",
                "2001:db8::1/128 | 2001:db8::1/128 mtu 70000 | mtu",
                "ifconfig_branch_ipv6 | #ifconfig_branch_ipv6 | of the family inet6",
                "ipsecif_branch_pool_dns | ipsecif_branch_address=auto;ipsecif_branch_pool_dns | keep one of the two",
            })
    void wrongPoolsAreRefused(String from, String to, String problem) {
        assertRefused(KIND.replace(from, to.replace(';', '\n')), problem);
    }

    @Test
    void poolsOfTwoKindsAreDifferent() {
        String other = KIND.replace("branch", "road")
                .replace("ipsecif_dynamic=\"road%d\"\n", "")
                .replace("10.9.0.0/24", "10.9.0.128/25");
        assertRefused(KIND.replace("branch%d", "branch%d road%d") + other, "has addresses of branch%d's 10.9.0.0/24");
    }

    @Test
    void poolsAreForInterfacesThatComeAndGo() {
        assertRefused(
                "ifconfig_ipsec0=\"inet tunnel 203.0.113.1 203.0.113.2\"\nipsecif_ipsec0_psk_file=/psk\nipsecif_ipsec0_pool=10.9.0.0/24\n",
                "a pool is for");
        assertRefused(
                "ifconfig_ipsec0=\"inet tunnel 203.0.113.1 any\"\nipsecif_ipsec0_psk_file=/psk\nipsecif_ipsec0_remote_id=b.example.org\n"
                        + "ipsecif_ipsec0_pool=10.9.0.0/24\n",
                "a pool is for");
    }

    @Test
    void fileHasToBeThere() {
        assertRefused(KIND + "ipsecif_branch_pool_file=\"nothing\"\n", "no such file");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "b.example.org 10.9.0.7",
                "b.example.org :",
                ": 10.9.0.7",
                "b.example.org : nobody",
                "b example.org : 10.9.0.7",
                "b.example.org : 10.9.0.7 10.9.0.8",
                "b.example.org : 224.0.0.1",
                "b.example.org : 0.0.0.0",
                "b.example.org : fe80::1",
                "a.example.org : 10.9.0.7\nb.example.org : 10.9.0.7",
                "b.example.org : 10.9.0.7\nb.example.org : 10.9.0.8",
            })
    void wrongLinesAreRefused(String text) {
        ConfigException refused = assertThrows(ConfigException.class, () -> PoolFile.parse("fixed", text));
        int line = text.contains("\n") ? 2 : 1;
        assertTrue(String.valueOf(refused.getMessage()).startsWith("fixed:" + line + ": "), refused.getMessage());
    }
}
