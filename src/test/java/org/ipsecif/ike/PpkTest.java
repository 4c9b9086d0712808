package org.ipsecif.ike;

import static org.ipsecif.ike.TestNetwork.A;
import static org.ipsecif.ike.TestNetwork.B;
import static org.ipsecif.ike.TestNetwork.peer;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.ipsecif.ike.message.IkeMessage;
import org.ipsecif.ike.message.NotifyType;
import org.ipsecif.ike.message.Octets;
import org.ipsecif.sa.SaParameters;
import org.junit.jupiter.api.Test;

/** Post-quantum preshared keys (RFC 8784) between two ends in memory. */
class PpkTest {
    private static final String HYBRID = "aes128gcm16-prfsha256-x25519-ke1_mlkem768";

    private final TestNetwork network = new TestNetwork(1);
    private final TestNetwork.End a = network.end(A);
    private final TestNetwork.End b = network.end(B);

    private void connect(boolean requiredByA, boolean requiredByB) {
        a.endpoint.configure(TestNetwork.with(peer(A, B), use(a, requiredByA), false));
        b.endpoint.configure(TestNetwork.with(peer(B, A), use(b, requiredByB), false));
        a.endpoint.connect("ipsec0");
        network.deliver();
    }

    private static PpkUse use(TestNetwork.End end, boolean required) {
        return required ? PpkUse.REQUIRED : end.ppks.isEmpty() ? PpkUse.NONE : PpkUse.OPTIONAL;
    }

    private String story() {
        return String.join("\n", network.story);
    }

    private void assertUp(boolean mixed) {
        assertEquals(2, a.sad.size(), this::story);
        assertEquals(a.sad.keySet(), b.sad.keySet(), this::story);
        for (SaParameters sa : a.sad.values()) {
            assertTrue(sa.encryptionKey().sameAs(b.sad.get(sa.spi()).encryptionKey()), this::story);
        }
        assertEquals(mixed, a.log.stream().anyMatch(each -> each.startsWith("with the post-quantum")), this::story);
        assertEquals(mixed, b.log.stream().anyMatch(each -> each.startsWith("with the post-quantum")), this::story);
    }

    private void assertDown() {
        assertEquals(0, a.sad.size() + b.sad.size(), this::story);
        assertFalse(b.endpoint.all().stream().anyMatch(each -> each.state == IkeSa.State.ESTABLISHED), this::story);
    }

    private boolean sent(TestNetwork.End end, NotifyType type) {
        return end.messages.stream().anyMatch(each -> each.has(type) && isFrom(end, each));
    }

    private boolean isFrom(TestNetwork.End end, IkeMessage message) {
        return message.header().initiator() == (end == a);
    }

    @Test
    void bothHaveItAndWantIt() {
        a.ppks.put("one", "key 1");
        b.ppks.put("other", "key 2");
        b.ppks.put("one", "key 1");
        connect(true, true);
        assertUp(true);
        assertFalse(sent(a, NotifyType.NO_PPK_AUTH));
        assertEquals(0, a.warnings.size() + b.warnings.size(), this::story);
        assertTrue(a.log.contains("with the post-quantum preshared key \"one\""), a.log::toString);
    }

    @Test
    void allThatComesLaterHasItToo() {
        a.ppks.put("one", "key 1");
        b.ppks.put("one", "key 1");
        a.endpoint.configure(
                TestNetwork.with(TestNetwork.with(peer(A, B), HYBRID, "aes128gcm16"), PpkUse.OPTIONAL, false));
        b.endpoint.configure(
                TestNetwork.with(TestNetwork.with(peer(B, A), HYBRID, "aes128gcm16"), PpkUse.OPTIONAL, false));
        a.endpoint.connect("ipsec0");
        network.deliver();
        assertUp(true);
        assertTrue(sent(a, NotifyType.NO_PPK_AUTH)); // neither requires it
        a.endpoint.rekeyIke("ipsec0");
        network.deliver();
        b.endpoint.rekeyChildren("ipsec0");
        network.deliver();
        assertUp(true);
        assertEquals(0, a.warnings.size() + b.warnings.size(), this::story);
    }

    @Test
    void otherKeyUnderTheSameNameIsNoticed() {
        a.ppks.put("one", "key 1");
        b.ppks.put("one", "key 2");
        connect(false, false);
        assertDown();
        assertTrue(b.warnings.getLast().contains("differ"), b.warnings::toString);
    }

    @Test
    void unknownKeyIsDoneWithoutIfBothPutUpWithThat() {
        a.ppks.put("one", "key 1");
        b.ppks.put("other", "key 2");
        connect(false, false);
        assertUp(false);
        assertTrue(a.warnings.getLast().contains("see ppk_required"), a.warnings::toString);
        assertTrue(b.warnings.getLast().contains("see ppk_required"), b.warnings::toString);
    }

    @Test
    void unknownKeyIsRefusedIfTheResponderRequiresOne() {
        a.ppks.put("one", "key 1");
        b.ppks.put("other", "key 2");
        connect(false, true);
        assertDown();
        assertTrue(
                b.warnings.getLast().contains("that we do not know, \"one\", and we want one (ppk_required)"),
                b.warnings::toString);
    }

    @Test
    void unknownKeyIsRefusedIfTheInitiatorRequiresIt() {
        a.ppks.put("one", "key 1");
        b.ppks.put("other", "key 2");
        connect(true, false);
        assertDown();
        assertTrue(b.warnings.getLast().contains("that we do not know, \"one\""), b.warnings::toString);
        assertTrue(a.warnings.getLast().contains("AUTHENTICATION_FAILED"), a.warnings::toString);
    }

    @Test
    void initiatorThatRequiresOneGoesNoFurtherWithAPeerWithout() {
        a.ppks.put("one", "key 1");
        connect(true, false);
        assertDown();
        assertTrue(a.warnings.getLast().contains("peer has no post-quantum preshared key"), a.warnings::toString);
    }

    @Test
    void responderThatRequiresOneRefusesAPeerWithout() {
        b.ppks.put("one", "key 1");
        connect(false, true);
        assertDown();
        assertTrue(
                b.warnings.getLast().contains("peer comes without a post-quantum preshared key"), b.warnings::toString);
    }

    @Test
    void peerWithoutIsTakenWhereItIsNotRequired() {
        a.ppks.put("one", "key 1");
        connect(false, false);
        assertUp(false);
        assertFalse(sent(a, NotifyType.PPK_IDENTITY));
        assertTrue(sent(a, NotifyType.USE_PPK));
        assertFalse(sent(b, NotifyType.USE_PPK));
    }

    /** Without keys nothing is said of them. */
    @Test
    void nobodyHasOne() {
        connect(false, false);
        assertUp(false);
        assertFalse(sent(a, NotifyType.USE_PPK) || sent(b, NotifyType.USE_PPK));
    }

    @Test
    void identityHasAKindAndIsShownWithCare() {
        Octets id = Octets.of("n\"\n".getBytes(StandardCharsets.US_ASCII));
        assertArrayEquals(new byte[] {2, 'n', '"', '\n'}, PpkIdentity.encode(id).toBytes());
        assertEquals(id, PpkIdentity.decode(PpkIdentity.encode(id)));
        assertNull(PpkIdentity.decode(Octets.of(new byte[] {1, 'n'})));
        assertNull(PpkIdentity.decode(Octets.of(new byte[] {2})));
        assertNull(PpkIdentity.decode(Octets.EMPTY));
        assertEquals("\"n??\"", PpkIdentity.text(id));
        assertEquals(2 + 40 + 3, PpkIdentity.text(Octets.of(new byte[1_000])).length());
    }
}
