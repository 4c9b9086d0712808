package org.ipsecif.daemon.freebsd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.ipsecif.Eventually;
import org.ipsecif.daemon.RunningDaemon;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Routing tables other than the process's: of outer packets and of what comes out of interfaces. The other end needs none. */
class FibTest {
    /** Where the second host is, whose network the first knows in its table 2 alone. */
    private static final String FAR = "198.51.100.2";

    @TempDir
    private Path directory;

    private TwoHosts hosts;

    @BeforeEach
    void setUp() throws Exception {
        hosts = new TwoHosts(directory);
        hosts.one.host.setFibs(3);
        hosts.one.host.addRoute("198.51.100.0/24", "em0", 2);
        hosts.two.host.addAddress("em0", FAR + "/24");
        hosts.one.remote = FAR;
        hosts.two.local = FAR;
        hosts.ends().forEach(end -> end.keys = TwoHosts.SAS.replace("192.0.2.2", FAR));
    }

    private static String with(String words) {
        return "ifconfig_ipsec0_alias1=\"" + words + "\"\n";
    }

    private boolean pings() {
        return hosts.one.host.ping("10.0.0.1", "10.0.0.2", 64, 300);
    }

    /** Without kernel IPsec and with it, raw and in UDP. */
    @ParameterizedTest
    @CsvSource({"false,no", "false,udp", "true,no", "true,udp"})
    void outerPacketsGoByTheTableThatIsSaidAndFollowItsChange(boolean ipsec, String encap) throws Exception {
        if (ipsec) {
            hosts.ends().forEach(TwoHosts.End::enableIpsec);
        }
        hosts.ends().forEach(end -> end.more = "ipsecif_ipsec0_encap=\"" + encap + "\"\n");
        String plain = hosts.one.manualRcConf();
        try (RunningDaemon one = hosts.one.start(plain);
                RunningDaemon two = hosts.two.start(hosts.two.manualRcConf())) {
            assertFalse(pings());
            one.reload(plain + with("tunnelfib 2"));
            assertTrue(pings());
            assertEquals(
                    "2", one.call("interface.list", "{}").at("/0/tunnelFib").asText());
            one.reload(plain);
            assertFalse(pings());
        }
    }

