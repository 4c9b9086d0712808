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
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.ipsecif.crypto.KeyExchangeMethod;
import org.ipsecif.ike.message.AddressRange;
import org.ipsecif.ike.message.ExchangeType;
import org.ipsecif.ike.message.IkeException;
import org.ipsecif.ike.message.IkeHeader;
import org.ipsecif.ike.message.IkeMessage;
import org.ipsecif.ike.message.NotifyPayload;
import org.ipsecif.ike.message.NotifyType;
import org.ipsecif.ike.message.OpenedMessage;
import org.ipsecif.ike.message.TrafficSelector;
import org.ipsecif.ike.message.TrafficSelectorPayload;
import org.ipsecif.sa.Flow;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpPrefix;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.SaParameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Child SAs for several pairs of traffic selectors, and peers that take them in their own ways (RFC 7296 section 2.9). */
class SelectorsTest {
    private final TestNetwork network = new TestNetwork(29);
    private final TestNetwork.End a = network.end(A);
    private final TestNetwork.End b = network.end(B);

    private static AddressRange range(String text) {
        IpPrefix prefix = IpPrefix.parse(text);
        return AddressRange.of(prefix.address(), prefix.last());
    }

    private static SelectorPair pair(String local, String remote) {
        return new SelectorPair(range(local), range(remote));
    }

    private static SelectorPair mirrored(SelectorPair pair) {
        return new SelectorPair(pair.remote(), pair.local());
    }

    private static ChildConfig child(boolean separate, List<SelectorPair> pairs) {
        return new ChildConfig(
                "ipsec0",
                100,
                IpsecMode.TUNNEL,
                pairs,
                separate,
                List.of(TestNetwork.espProposal(KeyExchangeMethod.CURVE25519)),
                1_024);
    }

    private static PeerConfig with(PeerConfig peer, boolean restart, ChildConfig... children) {
        return new PeerConfig(
                peer.name(),
                peer.local(),
                peer.remote(),
                peer.localId(),
                peer.remoteId(),
                peer.proposals(),
                List.of(children),
                peer.times(),
                peer.start(),
                restart,
                peer.forceEncapsulation(),
                peer.fragmentation());
    }

    private void configureA(ChildConfig... children) {
        a.endpoint.configure(with(peer(A, B), false, children));
    }

    private void configureB(ChildConfig... children) {
        b.endpoint.configure(with(peer(B, A), false, children));
    }

    private void configureB(boolean separate, SelectorPair... ofA) {
        configureB(child(
                separate, List.of(ofA).stream().map(SelectorsTest::mirrored).toList()));
    }

    private void connect() {
        a.endpoint.connect("ipsec0");
        network.deliver();
    }

    private static Flow flow(String from, String to) {
        return new Flow(IpAddress.parse(from), IpAddress.parse(to), 17, 1_000, 2_000);
    }

    /** Outbound SAs that take such a packet. */
    private static long carrying(TestNetwork.End end, String from, String to) {
        return end.outbound().stream()
                .map(SaParameters::selectors)
                .filter(each -> each.take(flow(from, to)))
                .count();
    }

    private void assertPairs(int pairs) {
        assertEquals(pairs, a.outbound().size(), () -> String.join("\n", network.story));
        assertEquals(a.sad.keySet(), b.sad.keySet());
        for (SaParameters sa : a.sad.values()) {
            assertEquals(sa.selectors(), b.sad.get(sa.spi()).selectors());
        }
    }

    private static IkeSa ike(TestNetwork.End end) {
        return end.endpoint.all().stream()
                .filter(each -> each.state == IkeSa.State.ESTABLISHED)
                .findFirst()
                .orElseThrow();
    }

    private static ChildSa childFor(TestNetwork.End end, String from, String to) {
        return ike(end).children.stream()
                .filter(each -> each.outbound().selectors().take(flow(from, to)))
                .findFirst()
                .orElseThrow();
    }

    private static final ChildConfig ROUTE_BASED =
            child(false, List.of(new SelectorPair(ANY, ANY), new SelectorPair(ANY6, ANY6)));

    private static final SelectorPair ONE_ONE = pair("10.1.0.0/16", "10.11.0.0/16");
    private static final SelectorPair ONE_TWO = pair("10.1.0.0/16", "10.12.0.0/16");
    private static final SelectorPair TWO_ONE = pair("10.2.0.0/16", "10.11.0.0/16");
    private static final SelectorPair TWO_TWO = pair("10.2.0.0/16", "10.12.0.0/16");

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
        ike(a).messenger().enqueue(ExchangeType.CREATE_CHILD_SA, new CreateChild(a.endpoint, ike(a), wide, six));
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

