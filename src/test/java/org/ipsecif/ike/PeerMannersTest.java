package org.ipsecif.ike;

import static org.ipsecif.ike.TestNetwork.A;
import static org.ipsecif.ike.TestNetwork.ANY;
import static org.ipsecif.ike.TestNetwork.ANY6;
import static org.ipsecif.ike.TestNetwork.B;
import static org.ipsecif.ike.TestNetwork.SECOND;
import static org.ipsecif.ike.TestNetwork.peer;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.ipsecif.ike.message.AddressRange;
import org.ipsecif.ike.message.ExchangeType;
import org.ipsecif.ike.message.IkeException;
import org.ipsecif.ike.message.IkeHeader;
import org.ipsecif.ike.message.IkeMessage;
import org.ipsecif.ike.message.NotifyPayload;
import org.ipsecif.ike.message.NotifyType;
import org.ipsecif.ike.message.OpenedMessage;
import org.junit.jupiter.api.Test;

/** Peers that take several pairs of traffic selectors in their own ways. */
class PeerMannersTest extends SelectorEnds {
    /** Another's view of requests for Child SAs. */
    private interface Manners {
        /** @return an error to answer with, or null to go on as usual */
        NotifyType of(IkeMessage request);
    }

    /** The peer's IKE SA answers in its own way from now on. */
    private void manners(Manners manners, Runnable afterwards) {
        IkeSa sa = ike(b);
        PeerRequests usual = new PeerRequests(b.endpoint, sa);
        Messenger.Receiver receiver = new Messenger.Receiver() {
            @Override
            public void request(OpenedMessage request) {
                IkeHeader header = request.message().header();
                boolean child = header.is(ExchangeType.CREATE_CHILD_SA);
                NotifyType error = child ? manners.of(request.message()) : null;
                if (error != null) {
                    sa.messenger().respond(header, List.of(NotifyPayload.of(error)));
                    return;
                }
                usual.request(request);
                if (child) {
                    afterwards.run();
                }
            }

            @Override
            public void malformedRequest(IkeHeader header, IkeException why) {
                usual.malformedRequest(header, why);
            }

            @Override
            public void authentic(Path from, boolean newRequest) {
                usual.authentic(from, newRequest);
            }

            @Override
            public void unanswered() {
                usual.unanswered();
            }
        };
        sa.secure(sa.chosen(), sa.keys(), new Messenger(sa, b, b.timers, receiver, 0, 2));
    }

    /** An IKE SA without a Child SA, of which all are wanted. */
    private void connectWithoutChild(boolean restart) {
        a.endpoint.configure(with(peer(A, B), restart));
        b.endpoint.configure(with(peer(B, A), false));
        connect();
        assertPairs(0);
    }

    @Test
    void peerThatRequiresASinglePairGetsOneChildSaForEach() {
        connectWithoutChild(false);
        manners(request -> selectors(request, true).size() > 1 ? NotifyType.SINGLE_PAIR_REQUIRED : null, () -> {});
        configureB(true, ONE_ONE, ONE_TWO, TWO_ONE, TWO_TWO);
        configureA(child(false, List.of(ONE_ONE, ONE_TWO, TWO_ONE, TWO_TWO)));
        network.deliver();
        assertPairs(4);
        assertEquals(1, a.warnings.size(), a.warnings::toString);
        assertTrue(a.warnings.getLast().contains("SINGLE_PAIR_REQUIRED"), a.warnings::toString);
    }

    /** Such a peer does not narrow at all. */
    @Test
    void peerThatRefusesBothFamiliesTogetherGetsOneEach() {
        connectWithoutChild(false);
        manners(request -> selectors(request, true).size() > 1 ? NotifyType.TS_UNACCEPTABLE : null, () -> {});
        configureB(ROUTE_BASED);
        configureA(ROUTE_BASED);
        network.deliver();
        assertPairs(2);
        assertEquals(1, a.warnings.size(), a.warnings::toString);
    }

    /** RFC 7296 section 2.9: "a single pair of addresses", which are the packet's. */
    @Test
    void peerThatRequiresASinglePairOfAddressesGetsThePackets() {
        connectWithoutChild(false);
        manners(
                request -> selectors(request, true).stream()
                                .allMatch(each -> ((AddressRange) each).start().equals(((AddressRange) each).end()))
                        ? null
                        : NotifyType.SINGLE_PAIR_REQUIRED,
                () -> {});
        configureB(ROUTE_BASED);
        configureA(ROUTE_BASED);
        network.deliver();
        assertPairs(0);
        network.pass(20 * SECOND);
        assertPairs(0);
        for (int i = 0; i < 5; i++) {
            a.endpoint.acquire("ipsec0", flow("10.1.0.1", "10.11.0.1"), true);
            network.pass(2 * SECOND);
        }
        assertPairs(1);
        assertEquals(1, carrying(a, "10.1.0.1", "10.11.0.1"));
        assertEquals(0, carrying(a, "10.1.0.2", "10.11.0.1"));
    }

    /** A virtual private gateway of AWS has one pair of SAs at a time, and lets go of the other. */
    @Test
    void peerThatKeepsOneChildSaIsLeftInPeace() {
        connectWithoutChild(true);
        manners(request -> null, () -> {
            IkeSa sa = ike(b);
            List<ChildSa> children = new ArrayList<>(sa.children);
            children.remove(children.size() - 1);
            children.forEach(each -> b.endpoint.childSas().delete(sa, each));
        });
        b.endpoint.configure(with(peer(B, A), false, ROUTE_BASED));
        a.endpoint.configure(with(
                peer(A, B), true, child(true, List.of(new SelectorPair(ANY, ANY), new SelectorPair(ANY6, ANY6)))));
        network.deliver();
        network.pass(60 * SECOND);
        assertPairs(1);
        assertTrue(
                a.warnings.stream().anyMatch(each -> each.contains("keeps one CHILD_SA at a time")),
                a.warnings::toString);
        int sent = a.messages.size();
        a.endpoint.acquire("ipsec0", flow("2001:db8::1", "2001:db8::2"), true);
        a.endpoint.acquire("ipsec0", flow("10.0.0.1", "10.0.0.2"), true);
        network.pass(10 * SECOND);
        assertEquals(sent, a.messages.size());
    }

    @Test
    void peerThatRefusesAllIsAskedAgainLater() {
        connectWithoutChild(false);
        configureB(true, TWO_TWO);
        configureA(child(true, List.of(ONE_ONE)));
        network.deliver();
        assertPairs(0);
        configureB(true, ONE_ONE);
        network.pass(15 * SECOND);
        assertPairs(1);
    }

    /** Both make what is missing at the same time. */
    @Test
    void bothEndsMayAskForTheSame() {
        connectWithoutChild(false);
        configureB(true, ONE_ONE, ONE_TWO);
        configureA(child(true, List.of(ONE_ONE, ONE_TWO)));
        b.endpoint.connect("ipsec0");
        network.deliver();
        assertTrue(carrying(a, "10.1.0.1", "10.11.0.1") > 0);
        assertTrue(carrying(a, "10.1.0.1", "10.12.0.1") > 0);
        assertEquals(a.sad.keySet(), b.sad.keySet());
    }
}
