package org.ipsecif.ike;

import static org.ipsecif.ike.Peers.starting;
import static org.ipsecif.ike.TestNetwork.A;
import static org.ipsecif.ike.TestNetwork.B;
import static org.ipsecif.ike.TestNetwork.MILLISECOND;
import static org.ipsecif.ike.TestNetwork.SECOND;
import static org.ipsecif.ike.TestNetwork.peer;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.ipsecif.ike.message.EncryptedPayload;
import org.ipsecif.ike.message.ExchangeType;
import org.ipsecif.ike.message.IkeException;
import org.ipsecif.ike.message.IkeHeader;
import org.ipsecif.ike.message.IkeMessage;
import org.ipsecif.ike.message.NotifyPayload;
import org.ipsecif.ike.message.NotifyType;
import org.ipsecif.ike.message.OctetWriter;
import org.ipsecif.ike.message.Octets;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** A peer that restarted and remembers nothing is back soon; and nobody else can make an end believe that it has restarted. */
class RecoveryTest {
    private TestNetwork network = new TestNetwork(7);
    private TestNetwork.End a = network.end(A);
    private TestNetwork.End b = network.end(B);

    private void connect(PeerConfig ofA, PeerConfig ofB) {
        a.endpoint.configure(ofA);
        b.endpoint.configure(ofB);
        a.endpoint.connect("ipsec0");
        network.deliver();
        network.pass(60 * SECOND);
        assertTrue(a.sendsEsp(b));
        assertTrue(b.sendsEsp(a));
    }

    /** @return milliseconds until both can send to each other again, sending all the time */
    private long outage(TestNetwork.End sender, TestNetwork.End receiver) {
        for (long waited = 0; waited < 60 * SECOND; waited += 50 * MILLISECOND) {
            if (sender.sendsEsp(receiver) && receiver.sendsEsp(sender)) {
                return waited / MILLISECOND;
            }
            network.pass(50 * MILLISECOND);
        }
        return Long.MAX_VALUE;
    }

    private String story() {
        return String.join("\n", network.story);
    }

    private void assertOneIkeSaEach() {
        assertEquals(1, a.endpoint.all().size(), this::story);
        assertEquals(1, b.endpoint.all().size(), this::story);
        assertEquals(a.sad.keySet(), b.sad.keySet(), this::story);
    }

    @Test
    void restartedPeerThatConnectsReplacesWhatThereWas() {
        connect(starting(peer(A, B)), starting(peer(B, A)));
        b.restart();
        b.endpoint.configure(starting(peer(B, A)));
        network.deliver();
        assertTrue(outage(a, b) < 1_000, this::story);
        assertOneIkeSaEach();
    }

    /** It connects for ESP that it cannot read, though it had to be asked. */
    @Test
    void restartedPeerThatWaitsIsConnectedAgain() {
        connect(starting(peer(A, B)), peer(B, A));
        b.restart();
        b.endpoint.configure(peer(B, A));
        assertTrue(outage(a, b) < 5_000, this::story);
        assertOneIkeSaEach();
    }

    /** With another IKE SA between the same addresses, which is up again already. */
    @Test
    void restartedPeerIsConnectedAgainForEachTunnel() {
        for (TestNetwork.End end : List.of(a, b)) {
            end.endpoint.configure(secondPeer(end));
        }
        connect(starting(peer(A, B)), peer(B, A));
        a.endpoint.connect("ipsec1");
        network.deliver();
        int second = a.endpoint
                .all("ipsec1")
                .iterator()
                .next()
                .children
                .get(0)
                .outbound()
                .spi();
        b.restart();
        b.endpoint.configure(peer(B, A));
        b.endpoint.configure(secondPeer(b));
        a.endpoint.rekeyIke("ipsec0");
        network.pass(5 * SECOND);
        assertEquals(1, b.endpoint.all().size(), this::story);
        for (int i = 0; i < 10; i++) {
            b.endpoint.unknownEsp(new Path(B, Path.IKE_PORT, A, Path.IKE_PORT), second);
            network.pass(SECOND / 2);
        }
        assertEquals(1, b.endpoint.all("ipsec1").size(), this::story);
        assertEquals(a.sad.keySet(), b.sad.keySet(), this::story);
    }

