package org.ipsecif.config;

import static org.ipsecif.config.Problems.assertProblem;
import static org.ipsecif.config.Problems.assertProblemBegins;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
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

class ConfigurationReaderTest {
    private static final String ENTRY = "ifconfig_ipsec0=\"tunnel 203.0.113.1 203.0.113.2 10.0.0.1/30 10.0.0.2\"\n";

    @TempDir
    Path directory;

    private Configuration read(String rcConf) throws Exception {
        return ConfigurationReader.read(List.of(write("rc.conf", rcConf)), null);
    }

    private Configuration readBoth(String rcConf, String conf) throws Exception {
        return ConfigurationReader.read(List.of(write("rc.conf", rcConf)), write("ipsecif.conf", conf));
    }

    private Path write(String name, String text) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private String in(String name) {
        return directory.resolve(name).toString();
    }

    private static List<String> names(Configuration configuration) {
        return configuration.interfaces().stream().map(InterfaceConfig::name).toList();
    }

    @Test
    void variableBelongsToTheLongestNameThatItsNameBeginsWith() throws Exception {
        Configuration both = read("""
                ipsecif_interfaces="vpn vpn-a"
                ifconfig_vpn="mtu 1300"
                ifconfig_vpn_a="mtu 1400"
                ipsecif_vpn_mss="1000"
                ipsecif_vpn_a_mss="auto"
                ipv4_addrs_em0="192.0.2.1/24"
                """);
        assertEquals(1300, both.of("vpn").mtu());
        assertEquals("mss 1000", both.of("vpn").packetWords());
        assertEquals(1400, both.of("vpn-a").mtu());
        assertEquals("mss auto", both.of("vpn-a").packetWords());
        Configuration alike = read("""
                ipsecif_interfaces="vpn vpn-mss"
                ifconfig_vpn="up"
                ifconfig_vpn_mss="up"
                ipsecif_vpn_mss="1000"
                """);
        assertEquals("mss 1000", alike.of("vpn").packetWords());
    }

