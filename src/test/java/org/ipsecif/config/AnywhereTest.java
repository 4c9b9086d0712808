package org.ipsecif.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.ipsecif.sa.Direction;
import org.ipsecif.sa.SecurityPolicy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tunnels whose peer has no fixed address. */
class AnywhereTest {
    private static final Path TEMPLATES = Path.of("templates");

    private static InterfaceConfig apply(String words) throws ConfigException {
        return apply(InterfaceConfig.named("ipsec0").withReqid(7), words);
    }

    private static InterfaceConfig apply(InterfaceConfig base, String words) throws ConfigException {
        return IfconfigWords.apply(base, List.of(words.split(" ")));
    }

    private static String remote(InterfaceConfig config) {
        return Objects.requireNonNull(config.tunnel()).remote().toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"any", "%any", "0.0.0.0"})
    void peerMayBeAnywhere(String word) throws ConfigException {
        InterfaceConfig config = apply("tunnel 203.0.113.1 " + word + " remote_id b.example.org psk_file /psk");
        assertTrue(Objects.requireNonNull(config.tunnel()).isAnywhere());
        assertEquals("0.0.0.0", remote(config));
        assertNull(config.ike().peerHost());
    }

    @Test
    void familyIsTheLocalAddress() throws ConfigException {
        assertEquals("::", remote(apply("tunnel 2001:db8::1 any remote_id %any psk_file /psk")));
        assertThrows(ConfigException.class, () -> apply("tunnel 2001:db8::1 0.0.0.0 remote_id %any psk_file /psk"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"branch7.example.org", "branch7.", "a-b.c1", "x.2y", "B.EXAMPLE.ORG."})
    void peerMayHaveAHostName(String name) throws ConfigException {
        InterfaceConfig config = apply("tunnel 203.0.113.1 " + name + " psk_file /psk");
        assertTrue(Objects.requireNonNull(config.tunnel()).isAnywhere());
        assertEquals(name, config.ike().peerHost());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "branch7",
                "203.0.113",
                "203.0.113.256",
                "1.2.3.4.5",
                "-a.b",
                "a..b",
                "a.b:500",
                "up",
                "a.b/24",
                ".a",
                "1.2."
            })
    void otherWordsAreNoHostNames(String word) {
        assertFalse(HostName.isOne(word));
        assertThrows(
                ConfigException.class, () -> apply("tunnel 203.0.113.1 " + word + " remote_id %any psk_file /psk"));
    }

    @Test
    void anotherTunnelForgetsTheName() throws ConfigException {
        InterfaceConfig named = apply("tunnel 203.0.113.1 b.example.org psk_file /psk");
        assertNull(apply(named, "tunnel 203.0.113.1 203.0.113.2").ike().peerHost());
        assertNull(apply(named, "tunnel 203.0.113.1 any remote_id b.example.org")
                .ike()
                .peerHost());
        assertNull(apply(named, "deletetunnel").ike().peerHost());
    }

    @Test
    void withoutIkeNobodyFindsThePeer() {
        Problems.assertProblem(
                "tunnel: a peer that may be anywhere is found by IKE alone; expected an address, or psk_file or cert",
                () -> apply("tunnel 203.0.113.1 any"));
    }

    @Test
    void somebodyHasToBeExpected() {
        ConfigException problem =
                assertThrows(ConfigException.class, () -> apply("tunnel 203.0.113.1 any psk_file /psk"));
        assertTrue(String.valueOf(problem.getMessage()).startsWith("remote_id: not there"), problem.getMessage());
    }

    private static List<SecurityPolicy> render(String template) throws ConfigException {
        InterfaceConfig config = apply("inet 10.0.0.1/30 10.0.0.2 tunnel 203.0.113.1 any remote_id %any psk_file /psk"
                + " remote_networks 10.1.0.0/16 template " + template);
        InterfaceFacts facts = new InterfaceFacts(
                "ipsec0",
                Objects.requireNonNull(config.tunnel()),
                config.addresses(),
                7,
                7,
                config.policies(),
                "linux");
        List<SecurityPolicy> policies = SpdTemplate.load(TEMPLATES, template).render(facts);
        new ProcessedPolicies(facts.tunnel(), 7).check(template, policies);
        return policies;
    }

    /** As Linux and FreeBSD have it: the outer address of the peer is that of the packet's SA. */
    @ParameterizedTest
    @ValueSource(strings = {"route-based", "point-to-point", "subnets"})
    void transformsLeaveTheAddressOpen(String template) throws ConfigException {
        List<SecurityPolicy> policies = render(template);
        assertFalse(policies.isEmpty());
        for (SecurityPolicy each : policies) {
            String ends = each.direction() == Direction.OUTBOUND ? "203.0.113.1-0.0.0.0" : "0.0.0.0-203.0.113.1";
            assertEquals(
                    "esp/tunnel/" + ends + "/unique:7", each.transforms().get(0).words());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"transport-gre", "fail-closed"})
    void policiesAboutThePeersAddressAreRefused(String template) {
        ConfigException problem = assertThrows(ConfigException.class, () -> render(template));
        assertTrue(String.valueOf(problem.getMessage()).contains("which the tunnel leaves open"), problem.getMessage());
    }
}
