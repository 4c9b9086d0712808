package org.ipsecif.ike;

import static org.ipsecif.ike.Peers.withTimes;
import static org.ipsecif.ike.TestNetwork.A;
import static org.ipsecif.ike.TestNetwork.B;
import static org.ipsecif.ike.TestNetwork.MILLISECOND;
import static org.ipsecif.ike.TestNetwork.SECOND;
import static org.ipsecif.ike.TestNetwork.peer;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import org.ipsecif.ike.message.IkeException;
import org.junit.jupiter.api.Test;

/** From when on both ends have what they agreed to, and what they may not agree to. */
class ConfirmationTest {
    private static final IkeTimes SILENT = new IkeTimes(500 * MILLISECOND, 8, 0, 0, 0, 10 * SECOND);

    private final TestNetwork network = new TestNetwork(17);
    private final TestNetwork.End a = network.end(A);
    private final TestNetwork.End b = network.end(B);

    /** Nobody says anything that need not be said. */
    private Set<Integer> connect() {
        a.endpoint.configure(withTimes(peer(A, B), SILENT));
        b.endpoint.configure(withTimes(peer(B, A), SILENT));
        a.endpoint.connect("ipsec0");
        network.deliver();
        return Set.copyOf(b.sad.keySet());
    }

    private void responderRekeys() {
        b.endpoint.rekeyChildren("ipsec0");
        network.deliver();
    }

    private String story() {
        return String.join("\n", network.story);
    }

    private void assertReplaced(Set<Integer> before) {
        assertEquals(2, b.sad.size(), this::story);
        assertEquals(a.sad.keySet(), b.sad.keySet(), this::story);
        assertTrue(b.sad.keySet().stream().noneMatch(before::contains), this::story);
    }

    @Test
    void responderRekeysWhatThePeerHasSentWith() {
        Set<Integer> before = connect();
        responderRekeys();
        assertEquals(before, b.sad.keySet());
        assertTrue(a.sendsEsp(b));
        responderRekeys();
        assertReplaced(before);
    }

    @Test
    void responderRekeysWhatThePeerMustHaveByNow() {
        Set<Integer> before = connect();
        network.pass(SILENT.patience() + SECOND);
        responderRekeys();
        assertReplaced(before);
    }

    /** It comes before the answer, or before the SAD has the SA. */
    @Test
    void earlyEspIsNoReasonToReplaceAnything() {
        Set<Integer> before = connect();
        int inbound =
                a.endpoint.all().iterator().next().children.get(0).inbound().spi();
        a.endpoint.unknownEsp(new Path(A, Path.IKE_PORT, B, Path.IKE_PORT), inbound);
        network.deliver();
        network.pass(20 * SECOND);
        assertEquals(before, b.sad.keySet(), this::story);
        assertEquals(0, b.warnings.size(), this::story);
    }

    /** RFC 4303 section 2.1: 1 to 255 are reserved, and 0 would be IKE's in UDP (RFC 3948 section 2.2). */
    @Test
    void reservedSpisOfEspAreRefused() {
        a.nextSpi = 255;
        assertEquals(Set.of(), connect());
        assertTrue(b.warnings.getLast().contains("the reserved ESP SPI 255"), this::story);
        assertEquals(Set.of(), a.sad.keySet());
    }

    @Test
    void likewiseOfAResponder() {
        b.nextSpi = 0;
        connect();
        assertTrue(a.warnings.getLast().contains("the reserved ESP SPI 0"), this::story);
        assertEquals(Set.of(), a.sad.keySet());
    }

    /** RFC 7296 section 3.1. */
    @Test
    void spiOfAnIkeSaIsNotZero() throws Exception {
        Negotiation negotiation = Negotiation.ike(peer(A, B), true);
        Chosen chosen = negotiation.choose(negotiation.offer(RekeyIke.octets(0)), 0);
        assertThrows(IkeException.class, () -> RekeyIke.spiOf(chosen));
        assertEquals(1, RekeyIke.spiOf(negotiation.choose(negotiation.offer(RekeyIke.octets(1)), 0)));
    }
}
