package org.ipsecif.ike;

import static org.ipsecif.ike.Peers.named;
import static org.ipsecif.ike.TestNetwork.A;
import static org.ipsecif.ike.TestNetwork.B;
import static org.ipsecif.ike.TestNetwork.SECOND;
import static org.ipsecif.ike.TestNetwork.peer;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.ipsecif.sa.IpAddress;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whether a peer is there, and where, with a NAT between. */
class PresenceTest {
    private static final IpAddress OUTSIDE = IpAddress.parse("198.51.100.1");
    private static final IpAddress OTHER = IpAddress.parse("198.51.100.9");

    private final TestNetwork network = new TestNetwork(11);
    private final Nat nat = new Nat(A, OUTSIDE);
    private final TestNetwork.End a = network.end(A);
    private final TestNetwork.End b = network.end(B);

    @BeforeEach
    void connect() {
        network.translates = nat;
        a.endpoint.configure(peer(A, B));
        b.endpoint.configure(named(peer(B, OUTSIDE), Identity.of(B), Identity.of(A)));
        a.endpoint.connect("ipsec0");
        network.deliver();
        assertEquals(2, b.sad.size(), this::story);
        assertTrue(sa(b).nat.remote() && sa(a).nat.local());
    }

    private String story() {
        return String.join("\n", network.story);
    }

    private static IkeSa sa(TestNetwork.End end) {
        return end.endpoint.all().iterator().next();
    }

    private int messages() {
        return a.messages.size() + b.messages.size();
    }

    /** RFC 3948 section 4. */
    @Test
    void endBehindANatKeepsItsMappingWhileItSendsNothing() {
        network.pass(20 * SECOND);
        a.endpoint.configure(withoutDpd(peer(A, B)));
        b.endpoint.configure(withoutDpd(named(peer(B, OUTSIDE), Identity.of(B), Identity.of(A))));
        network.pass(20 * SECOND);
        a.keepalives = 0;
        network.pass(200 * SECOND);
        assertEquals(10, a.keepalives);
        assertEquals(0, b.keepalives, "it is behind none");
        for (int i = 0; i < 50; i++) {
            a.packets.merge(a.outbound().get(0).spi(), 1L, Long::sum);
            network.pass(4 * SECOND);
        }
        assertTrue(a.keepalives <= 11, "ESP does as well");
    }

    private static PeerConfig withoutDpd(PeerConfig peer) {
        IkeTimes times = peer.times();
        return Peers.withTimes(
                peer, new IkeTimes(times.firstRetransmission(), times.transmissions(), 0, 0, 0, times.retry()));
    }

    /** RFC 7296 section 2.23. */
    @Test
    void messagesFromAnotherPortAreFollowed() {
        nat.rebind();
        a.endpoint.rekeyChildren("ipsec0");
        network.deliver();
        assertEquals(sa(b).path(), b.moves.get(b.moves.size() - 1));
        int port = sa(b).path().remotePort();
        assertTrue(port > 20_001, () -> "" + port);
        b.endpoint.rekeyChildren("ipsec0");
        network.deliver();
        assertEquals(a.sad.keySet(), b.sad.keySet());
        assertEquals(0, a.moves.size());
    }

    /** Before any message came from there. */
    @Test
    void espFromAnotherPortAndAddressIsFollowed() {
        Path from = new Path(B, Path.NAT_PORT, OTHER, 33_333);
        b.endpoint.peerMoved(from, b.inbound().get(0).spi());
        assertEquals(from, sa(b).path());
        assertEquals(from, b.moves.get(0));
        b.endpoint.peerMoved(from, b.inbound().get(0).spi());
        assertEquals(1, b.moves.size(), "once");
        a.endpoint.peerMoved(
                new Path(A, Path.NAT_PORT, OTHER, 4_500), a.inbound().get(0).spi());
        assertEquals(B, sa(a).path().remote(), "an end behind a NAT does not follow");
    }

    /** What is rekeyed then is still the interface's, whose endpoints say otherwise. */
    @Test
    void saAfterAMoveIsBetweenTheEndpointsOfTheConfiguration() {
        nat.rebind(OTHER);
        a.endpoint.rekeyChildren("ipsec0");
        network.deliver();
        assertEquals(OTHER, sa(b).path().remote(), this::story);
        assertEquals(2, b.sad.size());
        b.sad.values()
                .forEach(each -> assertTrue(
                        each.source().equals(OUTSIDE) || each.destination().equals(OUTSIDE), each::toString));
    }

    @Test
    void replayedOrForgedMessageFromElsewhereMovesNothing() {
        List<byte[]> seen = new ArrayList<>();
        network.passes = (path, bytes) -> {
            if (path.local().equals(A)) {
                seen.add(bytes.clone());
            }
            return true;
        };
        a.endpoint.rekeyChildren("ipsec0");
        network.deliver();
        Path before = sa(b).path();
        for (byte[] each : seen) {
            b.endpoint.receive(new Path(B, Path.NAT_PORT, OTHER, 1_234), each, 0, each.length);
            byte[] forged = each.clone();
            forged[forged.length - 1] ^= 1;
            b.endpoint.receive(new Path(B, Path.NAT_PORT, OTHER, 1_234), forged, 0, forged.length);
        }
        assertEquals(before, sa(b).path());
        assertEquals(0, b.moves.size());
    }

    @Test
    void nobodyIsAskedForASignOfLifeWhileEspComes() {
        network.pass(SECOND);
        int before = messages();
        for (int i = 0; i < 120; i++) {
            assertTrue(a.sendsEsp(b) && b.sendsEsp(a));
            network.pass(SECOND);
        }
        assertEquals(before, messages(), this::story);
        network.pass(39 * SECOND);
        assertTrue(messages() > before, "it is when none comes any more");
    }

    /** ESP that one sends itself says nothing of the other. */
    @Test
    void peerThatIsOnlySentToIsStillFoundDead() {
        network.passes = (path, bytes) -> !path.local().equals(B);
        for (int i = 0; i < 100 && !a.sad.isEmpty(); i++) {
            a.packets.merge(a.outbound().get(0).spi(), 1L, Long::sum);
            network.pass(SECOND);
        }
        assertEquals(0, a.sad.size(), this::story);
    }
}
