package org.ipsecif.ike;

import static org.ipsecif.ike.TestNetwork.A;
import static org.ipsecif.ike.TestNetwork.B;
import static org.ipsecif.ike.TestNetwork.SECOND;
import static org.ipsecif.ike.TestNetwork.peer;
import static org.ipsecif.ike.TestNetwork.with;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.ipsecif.ike.message.ExchangeType;
import org.ipsecif.ike.message.IkeException;
import org.ipsecif.ike.message.IkeHeader;
import org.ipsecif.ike.message.IkeMessage;
import org.ipsecif.ike.message.KeyExchangePayload;
import org.ipsecif.ike.message.MessageSealer;
import org.ipsecif.ike.message.NotifyPayload;
import org.ipsecif.ike.message.NotifyType;
import org.ipsecif.ike.message.Octets;
import org.ipsecif.ike.message.Payload;
import org.ipsecif.ike.message.Proposal;
import org.ipsecif.ike.message.SaPayload;
import org.junit.jupiter.api.Test;

/** Additional key exchanges, with somebody on the wire, or a peer, who does what he should not. */
class AdditionalExchangeAttackTest {
    private static final String PLAIN = "aes128gcm16-prfsha256-x25519";
    private static final String HYBRID = PLAIN + "-ke1_mlkem768";
    private static final String ESP = "aes128gcm16-x25519-ke1_mlkem768";
    private static final int ML_KEM_768 = 36;
    private static final int ML_KEM_768_LENGTH = 1_184;

    private final TestNetwork network = new TestNetwork(1);
    private final TestNetwork.End a = network.end(A);
    private final TestNetwork.End b = network.end(B);

    private void connect(String ofA, String ofB) {
        a.endpoint.configure(with(peer(A, B), ofA, ESP));
        b.endpoint.configure(with(peer(B, A), ofB, ESP));
        a.endpoint.connect("ipsec0");
        network.deliver();
    }

    private static boolean isUp(TestNetwork.End end) {
        return end.endpoint.all().stream().anyMatch(each -> each.state == IkeSa.State.ESTABLISHED);
    }

    /** An attacker takes out what he cannot break, and both ends' word that they can do it: neither believes the handshake. */
    @Test
    void removedProposalsAreNoticed() {
        network.alters = altering(true, payload -> payload instanceof SaPayload sa ? cut(sa) : payload);
        connect(HYBRID + "-ke1_none", HYBRID + "-ke1_none");
        assertEquals(0, a.sad.size() + b.sad.size());
        assertFalse(isUp(a) || isUp(b));
        assertTrue(b.warnings.getLast().contains("differ"), b.warnings::toString);
    }

    @Test
    void removedNotificationIsNoticed() {
        network.alters = altering(true, AdditionalExchangeAttackTest::withoutSupport);
        connect(HYBRID + "-ke1_none", HYBRID + "-ke1_none");
        assertEquals(0, a.sad.size() + b.sad.size());
        assertFalse(isUp(a) || isUp(b));
    }

    @Test
    void answerThatNeedsIntermediateFromAPeerWithoutIsPassedOver() {
        network.alters = altering(false, AdditionalExchangeAttackTest::withoutSupport);
        connect(HYBRID, HYBRID);
        assertEquals(0, a.sad.size());
        assertTrue(a.warnings.getLast().contains("does not do IKE_INTERMEDIATE"), a.warnings::toString);
        network.alters = bytes -> bytes;
        network.pass(2 * SECOND);
        assertEquals(2, a.sad.size());
    }

    private static Payload withoutSupport(Payload payload) {
        return payload instanceof NotifyPayload notify && notify.is(NotifyType.INTERMEDIATE_EXCHANGE_SUPPORTED)
                ? NotifyPayload.of(NotifyType.HTTP_CERT_LOOKUP_SUPPORTED)
                : payload;
    }

    private static SaPayload cut(SaPayload offer) {
        List<Proposal> last = offer.proposals()
                .subList(offer.proposals().size() - 1, offer.proposals().size());
        return new SaPayload(last);
    }

    /** Changes the payloads of IKE_SA_INIT. */
    private static UnaryOperator<byte[]> altering(boolean requests, UnaryOperator<Payload> change) {
        return bytes -> {
            try {
                IkeMessage message = IkeMessage.parse(bytes, 0, bytes.length);
                boolean meant = message.header().is(ExchangeType.IKE_SA_INIT)
                        && message.header().response() != requests;
                return meant
                        ? new IkeMessage(
                                        message.header(),
                                        message.payloads().stream().map(change).toList())
                                .encode()
                        : bytes;
            } catch (IkeException e) {
                throw new AssertionError(e);
            }
        };
    }

