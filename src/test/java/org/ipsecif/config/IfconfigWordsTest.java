package org.ipsecif.config;

import static org.ipsecif.config.Problems.assertProblem;
import static org.ipsecif.config.Problems.assertProblemBegins;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.ipsecif.sa.InnerAddress;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.TunnelEndpoints;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IfconfigWordsTest {
    private static final InterfaceConfig NEW = InterfaceConfig.named("ipsec0");

    private static InterfaceConfig apply(InterfaceConfig base, String words) throws ConfigException {
        return IfconfigWords.apply(base, RcConfInterfaces.words(words));
    }

    private static InnerAddress inner(String local, int length, String remote) {
        return new InnerAddress(IpAddress.parse(local), length, remote == null ? null : IpAddress.parse(remote));
    }

    @Test
    void defaultsAreThoseOfIfIpsec() {
        assertEquals(InterfaceConfig.AUTO_MTU, NEW.mtu());
        assertEquals("", NEW.packetWords());
        assertEquals("route-based", NEW.template());
        assertEquals(Encap.NO, NEW.encap());
        assertFalse(NEW.up());
    }

    @Test
    void allWordsMayStandOnOneLine() throws ConfigException {
        InterfaceConfig config = apply(
                NEW,
                "inet 10.0.0.1/30 10.0.0.2 tunnel 203.0.113.1 198.51.100.2 mtu 1300 reqid 0x64 encap udp"
                        + " template other description branch inet6 2001:db8::1/64 up");
        assertEquals(List.of(inner("10.0.0.1", 30, "10.0.0.2"), inner("2001:db8::1", 64, null)), config.addresses());
        assertEquals(
                new TunnelEndpoints(IpAddress.parse("203.0.113.1"), IpAddress.parse("198.51.100.2")), config.tunnel());
        assertEquals(1300, config.mtu());
        assertEquals(100, config.reqid());
        assertEquals(Encap.UDP, config.encap());
        assertEquals("other", config.template());
        assertEquals("branch", config.description());
        assertTrue(config.up());
    }

    @ParameterizedTest
    @CsvSource({
        "inet 10.0.0.1 10.0.0.2, 10.0.0.1, 32, 10.0.0.2",
        "10.0.0.1/30, 10.0.0.1, 30,",
        "10.0.0.1 netmask 255.255.255.0, 10.0.0.1, 24,",
        "10.0.0.1 netmask 0xfffffffc, 10.0.0.1, 30,",
        "10.0.0.1 10.0.0.2 netmask 255.255.255.252, 10.0.0.1, 30, 10.0.0.2",
        "inet6 2001:db8::1, 2001:db8::1, 64,",
        "inet6 2001:db8::1 prefixlen 48, 2001:db8::1, 48,",
        "inet6 2001:db8::1 2001:db8::2, 2001:db8::1, 128, 2001:db8::2",
        "2001:db8::1/126 alias, 2001:db8::1, 126,",
    })
    void addressIsRead(String words, String local, int length, String remote) throws ConfigException {
        assertEquals(List.of(inner(local, length, remote)), apply(NEW, words).addresses());
    }

    @ParameterizedTest
    @CsvSource({
        "dscp ef ttl 33, dscp 46 ttl 33",
        "dscp af41 dscp_in copy, dscp 34 dscp_in copy",
        "dscp cs6 ecn compatibility, dscp 48 ecn compatibility",
        "dscp 0x2e df COPY, dscp 46 df copy",
        "df set flowlabel 0x12345, df set flowlabel 74565",
        "ttl copy mss auto, ttl copy mss auto",
        "mss 1300 tfc pad-to-mtu, mss 1300 tfc pad-to-mtu",
        "tfc pad-to-mtu dummy 10 mtu 1400, tfc pad-to-mtu dummy 10",
        "tfc off dummy 5, tfc off dummy 5",
        "dscp ef df set dscp copy df clear, ''",
        "tfc pad-to-mtu dummy 3 tfc off mss 1300 mss off, ''"
    })
    void packetSettings(String words, String shown) throws ConfigException {
        assertEquals(shown, apply(NEW, words).packetWords());
        assertEquals(apply(NEW, words).packets(), apply(NEW, shown).packets());
    }

    @Test
    void routingTables() throws ConfigException {
        assertEquals(FibNumbers.OF_PROCESS, NEW.fibs());
        assertEquals(
                new FibNumbers(FibNumbers.PROCESS, 3), apply(NEW, "tunnelfib 3").fibs());
        assertEquals(
                new FibNumbers(0, 65_534),
                apply(NEW, "fib 1 tunnelfib 65534 fib 0").fibs());
        assertFalse(apply(NEW, "fib 1").up());
    }

    @Test
    void mtuMayBeLeftToThePath() throws ConfigException {
        assertEquals(1300, apply(NEW, "mtu 1300").mtu());
        assertEquals(InterfaceConfig.AUTO_MTU, apply(NEW, "mtu 1300 mtu auto").mtu());
    }

    @Test
    void addressBringsTheInterfaceUpUnlessDownIsSaid() throws ConfigException {
        assertTrue(apply(NEW, "10.0.0.1/30").up());
        assertFalse(apply(NEW, "10.0.0.1/30 down").up());
        assertFalse(apply(NEW, "down 10.0.0.1/30").up());
        assertFalse(apply(NEW, "mtu 1300").up());
    }

    @Test
    void addressGivenAgainReplaces() throws ConfigException {
        InterfaceConfig config = apply(apply(NEW, "10.0.0.1/30 10.0.0.2"), "10.0.0.1/24");
        assertEquals(List.of(inner("10.0.0.1", 24, null)), config.addresses());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-alias", "delete", "remove"})
    void addressIsRemoved(String word) throws ConfigException {
        InterfaceConfig config = apply(NEW, "10.0.0.1/30 inet6 2001:db8::1/64");
        assertEquals(
                List.of(inner("2001:db8::1", 64, null)),
                apply(config, "inet 10.0.0.1 " + word).addresses());
    }

    @Test
    void deletetunnelTakesTheEndpointsAway() throws ConfigException {
        assertEquals(
                null,
                apply(apply(NEW, "tunnel 203.0.113.1 203.0.113.2"), "deletetunnel")
                        .tunnel());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "mtu | mtu: expected a number or auto after it",
                "mtu x | mtu: \"x\" is not a number",
                "fib | fib: expected a number after it",
                "tunnelfib -1 | tunnelfib: -1 is not 0 to 65534",
                "fib 65535 | fib: 65535 is not 0 to 65534",
                "mtu 1279 | mtu: 1279 is not 1280 to 65535",
                "mtu 65536 | mtu: 65536 is not 1280 to 65535",
                "dscp 64 | dscp: \"64\" is not copy, 0 to 63, or a name such as ef, af41, cs6",
                "dscp af44 | dscp: \"af44\" is not copy, 0 to 63, or a name such as ef, af41, cs6",
                "dscp_in both | dscp_in: \"both\" is not keep or copy",
                "ecn yes | ecn: \"yes\" is not normal or compatibility",
                "df maybe | df: \"maybe\" is not copy, set or clear",
                "df | df: expected copy, set or clear after it",
                "ttl 0 | ttl: \"0\" is not copy or 1 to 255",
                "ttl 256 | ttl: \"256\" is not copy or 1 to 255",
                "flowlabel 0x100000 | flowlabel: \"0x100000\" is not copy or 0 to 0xfffff",
                "mss 63 | mss: \"63\" is not auto, off, or 64 to 65495",
                "tfc on | tfc: \"on\" is not off or pad-to-mtu, and then perhaps dummy N",
                "tfc pad-to-mtu dummy 1001 | tfc dummy: 1001 is not 0 to 1000",
                "reqid 0 | reqid: 0 is not 1 to 4294967295",
                "reqid 0x5ec4e75ec4e75 | reqid: a word of 15 characters is not 1 to 4294967295",
                "reqid 0x5ec4e75ec4e75ec4e75 | reqid: a word of 21 characters is not a number",
                "ttl 0x5ec4e75ec4e75 | ttl: a word of 15 characters is not copy or 1 to 255",
                "encap 0x5ec4e75ec4e75 | encap: a word of 15 characters is not no or udp",
                "reqid 4294967296 | reqid: 4294967296 is not 1 to 4294967295",
                "tunnel 203.0.113.1 | tunnel: expected the local and the remote outer address after it",
                "tunnel 203.0.113.1 203.0.113.2 tunnel 203.0.113.1 203.0.113.3 | tunnel: given twice",
                "encap tcp | encap: \"tcp\" is not no or udp",
                "inet 2001:db8::1/64 | 2001:db8::1 follows inet, but is not of that family",
                "inet 10.0.0.1 | 10.0.0.1: expected a prefix length (10.0.0.1/30), a netmask or a destination address",
                "inet 10.0.0.1/33 | prefix length: 33 is not 0 to 32",
                "inet 10.0.0.1 netmask 255.0.255.0 | netmask: 255.0.255.0 has a one after a zero",
                "inet6 2001:db8::1 netmask 255.0.0.0 | netmask: IPv6 addresses take prefixlen N",
                "inet 224.0.0.5/24 | 224.0.0.5 is not a unicast address",
                "inet 10.0.0.1 -alias | ipsec0 has no address 10.0.0.1",
            })
    void wrongWordsAreNamed(String words, String problem) {
        assertProblem(problem, () -> apply(NEW, words));
    }

    @Test
    void unknownWordListsTheKnownOnes() {
        assertProblemBegins(
                "\"mediaopt\" is not understood; known words are inet, inet6, ADDRESS",
                () -> apply(NEW, "inet mediaopt"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tunnel 203.0.113.1 2001:db8::1",
                "tunnel 203.0.113.1 203.0.113.1",
                "tunnel 224.0.0.1 203.0.113.1",
                "tunnel 0.0.0.0 203.0.113.1",
                "tunnel 203.0.113.256 203.0.113.1",
                "tunnel any 203.0.113.1",
            })
    void endpointsAreTwoUnicastAddressesOfOneFamily(String words) {
        assertProblemBegins("", () -> apply(NEW, words));
    }
}
