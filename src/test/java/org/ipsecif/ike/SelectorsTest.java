package org.ipsecif.ike;

import static org.ipsecif.ike.TestNetwork.A;
import static org.ipsecif.ike.TestNetwork.ANY;
import static org.ipsecif.ike.TestNetwork.ANY6;
import static org.ipsecif.ike.TestNetwork.B;
import static org.ipsecif.ike.TestNetwork.SECOND;
import static org.ipsecif.ike.TestNetwork.peer;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.ipsecif.crypto.KeyExchangeMethod;
import org.ipsecif.ike.message.AddressRange;
import org.ipsecif.ike.message.ExchangeType;
import org.ipsecif.ike.message.IkeMessage;
import org.ipsecif.ike.message.NotifyType;
import org.ipsecif.sa.Flow;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.SaParameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Child SAs for several pairs of traffic selectors (RFC 7296 section 2.9). */
class SelectorsTest extends SelectorEnds {
    @Test
    void routeBasedIsOneChildSaForBothFamilies() {
        configureA(ROUTE_BASED);
        configureB(ROUTE_BASED);
        connect();
        assertPairs(1);
        assertTrue(a.outbound().get(0).selectors().isAny());
    }

    /** As Cisco, Juniper, FortiGate, AWS and Azure do with a route-based tunnel that has IPv4 only. */
    @Test
    void peerWithOneFamilyIsAskedForTheOtherOnceAndNoMore() {
        configureA(ROUTE_BASED);
        configureB(child(false, List.of(new SelectorPair(ANY, ANY))));
        connect();
        assertPairs(1);
        assertEquals(1, carrying(a, "10.0.0.1", "10.0.0.2"));
        assertEquals(0, carrying(a, "2001:db8::1", "2001:db8::2"));
        assertEquals(1, a.warnings.size(), a.warnings::toString);
        assertTrue(a.warnings.getLast().contains("TS_UNACCEPTABLE; we offered ::/0 === ::/0"), a.warnings::toString);
        network.pass(300 * SECOND);
        a.endpoint.acquire("ipsec0", flow("2001:db8::1", "2001:db8::2"), true);
        a.endpoint.rekeyIke("ipsec0");
        network.deliver();
        a.endpoint.acquire("ipsec0", flow("2001:db8::1", "2001:db8::2"), true);
        network.pass(60 * SECOND);
        assertEquals(1, a.warnings.size(), a.warnings::toString);
        assertPairs(1);
    }

    @Test
    void peerThatNarrowsToOneFamilyGetsASecondChildSa() {
        configureA(ROUTE_BASED);
        configureB(
                child(false, List.of(new SelectorPair(ANY, ANY))), child(false, List.of(new SelectorPair(ANY6, ANY6))));
        connect();
        assertPairs(2);
        assertEquals(1, carrying(a, "10.0.0.1", "10.0.0.2"));
        assertEquals(1, carrying(a, "2001:db8::1", "2001:db8::2"));
        assertEquals(0, a.warnings.size(), a.warnings::toString);
    }

    @Test
    void eachIsRekeyedForWhatItCarries() {
        peerThatNarrowsToOneFamilyGetsASecondChildSa();
        a.endpoint.rekeyChildren("ipsec0");
        network.deliver();
        b.endpoint.rekeyChildren("ipsec0");
        network.deliver();
        assertPairs(2);
        assertEquals(1, carrying(a, "10.0.0.1", "10.0.0.2"));
        assertEquals(1, carrying(a, "2001:db8::1", "2001:db8::2"));
        a.endpoint.rekeyIke("ipsec0");
        network.deliver();
        assertPairs(2);
    }

    /** RFC 7296 section 2.9.2: a responder does not narrow below what there is. */
    @Test
    void peerThatRekeysWithAllItHasGetsWhatTheOldOneHad() {
        peerThatNarrowsToOneFamilyGetsASecondChildSa();
        ChildSa six = childFor(a, "2001:db8::1", "2001:db8::2");
        ChildWish wide = new ChildWish(six.config(), List.of(), List.of(ANY, ANY6), List.of(ANY, ANY6), null);
        ike(a).messenger()
                .enqueue(ExchangeType.CREATE_CHILD_SA, new CreateChild(a.endpoint, ike(a), wide, six, new Attempt()));
        network.deliver();
        assertPairs(2);
        assertEquals(1, carrying(a, "2001:db8::1", "2001:db8::2"));
        assertEquals(1, carrying(a, "10.0.0.1", "10.0.0.2"));
    }

