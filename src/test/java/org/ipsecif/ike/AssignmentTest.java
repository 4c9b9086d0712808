package org.ipsecif.ike;

import static org.ipsecif.ike.TestNetwork.A;
import static org.ipsecif.ike.TestNetwork.ANY;
import static org.ipsecif.ike.TestNetwork.ANY6;
import static org.ipsecif.ike.TestNetwork.B;
import static org.ipsecif.ike.TestNetwork.SECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.ipsecif.ike.message.AddressRange;
import org.ipsecif.ike.message.ConfigurationAttributeType;
import org.ipsecif.ike.message.ConfigurationPayload;
import org.ipsecif.ike.message.ConfigurationPayload.Attribute;
import org.ipsecif.ike.message.ConfigurationType;
import org.ipsecif.ike.message.ConfigurationValue;
import org.ipsecif.ike.message.ExchangeType;
import org.ipsecif.ike.message.Octets;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.Flow;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.SaParameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Inner addresses that a responder assigns to an initiator, by configuration payloads (RFC 7296 sections 2.19, 3.15). */
class AssignmentTest {
    private static final IpAddress LEASE = IpAddress.parse("10.9.0.7");
    private static final IpAddress LEASE6 = IpAddress.parse("2001:db8:9::7");
    private static final IpAddress DNS = IpAddress.parse("10.0.0.53");
    private static final IpAddress OTHER = IpAddress.parse("10.9.0.8");

    private final TestNetwork network = new TestNetwork(1);
    private final TestNetwork.End center = network.end(A);
    private final TestNetwork.End branch = network.end(B);

    private static PeerConfig peer(IpAddress local, IpAddress remote, InnerAddresses inner) {
        ChildConfig child = new ChildConfig(
                "ipsec0",
                1,
                IpsecMode.TUNNEL,
                List.of(ANY, ANY6),
                List.of(ANY, ANY6),
                List.of(TestNetwork.espProposal()),
                64);
        PeerConfig plain = TestNetwork.peer(local, remote);
        return new PeerConfig(
                        "ipsec0",
                        local,
                        remote,
                        plain.localId(),
                        plain.remoteId(),
                        plain.proposals(),
                        List.of(inner.assigns() ? child.confinedTo(inner.addresses()) : child),
                        plain.times(),
                        false,
                        false,
                        false,
                        true)
                .withInner(inner);
    }

    private void center(IpAddress... leases) {
        center.endpoint.configure(peer(A, B, InnerAddresses.assigning(List.of(leases), List.of(DNS))));
    }

    private void branch(List<IpAddress> before, Family... families) {
        branch.endpoint.configure(peer(B, A, InnerAddresses.asking(List.of(families), before)));
    }

    private void connect() {
        branch.endpoint.connect("ipsec0");
        network.deliver();
    }

    private static boolean sends(TestNetwork.End end, IpAddress from, IpAddress to) {
        return end.outbound().stream()
                .map(SaParameters::selectors)
                .anyMatch(each -> each.take(new Flow(from, to, 17, 1, 1)));
    }

    @Test
    void addressIsAssignedAndSelected() {
        center(LEASE, LEASE6);
        branch(List.of(), Family.INET, Family.INET6);
        connect();
        assertEquals(List.of(List.of(LEASE, LEASE6)), branch.assigned, () -> "" + branch.warnings + center.warnings);
        assertTrue(sends(branch, LEASE, DNS));
        assertTrue(sends(branch, LEASE6, IpAddress.parse("2001:db8::1")));
        assertFalse(sends(branch, OTHER, DNS), "TSi is the address alone");
        assertTrue(sends(center, DNS, LEASE));
        assertFalse(sends(center, DNS, OTHER));
        assertEquals(List.of(), List.copyOf(branch.warnings));
    }

    @Test
    void addressStaysThroughRekeyingAndReauthentication() {
        center(LEASE);
        branch(List.of(), Family.INET);
        connect();
        branch.endpoint.rekeyIke("ipsec0");
        branch.endpoint.rekeyChildren("ipsec0");
        network.deliver();
        assertEquals(1, branch.assigned.size(), "nothing is asked for a second time");
        branch(List.of(LEASE), Family.INET);
        branch.endpoint.reauthenticate(branch.endpoint.established("ipsec0"));
        network.deliver();
        network.pass(10 * SECOND);
        assertEquals(List.of(List.of(LEASE), List.of(LEASE)), branch.assigned, () -> "" + branch.warnings);
        assertEquals(1, branch.endpoint.all().size());
        assertFalse(sends(branch, OTHER, DNS));
        assertTrue(sends(branch, LEASE, DNS));
    }

    @Test
    void whatIsNotAskedForIsNotSaid() {
        center(LEASE, LEASE6);
        branch(List.of(), Family.INET);
        connect();
        assertEquals(List.of(List.of(LEASE)), branch.assigned);
        ConfigurationPayload reply = replies().get(0);
        assertEquals(
                List.of(ConfigurationValue.of(ConfigurationAttributeType.INTERNAL_IP4_ADDRESS, LEASE)),
                reply.attributes());
    }

    private List<ConfigurationPayload> replies() {
        return center.messages.stream()
                .flatMap(each -> each.all(ConfigurationPayload.class).stream())
                .filter(each -> each.is(ConfigurationType.CFG_REPLY))
                .toList();
    }