    private PeerConfig secondPeer(TestNetwork.End end) {
        Identity ofA = Identity.parse("a.example.org");
        Identity ofB = Identity.parse("b.example.org");
        PeerConfig peer = end == a ? Peers.named(peer(A, B), ofA, ofB) : Peers.named(peer(B, A), ofB, ofA);
        return Peers.named(end == a ? starting(peer) : peer, "ipsec1");
    }

    @RepeatedTest(20)
    void likewiseOnABadWire(RepetitionInfo repetition) {
        network = new TestNetwork(repetition.getCurrentRepetition());
        a = network.end(A);
        b = network.end(B);
        connect(starting(peer(A, B)), peer(B, A));
        network.lost = 150;
        network.doubled = 100;
        b.restart();
        b.endpoint.configure(peer(B, A));
        assertTrue(outage(a, b) < 12_000, this::story);
        network.lost = 0;
        network.pass(100 * SECOND);
        assertOneIkeSaEach();
    }

    /** The one that survived and does not connect on its own lets go of what is dead, so that a packet can have it connect. */
    @Test
    void survivorThatWaitsGivesUpWhatIsDead() {
        connect(peer(A, B), peer(B, A));
        b.restart();
        b.endpoint.configure(peer(B, A));
        a.sendsEsp(b);
        network.pass(4 * SECOND);
        assertEquals(0, a.endpoint.all().size(), this::story);
        assertEquals(0, a.sad.size());
    }

    @Test
    void deadPeerDetectionIsShortWithAPeerThatSaysItKnowsNothing() {
        connect(starting(peer(A, B)), peer(B, A));
        b.restart();
        b.endpoint.configure(peer(B, A));
        network.pass(50 * SECOND); // no ESP: the sign of life that is asked for after 30 s is answered INVALID_IKE_SPI
        assertOneIkeSaEach();
        assertTrue(a.sendsEsp(b), this::story);
    }

    /** RFC 7296 section 2.21.4. */
    @Test
    void requestOfAnUnknownIkeSaIsAnsweredRarelyAndToKnownPeersOnly() throws IkeException {
        a.endpoint.configure(peer(A, B));
        List<byte[]> answers = new ArrayList<>();
        network.passes = (path, bytes) -> {
            answers.add(bytes);
            return false;
        };
        byte[] request = message(0x0102030405060708L, false, 5);
        for (int i = 0; i < 1_000; i++) {
            a.endpoint.receive(new Path(A, 500, B, 500), request, 0, request.length);
        }
        assertEquals(10, answers.size());
        IkeMessage answer = IkeMessage.parse(answers.get(0), 0, answers.get(0).length);
        assertTrue(answer.has(NotifyType.INVALID_IKE_SPI));
        assertTrue(answer.header().response());
        assertFalse(answer.header().initiator());
        assertEquals(0x0102030405060708L, answer.header().initiatorSpi());
        assertEquals(5, answer.header().messageId());
        network.pass(2 * SECOND);
        byte[] response = message(0x0102030405060708L, true, 5);
        a.endpoint.receive(new Path(A, 500, B, 500), response, 0, response.length);
        a.endpoint.receive(new Path(A, 500, network.end(A).address, 500), request, 0, request.length);
        assertEquals(10, answers.size(), "responses and strangers are not answered");
        a.endpoint.receive(new Path(A, 500, B, 500), request, 0, request.length);
        assertEquals(11, answers.size());
    }

    private static byte[] message(long spi, boolean response, long id) {
        return new IkeMessage(
                        new IkeHeader(spi, 99, ExchangeType.INFORMATIONAL, true, response, id),
                        new EncryptedPayload(0, Octets.of(new byte[40])))
                .encode();
    }

