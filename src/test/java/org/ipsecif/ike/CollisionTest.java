package org.ipsecif.ike;

import static org.ipsecif.ike.TestNetwork.A;
import static org.ipsecif.ike.TestNetwork.B;
import static org.ipsecif.ike.TestNetwork.SECOND;
import static org.ipsecif.ike.TestNetwork.peer;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.ipsecif.ike.message.ExchangeType;
import org.ipsecif.sa.SaParameters;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** Both ends act at once, on wires good and bad: they always end with one IKE SA and one Child SA that both have. */
class CollisionTest {
    private TestNetwork network = new TestNetwork(0);
    private TestNetwork.End a = network.end(A);
    private TestNetwork.End b = network.end(B);

    /** What is agreed to between the two. */
    PeerConfig configured(PeerConfig peer) {
        return peer;
    }

    private void connect(long seed) {
        network = new TestNetwork(seed);
        a = network.end(A);
        b = network.end(B);
        a.endpoint.configure(patient(configured(peer(A, B))));
        b.endpoint.configure(patient(configured(peer(B, A))));
        assertTrue(a.endpoint.connect("ipsec0"));
        network.deliver();
        assertSettled();
    }

    /** Of eight transmissions of a request, one in two hundred would have none answered, which is the end of an IKE SA. */
    private static PeerConfig patient(PeerConfig peer) {
        IkeTimes times = peer.times();
        return new PeerConfig(
                peer.name(),
                peer.local(),
                peer.remote(),
                peer.localId(),
                peer.remoteId(),
                peer.proposals(),
                peer.children(),
                new IkeTimes(
                        times.firstRetransmission(), 40, times.rekeyIke(), times.rekeyChild(), times.deadPeer(), 0),
                peer.start(),
                peer.restart(),
                peer.forceEncapsulation(),
                peer.fragmentation(),
                peer.ppk(),
                peer.childless());
    }

    private void assertSettled() {
        String story = String.join("\n", network.story);
        assertEquals(1, a.endpoint.all().size(), story);
        assertEquals(1, b.endpoint.all().size(), story);
        assertEquals(a.sad.keySet(), b.sad.keySet(), story);
        assertEquals(2, a.sad.size(), story);
        for (SaParameters sa : a.sad.values()) {
            assertTrue(sa.encryptionKey().sameAs(b.sad.get(sa.spi()).encryptionKey()), story);
        }
    }

    /** Both halves of a Child SA reach their soft lifetimes at once, and the owner wishes the same. */
    private void expires(TestNetwork.End end) {
        List.copyOf(end.sad.keySet()).forEach(end.endpoint::expiring);
        end.endpoint.rekeyChildren("ipsec0");
    }

    /** The SAD answers what it was asked, one by one, and what that leads to. */
    private void settle(List<Runnable> held) {
        network.deliver();
        while (!held.isEmpty()) {
            held.remove(0).run();
            network.deliver();
        }
        assertSettled();
    }

    @Test
    void childIsReplacedOnceThoughTheSadIsSlow() {
        connect(1);
        List<Runnable> held = new ArrayList<>();
        a.sadAnswers = held::add;
        expires(a);
        settle(held);
        assertEquals(
                1, a.log.stream().filter(each -> each.startsWith("CHILD_SA ")).count() - 1, a.log::toString);
    }

    @Test
    void childIsReplacedOnceThoughTheIkeSaIsReplacedWhileTheSadIsSlow() {
        connect(1);
        List<Runnable> held = new ArrayList<>();
        a.sadAnswers = held::add;
        a.endpoint.rekeyIke("ipsec0");
        a.endpoint.rekeyChildren("ipsec0");
        expires(a);
        settle(held);
    }

    @Test
    void childThatTheSadHasNoRoomToReplaceIsReplacedLater() {
        connect(1);
        var before = List.copyOf(a.sad.keySet());
        a.refusal = "the SAD is full";
        expires(a);
        network.deliver();
        assertEquals(before, List.copyOf(a.sad.keySet()));
        a.refusal = null;
        expires(a);
        network.deliver();
        assertSettled();
        assertTrue(a.sad.keySet().stream().noneMatch(before::contains), a.log::toString);
    }