    @Test
    void pairsCanHaveOneChildSaEach() {
        configureA(child(true, List.of(ONE_ONE, ONE_TWO, TWO_ONE, TWO_TWO)));
        configureB(false, ONE_ONE, ONE_TWO, TWO_ONE, TWO_TWO);
        connect();
        assertPairs(4);
        assertEquals(1, carrying(a, "10.1.0.1", "10.11.0.1"));
        assertEquals(1, carrying(a, "10.2.0.1", "10.12.0.1"));
        assertEquals(0, a.warnings.size() + b.warnings.size());
    }

    @Test
    void pairsCanShareOneChildSa() {
        configureA(child(false, List.of(ONE_ONE, ONE_TWO, TWO_ONE, TWO_TWO)));
        configureB(true, ONE_ONE, ONE_TWO, TWO_ONE, TWO_TWO);
        connect();
        assertPairs(1);
        assertEquals(1, carrying(a, "10.2.0.1", "10.12.0.1"));
    }

    /** Between 10.1/16 and 10.12/16 nothing is agreed, and one Child SA for both pairs would carry it. */
    @Test
    void pairsThatAreNotAllCombinationsDoNotShare() {
        configureA(child(false, List.of(ONE_ONE, TWO_TWO)));
        configureB(false, ONE_ONE, TWO_TWO);
        connect();
        assertPairs(2);
        assertEquals(0, carrying(a, "10.1.0.1", "10.12.0.1"));
    }

    @Test
    void morePairsThanATsPayloadHoldsAreSeveralChildSas() {
        List<SelectorPair> many = IntStream.range(0, 300)
                .mapToObj(i -> pair("10.0.0.0/16", "10." + (128 + i / 256) + "." + i % 256 + ".0/24"))
                .toList();
        configureA(child(false, many));
        configureB(child(false, many.stream().map(SelectorsTest::mirrored).toList()));
        connect();
        assertPairs(2);
        assertEquals(1, carrying(a, "10.0.0.1", "10.128.0.1"));
        assertEquals(1, carrying(a, "10.0.0.1", "10.129.43.1"));
    }

    /** 200 networks at each end are 40,000 pairs. */
    @Test
    void manyCombinationsShareAChildSaAndCostLittle() {
        List<SelectorPair> many = IntStream.range(0, 40_000)
                .mapToObj(i -> pair("10.1." + i / 200 + ".0/24", "10.2." + i % 200 + ".0/24"))
                .toList();
        configureA(child(false, many));
        configureB(child(true, many.stream().map(SelectorsTest::mirrored).toList()));
        assertTimeout(Duration.ofSeconds(10), this::connect);
        assertPairs(1);
        assertEquals(1, carrying(a, "10.1.199.1", "10.2.199.1"));
    }

    /** The peer is policy-based, and we are not: it narrows to its networks. */
    @Test
    void narrowedToNetworksIsNotAskedForAgain() {
        configureA(ROUTE_BASED);
        configureB(true, ONE_ONE);
        connect();
        assertPairs(1);
        assertEquals(1, carrying(a, "10.1.0.1", "10.11.0.1"));
        int sent = a.messages.size();
        network.pass(20 * SECOND);
        assertEquals(sent, a.messages.size());
    }

    @Test
    void packetForWhatThePeerDoesNotHaveIsAskedForOnce() {
        narrowedToNetworksIsNotAskedForAgain();
        a.endpoint.acquire("ipsec0", flow("10.1.0.1", "10.99.0.1"), true);
        network.deliver();
        int sent = a.messages.size();
        for (int i = 0; i < 20; i++) {
            a.endpoint.acquire("ipsec0", flow("10.1.0.1", "10.99.0.1"), true);
            network.pass(SECOND);
        }
        assertEquals(sent, a.messages.size());
        assertPairs(1);
        assertEquals(1, carrying(a, "10.1.0.1", "10.11.0.1"));
    }

