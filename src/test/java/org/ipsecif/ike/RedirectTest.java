package org.ipsecif.ike;

import static org.ipsecif.ike.TestNetwork.A;
import static org.ipsecif.ike.TestNetwork.B;
import static org.ipsecif.ike.TestNetwork.SECOND;
import static org.ipsecif.ike.TestNetwork.peer;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.ipsecif.ike.message.ExchangeType;
import org.ipsecif.ike.message.IkeException;
import org.ipsecif.ike.message.IkeHeader;
import org.ipsecif.ike.message.IkeMessage;
import org.ipsecif.ike.message.MessageSealer;
import org.ipsecif.ike.message.NoncePayload;
import org.ipsecif.ike.message.NotifyPayload;
import org.ipsecif.ike.message.NotifyType;
import org.ipsecif.ike.message.Octets;
import org.ipsecif.ike.message.OpenedMessage;
import org.ipsecif.ike.message.Payload;
import org.junit.jupiter.api.Test;

/** Where a peer would like to send this end (RFC 5685), it does not go. */
class RedirectTest {
    /** To 198.51.100.9. */
    private static final NotifyPayload REDIRECT =
            NotifyPayload.of(NotifyType.REDIRECT, Octets.of(new byte[] {1, 4, (byte) 198, 51, 100, 9}));

    private static final Path FROM_B = new Path(A, 500, B, 500);

    private final TestNetwork network = new TestNetwork(1);
    private final TestNetwork.End a = network.end(A);
    private final TestNetwork.End b = network.end(B);

    private void connect() {
        a.endpoint.configure(peer(A, B));
        b.endpoint.configure(peer(B, A));
        a.endpoint.connect("ipsec0");
        network.deliver();
    }

    private void assertUpAndTold(int times) {
        assertEquals(2, a.sad.size(), a.warnings::toString);
        assertEquals(a.sad.keySet(), b.sad.keySet());
        assertEquals(
                times,
                a.warnings.stream().filter(each -> each.contains("REDIRECT")).count());
        assertEquals(times, a.warnings.size(), a.warnings::toString);
        assertTrue(network.story.stream().noneMatch(each -> each.contains("198.51.100.9 ")));
    }

    /** Anybody may say so; the peer's own answer comes after it. */
    @Test
    void forgedAnswerToIkeSaInitIsPassedOver() {
        network.passes = (path, bytes) -> path.local().equals(A);
        a.endpoint.configure(peer(A, B));
        b.endpoint.configure(peer(B, A));
        a.endpoint.connect("ipsec0");
        long spi = a.endpoint.all().iterator().next().initiatorSpi();
        IkeHeader header = new IkeHeader(spi, 0, ExchangeType.IKE_SA_INIT, false, true, 0);
        byte[] forged = new IkeMessage(header, REDIRECT, new NoncePayload(Octets.of(new byte[32]))).encode();
        for (int i = 0; i < 100; i++) {
            a.endpoint.receive(FROM_B, forged, 0, forged.length);
        }
        network.passes = (path, bytes) -> true;
        network.pass(SECOND);
        assertUpAndTold(1);
    }

    @Test
    void redirectInIkeAuthChangesNothing() {
        network.alters = this::redirecting;
        connect();
        assertUpAndTold(1);
    }

    /** Adds to the answer to IKE_AUTH, under the responder's keys. */
    private byte[] redirecting(byte[] bytes) {
        try {
            IkeMessage outer = IkeMessage.parse(bytes, 0, bytes.length);
            if (!outer.header().is(ExchangeType.IKE_AUTH) || !outer.header().response()) {
                return bytes;
            }
            IkeSa atA = a.endpoint.all().iterator().next();
            IkeSa atB = b.endpoint.all().iterator().next();
            OpenedMessage opened = OpenedMessage.open(outer, bytes, 0, bytes.length, atA.protection());
            if (opened == null) {
                throw new AssertionError("not authentic");
            }
            List<Payload> payloads = new ArrayList<>(opened.message().payloads());
            payloads.add(REDIRECT);
            return new MessageSealer(atB.protection()).seal(new IkeMessage(outer.header(), payloads));
        } catch (IkeException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void redirectOfAnIkeSaThatIsUpChangesNothing() {
        connect();
        IkeSa atB = b.endpoint.all().iterator().next();
        for (int id = 0; id < 3; id++) {
            IkeHeader header =
                    new IkeHeader(atB.initiatorSpi(), atB.responderSpi(), ExchangeType.INFORMATIONAL, false, false, id);
            byte[] message =
                    new MessageSealer(atB.protection()).seal(new IkeMessage(header, List.of((Payload) REDIRECT)));
            a.endpoint.receive(FROM_B, message, 0, message.length);
        }
        long answers = a.messages.stream()
                .filter(each -> each.header().is(ExchangeType.INFORMATIONAL)
                        && each.header().response())
                .count();
        assertEquals(3, answers);
        assertUpAndTold(1);
    }
}
