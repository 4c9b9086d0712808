package org.ipsecif.ike;

import static org.ipsecif.ike.TestNetwork.A;
import static org.ipsecif.ike.TestNetwork.B;
import static org.ipsecif.ike.TestNetwork.peer;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.ipsecif.ike.message.ExchangeType;
import org.ipsecif.ike.message.IkeException;
import org.ipsecif.ike.message.IkeMessage;
import org.ipsecif.ike.message.NotifyPayload;
import org.ipsecif.ike.message.NotifyType;
import org.ipsecif.ike.message.Payload;
import org.ipsecif.ike.message.SaPayload;
import org.junit.jupiter.api.Test;

/** IKE SAs without a Child SA at first (RFC 6023). */
class ChildlessTest {
    private final TestNetwork network = new TestNetwork(1);
    private final TestNetwork.End a = network.end(A);
    private final TestNetwork.End b = network.end(B);

    private void connect() {
        a.endpoint.configure(TestNetwork.with(peer(A, B), PpkUse.NONE, true));
        b.endpoint.configure(peer(B, A));
        a.endpoint.connect("ipsec0");
        network.deliver();
    }

    private boolean hasChild(ExchangeType exchange) {
        return a.messages.stream()
                .anyMatch(each -> each.header().is(exchange)
                        && each.first(SaPayload.class).isPresent());
    }

    @Test
    void childComesWithKeyExchangeOfItsOwn() {
        connect();
        assertFalse(hasChild(ExchangeType.IKE_AUTH));
        assertTrue(hasChild(ExchangeType.CREATE_CHILD_SA));
        assertEquals(2, a.sad.size());
        assertEquals(a.sad.keySet(), b.sad.keySet());
        assertTrue(a.log.getLast().contains("AES_GCM_16_128/CURVE_25519/ESN"), a.log::toString);
        assertEquals(0, a.warnings.size() + b.warnings.size());
    }

    @Test
    void peerThatCannotGetsTheUsual() {
        network.alters = ChildlessTest::withoutSupport;
        a.endpoint.configure(TestNetwork.with(peer(A, B), PpkUse.NONE, true));
        b.endpoint.configure(peer(B, A));
        a.endpoint.connect("ipsec0");
        network.deliver();
        assertTrue(hasChild(ExchangeType.IKE_AUTH)); // and fails, for the message was altered
        assertTrue(a.warnings.getFirst().contains("made with one"), a.warnings::toString);
    }

    private static byte[] withoutSupport(byte[] bytes) {
        try {
            IkeMessage message = IkeMessage.parse(bytes, 0, bytes.length);
            List<Payload> kept = message.payloads().stream()
                    .filter(each ->
                            !(each instanceof NotifyPayload notify && notify.is(NotifyType.CHILDLESS_IKEV2_SUPPORTED)))
                    .toList();
            return kept.size() == message.payloads().size() ? bytes : new IkeMessage(message.header(), kept).encode();
        } catch (IkeException e) {
            throw new AssertionError(e);
        }
    }
}
