package org.ipsecif.ike;

import static org.ipsecif.ike.TestNetwork.A;
import static org.ipsecif.ike.TestNetwork.B;
import static org.ipsecif.ike.TestNetwork.SECOND;
import static org.ipsecif.ike.TestNetwork.peer;
import static org.ipsecif.ike.TestNetwork.with;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.ipsecif.ike.message.ExchangeType;
import org.ipsecif.ike.message.IkeHeader;
import org.ipsecif.ike.message.IkeMessage;
import org.ipsecif.ike.message.NotifyPayload;
import org.ipsecif.ike.message.NotifyType;
import org.ipsecif.ike.message.Octets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Nobody vouches for an answer to IKE_SA_INIT: one that ends the attempt may be anybody's (RFC 7296 section 2.21.1). */
class ForgedRefusalTest {
    private final TestNetwork network = new TestNetwork(41);
    private final TestNetwork.End a = network.end(A);
    private final TestNetwork.End b = network.end(B);

    private void begin() {
        a.endpoint.configure(peer(A, B));
        b.endpoint.configure(peer(B, A));
        a.endpoint.connect("ipsec0");
    }

    private void forge(NotifyPayload notification) {
        IkeSa sa = a.endpoint.all().iterator().next();
        IkeHeader header = new IkeHeader(sa.initiatorSpi(), 0, ExchangeType.IKE_SA_INIT, false, true, 0);
        byte[] answer = new IkeMessage(header, notification).encode();
        a.endpoint.receive(sa.path(), answer, 0, answer.length);
    }

    @ParameterizedTest
    @EnumSource(
            value = NotifyType.class,
            names = {"NO_PROPOSAL_CHOSEN", "INVALID_SYNTAX", "AUTHENTICATION_FAILED", "INVALID_MAJOR_VERSION"})
    void doesNotKeepTheTrueAnswerOut(NotifyType type) {
        begin();
        forge(NotifyPayload.of(type));
        assertEquals(1, a.endpoint.all().size());
        network.deliver();
        network.pass(10 * SECOND);
        assertEquals(2, a.sad.size(), a.warnings::toString);
        assertEquals(0, a.warnings.size(), a.warnings::toString);
    }

    /** The true answer was lost, and comes with the next transmission. */
    @Test
    void norTheTrueAnswerToTheNextTransmission() {
        network.passes = (path, bytes) -> !path.local().equals(B);
        begin();
        network.deliver();
        forge(NotifyPayload.of(NotifyType.NO_PROPOSAL_CHOSEN));
        network.passes = (path, bytes) -> true;
        network.pass(10 * SECOND);
        assertEquals(2, a.sad.size(), a.warnings::toString);
    }

    @Test
    void isReportedSoonWhereNothingBetterComes() {
        a.endpoint.configure(with(peer(A, B), "aes256gcm16-prfsha384-ecp384", "aes128gcm16"));
        b.endpoint.configure(peer(B, A));
        a.endpoint.connect("ipsec0");
        network.deliver();
        network.pass(2 * SECOND);
        assertEquals(1, a.warnings.size(), a.warnings::toString);
        assertTrue(
                a.warnings.getLast().contains("NO_PROPOSAL_CHOSEN; we offered AES_GCM_16_256"), a.warnings::toString);
        assertEquals(0, a.endpoint.all().size());
    }

    /** Cookies are not answered without end. */
    @Test
    void cookiesAreAnsweredAFewTimes() {
        int[] sent = {0};
        network.passes = (path, bytes) -> sent[0]++ < 0;
        begin();
        for (int i = 0; i < 1_000; i++) {
            forge(NotifyPayload.of(NotifyType.COOKIE, Octets.of(new byte[] {1, 2, 3, (byte) i})));
        }
        assertTrue(sent[0] > 1 && sent[0] < 10, () -> "sent " + sent[0]);
    }

    /** Who asks for a cookie does not refuse. */
    @Test
    void aCookieAfterItIsABetterAnswer() {
        network.passes = (path, bytes) -> path.local().equals(B);
        begin();
        forge(NotifyPayload.of(NotifyType.NO_PROPOSAL_CHOSEN));
        forge(NotifyPayload.of(NotifyType.COOKIE, Octets.of(new byte[] {1, 2, 3})));
        network.pass(3 * SECOND);
        network.passes = (path, bytes) -> true;
        network.pass(10 * SECOND);
        assertEquals(2, a.sad.size(), a.warnings::toString);
    }
}
