package org.ipsecif.ike;

import static org.ipsecif.ike.Peers.named;
import static org.ipsecif.ike.Peers.patient;
import static org.ipsecif.ike.Peers.starting;
import static org.ipsecif.ike.TestNetwork.A;
import static org.ipsecif.ike.TestNetwork.B;
import static org.ipsecif.ike.TestNetwork.SECOND;
import static org.ipsecif.ike.TestNetwork.peer;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.ipsecif.ike.message.ExchangeType;
import org.ipsecif.ike.message.IkeMessage;
import org.ipsecif.ike.message.NotifyPayload;
import org.ipsecif.ike.message.NotifyType;
import org.ipsecif.ike.message.Octets;
import org.ipsecif.sa.IpAddress;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** MOBIKE (RFC 4555): an end that moves takes its SAs with it. */
class MobilityTest {
    private static final IpAddress C = IpAddress.parse("198.51.100.3");
    private static final IpAddress OUTSIDE = IpAddress.parse("198.51.100.77");

    private TestNetwork network = new TestNetwork(21);
    private TestNetwork.End a = network.end(A);
    private TestNetwork.End b = network.end(B);

    private void connect() {
        b.endpoint.configure(patient(peer(B, A)));
        a.endpoint.configure(patient(peer(A, B)));
        a.endpoint.connect("ipsec0");
        network.deliver();
        assertTrue(sa(a).mobile && sa(b).mobile, this::story);
    }

    private String story() {
        return String.join("\n", network.story);
    }

    private static IkeSa sa(TestNetwork.End end) {
        return end.endpoint.all().iterator().next();
    }

    /** Who it is stays. */
    private static PeerConfig at(IpAddress local) {
        return patient(named(peer(local, B), Identity.of(A), Identity.of(B)));
    }

    private void move(IpAddress to) {
        network.alias(to, a);
        a.address = to;
        a.endpoint.configure(at(to));
    }

    private void assertMoved(IkeSa before, List<Integer> spis) {
        assertTrue(a.endpoint.all().contains(before), this::story);
        assertEquals(1, b.endpoint.all().size());
        assertEquals(C, sa(b).path().remote(), this::story);
        assertEquals(C, sa(a).path().local());
        assertEquals(spis, List.copyOf(a.sad.keySet()));
        assertEquals(a.sad.keySet(), b.sad.keySet());
        a.sad.values()
                .forEach(each ->
                        assertTrue(each.source().equals(C) || each.destination().equals(C)));
        assertEquals(sa(b).path(), b.moves.get(b.moves.size() - 1), this::story);
        assertEquals(sa(a).path(), a.moves.get(a.moves.size() - 1), this::story);
    }

    @Test
    void initiatorTakesItsSasToAnotherAddress() {
        connect();
        IkeSa before = sa(a);
        List<Integer> spis = List.copyOf(a.sad.keySet());
        move(C);
        network.deliver();
        assertMoved(before, spis);
        a.endpoint.rekeyChildren("ipsec0");
        network.deliver();
        b.endpoint.rekeyIke("ipsec0");
        network.deliver();
        b.endpoint.rekeyChildren("ipsec0");
        network.deliver();
        assertEquals(2, a.sad.size(), this::story);
        assertTrue(a.sendsEsp(b) && b.sad.size() == 2, this::story);
        assertEquals(0, a.warnings.size() + b.warnings.size(), this::story);
        move(A);
        network.deliver();
        assertEquals(A, sa(b).path().remote(), this::story);
    }

    @RepeatedTest(30)
    void likewiseOnABadWireWithMessagesUnderWay(RepetitionInfo repetition) {
        network = new TestNetwork(repetition.getCurrentRepetition());
        a = network.end(A);
        b = network.end(B);
        connect();
        network.lost = 300;
        network.doubled = 200;
        network.reorders = true;
        a.endpoint.rekeyChildren("ipsec0");
        network.deliver();
        move(C);
        network.pass(SECOND);
        move(A);
        network.pass(SECOND);
        move(C);
        network.pass(120 * SECOND);
        network.lost = 0;
        network.pass(30 * SECOND);
        assertMoved(sa(a), List.copyOf(a.sad.keySet()));
        assertEquals(2, a.sad.size(), this::story);
    }