    @RepeatedTest(20)
    void childRekeyedByBothEndsAtOnce(RepetitionInfo repetition) {
        connect(repetition.getCurrentRepetition());
        a.endpoint.rekeyChildren("ipsec0");
        b.endpoint.rekeyChildren("ipsec0");
        network.deliver();
        assertSettled();
    }

    @RepeatedTest(20)
    void ikeSaRekeyedByBothEndsAtOnce(RepetitionInfo repetition) {
        connect(repetition.getCurrentRepetition());
        a.endpoint.rekeyIke("ipsec0");
        b.endpoint.rekeyIke("ipsec0");
        network.deliver();
        network.pass(30 * SECOND);
        assertSettled();
    }

    @RepeatedTest(20)
    void childByOneAndIkeSaByTheOther(RepetitionInfo repetition) {
        connect(repetition.getCurrentRepetition());
        a.endpoint.rekeyChildren("ipsec0");
        b.endpoint.rekeyIke("ipsec0");
        network.deliver();
        network.pass(60 * SECOND);
        assertSettled();
    }

    /** A third of all datagrams lost, others doubled, all out of order. */
    @RepeatedTest(60)
    void manyRekeyingsOnABadWire(RepetitionInfo repetition) {
        connect(repetition.getCurrentRepetition());
        rekeyOnABadWire(repetition);
        assertSettled();
    }

    /** Likewise, where packets see changes of the SAD much later. */
    @RepeatedTest(20)
    void manyRekeyingsOfEndsThatTakeTheirTime(RepetitionInfo repetition) {
        connect(repetition.getCurrentRepetition());
        a.unsettled = new ArrayList<>();
        b.unsettled = new ArrayList<>();
        rekeyOnABadWire(repetition);
        assertSettled();
    }

    private void settle(TestNetwork.End end) {
        List<Runnable> waiting = end.unsettled;
        if (waiting != null) {
            end.unsettled = new ArrayList<>();
            waiting.forEach(Runnable::run);
            network.deliver();
        }
    }

    private void pass(long nanos) {
        network.pass(nanos);
        settle(a);
        settle(b);
    }

    private void rekeyOnABadWire(RepetitionInfo repetition) {
        network.lost = 300;
        network.doubled = 200;
        network.reorders = true;
        Random random = new Random(repetition.getCurrentRepetition());
        for (int i = 0; i < 20; i++) {
            IkeEndpoint one = (random.nextBoolean() ? a : b).endpoint;
            if (random.nextInt(4) == 0) {
                one.rekeyIke("ipsec0");
            } else {
                one.rekeyChildren("ipsec0");
            }
            pass(random.nextInt(4_000) * TestNetwork.MILLISECOND);
        }
        network.lost = 0;
        for (int i = 0; i < 1_500; i++) {
            pass(SECOND);
        }
    }

    /** One end learns late that its own rekeying of the IKE SA comes to nothing, when the peer's has been replaced in its turn. */
    @Test
    void ikeSaReplacedTwiceBeforeTheFirstIsSettled() {
        connect(1);
        network.passes = (path, bytes) ->
                !isRequest(bytes, path.local().equals(B) ? ExchangeType.CREATE_CHILD_SA : ExchangeType.INFORMATIONAL);
        b.endpoint.rekeyIke("ipsec0");
        a.endpoint.rekeyIke("ipsec0");
        network.deliver();
        a.endpoint.rekeyIke("ipsec0");
        network.deliver();
        network.passes = (path, bytes) -> true;
        network.pass(60 * SECOND);
        assertSettled();
    }

    private static boolean isRequest(byte[] bytes, ExchangeType type) {
        return bytes[18] == type.number() && (bytes[19] & 0x20) == 0;
    }
}