    @Test
    void ikeGoesByTheTableOfItsTunnel() throws Exception {
        hosts.one.more = with("tunnelfib 2");
        try (RunningDaemon two = hosts.two.start(hosts.two.ikeRcConf());
                RunningDaemon one = hosts.one.start(hosts.one.ikeRcConf())) {
            Eventually.await("the tunnel is up", this::pings);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatComesOutGoesByTheTableThatIsSaid(boolean holder) throws Exception {
        if (holder) {
            hosts.one.enableHolder();
        }
        String plain = hosts.one.manualRcConf() + with("tunnelfib 2");
        try (RunningDaemon two = hosts.two.start(hosts.two.manualRcConf())) {
            try (RunningDaemon one = hosts.one.start(plain + "ifconfig_ipsec0_alias2=\"fib 1\"\n")) {
                assertEquals(1, hosts.one.host.show("ipsec0").fib());
                assertEquals(2, hosts.one.host.socketsOf(1), "answers to inner senders, IPv4 and IPv6");
                assertTrue(hosts.one.host.ping(1, "10.0.0.1", "10.0.0.2"));
                assertFalse(pings(), "its routes are in another table");
                assertTrue(hosts.two.host.ping("10.0.0.2", "10.0.0.1"));
                one.reload(plain + "ifconfig_ipsec0_alias2=\"fib 2\"\n");
                assertEquals(2, hosts.one.host.show("ipsec0").fib());
                assertTrue(hosts.one.host.ping(2, "10.0.0.1", "10.0.0.2"));
                one.reload(plain);
                assertEquals(0, hosts.one.host.show("ipsec0").fib());
                assertTrue(pings());
            }
        }
    }

    @Test
    void theTableThatAnEarlierRunGaveIsGivenUpWhereItIsSaidNoMore() throws Exception {
        hosts.one.enableHolder();
        String plain = hosts.one.manualRcConf();
        RunningDaemon first = hosts.one.start(plain + with("fib 1"));
        first.leave();
        assertEquals(1, hosts.one.host.show("ipsec0").fib());
        try (RunningDaemon next = hosts.one.start(plain)) {
            assertEquals(0, hosts.one.host.show("ipsec0").fib());
        }
    }

    /** Routing sockets hear of addresses of interfaces in their own table alone (net.add_addr_allfibs). */
    @Test
    void addressesThatOthersGiveInAnotherTableAreFollowed() throws Exception {
        hosts.ends().forEach(end -> end.more = "ipsecif_ipsec0_template=\"point-to-point\"\n");
        hosts.one.more += with("tunnelfib 2 fib 1");
        try (RunningDaemon one = hosts.one.start(hosts.one.manualRcConf())) {
            hosts.one.host.addAddress("ipsec0", "10.0.1.1/30 10.0.1.2");
            Eventually.await(
                    "the new address is known",
                    () -> one.call("policy.list", "{'name':'ipsec0'}")
                            .toString()
                            .contains("10.0.1.1"));
        }
    }

    @Test
    void tablesThatTheHostDoesNotHaveAreRefused() throws Exception {
        String plain = hosts.one.manualRcConf();
        try (RunningDaemon one = hosts.one.start(plain)) {
            IOException fib = assertThrows(IOException.class, () -> one.reload(plain + with("fib 3")));
            assertTrue(
                    fib.getMessage().contains("ipsec0: fib 3: expected 0 to 2, for the kernel has 3"), fib::toString);
            IOException tunnel = assertThrows(IOException.class, () -> one.reload(plain + with("tunnelfib 7")));
            assertTrue(tunnel.getMessage().contains("ipsec0: tunnelfib 7: expected 0 to 2"), tunnel::toString);
            assertEquals(0, hosts.one.host.show("ipsec0").fib());
        }
    }

    @Test
    void twoOfOneLocalAddressHaveOneTable() throws Exception {
        String other = "ifconfig_ipsec1=\"tunnel 192.0.2.1 198.51.100.9 10.9.0.1/30 10.9.0.2";
        String plain = hosts.one.manualRcConf();
        try (RunningDaemon one = hosts.one.start(plain + other + "\"\n");
                RunningDaemon two = hosts.two.start(hosts.two.manualRcConf())) {
            IOException e = assertThrows(
                    IOException.class, () -> one.reload(plain + with("tunnelfib 1") + other + " tunnelfib 2\"\n"));
            assertTrue(
                    e.getMessage()
                            .contains(
                                    "ipsec1: tunnelfib 2: ipsec0 has tunnelfib 1 with the same local address 192.0.2.1"),
                    e::toString);
            assertThrows(
                    IOException.class,
                    () -> one.call("interface.configure", "{'name':'ipsec0','words':['tunnelfib','2']}"));
            one.reload(plain + with("tunnelfib 2") + other + " tunnelfib 2\"\n");
            assertTrue(pings());
            assertThrows(
                    IOException.class,
                    () -> one.call(
                            "interface.create",
                            "{'name':'ipsec2','words':['tunnel','192.0.2.1','198.51.100.8','up']}"));
        }
    }

    /** The kernel makes a tun(4) device in table 0 for whomever. */
    @Test
    void whereNothingIsSaidItIsTheTableOfTheProcess() throws Exception {
        hosts.one.enableHolder();
        hosts.one.host.setProcessFib(2);
        String plain = hosts.one.manualRcConf();
        try (RunningDaemon two = hosts.two.start(hosts.two.manualRcConf())) {
            RunningDaemon first = hosts.one.start(plain);
            assertEquals(2, hosts.one.host.show("ipsec0").fib());
            assertTrue(hosts.one.host.ping(2, "10.0.0.1", "10.0.0.2"));
            first.leave();
            try (RunningDaemon next = hosts.one.start(plain)) {
                assertEquals(2, hosts.one.host.show("ipsec0").fib());
            }
        }
    }

    @Test
    void anothersDeviceKeepsItsTableAndIsAnsweredByIt() throws Exception {
        hosts.one.host.createTun("ipsec0");
        hosts.one.host.setFib("ipsec0", 1);
        try (RunningDaemon one = hosts.one.start(hosts.one.manualRcConf())) {
            assertEquals(1, hosts.one.host.show("ipsec0").fib());
            assertEquals(2, hosts.one.host.socketsOf(1), "answers to inner senders, IPv4 and IPv6");
        }
    }

    /** Nor does the routing socket of a transport: with IPsec in the kernel it has to know where ESP comes in. */
    @Test
    void addressThatComesLateInAnotherTableIsReceived() throws Exception {
        hosts.ends().forEach(TwoHosts.End::enableIpsec);
        hosts.one.host.setFib("em0", 2);
        hosts.one.host.removeAddress("em0", "192.0.2.1");
        hosts.one.more = with("tunnelfib 2");
        try (RunningDaemon one = hosts.one.start(hosts.one.manualRcConf());
                RunningDaemon two = hosts.two.start(hosts.two.manualRcConf())) {
            assertFalse(pings());
            hosts.one.host.addAddress("em0", "192.0.2.1/24");
            Eventually.await("the tunnel is up", this::pings);
        }
    }

    /** Its sockets are open before the first peer comes. */
    @Test
    void noInterfaceTakesTheTableOfWhatComesIntoBeingWithAPeer() throws Exception {
        hosts.one.ikeRcConf(); // the secret
        String kind = """
                ipsecif_dynamic="branch%%d"
                ifconfig_branch="tunnel 192.0.2.1 any tunnelfib 2 up"
                ipsecif_branch_remote_id="*.example.org"
                ipsecif_branch_psk_file="%s"
                """.formatted(hosts.one.directory.resolve("psk"));
        try (RunningDaemon one = hosts.one.start(kind)) {
            long before = hosts.one.host.socketsOf(2);
            assertTrue(before > 0, "sockets of IKE");
            IOException e = assertThrows(
                    IOException.class,
                    () -> one.call(
                            "interface.create",
                            "{'name':'ipsec2','words':['tunnel','192.0.2.1','198.51.100.8','up']}"));
            assertTrue(
                    e.getMessage().contains("ipsec2: tunnelfib 0: branch has tunnelfib 2 with the same local address"),
                    e::toString);
            assertEquals(before, hosts.one.host.socketsOf(2));
            one.call(
                    "interface.create",
                    "{'name':'ipsec2','words':['tunnel','192.0.2.1','198.51.100.8','tunnelfib','2','up']}");
        }
    }

    /** One that the files describe, and that was made otherwise meanwhile. */
    @Test
    void aDeviceThatAppearsTakesNoTableFromOthers() throws Exception {
        String other = "ifconfig_ipsec1=\"inet6 tunnel 2001:db8::1 2001:db8::2\"\n";
        try (RunningDaemon one = hosts.one.start(hosts.one.manualRcConf() + other)) {
            one.call("interface.destroy", "{'name':'ipsec0'}");
            one.call("interface.destroy", "{'name':'ipsec1'}");
            one.call(
                    "interface.create",
                    "{'name':'ipsec2','words':['tunnel','192.0.2.1','198.51.100.8','tunnelfib','2','up']}");
            long before = hosts.one.host.socketsOf(2);
            assertTrue(before > 0, "sockets of the tunnel");
            hosts.one.host.createTun("ipsec0");
            hosts.one.host.createTun("ipsec1");
            Eventually.await("the second is taken", () -> names(one).contains("ipsec1"));
            assertFalse(names(one).contains("ipsec0"));
            assertEquals(before, hosts.one.host.socketsOf(2));
        }
    }

    private static List<String> names(RunningDaemon daemon) throws Exception {
        return daemon.call("interface.list", "{}").findValuesAsText("name");
    }
}