    /** RFC 4555 section 3.7: somebody could answer for another's address. */
    @Test
    void espMovesWhenThePeerAnswersThere() {
        connect();
        network.passes = (path, bytes) -> !path.remote().equals(C);
        move(C);
        network.deliver();
        assertEquals(C, sa(b).path().remote());
        assertEquals(0, b.moves.size(), this::story);
        network.passes = (path, bytes) -> true;
        network.pass(SECOND);
        assertEquals(C, b.moves.get(0).remote(), this::story);
    }

    @Test
    void natAtTheNewAddressIsSeen() {
        connect();
        assertFalse(sa(b).nat.any());
        network.translates = new Nat(C, OUTSIDE);
        move(C);
        network.deliver();
        assertEquals(OUTSIDE, sa(b).path().remote(), this::story);
        assertTrue(sa(b).nat.remote() && sa(a).nat.local(), this::story);
        assertTrue(sa(b).children.get(0).inUdp() && sa(a).children.get(0).inUdp());
        network.pass(20 * SECOND);
        a.keepalives = 0;
        a.endpoint.configure(Peers.withTimes(at(C), new IkeTimes(SECOND, 8, 0, 0, 0, 0)));
        network.pass(60 * SECOND);
        assertTrue(a.keepalives >= 2, this::story);
    }

    private IkeMessage asked(NotifyPayload... payloads) {
        sa(a).messenger().enqueue(ExchangeType.INFORMATIONAL, new Informational(List.of(payloads), () -> {}));
        int from = b.messages.size();
        network.deliver();
        return b.messages.subList(from, b.messages.size()).stream()
                .filter(each -> each.header().response())
                .findFirst()
                .orElseThrow();
    }

    @Test
    void requestsAreAnsweredAsTheyAsk() {
        connect();
        NotifyPayload cookie = NotifyPayload.of(NotifyType.COOKIE2, Octets.of(new byte[] {1, 2, 3, 4, 5, 6, 7, 8}));
        assertEquals(List.of(cookie), asked(cookie).payloads());
        Path before = sa(b).path();
        IkeMessage refused = asked(
                NotifyPayload.of(NotifyType.UPDATE_SA_ADDRESSES),
                NotifyPayload.of(NotifyType.NO_NATS_ALLOWED, Octets.of(new byte[12])));
        assertTrue(refused.has(NotifyType.UNEXPECTED_NAT_DETECTED));
        assertEquals(before, sa(b).path());
        byte[] right = {(byte) 203, 0, 113, 1, (byte) 203, 0, 113, 2, 1, (byte) 0xf4, 1, (byte) 0xf4};
        IkeMessage taken = asked(
                NotifyPayload.of(NotifyType.UPDATE_SA_ADDRESSES),
                NotifyPayload.of(NotifyType.NO_NATS_ALLOWED, Octets.of(right)));
        assertFalse(taken.error().isPresent(), this::story);
        IkeMessage others = asked(
                NotifyPayload.of(NotifyType.ADDITIONAL_IP4_ADDRESS, Octets.of(new byte[] {10, 0, 0, 1})),
                NotifyPayload.of(NotifyType.NO_ADDITIONAL_ADDRESSES));
        assertEquals(List.of(), others.payloads());
    }

    @Test
    void addressThatIsNonesIsNotFollowed() {
        connect();
        network.translates = path -> path.local().equals(B)
                ? new Path(B, path.localPort(), IpAddress.parse("224.0.0.1"), path.remotePort())
                : path;
        sa(a).messenger()
                .enqueue(
                        ExchangeType.INFORMATIONAL,
                        new Informational(List.of(NotifyPayload.of(NotifyType.UPDATE_SA_ADDRESSES)), () -> {}));
        network.deliver();
        assertEquals(A, sa(b).path().remote());
        assertTrue(b.warnings.getLast().contains("UNACCEPTABLE_ADDRESSES"), b.warnings::toString);
    }

    /** It is the initiator's to move; who was asked connects anew. */
    @Test
    void responderThatMovesConnectsAnew() {
        connect();
        network.alias(C, b);
        b.address = C;
        a.endpoint.configure(named(peer(A, C), Identity.of(A), Identity.of(B)));
        b.endpoint.configure(starting(named(peer(C, A), Identity.of(B), Identity.of(A))));
        network.pass(5 * SECOND);
        assertEquals(1, b.endpoint.all().size(), this::story);
        assertTrue(sa(b).isInitiator());
        assertEquals(a.sad.keySet(), b.sad.keySet(), this::story);
    }

