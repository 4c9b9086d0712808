package org.ipsecif.ike;

import static org.ipsecif.ike.Peers.unfragmented;
import static org.ipsecif.ike.TestNetwork.A;
import static org.ipsecif.ike.TestNetwork.B;
import static org.ipsecif.ike.TestNetwork.SECOND;
import static org.ipsecif.ike.TestNetwork.peer;
import static org.ipsecif.ike.TestNetwork.with;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.ipsecif.ike.message.ExchangeType;
import org.ipsecif.ike.message.IkeException;
import org.ipsecif.ike.message.IkeHeader;
import org.ipsecif.ike.message.IkeMessage;
import org.ipsecif.ike.message.KeyExchangePayload;
import org.ipsecif.ike.message.MessageSealer;
import org.ipsecif.ike.message.Octets;
import org.ipsecif.ike.message.OpenedMessage;
import org.ipsecif.ike.message.Payload;
import org.ipsecif.ike.message.TrafficSelectorPayload;
import org.ipsecif.ike.message.UnknownPayload;
import org.junit.jupiter.api.Test;

/** The peer itself says what this end can do nothing with: neither is left with something that the other has not. */
class UnusableMessageTest {
    private final TestNetwork network = new TestNetwork(31);
    private final TestNetwork.End a = network.end(A);
    private final TestNetwork.End b = network.end(B);

    private void connect(String esp) {
        String ike = "aes128gcm16-prfsha256-x25519-ke1_mlkem512";
        a.endpoint.configure(unfragmented(with(peer(A, B), ike, esp)));
        b.endpoint.configure(unfragmented(with(peer(B, A), ike, esp)));
        a.endpoint.connect("ipsec0");
        network.deliver();
    }

    private String story() {
        return String.join("\n", network.story);
    }

    private static IkeSa sa(TestNetwork.End end) {
        return end.endpoint.all().iterator().next();
    }

    /** B's next answer in such an exchange is another; {@code nth} counts from 1. */
    private void answers(ExchangeType type, int nth, UnaryOperator<List<Payload>> change) {
        int[] count = {0};
        network.alters = bytes -> {
            try {
                IkeMessage outer = IkeMessage.parse(bytes, 0, bytes.length);
                if (!outer.header().response() || !outer.header().is(type) || ++count[0] != nth) {
                    return bytes;
                }
                OpenedMessage opened = OpenedMessage.open(outer, bytes, 0, bytes.length, sa(a).protection());
                IkeMessage other = new IkeMessage(
                        outer.header(), change.apply(opened.message().payloads()));
                return new MessageSealer(sa(b).protection()).seal(other);
            } catch (IkeException e) {
                throw new AssertionError(e);
            }
        };
    }

    private static List<Payload> without(List<Payload> payloads, Class<? extends Payload> kind) {
        return payloads.stream().filter(each -> !kind.isInstance(each)).toList();
    }

    private static List<Payload> withCritical(List<Payload> payloads) {
        List<Payload> all = new ArrayList<>(payloads);
        all.add(new UnknownPayload(200, true, Octets.EMPTY));
        return all;
    }

    /** Both ends have this, and nothing else, and go on. */
    private void assertSame(Set<Integer> spis) {
        network.deliver();
        assertEquals(spis, a.sad.keySet(), this::story);
        assertEquals(spis, b.sad.keySet(), this::story);
        network.pass(30 * SECOND); // and it is tried again
        assertEquals(2, a.sad.size(), this::story);
        assertEquals(a.sad.keySet(), b.sad.keySet(), this::story);
        assertTrue(spis.isEmpty() || a.sad.keySet().stream().noneMatch(spis::contains), this::story);
    }

    @Test
    void childSaOfAnAnswerWithoutSelectorsIsDeleted() {
        connect("aes128gcm16-x25519");
        Set<Integer> before = Set.copyOf(a.sad.keySet());
        answers(ExchangeType.CREATE_CHILD_SA, 1, payloads -> without(payloads, TrafficSelectorPayload.class));
        a.endpoint.rekeyChildren("ipsec0");
        assertSame(before);
    }

    @Test
    void childSaOfAnAnswerWithWhatIsNotUnderstoodIsDeleted() {
        connect("aes128gcm16-x25519");
        Set<Integer> before = Set.copyOf(a.sad.keySet());
        answers(ExchangeType.CREATE_CHILD_SA, 1, UnusableMessageTest::withCritical);
        a.endpoint.rekeyChildren("ipsec0");
        assertSame(before);
    }

    @Test
    void childSaOfALastFollowUpIsDeleted() {
        connect("aes128gcm16-x25519-ke1_mlkem512");
        Set<Integer> before = Set.copyOf(a.sad.keySet());
        answers(ExchangeType.IKE_FOLLOWUP_KE, 1, payloads -> without(payloads, KeyExchangePayload.class));
        a.endpoint.rekeyChildren("ipsec0");
        assertSame(before);
    }

    @Test
    void childSaOfIkeAuthIsDeleted() {
        answers(ExchangeType.IKE_AUTH, 1, payloads -> without(payloads, TrafficSelectorPayload.class));
        connect("aes128gcm16-x25519");
        assertSame(Set.of());
    }

    @Test
    void childSaThatTheSadRefusesIsDeleted() {
        connect("aes128gcm16-x25519");
        Set<Integer> before = Set.copyOf(a.sad.keySet());
        b.nextSpi = b.inbound().get(0).spi(); // at A it is taken
        b.sad.clear();
        a.endpoint.rekeyChildren("ipsec0");
        network.deliver();
        assertEquals(before, a.sad.keySet(), this::story);
        assertEquals(Set.of(), b.sad.keySet(), this::story);
    }

    /** RFC 7296 section 2.11: an answer goes where the request came from. */
    @Test
    void requestThatIsNotUnderstoodIsAnsweredWhereItCameFrom() {
        connect("aes128gcm16-x25519");
        Path other = new Path(B, 4500, A, 40_000);
        List<Path> answered = new ArrayList<>();
        network.passes = (path, bytes) -> answered.add(path);
        IkeHeader header = new IkeHeader(
                sa(a).initiatorSpi(),
                sa(a).responderSpi(),
                ExchangeType.INFORMATIONAL,
                true,
                false,
                b.messages.stream().filter(each -> !each.header().response()).count());
        byte[] request = new MessageSealer(sa(a).protection()).seal(new IkeMessage(header, withCritical(List.of())));
        b.endpoint.receive(other, request, 0, request.length);
        assertEquals(List.of(other), answered, this::story);
        assertEquals(1, b.endpoint.all().size());
    }
}
