package org.ipsecif.ike;

import static org.ipsecif.ike.TestNetwork.A;
import static org.ipsecif.ike.TestNetwork.B;
import static org.ipsecif.ike.TestNetwork.SECOND;
import static org.ipsecif.ike.TestNetwork.peer;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.ipsecif.ike.message.CertificateRequestPayload;
import org.ipsecif.ike.message.IkeMessage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whether a certificate was revoked is asked elsewhere, which takes its time. */
class LateVerificationTest {
    private final TestNetwork network = new TestNetwork(1);
    private final TestNetwork.End a = network.end(A);
    private final TestNetwork.End b = network.end(B);
    private final List<byte[]> sent = new ArrayList<>();

    @BeforeEach
    void connect() {
        network.passes = (path, bytes) -> sent.add(bytes);
        a.signs = true;
        b.signs = true;
        a.endpoint.configure(peer(A, B));
        b.endpoint.configure(peer(B, A));
        a.endpoint.connect("ipsec0");
        network.deliver();
    }

    /** RFC 7296 section 1.2; some initiators send none unless asked. */
    @Test
    void responderAsksForACertificateAtOnce() throws Exception {
        IkeMessage answer = IkeMessage.parse(sent.get(1), 0, sent.get(1).length);
        assertTrue(answer.header().response());
        assertEquals(1, answer.all(CertificateRequestPayload.class).size());
    }

    @Test
    void requestThatComesAgainMeanwhileIsVerifiedOnce() {
        network.pass(5 * SECOND);
        assertEquals(1, b.verifications.size());
        b.verifications.remove().accept(null);
        network.deliver();
        assertEquals(1, a.verifications.size());
        a.verifications.remove().accept(null);
        assertEquals(1, a.outbound().size());
        assertEquals(a.sad.keySet(), b.sad.keySet());
    }

    @Test
    void answerAboutTheInitiatorAfterAllWasGivenUpChangesNothing() {
        b.endpoint.remove("ipsec0");
        b.verifications.remove().accept(null);
        network.deliver();
        assertEquals(0, b.endpoint.all().size());
        assertEquals(0, b.sad.size());
        assertTrue(b.log.stream().noneMatch(each -> each.contains("established")), b.log.toString());
    }

    @Test
    void answerAboutTheResponderAfterAllWasGivenUpChangesNothing() {
        b.verifications.remove().accept(null);
        network.deliver();
        a.endpoint.remove("ipsec0");
        a.verifications.remove().accept(null);
        network.deliver();
        assertEquals(0, a.endpoint.all().size());
        assertEquals(0, a.sad.size());
    }

    /** One end has a secret, the other certificates: whoever looks into the log learns that, and not that a secret is missing. */
    @Test
    void otherEndThatAuthenticatesInAnotherWayIsToldApart() {
        a.endpoint.remove("ipsec0");
        b.endpoint.remove("ipsec0");
        network.deliver();
        a.signs = false;
        a.endpoint.configure(peer(A, B));
        b.endpoint.configure(peer(B, A));
        a.endpoint.connect("ipsec0");
        network.deliver();
        assertTrue(
                b.warnings.getLast().contains("peer authenticates with a pre-shared key; we want a certificate"),
                b.warnings::toString);
        assertEquals(0, b.endpoint.all().size());
    }
}