    /** A scan of addresses that the peer does not have: the exchanges get rarer. */
    @Test
    void packetsForManyThatThePeerDoesNotHaveCostFewExchanges() {
        narrowedToNetworksIsNotAskedForAgain();
        int sent = a.messages.size();
        for (int i = 0; i < 250; i++) {
            a.endpoint.acquire("ipsec0", flow("10.1.0.1", "10.99.0." + i), true);
            network.pass(SECOND / 2);
        }
        int exchanges = (a.messages.size() - sent) / 2;
        assertTrue(exchanges < 24, () -> exchanges + " exchanges");
        assertPairs(1);
    }

    /** RFC 7296 section 2.9: the packet's addresses come first, and the peer narrows to what has them. */
    @Test
    void packetsOwnAddressesChooseThePair() {
        configureA(ROUTE_BASED);
        configureB(child(false, List.of(mirrored(ONE_ONE), mirrored(TWO_TWO))));
        a.endpoint.acquire("ipsec0", flow("10.2.0.1", "10.12.0.1"), true);
        network.deliver();
        assertPairs(1);
        assertEquals(1, carrying(a, "10.2.0.1", "10.12.0.1"));
        assertTrue(
                a.messages.stream().anyMatch(each -> each.has(NotifyType.ADDITIONAL_TS_POSSIBLE)),
                "there is more to have");
        a.endpoint.acquire("ipsec0", flow("10.1.0.1", "10.11.0.1"), true);
        network.deliver();
        assertPairs(2);
        assertEquals(1, carrying(a, "10.1.0.1", "10.11.0.1"));
        assertEquals(List.of(2, 2), firstSelectors());
    }

    /** How many selectors this end offered last, for either end. */
    private List<Integer> firstSelectors() {
        IkeMessage request = a.messages.stream()
                .filter(each -> !each.header().response() && each.header().is(ExchangeType.CREATE_CHILD_SA))
                .reduce((first, second) -> second)
                .orElseThrow();
        assertEquals(range("10.1.0.1/32"), selectors(request, true).get(0));
        assertEquals(range("10.11.0.1/32"), selectors(request, false).get(0));
        return List.of(
                selectors(request, true).size(), selectors(request, false).size());
    }

    @Test
    void packetMakesItsOwnChildSaAndNoOther() {
        configureA(child(true, List.of(ONE_ONE, ONE_TWO, TWO_ONE)));
        configureB(true, ONE_ONE, ONE_TWO, TWO_ONE);
        a.endpoint.acquire("ipsec0", flow("10.1.0.1", "10.12.0.1"), true);
        a.endpoint.acquire("ipsec0", flow("10.2.0.1", "10.11.0.1"), true);
        network.deliver();
        assertPairs(2);
        assertEquals(0, carrying(a, "10.1.0.1", "10.11.0.1"));
        a.endpoint.acquire("ipsec0", flow("10.1.0.1", "10.11.0.1"), true);
        a.endpoint.acquire("ipsec0", flow("10.1.0.2", "10.11.0.1"), true);
        network.deliver();
        assertPairs(3);
    }

    @Test
    void packetOfNoPairAsksForNothing() {
        configureA(child(true, List.of(ONE_ONE)));
        configureB(true, ONE_ONE);
        connect();
        int sent = a.messages.size();
        a.endpoint.acquire("ipsec0", flow("10.1.0.1", "10.13.0.1"), true);
        a.endpoint.acquire("ipsec0", flow("10.1.0.1", "10.11.0.1"), true);
        a.endpoint.acquire("nobody", flow("10.1.0.1", "10.11.0.1"), true);
        network.deliver();
        assertEquals(sent, a.messages.size());
    }