    private static List<? extends TrafficSelector> selectors(IkeMessage message, boolean initiator) {
        return message.all(TrafficSelectorPayload.class).stream()
                .filter(each -> each.initiator() == initiator)
                .findFirst()
                .orElseThrow()
                .selectors();
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
        b.endpoint.rekey(ike(b), childFor(b, "10.11.0.1", "10.1.0.1"));
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

    // Peers in other ways

    /** Another's view of requests for Child SAs. */
    private interface Manners {
        /** @return an error to answer with, or null to go on as usual */
        NotifyType of(IkeMessage request);
    }

    /** The peer's IKE SA answers in its own way from now on. */
    private void manners(Manners manners, Runnable afterwards) {
        IkeSa sa = ike(b);
        PeerRequests usual = new PeerRequests(b.endpoint, sa);
        Messenger.Receiver receiver = new Messenger.Receiver() {
            @Override
            public void request(OpenedMessage request) {
                IkeHeader header = request.message().header();
                boolean child = header.is(ExchangeType.CREATE_CHILD_SA);
                NotifyType error = child ? manners.of(request.message()) : null;
                if (error != null) {
                    sa.messenger().respond(header, List.of(NotifyPayload.of(error)));
                    return;
                }
                usual.request(request);
                if (child) {
                    afterwards.run();
                }
            }

            @Override
            public void malformedRequest(IkeHeader header, IkeException why) {
                usual.malformedRequest(header, why);
            }

            @Override
            public void authentic(Path from, boolean newRequest) {
                usual.authentic(from, newRequest);
            }

            @Override
            public void unanswered() {
                usual.unanswered();
            }
        };
        sa.secure(sa.chosen(), sa.keys(), new Messenger(sa, b, b.timers, receiver, 0, 2));
    }

    /** An IKE SA without a Child SA, of which all are wanted. */
    private void connectWithoutChild(boolean restart) {
        a.endpoint.configure(with(peer(A, B), restart));
        b.endpoint.configure(with(peer(B, A), false));
        connect();
        assertPairs(0);
    }

    @Test
    void peerThatRequiresASinglePairGetsOneChildSaForEach() {
        connectWithoutChild(false);
        manners(request -> selectors(request, true).size() > 1 ? NotifyType.SINGLE_PAIR_REQUIRED : null, () -> {});
        configureB(true, ONE_ONE, ONE_TWO, TWO_ONE, TWO_TWO);
        configureA(child(false, List.of(ONE_ONE, ONE_TWO, TWO_ONE, TWO_TWO)));
        network.deliver();
        assertPairs(4);
        assertEquals(1, a.warnings.size(), a.warnings::toString);
        assertTrue(a.warnings.getLast().contains("SINGLE_PAIR_REQUIRED"), a.warnings::toString);
    }

    /** Such a peer does not narrow at all. */
    @Test
    void peerThatRefusesBothFamiliesTogetherGetsOneEach() {
        connectWithoutChild(false);
        manners(request -> selectors(request, true).size() > 1 ? NotifyType.TS_UNACCEPTABLE : null, () -> {});
        configureB(ROUTE_BASED);
        configureA(ROUTE_BASED);
        network.deliver();
        assertPairs(2);
        assertEquals(1, a.warnings.size(), a.warnings::toString);
    }

    /** RFC 7296 section 2.9: "a single pair of addresses", which are the packet's. */
    @Test
    void peerThatRequiresASinglePairOfAddressesGetsThePackets() {
        connectWithoutChild(false);
        manners(
                request -> selectors(request, true).stream()
                                .allMatch(each -> ((AddressRange) each).start().equals(((AddressRange) each).end()))
                        ? null
                        : NotifyType.SINGLE_PAIR_REQUIRED,
                () -> {});
        configureB(ROUTE_BASED);
        configureA(ROUTE_BASED);
        network.deliver();
        assertPairs(0);
        network.pass(20 * SECOND);
        assertPairs(0);
        for (int i = 0; i < 5; i++) {
            a.endpoint.acquire("ipsec0", flow("10.1.0.1", "10.11.0.1"), true);
            network.pass(2 * SECOND);
        }
        assertPairs(1);
        assertEquals(1, carrying(a, "10.1.0.1", "10.11.0.1"));
        assertEquals(0, carrying(a, "10.1.0.2", "10.11.0.1"));
    }

    /** A virtual private gateway of AWS has one pair of SAs at a time, and lets go of the other. */
    @Test
    void peerThatKeepsOneChildSaIsLeftInPeace() {
        connectWithoutChild(true);
        manners(request -> null, () -> {
            IkeSa sa = ike(b);
            List<ChildSa> children = new ArrayList<>(sa.children);
            children.remove(children.size() - 1);
            children.forEach(each -> b.endpoint.childSas().delete(sa, each));
        });
        b.endpoint.configure(with(peer(B, A), false, ROUTE_BASED));
        a.endpoint.configure(with(
                peer(A, B), true, child(true, List.of(new SelectorPair(ANY, ANY), new SelectorPair(ANY6, ANY6)))));
        network.deliver();
        network.pass(60 * SECOND);
        assertPairs(1);
        assertTrue(
                a.warnings.stream().anyMatch(each -> each.contains("keeps one CHILD_SA at a time")),
                a.warnings::toString);
        int sent = a.messages.size();
        a.endpoint.acquire("ipsec0", flow("2001:db8::1", "2001:db8::2"), true);
        a.endpoint.acquire("ipsec0", flow("10.0.0.1", "10.0.0.2"), true);
        network.pass(10 * SECOND);
        assertEquals(sent, a.messages.size());
    }

    @Test
    void peerThatRefusesAllIsAskedAgainLater() {
        connectWithoutChild(false);
        configureB(true, TWO_TWO);
        configureA(child(true, List.of(ONE_ONE)));
        network.deliver();
        assertPairs(0);
        configureB(true, ONE_ONE);
        network.pass(15 * SECOND);
        assertPairs(1);
    }

    /** Both make what is missing at the same time. */
    @Test
    void bothEndsMayAskForTheSame() {
        connectWithoutChild(false);
        configureB(true, ONE_ONE, ONE_TWO);
        configureA(child(true, List.of(ONE_ONE, ONE_TWO)));
        b.endpoint.connect("ipsec0");
        network.deliver();
        assertTrue(carrying(a, "10.1.0.1", "10.11.0.1") > 0);
        assertTrue(carrying(a, "10.1.0.1", "10.12.0.1") > 0);
        assertEquals(a.sad.keySet(), b.sad.keySet());
    }
}
