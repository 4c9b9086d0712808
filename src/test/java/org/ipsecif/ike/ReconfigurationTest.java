package org.ipsecif.ike;

import static org.ipsecif.ike.Peers.named;
import static org.ipsecif.ike.Peers.starting;
import static org.ipsecif.ike.TestNetwork.A;
import static org.ipsecif.ike.TestNetwork.B;
import static org.ipsecif.ike.TestNetwork.MILLISECOND;
import static org.ipsecif.ike.TestNetwork.SECOND;
import static org.ipsecif.ike.TestNetwork.peer;
import static org.ipsecif.ike.TestNetwork.with;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** A configuration that changes under a live connection. */
class ReconfigurationTest {
    private static final Identity OTHER = Identity.parse("other.example.org");

    private final TestNetwork network = new TestNetwork(31);
    private final TestNetwork.End a = network.end(A);
    private final TestNetwork.End b = network.end(B);

    private void connect(PeerConfig ofA, PeerConfig ofB) {
        b.endpoint.configure(ofB);
        a.endpoint.configure(ofA);
        a.endpoint.connect("ipsec0");
        network.deliver();
        network.pass(5 * SECOND);
        assertTrue(a.sendsEsp(b) && b.sendsEsp(a), this::story);
    }

    private String story() {
        return String.join("\n", network.story);
    }

    private static IkeSa sa(TestNetwork.End end) {
        return end.endpoint.all().iterator().next();
    }

    private void passWithTraffic(long seconds) {
        for (int i = 0; i < 20 * seconds; i++) {
            assertTrue(a.sendsEsp(b) && b.sendsEsp(a), this::story);
            network.pass(50 * MILLISECOND);
        }
        assertEquals(1, a.endpoint.all().size(), this::story);
        assertEquals(2, a.sad.size());
    }

    @Test
    void otherIdentityIsSaidToThePeerWithoutAGap() {
        connect(peer(A, B), named(peer(B, A), Identity.of(B), null));
        a.endpoint.configure(named(peer(A, B), OTHER, Identity.of(B)));
        passWithTraffic(10);
        assertEquals(OTHER, sa(b).remoteId, this::story);
        assertTrue(a.log.stream().anyMatch(each -> each.contains("authenticating again")), a.log::toString);
    }

    @Test
    void peerThatIsNoLongerWantedIsLetGo() {
        connect(starting(peer(A, B)), peer(B, A));
        a.endpoint.configure(starting(named(peer(A, B), Identity.of(A), OTHER)));
        network.pass(SECOND);
        assertEquals(0, a.sad.size() + b.sad.size(), this::story);
        assertTrue(a.warnings.stream().anyMatch(each -> each.contains("we want other.example.org now")));
    }

    @Test
    void otherSecretIsTriedAtOnceAndTheOldConnectionStaysWhereItIsRefused() {
        connect(peer(A, B), peer(B, A));
        IkeSa before = sa(a);
        a.secret = "another";
        a.endpoint.credentialsChanged("ipsec0");
        passWithTraffic(10);
        assertSame(before, sa(a));
        assertFalse(a.warnings.isEmpty());
        b.secret = "another";
        b.endpoint.credentialsChanged("ipsec0");
        passWithTraffic(10);
        assertFalse(before == sa(a), this::story);
    }

    @Test
    void otherProposalsTakeEffectWithTheNextRekeying() {
        String both = "aes128gcm16-aes256gcm16-prfsha256-x25519";
        connect(with(peer(A, B), both, "aes128gcm16"), with(peer(B, A), both, "aes128gcm16-aes256gcm16"));
        a.endpoint.configure(with(peer(A, B), "aes256gcm16-prfsha256-x25519", "aes256gcm16"));
        assertTrue(a.log.getLast().contains("other proposals"), a.log::toString);
        a.endpoint.rekeyIke("ipsec0");
        a.endpoint.rekeyChildren("ipsec0");
        network.deliver();
        assertTrue(
                sa(a).chosen().text().contains("AES_GCM_16_256"),
                () -> sa(a).chosen().text());
        assertTrue(
                a.log.stream().anyMatch(each -> each.contains("CHILD_SA") && each.contains("AES_GCM_16_256")),
                this::story);
    }
}
