package org.ipsecif.ike;

import static org.ipsecif.ike.TestNetwork.A;
import static org.ipsecif.ike.TestNetwork.B;
import static org.ipsecif.ike.TestNetwork.SECOND;
import static org.ipsecif.ike.TestNetwork.peer;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.ipsecif.ike.message.NotifyPayload;
import org.ipsecif.ike.message.NotifyType;
import org.ipsecif.ike.message.Octets;
import org.junit.jupiter.api.Test;

/** Who sends with an SA what does not belong to it hears of that (RFC 7296 section 3.10.1, RFC 4301 section 5.2). */
class SelectorNoticesTest {
    private static final byte[] START = {0x45, 0, 0, 84};

    private final TestNetwork network = new TestNetwork(19);
    private final TestNetwork.End a = network.end(A);
    private final TestNetwork.End b = network.end(B);

    private int connect() {
        a.endpoint.configure(peer(A, B));
        b.endpoint.configure(peer(B, A));
        a.endpoint.connect("ipsec0");
        network.deliver();
        return b.inbound().get(0).spi();
    }

    private List<NotifyPayload> told() {
        return a.messages.stream()
                .filter(each -> !each.header().response())
                .flatMap(each -> each.all(NotifyPayload.class).stream())
                .filter(each -> each.is(NotifyType.INVALID_SELECTORS))
                .toList();
    }

    @Test
    void senderIsToldWithWhatSaAndWhatPacket() {
        int spi = connect();
        b.endpoint.selectorMismatch(spi, START);
        network.deliver();
        NotifyPayload notification = told().get(0);
        NotifyPayload expected = NotifyPayload.ofEsp(NotifyType.INVALID_SELECTORS, spi);
        assertEquals(expected.protocol(), notification.protocol());
        assertEquals(expected.spi(), notification.spi());
        assertEquals(Octets.of(START), notification.data());
        assertTrue(
                a.warnings.getLast().contains("peer drops packets that we send with CHILD_SA"), a.warnings::toString);
        assertEquals(2, a.sad.size(), "nothing else follows");
        assertEquals(a.sad.keySet(), b.sad.keySet());
    }

    @Test
    void notMoreThanNowAndThen() {
        int spi = connect();
        for (int i = 0; i < 200; i++) {
            b.endpoint.selectorMismatch(spi, START);
            network.pass(SECOND / 10);
        }
        assertEquals(2, told().size());
    }

    @Test
    void notOfAnSaThatIsNotThere() {
        b.endpoint.selectorMismatch(connect() + 1, START);
        network.deliver();
        assertEquals(0, told().size());
    }
}