    private static NotifyPayload further(IpAddress address) {
        NotifyType type = address.family() == org.ipsecif.sa.Family.INET
                ? NotifyType.ADDITIONAL_IP4_ADDRESS
                : NotifyType.ADDITIONAL_IP6_ADDRESS;
        return NotifyPayload.of(type, Octets.of(address.toBytes()));
    }

    private void tells(NotifyPayload... payloads) {
        sa(b).messenger().enqueue(ExchangeType.INFORMATIONAL, new Informational(List.of(payloads), () -> {}));
        network.deliver();
    }

    /** B is reached by one of two addresses of a NAT's, of which it knows. */
    private void reachedBy(IpAddress outside) {
        network.translates = path -> {
            boolean to = path.local().equals(B) || path.local().equals(OUTSIDE);
            if (to) {
                return path.local().equals(outside)
                        ? new Path(B, path.localPort(), path.remote(), path.remotePort())
                        : null;
            }
            return new Path(path.local(), path.localPort(), outside, path.remotePort());
        };
    }

    @Test
    void silentPeerIsFoundAtAnotherOfItsAddresses() {
        connect();
        IkeSa before = sa(a);
        List<Integer> spis = List.copyOf(a.sad.keySet());
        tells(further(IpAddress.parse("224.0.0.1")), further(C), further(OUTSIDE));
        assertEquals(List.of(C, OUTSIDE), List.copyOf(sa(a).addresses));
        reachedBy(OUTSIDE);
        network.pass(SECOND); // B's own signs of life come from where A does not expect them, and are answered
        a.endpoint.configure(peer(A, B));
        network.pass(200 * SECOND);
        assertEquals(List.of(before), a.endpoint.all(), this::story);
        assertEquals(OUTSIDE, sa(a).path().remote(), this::story);
        assertEquals(OUTSIDE, a.moves.get(a.moves.size() - 1).remote());
        assertEquals(spis, List.copyOf(a.sad.keySet()));
        reachedBy(B);
        network.pass(200 * SECOND);
        assertEquals(List.of(before), a.endpoint.all(), this::story);
        assertEquals(B, a.moves.get(a.moves.size() - 1).remote(), this::story);
    }

    /** A new IKE SA in its place knows them too. */
    @Test
    void addressesOutliveTheIkeSaAndAreForgottenWhenThePeerSaysSo() {
        connect();
        tells(further(C));
        b.endpoint.rekeyIke("ipsec0");
        network.deliver();
        network.pass(SECOND);
        assertEquals(Set.of(C), sa(a).addresses, this::story);
        tells(further(OUTSIDE));
        assertEquals(Set.of(OUTSIDE), sa(a).addresses);
        tells(NotifyPayload.of(NotifyType.ADDITIONAL_IP4_ADDRESS, Octets.of(new byte[3])));
        assertEquals(Set.of(), sa(a).addresses);
        tells(further(OUTSIDE));
        tells();
        assertEquals(Set.of(OUTSIDE), sa(a).addresses);
        tells(NotifyPayload.of(NotifyType.NO_ADDITIONAL_ADDRESSES));
        assertEquals(Set.of(), sa(a).addresses);
    }

    @Test
    void noMoreAddressesAreRememberedThanAFew() {
        connect();
        tells(java.util.stream.IntStream.range(0, 100)
                .mapToObj(i -> further(IpAddress.parse("198.51.100." + (i + 1))))
                .toArray(NotifyPayload[]::new));
        assertEquals(Mobility.MOST_ADDRESSES, sa(a).addresses.size());
    }

    /** It answers nowhere: that takes two seconds longer to find out, and no more. */
    @Test
    void peerThatIsGoneIsGoneAtAllItsAddresses() {
        connect();
        a.endpoint.configure(peer(A, B));
        tells(further(C), further(OUTSIDE));
        network.translates = path -> null;
        network.pass(200 * SECOND);
        assertEquals(0, a.endpoint.all().size(), this::story);
        assertTrue(a.warnings.stream().anyMatch(each -> each.contains("asking at 198.51.100.3, 198.51.100.77")));
    }
}
