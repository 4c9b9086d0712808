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
}