    /** RFC 7296 section 2.5. */
    @Test
    void requestOfALaterVersionIsToldWhichIsSpokenHere() throws IkeException {
        a.endpoint.configure(peer(A, B));
        List<byte[]> answers = new ArrayList<>();
        network.passes = (path, bytes) -> {
            answers.add(bytes);
            return false;
        };
        byte[] later = message(0x0102030405060708L, false, 5);
        later[17] = 0x30;
        for (int i = 0; i < 100; i++) {
            a.endpoint.receive(new Path(A, 500, B, 500), later, 0, later.length);
        }
        assertEquals(10, answers.size());
        IkeMessage answer = IkeMessage.parse(answers.get(0), 0, answers.get(0).length);
        assertTrue(
                answer.has(NotifyType.INVALID_MAJOR_VERSION) && answer.header().response());
        assertEquals(2, answer.header().majorVersion());
        network.pass(2 * SECOND);
        byte[] earlier = later.clone();
        earlier[17] = 0x10;
        a.endpoint.receive(new Path(A, 500, B, 500), earlier, 0, earlier.length);
        byte[] response = later.clone();
        response[19] |= 0x20;
        a.endpoint.receive(new Path(A, 500, B, 500), response, 0, response.length);
        byte[] cut = java.util.Arrays.copyOf(later, 40);
        a.endpoint.receive(new Path(A, 500, B, 500), cut, 0, cut.length);
        a.endpoint.receive(new Path(A, 500, A, 500), later, 0, later.length);
        assertEquals(10, answers.size(), "earlier ones, responses, cut ones, and strangers are not answered");
    }

    /** The hints of somebody who sees SPIs cost a question each ten seconds, and the tunnel stays. */
    @Test
    void forgedHintsChangeNothing() {
        connect(starting(peer(A, B)), peer(B, A));
        var before = a.sad.keySet().stream().toList();
        IkeSa sa = a.endpoint.all().iterator().next();
        int spi = a.outbound().get(0).spi();
        byte[] invalidIkeSpi = new IkeMessage(
                        new IkeHeader(sa.initiatorSpi(), sa.responderSpi(), ExchangeType.INFORMATIONAL, false, true, 2),
                        NotifyPayload.of(NotifyType.INVALID_IKE_SPI))
                .encode();
        byte[] invalidSpi = new IkeMessage(
                        new IkeHeader(0, 0, ExchangeType.INFORMATIONAL, true, false, 0),
                        NotifyPayload.of(
                                NotifyType.INVALID_SPI,
                                new OctetWriter()
                                        .u32(Integer.toUnsignedLong(spi))
                                        .toOctets()))
                .encode();
        int messages = a.messages.size();
        for (int i = 0; i < 300; i++) {
            a.endpoint.receive(sa.path(), invalidIkeSpi, 0, invalidIkeSpi.length);
            a.endpoint.receive(sa.path(), invalidSpi, 0, invalidSpi.length);
            network.pass(100 * MILLISECOND);
        }
        assertEquals(before, a.sad.keySet().stream().toList());
        assertEquals(1, a.endpoint.all().size());
        assertTrue(a.messages.size() - messages <= 8, () -> "" + (a.messages.size() - messages));
        assertTrue(a.messages.size() - messages >= 6, "it does look");
    }

    /** A peer that lost one SA, and not the IKE SA, says so there; it gets a new one. */
    @Test
    void saThatThePeerLostIsReplaced() {
        connect(starting(peer(A, B)), peer(B, A));
        IkeSa held = b.endpoint.all().iterator().next();
        b.endpoint.childSas().remove(held, held.children.get(0));
        assertFalse(a.sendsEsp(b));
        assertFalse(a.sendsEsp(b), "what was under way is no sign of that");
        network.pass(5 * SECOND);
        assertFalse(a.sendsEsp(b));
        assertTrue(a.sendsEsp(b), this::story);
        assertOneIkeSaEach();
    }

    /** The first attempt comes at once, and those after it ever later, up to ten seconds. */
    @Test
    void attemptsToConnectComeEverLater() {
        connect(starting(peer(A, B)), peer(B, A));
        b.endpoint.disconnect("ipsec0");
        network.deliver();
        b.secret = "another";
        int before = attempts();
        network.pass(SECOND);
        int first = attempts() - before;
        assertTrue(first >= 2 && first <= 3, () -> first + "\n" + story());
        network.pass(59 * SECOND);
        int all = attempts() - before;
        assertTrue(all >= 9 && all <= 12, () -> all + "\n" + story());
        b.secret = "a secret";
        network.pass(11 * SECOND);
        assertTrue(a.sendsEsp(b));
    }

    private int attempts() {
        return (int)
                a.log.stream().filter(each -> each.startsWith("connecting")).count();
    }
}