    /** Sends the responder what its peer has the keys for. */
    private void forge(ExchangeType exchange, long id, Payload... payloads) {
        IkeSa sa = a.endpoint.all().iterator().next();
        IkeHeader header = new IkeHeader(sa.initiatorSpi(), sa.responderSpi(), exchange, true, false, id);
        byte[] message = new MessageSealer(sa.protection()).seal(new IkeMessage(header, List.of(payloads)));
        b.endpoint.receive(new Path(B, 500, A, 500), message, 0, message.length);
    }

    private void connectUpToTheFirstKeys() {
        network.passes = (path, bytes) -> bytes[18] == ExchangeType.IKE_SA_INIT.number();
        connect(HYBRID, HYBRID);
        assertEquals(1, b.endpoint.all().size());
    }

    private static KeyExchangePayload exchange(int method, int length, int value) {
        byte[] data = new byte[length];
        Arrays.fill(data, (byte) value);
        return new KeyExchangePayload(method, Octets.of(data));
    }

    private void assertRefused(String why) {
        assertEquals(0, b.endpoint.all().size());
        assertTrue(b.warnings.getLast().contains(why), b.warnings::toString);
    }

    @Test
    void keyExchangeIsNotSkipped() {
        connectUpToTheFirstKeys();
        forge(ExchangeType.IKE_AUTH, 1);
        assertRefused("not the time for IKE_AUTH");
    }

    @Test
    void publicValueOfAnotherMethodIsRefused() {
        connectUpToTheFirstKeys();
        forge(ExchangeType.IKE_INTERMEDIATE, 1, exchange(31, 32, 9));
        assertRefused("a KE payload of another method than chosen");
    }

    /** FIPS 203 section 7.2: coefficients beyond the modulus. */
    @Test
    void publicValueThatIsNoneIsRefused() {
        connectUpToTheFirstKeys();
        forge(ExchangeType.IKE_INTERMEDIATE, 1, exchange(ML_KEM_768, ML_KEM_768_LENGTH, 0xff));
        assertRefused("FIPS 203 section 7.2");
        network.passes = (path, bytes) -> true;
        a.endpoint.disconnect("ipsec0");
        connectUpToTheFirstKeys();
        forge(ExchangeType.IKE_INTERMEDIATE, 1, exchange(ML_KEM_768, 0, 0));
        assertRefused("FIPS 203 section 7.2");
    }

    @Test
    void oneMoreThanAgreedIsRefused() {
        network.passes = (path, bytes) -> bytes[18] != ExchangeType.IKE_AUTH.number();
        connect(HYBRID, HYBRID);
        forge(ExchangeType.IKE_INTERMEDIATE, 2, exchange(ML_KEM_768, ML_KEM_768_LENGTH, 1));
        assertRefused("not the time for IKE_INTERMEDIATE");
    }

    /** The IKE SA lives, and what there is with it. */
    @Test
    void nonsenseInAFollowUpEndsThatAlone() {
        connect(HYBRID, HYBRID);
        forge(ExchangeType.IKE_FOLLOWUP_KE, 3, exchange(ML_KEM_768, ML_KEM_768_LENGTH, 1));
        assertTrue(b.warnings.getLast().contains("no ADDITIONAL_KEY_EXCHANGE"), b.warnings::toString);
        forge(
                ExchangeType.IKE_FOLLOWUP_KE,
                4,
                exchange(ML_KEM_768, ML_KEM_768_LENGTH, 1),
                NotifyPayload.of(NotifyType.ADDITIONAL_KEY_EXCHANGE));
        assertTrue(b.warnings.getLast().contains("what was given up"), b.warnings::toString);
        assertTrue(isUp(b));
        assertEquals(2, b.sad.size());
    }

    @Test
    void publicValueThatIsNoneInAFollowUpIsRefused() {
        connect(HYBRID, HYBRID);
        network.passes = (path, bytes) -> bytes[18] != ExchangeType.IKE_FOLLOWUP_KE.number();
        a.endpoint.rekeyChildren("ipsec0");
        network.deliver();
        NotifyPayload link = a.messages
                .get(a.messages.size() - 1)
                .notification(NotifyType.ADDITIONAL_KEY_EXCHANGE)
                .orElseThrow();
        forge(ExchangeType.IKE_FOLLOWUP_KE, 4, exchange(ML_KEM_768, ML_KEM_768_LENGTH, 0xff), link);
        assertTrue(b.warnings.getLast().contains("FIPS 203 section 7.2"), b.warnings::toString);
        assertEquals(2, b.sad.size());
        assertEquals(0, b.endpoint.all().iterator().next().followUps.size());
    }
}
