package org.ipsecif.ike;

import static org.ipsecif.ike.Peers.reviving;
import static org.ipsecif.ike.Peers.starting;
import static org.ipsecif.ike.Peers.withTimes;
import static org.ipsecif.ike.TestNetwork.A;
import static org.ipsecif.ike.TestNetwork.B;
import static org.ipsecif.ike.TestNetwork.MILLISECOND;
import static org.ipsecif.ike.TestNetwork.SECOND;
import static org.ipsecif.ike.TestNetwork.peer;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.ipsecif.ike.message.NotifyType;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** What takes the place of SAs for other reasons than their age: authenticating again, what they have carried, a dead peer. */
class RenewalTest {
    private TestNetwork network = new TestNetwork(5);
    private TestNetwork.End a = network.end(A);
    private TestNetwork.End b = network.end(B);

    private static PeerConfig limited(PeerConfig peer, long reauthenticate, long bytes, long packets) {
        IkeTimes times = peer.times();
        return withTimes(
                peer,
                new IkeTimes(
                        times.firstRetransmission(),
                        times.transmissions(),
                        times.rekeyIke(),
                        times.rekeyChild(),
                        times.deadPeer(),
                        times.retry(),
                        reauthenticate,
                        bytes,
                        packets));
    }

    private void connect(PeerConfig ofA, PeerConfig ofB) {
        b.endpoint.configure(ofB);
        a.endpoint.configure(ofA);
        a.endpoint.connect("ipsec0");
        network.deliver();
        assertTrue(a.sendsEsp(b) && b.sendsEsp(a), this::story);
    }

    private String story() {
        return String.join("\n", network.story);
    }

    private static long spi(TestNetwork.End end) {
        return end.endpoint.all().iterator().next().initiatorSpi();
    }

    private void assertOne() {
        assertEquals(1, a.endpoint.all().size(), this::story);
        assertEquals(1, b.endpoint.all().size(), this::story);
        assertEquals(2, a.sad.size(), this::story);
        assertEquals(a.sad.keySet(), b.sad.keySet(), this::story);
    }

    /** RFC 7296 section 2.8.3, by either end and by both, with IKE SAs rekeyed in between. */
    @RepeatedTest(12)
    void authenticatingAgainLosesNoPacket(RepetitionInfo repetition) {
        int who = repetition.getCurrentRepetition() % 3;
        network = new TestNetwork(repetition.getCurrentRepetition());
        a = network.end(A);
        b = network.end(B);
        connect(
                limited(peer(A, B), who == 1 ? 0 : 100 * SECOND, 0, 0),
                limited(peer(B, A), who == 2 ? 0 : 100 * SECOND, 0, 0));
        long first = spi(a);
        a.messages.clear();
        for (int i = 0; i < 6_000; i++) {
            if (i == 500) {
                a.endpoint.rekeyIke("ipsec0");
                network.deliver();
            }
            assertTrue(a.sendsEsp(b) && b.sendsEsp(a), this::story);
            network.pass(50 * MILLISECOND);
        }
        network.pass(5 * SECOND);
        assertOne();
        assertFalse(first == spi(a));
        long authenticated = a.messages.stream()
                .filter(each -> each.identification(true).isPresent())
                .count();
        assertTrue(authenticated >= 3, this::story);
        assertTrue(a.messages.stream().noneMatch(each -> each.has(NotifyType.INITIAL_CONTACT)));
    }

    @Test
    void peerThatCannotAuthenticateAgainLosesTheConnection() {
        connect(limited(starting(peer(A, B)), 100 * SECOND, 0, 0), peer(B, A));
        b.secret = "another";
        network.pass(150 * SECOND);
        assertTrue(a.sendsEsp(b), "it is tried again");
        network.pass(200 * SECOND);
        assertEquals(0, a.sad.size() + b.sad.size(), this::story);
        assertTrue(a.warnings.stream().anyMatch(each -> each.contains("could not be authenticated again")));
        b.secret = "a secret";
        network.pass(11 * SECOND);
        assertOne();
    }

    /** The SAD says when; until a quarter more it waits. */
    @Test
    void saThatHasCarriedEnoughIsReplaced() {
        connect(limited(peer(A, B), 0, 1_000_000, 4_000), peer(B, A));
        var lifetimes = a.outbound().get(0).lifetimes();
        assertTrue(lifetimes.softBytes() <= 1_000_000 && lifetimes.softBytes() >= 900_000);
        assertTrue(lifetimes.softPackets() <= 4_000 && lifetimes.softPackets() >= 3_600);
        assertEquals(1_250_001, lifetimes.hardBytes());
        assertEquals(5_001, lifetimes.hardPackets());
        List<Integer> before = List.copyOf(a.sad.keySet());
        before.forEach(a.endpoint::expiring); // both halves
        network.deliver();
        assertTrue(a.sad.keySet().stream().noneMatch(before::contains));
        assertOne();
        assertEquals(0, a.warnings.size(), this::story);
    }

    /** dpd_action, whatever is done at the beginning. */
    @Test
    void deadPeerIsConnectedAgainOrNot() {
        connect(reviving(peer(A, B), true), reviving(starting(peer(B, A)), false));
        network.passes = (path, bytes) -> false;
        network.pass(300 * SECOND);
        assertEquals(0, a.sad.size() + b.sad.size());
        assertEquals(0, b.endpoint.all().size(), "cleared");
        assertTrue(a.log.stream().filter(each -> each.startsWith("connecting")).count() > 5, "tried again and again");
        network.passes = (path, bytes) -> true;
        network.pass(11 * SECOND);
        assertOne();
    }
}