    @Test
    void deletedByThePeerLeavesTheOthersAlone() {
        configureA(child(true, List.of(ONE_ONE, ONE_TWO, TWO_ONE)));
        configureB(true, ONE_ONE, ONE_TWO, TWO_ONE);
        connect();
        List<Integer> before = List.copyOf(a.sad.keySet());
        network.pass(20 * SECOND);
        b.endpoint.childSas().delete(ike(b), childFor(b, "10.12.0.1", "10.1.0.1"));
        network.deliver();
        assertPairs(2);
        assertTrue(before.containsAll(a.sad.keySet()));
        assertEquals(0, carrying(a, "10.1.0.1", "10.12.0.1"));
    }

    @Test
    void whatThePeerDeletesComesBackAloneIfItIsToRestart() {
        a.endpoint.configure(with(peer(A, B), true, child(true, List.of(ONE_ONE, ONE_TWO))));
        configureB(true, ONE_ONE, ONE_TWO);
        connect();
        network.pass(20 * SECOND);
        int kept = childFor(a, "10.1.0.1", "10.11.0.1").inbound().spi();
        b.endpoint.childSas().delete(ike(b), childFor(b, "10.12.0.1", "10.1.0.1"));
        network.deliver();
        assertPairs(2);
        assertTrue(a.sad.containsKey(kept));
        assertEquals(1, carrying(a, "10.1.0.1", "10.12.0.1"));
    }

    @Test
    void whatThePeerDeletesAfterRekeyingIsNoLoss() {
        a.endpoint.configure(with(peer(A, B), true, child(true, List.of(ONE_ONE, ONE_TWO))));
        configureB(true, ONE_ONE, ONE_TWO);
        connect();
        b.endpoint.rekeyChildren("ipsec0");
        network.deliver();
        assertPairs(2);
        assertEquals(1, carrying(a, "10.1.0.1", "10.11.0.1"));
        assertEquals(0, a.warnings.size(), a.warnings::toString);
        network.pass(20 * SECOND);
        b.endpoint.childSas().delete(ike(b), childFor(b, "10.12.0.1", "10.1.0.1"));
        network.deliver();
        assertPairs(2);
    }

    /** Of several that wait for what they replace to be deleted, the deletion of one starts its own successor alone. */
    @Test
    void successorIsTheOneForTheSameTraffic() {
        configureA(child(true, List.of(ONE_ONE, ONE_TWO)));
        configureB(true, ONE_ONE, ONE_TWO);
        connect();
        ChildSa first = childFor(a, "10.1.0.1", "10.11.0.1");
        ChildSa second = childFor(a, "10.1.0.1", "10.12.0.1");
        network.passes = (path, bytes) -> bytes[18] != ExchangeType.INFORMATIONAL.number();
        b.endpoint.rekeying().child(ike(b), childFor(b, "10.11.0.1", "10.1.0.1"), new Attempt());
        network.deliver();
        ChildSa successor = first.replacedByPeer;
        assertTrue(successor != null && !successor.outboundAdded);
        a.endpoint.childSas().takeOver(ike(a), second);
        assertFalse(successor.outboundAdded);
        a.endpoint.childSas().takeOver(ike(a), first);
        assertTrue(successor.outboundAdded);
    }

    @Test
    void networksThatAreNoLongerConfiguredGoAndNewOnesCome() {
        configureA(child(false, List.of(ONE_ONE, ONE_TWO)));
        configureB(false, ONE_ONE, ONE_TWO, TWO_ONE, TWO_TWO);
        connect();
        assertPairs(1);
        configureA(child(false, List.of(ONE_ONE, ONE_TWO, TWO_ONE, TWO_TWO)));
        network.deliver();
        assertEquals(1, carrying(a, "10.1.0.1", "10.12.0.1"));
        assertEquals(1, carrying(a, "10.2.0.1", "10.11.0.1"));
        assertEquals(1, carrying(a, "10.2.0.1", "10.12.0.1"));
        configureA(child(false, List.of(ONE_ONE)));
        network.deliver();
        assertPairs(1);
        assertEquals(1, carrying(a, "10.1.0.1", "10.11.0.1"));
        assertEquals(0, carrying(a, "10.1.0.1", "10.12.0.1"));
    }