    @Test
    void whoDoesNotAskGetsNoChild() {
        center(LEASE);
        branch(List.of());
        connect();
        assertEquals(List.of(), branch.outbound());
        assertTrue(branch.warnings.getLast().contains("FAILED_CP_REQUIRED"), branch.warnings.toString());
        assertTrue(center.warnings.getLast().contains("asks for no inner address"), center.warnings.toString());
        assertEquals(1, center.endpoint.all().size(), "the IKE SA is up all the same");
    }

    @Test
    void withoutAnAddressThereIsNoTunnel() {
        center();
        branch(List.of(), Family.INET);
        connect();
        network.pass(5 * SECOND);
        assertTrue(center.warnings.getLast().contains("no inner address"), center.warnings.toString());
        assertTrue(
                branch.warnings.stream().anyMatch(each -> each.contains("INTERNAL_ADDRESS_FAILURE")),
                branch.warnings.toString());
        assertEquals(List.of(), branch.outbound());
        assertEquals(0, branch.endpoint.all().size(), "it would not be given one later, either");
        center(LEASE);
        connect();
        assertEquals(List.of(List.of(LEASE)), branch.assigned);
    }

    @Test
    void otherFamilyIsNone() {
        center(LEASE);
        branch(List.of(), Family.INET6);
        connect();
        assertTrue(
                branch.warnings.stream().anyMatch(each -> each.contains("INTERNAL_ADDRESS_FAILURE")),
                branch.warnings.toString());
    }

    @Test
    void whoAssignsNothingLeavesThePeerWithout() {
        center.endpoint.configure(peer(A, B, InnerAddresses.NONE));
        branch(List.of(), Family.INET);
        connect();
        assertEquals(List.of(List.of()), branch.assigned);
        assertTrue(branch.warnings.getLast().contains("assigns no inner address"), branch.warnings.toString());
        assertTrue(sends(branch, OTHER, DNS));
    }

    @Test
    void oneWhoWasNotAskedAssignsNothing() {
        center(LEASE);
        branch(List.of(OTHER), Family.INET);
        connect();
        ConfigurationPayload request = branch.messages.stream()
                .flatMap(each -> each.all(ConfigurationPayload.class).stream())
                .findFirst()
                .orElseThrow();
        assertEquals(
                List.of(ConfigurationValue.of(ConfigurationAttributeType.INTERNAL_IP4_ADDRESS, OTHER)),
                request.attributes(),
                "what it had it would like to have again");
        assertEquals(List.of(List.of(LEASE)), branch.assigned, "but has what it is given");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "127.0.0.1", "224.0.0.1", "255.255.255.255"})
    void whatNoInterfaceCanHaveIsNotTaken(String address) {
        center(IpAddress.parse(address));
        branch(List.of(), Family.INET);
        connect();
        assertEquals(List.of(List.of()), branch.assigned);
    }

    @ParameterizedTest
    @ValueSource(strings = {"::", "::1", "ff02::1", "fe80::1"})
    void likewiseOfIpv6(String address) {
        center(IpAddress.parse(address));
        branch(List.of(), Family.INET6);
        connect();
        assertEquals(List.of(List.of()), branch.assigned);
    }

    @Test
    void questionsOutsideOfTheHandshakeAreAnsweredAndNothingIsSet() {
        center(LEASE);
        branch(List.of(), Family.INET);
        connect();
        ask(ConfigurationType.CFG_REQUEST, ConfigurationAttributeType.APPLICATION_VERSION);
        assertEquals(
                List.of(new Attribute(ConfigurationAttributeType.APPLICATION_VERSION, Octets.EMPTY)),
                replies().get(1).attributes());
        ask(ConfigurationType.CFG_REQUEST, ConfigurationAttributeType.INTERNAL_IP4_ADDRESS);
        assertEquals(List.of(), replies().get(2).attributes());
        ask(ConfigurationType.CFG_SET, ConfigurationAttributeType.INTERNAL_IP4_ADDRESS);
        assertTrue(center.messages.stream()
                .flatMap(each -> each.all(ConfigurationPayload.class).stream())
                .anyMatch(each ->
                        each.is(ConfigurationType.CFG_ACK) && each.attributes().isEmpty()));
    }

    private void ask(ConfigurationType type, ConfigurationAttributeType attribute) {
        IkeSa sa = branch.endpoint.established("ipsec0");
        sa.messenger()
                .enqueue(
                        ExchangeType.INFORMATIONAL,
                        new Informational(
                                List.of(new ConfigurationPayload(
                                        type, List.of(new Attribute(attribute, Octets.EMPTY)))),
                                () -> {}));
        network.deliver();
    }

    @Test
    void confinedToNothingIsNothing() {
        ChildConfig child = peer(A, B, InnerAddresses.assigning(List.of(), List.of()))
                .children()
                .get(0);
        assertEquals(List.of(), child.pairs());
        ChildConfig one = peer(A, B, InnerAddresses.assigning(List.of(LEASE), List.of()))
                .children()
                .get(0);
        assertEquals(List.of(new SelectorPair(ANY, AddressRange.of(LEASE, LEASE))), one.pairs());
    }
}