    @Test
    void wayToTheKernelsSpdIsReadOnce() throws Exception {
        assertNull(read(ENTRY).kernelSpd());
        assertEquals(
                new GivenSpdAccess(SpdAccess.PFKEY, in("ipsecif.conf"), 1),
                readBoth(ENTRY, "kernel-spd = pfkey\n").kernelSpd());
        assertEquals(
                new GivenSpdAccess(SpdAccess.XFRM, in("ipsecif.conf"), 2),
                readBoth(ENTRY, "# how\nkernel-spd = xfrm\n[defaults]\nmtu = 1300\n")
                        .kernelSpd());
        write("conf.d/more.conf", "kernel-spd = pfkey\n");
        assertEquals(
                new GivenSpdAccess(SpdAccess.PFKEY, in("conf.d/more.conf"), 1),
                readBoth(ENTRY, "include = conf.d/*.conf\n").kernelSpd());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "kernel-spd = netlink | \"netlink\" is neither xfrm nor pfkey",
                "kernel-spd = PFKEY | \"PFKEY\" is neither xfrm nor pfkey",
                "kernel-spd = xfrm;include = conf.d/*.conf | is in another file already",
                "[defaults];kernel-spd = xfrm | unknown key",
            })
    void wrongWayToTheKernelsSpdIsRefused(String conf, String problem) throws Exception {
        write("conf.d/more.conf", "kernel-spd = pfkey\n");
        ConfigException refused =
                assertThrows(ConfigException.class, () -> readBoth(ENTRY, conf.replace(';', '\n') + "\n"));
        assertTrue(String.valueOf(refused.getMessage()).contains(problem), refused.getMessage());
    }

    @Test
    void everyVariableOfAnInterfaceIsRead() throws Exception {
        InterfaceConfig ipsec0 = read("""
            hostname="branch7"
            ifconfig_em0="DHCP"
            ipsecif_enable="YES"
            create_args_ipsec0="reqid 100"
            ifconfig_ipsec0="inet tunnel 203.0.113.1 198.51.100.2 mtu 1380 up"
            ifconfig_ipsec0_alias0="inet 10.0.0.1/30 10.0.0.2"
            ifconfig_ipsec0_alias1="inet 10.0.1.1/24"
            ifconfig_ipsec0_ipv6="inet6 2001:db8::1/64"
            ifconfig_ipsec0_descr="to the branch"
            ipsecif_ipsec0_template="other"
            ipsecif_ipsec0_encap="udp"
            ipsecif_ipsec0_sa_file="ipsec0.sa"
            """).interfaces().get(0);
        assertEquals(100, ipsec0.reqid());
        assertEquals(1380, ipsec0.mtu());
        assertEquals(
                "[10.0.0.1/30 10.0.0.2, 10.0.1.1/24, 2001:db8::1/64]",
                ipsec0.addresses().stream()
                        .map(each -> each.local() + "/" + each.prefixLength()
                                + (each.remote() == null ? "" : " " + each.remote()))
                        .toList()
                        .toString());
        assertEquals("to the branch", ipsec0.description());
        assertEquals("other", ipsec0.template());
        assertEquals(Encap.UDP, ipsec0.encap());
        assertEquals(in("ipsec0.sa"), ipsec0.saFile());
    }

    @Test
    void everyEntryIsAnInterfaceUnlessListed() throws Exception {
        String entries = ENTRY + ENTRY.replace("ipsec0", "ipsec1").replace("113.2", "113.3");
        assertEquals(List.of("ipsec0", "ipsec1"), names(read(entries)));
        assertEquals(List.of("ipsec1"), names(read(entries + "ipsecif_interfaces=ipsec1\n")));
        assertEquals(List.of("ipsec1", "ipsec0"), names(read("cloned_interfaces=\"vlan0 ipsec1\"\n" + entries)));
    }

    @Test
    void noautoIsForTheSystemsScriptsAlone() throws Exception {
        String plain = "ifconfig_ipsec0=\"inet tunnel 203.0.113.1 203.0.113.2 mtu 1300 up\"\n";
        for (String word : List.of("NOAUTO inet", "noauto inet", "inet NoAuto")) {
            assertEquals(
                    read(plain).interfaces(), read(plain.replace("inet", word)).interfaces(), word);
        }
        String alias = "ifconfig_ipsec0_alias0=\"NOAUTO inet 10.0.0.1/30\"\n";
        assertProblemBegins(in("rc.conf") + ":2: ifconfig_ipsec0_alias0: ", () -> read(plain + alias));
    }

    @Test
    void variablesOfEveryServiceAreNoneOfOurs() throws Exception {
        for (String each : RcConfInterfaces.OF_EVERY_SERVICE) {
            assertEquals(read(ENTRY), read(ENTRY + "ipsecif_" + each + "=\"x y\"\n"), each);
        }
    }

    @Test
    void listedInterfaceMayHaveAnyName() throws Exception {
        assertEquals(
                List.of("sti15.1"),
                names(read("ipsecif_interfaces=sti15.1\nifconfig_sti15_1=\"tunnel 203.0.113.1 203.0.113.2\"\n")));
    }

    @Test
    void disabledMeansNoInterfaces() throws Exception {
        Configuration configuration = read("ipsecif_enable=NO\n" + ENTRY);
        assertFalse(configuration.enabled());
        assertTrue(configuration.interfaces().isEmpty());
        assertEquals(List.of("ipsecif_enable is not YES: no interfaces"), configuration.warnings());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ifconfig_ipsec0=\"inet tunnel bogus\" | :1: ifconfig_ipsec0: ",
                "ipsecif_enable=maybe | :1: ipsecif_enable: \"maybe\" is not YES or NO",
                "ipsecif_interfaces=ipsec0 | : ifconfig_ipsec0: is not there, but ipsec0 is listed as an interface",
                "ipsecif_interfaces=a/b | :1: ipsecif_interfaces: \"a/b\" is not an interface name",
                "ipsecif_colour=blue | :1: ipsecif_colour: unknown variable",
                "ipsecif_ipsec0_colour=blue | :1: ipsecif_ipsec0_colour: unknown variable",
                "ifconfig_ipsec0=up;ipv4_addrs_ipsec0=10.0.0.1/30 | :1: ipv4_addrs_ipsec0: is not read; the interface's addresses are in ifconfig_ipsec0, ",
                "ifconfig_ipsec0=up;ipv6_ifconfig_ipsec0_alias0=::1 | :1: ipv6_ifconfig_ipsec0_alias0: is not read",
                "ipsecif_interfaces='vpn vpn_a';ifconfig_vpn=up;ifconfig_vpn_a_b=up | :1: ifconfig_vpn_a_b: unknown variable; known are ifconfig_vpn_a,",
                "ipsecif_interfaces='vpn vpn_a';ipsecif_vpn_a_b=1 | :1: ipsecif_vpn_a_b: unknown variable; known are ipsecif_vpn_a_{",
                "ifconfig_ipsec0_colour=blue | :1: ifconfig_ipsec0_colour: unknown variable",
            })
    void wrongVariableIsNamedWithFileAndLine(String rcConf, String problem) {
        assertProblemBegins(in("rc.conf") + problem, () -> read(rcConf + "\n"));
    }

    @Test
    void aliasesCountFromZeroWithoutAGap() {
        assertProblem(
                in("rc.conf")
                        + ":2: ifconfig_ipsec0_alias1: aliases count from 0 without a gap (rc.conf(5)): there is no"
                        + " _alias0",
                () -> read(ENTRY + "ifconfig_ipsec0_alias1=\"10.1.0.1/30\"\n"));
    }

    @Test
    void nameOfAFileHasNoNul() {
        assertProblem(
                in("ipsecif.conf") + ":2: [interface b7] sa_file: no name of a file: Nul character not allowed",
                () -> readBoth("", "[interface b7]\nsa_file = b\0.sa\n"));
        assertProblem(
                in("ipsecif.conf") + ":1: include: no name of a file: Nul character not allowed",
                () -> readBoth("", "include = b\0/*.conf\n"));
        assertProblem(
                in("rc.conf") + ":2: ipsecif_ipsec0_sa_file: a NUL byte",
                () -> read(ENTRY + "ipsecif_ipsec0_sa_file=\"b\0.sa\"\n"));
    }

    @Test
    void reqidsAreUnique() {
        assertProblem(
                "ipsec1: reqid 7 is ipsec0's already; reqids are unique",
                () -> read("ifconfig_ipsec0=\"reqid 7\"\nifconfig_ipsec1=\"reqid 7\"\n"));
    }

    @Test
    void iniFileDescribesInterfacesAndDefaults() throws Exception {
        write("conf.d/branch.conf", "[interface b8]\ntunnel = 203.0.113.1 203.0.113.9\n");
        Configuration configuration = readBoth(ENTRY, """
            include = conf.d/*.conf
            [defaults]
            mtu = 1350
            encap = udp
            [interface b7]
            tunnel = 203.0.113.1 203.0.113.7
            inner = 10.0.7.1/30 10.0.7.2
            inner = 2001:db8:7::1/64
            reqid = 7
            state = down
            mtu = 1300
            description = branch 7
            sa_file = b7.sa
            """);
        assertEquals(List.of("ipsec0", "b7", "b8"), names(configuration));
        InterfaceConfig b7 = configuration.interfaces().get(1);
        assertEquals(2, b7.addresses().size());
        assertEquals(7, b7.reqid());
        assertFalse(b7.up());
        assertEquals("branch 7", b7.description());
        assertEquals(in("b7.sa"), b7.saFile());
        assertEquals(
                List.of(1350, 1300, 1350),
                configuration.interfaces().stream().map(InterfaceConfig::mtu).toList());
        assertEquals(Encap.UDP, configuration.interfaces().get(0).encap());
    }

    @Test
    void othersInterfacesAreOursByAGlobOrByAnEntry() throws Exception {
        Configuration configuration = readBoth(ENTRY, """
            adopt = ipsec[0-9]* branch?
            adopt = sti15
            [defaults]
            mtu = 1350
            """);
        for (String name : List.of("ipsec7", "ipsec70", "branch1", "sti15")) {
            assertEquals(InterfaceConfig.named(name).withMtu(1350), configuration.of(name));
        }
        for (String name : List.of("ipsec", "eth0", "branch", "branch10", "sti150")) {
            assertNull(configuration.of(name), name);
        }
        assertEquals(configuration.interfaces().get(0), configuration.of("ipsec0"));
        assertNull(readBoth(ENTRY, "[defaults]\nmtu = 1350\n").of("ipsec7"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "adopt = ipsec/0\\n | :1: adopt: \"ipsec/0\": expected interface names with *, ? and [...]",
                "adopt = ipsec[0\\n | :1: adopt: \"ipsec[0\": ",
                "[interfaces b7]\\n | :1: [interfaces b7]: unknown section; known are [defaults], [interface NAME] and [dynamic NAME%d]",
                "[interface b7]\\ncolour = blue\\n | :2: [interface b7] colour: unknown key; known are ",
                "[interface b7]\\nmtu = 1300\\nmtu = 1301\\n | :3: [interface b7] mtu: given twice",
                "[interface b7]\\nmtu = many\\n | :2: [interface b7] mtu: mtu: \"many\" is not a number",
                "[interface b7]\\n"
                        + "df = copy set\\n"
                        + " | :2: [interface b7] df: df: \"set\" is a word too many; expected copy, set or clear",
                "[interface b7]\\nmtu = 1300 up\\n | :2: [interface b7] mtu: mtu: \"up\" is a word too many",
                "[interface b7]\\nstate = sideways\\n | :2: [interface b7] state: \"sideways\" is not up or down",
                "[interface b/7]\\nmtu = 1300\\n | :1: [interface b/7]: \"b/7\" is not an interface name",
                "[interface ipsec0]\\nmtu = 1300\\n | :1: [interface ipsec0]: rc.conf describes this interface already",
                "include = none.d/*.conf\\n | :1: include: no such directory",
            })
    void wrongKeyIsNamedWithFileLineAndSection(String conf, String problem) {
        assertProblemBegins(in("ipsecif.conf") + problem, () -> readBoth(ENTRY, conf.replace("\\n", "\n")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "dscp | dscp: empty; expected copy, 0 to 63, or a name such as ef, af41, cs6",
                "encap | encap: empty; expected no or udp",
                "df=copy set | df: \"set\" is a word too many; expected copy, set or clear",
                "tfc=off dummy | tfc dummy: expected a number after it",
            })
    void valueOfASettingIsOne(String setting, String problem) {
        String[] parts = setting.split("=");
        String name = "ipsecif_ipsec0_" + parts[0];
        String line = name + "=\"" + (parts.length > 1 ? parts[1] : "") + "\"\n";
        assertProblem(in("rc.conf") + ":2: " + name + ": " + problem, () -> readBoth(ENTRY + line, ""));
    }
}