    @Test
    void narrowerNetworksWithinAWiderOneHaveTheirOwn() {
        SelectorPair wide = pair("10.0.0.0/8", "10.11.0.0/16");
        configureA(child(true, List.of(ONE_ONE, wide)));
        configureB(true, ONE_ONE, wide);
        connect();
        assertPairs(2);
        assertEquals(1, carrying(a, "10.7.0.1", "10.11.0.1"));
    }

    @Test
    void transportModeHasItsSelectorsToo() {
        AddressRange here = new AddressRange(47, 0, 65_535, A, A);
        AddressRange there = new AddressRange(47, 0, 65_535, B, B);
        configureA(transport(here, there));
        configureB(transport(there, here));
        connect();
        assertPairs(1);
        SaParameters sa = a.outbound().get(0);
        assertEquals(IpsecMode.TRANSPORT, sa.mode());
        assertTrue(sa.selectors().take(new Flow(A, B, 47, -1, -1)));
        assertFalse(sa.selectors().take(new Flow(A, B, 17, 1, 1)));
    }

    private static ChildConfig transport(AddressRange local, AddressRange remote) {
        return new ChildConfig(
                "ipsec0",
                100,
                IpsecMode.TRANSPORT,
                List.of(new SelectorPair(local, remote)),
                true,
                List.of(TestNetwork.espProposal(KeyExchangeMethod.CURVE25519)),
                1_024);
    }

    @Test
    void rangesThatAreNoPrefixesAreNarrowedToTheirOverlap() {
        SelectorPair ours = new SelectorPair(
                AddressRange.of(IpAddress.parse("10.1.0.5"), IpAddress.parse("10.1.0.20")), range("10.11.0.0/16"));
        SelectorPair theirs = new SelectorPair(
                range("10.11.0.0/16"), AddressRange.of(IpAddress.parse("10.1.0.10"), IpAddress.parse("10.1.0.99")));
        configureA(child(true, List.of(ours)));
        configureB(child(true, List.of(theirs)));
        connect();
        assertPairs(1);
        assertEquals(1, carrying(a, "10.1.0.10", "10.11.0.1"));
        assertEquals(1, carrying(a, "10.1.0.20", "10.11.0.1"));
        assertEquals(0, carrying(a, "10.1.0.9", "10.11.0.1"));
        assertEquals(0, carrying(a, "10.1.0.21", "10.11.0.1"));
    }

    /** A fifth of all messages is lost, others come twice or late, and both ends replace all they have. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void everyPairSurvivesABadWire(long seed) {
        TestNetwork bad = new TestNetwork(seed);
        TestNetwork.End here = bad.end(A);
        TestNetwork.End there = bad.end(B);
        List<SelectorPair> pairs = List.of(ONE_ONE, ONE_TWO, TWO_ONE, TWO_TWO);
        here.endpoint.configure(with(peer(A, B), true, child(true, pairs)));
        there.endpoint.configure(with(
                peer(B, A),
                true,
                child(true, pairs.stream().map(SelectorsTest::mirrored).toList())));
        bad.lost = 200;
        bad.doubled = 100;
        bad.reorders = true;
        here.endpoint.connect("ipsec0");
        for (int round = 0; round < 8; round++) {
            bad.pass(20 * SECOND);
            (round % 2 == 0 ? here : there).endpoint.rekeyChildren("ipsec0");
            if (round % 3 == 0) {
                (round % 2 == 0 ? there : here).endpoint.rekeyChildren("ipsec0");
            }
        }
        bad.lost = 0;
        here.endpoint.connect("ipsec0");
        bad.pass(200 * SECOND);
        assertEquals(here.sad.keySet(), there.sad.keySet(), () -> String.join("\n", bad.story));
        assertEquals(4, here.outbound().size(), () -> String.join("\n", bad.story));
        for (SelectorPair each : pairs) {
            String from = each.local().start().toString();
            String to = each.remote().start().toString();
            assertEquals(1, carrying(here, from, to), each::toString);
            assertEquals(1, carrying(there, to, from), each::toString);
        }
    }
}
