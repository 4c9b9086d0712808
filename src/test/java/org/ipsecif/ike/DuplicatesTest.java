package org.ipsecif.ike;

import static org.ipsecif.ike.Peers.patient;
import static org.ipsecif.ike.Peers.starting;
import static org.ipsecif.ike.TestNetwork.A;
import static org.ipsecif.ike.TestNetwork.B;
import static org.ipsecif.ike.TestNetwork.MILLISECOND;
import static org.ipsecif.ike.TestNetwork.SECOND;
import static org.ipsecif.ike.TestNetwork.peer;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** Both ends connect at once: one IKE SA stays, always the same for both, and no packet is lost on the way there. */
class DuplicatesTest {
    private TestNetwork network = new TestNetwork(3);
    private TestNetwork.End a = network.end(A);
    private TestNetwork.End b = network.end(B);

    private void begin(long seed, int lost) {
        network = new TestNetwork(seed);
        a = network.end(A);
        b = network.end(B);
        network.lost = lost;
        network.doubled = lost / 2;
        network.reorders = lost > 0;
        a.endpoint.configure(patient(starting(peer(A, B))));
        network.pass(seed % 4 * 50 * MILLISECOND);
        b.endpoint.configure(patient(starting(peer(B, A))));
        network.deliver();
    }

    private String story() {
        return String.join("\n", network.story);
    }

    private void assertOne() {
        assertEquals(1, a.endpoint.all().size(), this::story);
        assertEquals(1, b.endpoint.all().size(), this::story);
        assertEquals(2, a.sad.size(), this::story);
        assertEquals(a.sad.keySet(), b.sad.keySet(), this::story);
    }

    private long connections(TestNetwork.End end) {
        return end.log.stream().filter(each -> each.startsWith("connecting")).count();
    }

    @RepeatedTest(20)
    void oneStaysAndNoPacketIsLost(RepetitionInfo repetition) {
        begin(repetition.getCurrentRepetition(), 0);
        for (int i = 0; i < 1_000; i++) {
            assertTrue(a.sendsEsp(b) && b.sendsEsp(a), this::story);
            network.pass(50 * MILLISECOND);
        }
        assertOne();
        assertTrue(connections(a) <= 1 && connections(b) <= 1, this::story);
    }

    @RepeatedTest(100)
    void oneStaysOnABadWire(RepetitionInfo repetition) {
        begin(repetition.getCurrentRepetition(), 300);
        network.pass(60 * SECOND);
        network.lost = 0;
        network.pass(60 * SECOND);
        assertOne();
    }

    /** Of a hundred packets lost each way one in ten, and messages as well: what is lost is the wire's doing, never for want of an SA. */
    @RepeatedTest(100)
    void tunnelThatIsUpStaysUpOnABadWire(RepetitionInfo repetition) {
        begin(repetition.getCurrentRepetition(), 100);
        int waited = 0;
        while (!(a.sendsEsp(b) && b.sendsEsp(a)) && waited++ < 200) {
            network.pass(50 * MILLISECOND);
        }
        int missed = 0;
        for (int i = 0; i < 1_000; i++) {
            missed += a.sendsEsp(b) && b.sendsEsp(a) ? 0 : 1;
            network.pass(50 * MILLISECOND);
        }
        network.lost = 0;
        network.pass(60 * SECOND);
        assertOne();
        assertEquals(0, missed, this::story);
    }

    /** Anybody could begin one in the peer's name. */
    @Test
    void halfOpenIkeSaOfAStrangerKeepsNobodyFromConnecting() {
        b.endpoint.configure(peer(B, A));
        network.passes = (path, bytes) -> path.local().equals(A);
        a.endpoint.configure(peer(A, B));
        a.endpoint.connect("ipsec0");
        network.deliver();
        assertEquals(1, b.endpoint.halfOpen());
        a.restart();
        a.endpoint.configure(peer(A, B));
        network.passes = (path, bytes) -> true;
        assertTrue(b.endpoint.connect("ipsec0"));
        network.deliver();
        assertTrue(a.sendsEsp(b) && b.sendsEsp(a), this::story);
        assertTrue(
                b.messages.stream().anyMatch(each -> each.has(org.ipsecif.ike.message.NotifyType.INITIAL_CONTACT)),
                this::story);
    }

    /** A peer that connects again and does not say that it has forgotten anything. */
    @Test
    void olderOfOnePeersGoes() {
        b.endpoint.configure(peer(B, A));
        a.endpoint.configure(peer(A, B));
        a.endpoint.connect("ipsec0");
        network.deliver();
        a.endpoint.all().forEach(each -> each.state = IkeSa.State.REPLACED); // hides it from connect
        a.endpoint.connect("ipsec0");
        a.endpoint.all().forEach(each -> each.state = each.isSecured() ? IkeSa.State.ESTABLISHED : each.state);
        network.deliver();
        assertEquals(2, b.endpoint.all().size(), this::story);
        network.pass(40 * SECOND);
        assertOne();
    }
}
