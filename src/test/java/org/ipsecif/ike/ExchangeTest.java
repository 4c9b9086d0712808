package org.ipsecif.ike;

import static org.ipsecif.ike.TestNetwork.A;
import static org.ipsecif.ike.TestNetwork.B;
import static org.ipsecif.ike.TestNetwork.SECOND;
import static org.ipsecif.ike.TestNetwork.peer;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.ipsecif.crypto.KeyExchangeMethod;
import org.ipsecif.ike.message.EncryptionTransform;
import org.ipsecif.ike.message.ExchangeType;
import org.ipsecif.ike.message.IkeHeader;
import org.ipsecif.ike.message.IkeMessage;
import org.ipsecif.ike.message.KeyExchangePayload;
import org.ipsecif.ike.message.NoncePayload;
import org.ipsecif.ike.message.Octets;
import org.ipsecif.ike.message.Proposal;
import org.ipsecif.ike.message.ProtocolId;
import org.ipsecif.ike.message.SaPayload;
import org.ipsecif.ike.message.Transform;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.SaParameters;
import org.junit.jupiter.api.Test;

/** Exchanges between two ends in memory. */
class ExchangeTest {
    private final TestNetwork network = new TestNetwork(1);
    private final TestNetwork.End a = network.end(A);
    private final TestNetwork.End b = network.end(B);

    private void configure() {
        a.endpoint.configure(peer(A, B));
        b.endpoint.configure(peer(B, A));
    }

    private void connect() {
        configure();
        assertTrue(a.endpoint.connect("ipsec0"));
        network.deliver();
        assertSame(1);
    }

    /** Both have the same SAs, so many pairs, with the same keys. */
    private void assertSame(int pairs) {
        assertEquals(pairs, a.outbound().size(), () -> "a's outbound SAs: " + a.warnings + b.warnings);
        assertEquals(pairs, a.inbound().size(), "a's inbound SAs");
        assertEquals(a.sad.keySet(), b.sad.keySet());
        for (SaParameters sa : a.sad.values()) {
            SaParameters other = b.sad.get(sa.spi());
            assertTrue(sa.encryptionKey().sameAs(other.encryptionKey()));
            assertEquals(sa.destination(), other.destination());
            assertEquals(sa.esn(), other.esn());
        }
    }

    @Test
    void twoExchangesMakeAnIkeSaAndAChildSa() {
        connect();
        assertEquals(4, a.messages.size());
        assertTrue(a.outbound().get(0).esn());
        assertEquals(100, a.outbound().get(0).reqid());
        assertEquals(0, a.warnings.size() + b.warnings.size());
    }

    @Test
    void otherSecretIsRefusedAndSaid() {
        b.secret = "another";
        configure();
        a.endpoint.connect("ipsec0");
        network.deliver();
        assertEquals(0, a.sad.size() + b.sad.size());
        assertTrue(b.warnings.getLast().contains("pre-shared keys of 203.0.113.1 differ"), b.warnings.toString());
        assertTrue(a.warnings.getLast().contains("AUTHENTICATION_FAILED"), a.warnings.toString());
        assertEquals(0, a.endpoint.all().size() + b.endpoint.all().size());
    }

    @Test
    void rekeyedChildTakesTheOthersPlace() {
        connect();
        var before = a.sad.keySet().stream().toList();
        a.endpoint.rekeyChildren("ipsec0");
        network.deliver();
        assertSame(1);
        assertTrue(a.sad.keySet().stream().noneMatch(before::contains));
        b.endpoint.rekeyChildren("ipsec0");
        network.deliver();
        assertSame(1);
        assertEquals(0, a.warnings.size() + b.warnings.size());
    }

    /** What an end sends with an SA after it has confirmed the deletion is lost, and what it gets late should not be. */
    @Test
    void deletionIsConfirmedWhenNothingIsSentWithItAnyMore() {
        connect();
        var before = List.copyOf(a.sad.keySet());
        b.unsettled = new ArrayList<>();
        a.endpoint.rekeyChildren("ipsec0");
        network.deliver();
        assertTrue(a.sad.keySet().stream().anyMatch(before::contains), "the peer may still send with the old one");
        List<Runnable> waiting = b.unsettled;
        b.unsettled = null;
        waiting.forEach(Runnable::run);
        network.deliver();
        assertSame(1);
        assertTrue(a.sad.keySet().stream().noneMatch(before::contains));
        assertEquals(1, a.retired.size());
        assertEquals(1, b.retired.size());
        assertTrue(before.containsAll(a.retired) && before.containsAll(b.retired));
    }

    /** A peer need not keep for a moment what it is told is deleted. */
    @Test
    void deletionIsAskedForWhenNothingIsSentWithItAnyMore() {
        connect();
        var before = List.copyOf(a.sad.keySet());
        a.unsettled = new ArrayList<>();
        a.endpoint.rekeyChildren("ipsec0");
        network.deliver();
        assertTrue(b.sad.keySet().containsAll(before), "packets may still leave with the old one");
        List<Runnable> waiting = a.unsettled;
        a.unsettled = null;
        waiting.forEach(Runnable::run);
        network.deliver();
        assertSame(1);
        assertTrue(b.sad.keySet().stream().noneMatch(before::contains));
    }

    @Test
    void deletionThatThePeerWasFasterWithIsNotAskedFor() {
        connect();
        IkeSa here = a.endpoint.all().iterator().next();
        IkeSa there = b.endpoint.all().iterator().next();
        a.unsettled = new ArrayList<>();
        a.endpoint.childSas().delete(here, here.children.get(0));
        b.endpoint.childSas().delete(there, there.children.get(0));
        network.deliver();
        List<Runnable> waiting = a.unsettled;
        a.unsettled = null;
        waiting.forEach(Runnable::run);
        network.deliver();
        assertEquals(0, a.sad.size() + b.sad.size());
        assertTrue(
                b.messages.stream()
                        .map(IkeMessage::header)
                        .noneMatch(each -> each.initiator() && !each.response() && each.is(ExchangeType.INFORMATIONAL)),
                () -> String.join("\n", network.story));
    }

    @Test
    void peerHasNoMoreThanSoManyChildren() {
        connect();
        IkeSa there = b.endpoint.all().iterator().next();
        ChildSa child = there.children.get(0);
        while (there.children.size() < CreateResponder.MOST_CHILDREN) {
            there.children.add(child);
        }
        IkeSa here = a.endpoint.all().iterator().next();
        ChildWish another = ChildWish.as(here.children.get(0));
        here.messenger()
                .enqueue(ExchangeType.CREATE_CHILD_SA, new CreateChild(a.endpoint, here, another, null, new Attempt()));
        network.deliver();
        assertEquals(CreateResponder.MOST_CHILDREN, there.children.size());
        assertTrue(a.warnings.toString().contains("NO_ADDITIONAL_SAS"), a.warnings::toString);
        there.children.removeIf(each -> each == child);
        there.children.add(child);
        a.endpoint.rekeyChildren("ipsec0");
        network.deliver();
        assertSame(1);
    }

    @Test
    void rekeyedIkeSaHasTheChildren() {
        connect();
        var before = a.sad.keySet();
        a.endpoint.rekeyIke("ipsec0");
        network.deliver();
        assertEquals(before, a.sad.keySet());
        assertEquals(1, a.endpoint.all().size());
        assertEquals(1, b.endpoint.all().size());
        b.endpoint.rekeyIke("ipsec0");
        network.deliver();
        b.endpoint.rekeyChildren("ipsec0");
        network.deliver();
        assertSame(1);
        assertEquals(0, a.warnings.size() + b.warnings.size(), () -> "" + a.warnings + b.warnings);
    }

    @Test
    void deletedIsDeletedAtBothEnds() {
        connect();
        a.endpoint.disconnect("ipsec0");
        network.deliver();
        assertEquals(0, a.sad.size() + b.sad.size());
        assertEquals(0, a.endpoint.all().size() + b.endpoint.all().size());
    }

    @Test
    void deadPeerIsNoticed() {
        connect();
        network.passes = (path, bytes) -> !path.local().equals(B);
        network.pass(200 * SECOND);
        assertEquals(0, a.sad.size());
        assertTrue(a.warnings.getLast().contains("peer does not answer"), a.warnings.toString());
    }

    /** 10,000 initiators that never answer: cookies, a bounded number of half-open IKE SAs, and the tunnel goes on. */
    @Test
    void floodOfStrangersCostsLittle() {
        connect();
        IpAddress local = A;
        for (int i = 0; i < 10_000; i++) {
            IpAddress stranger = new IpAddress(Family.INET, 0, 0x0a00_0000L + i);
            TestNetwork.End end = network.end(stranger);
            end.endpoint.configure(peer(stranger, local));
        }
        a.endpoint.configure(anybody(peer(A, B)));
        int before = a.warnings.size();
        network.passes =
                (path, bytes) -> !path.local().equals(A) || path.remote().equals(B); // answers get lost
        for (int i = 0; i < 10_000; i++) {
            network.end(new IpAddress(Family.INET, 0, 0x0a00_0000L + i))
                    .endpoint
                    .connect("ipsec0");
        }
        network.deliver();
        assertTrue(a.endpoint.halfOpen() <= InitResponder.COOKIE_THRESHOLD, () -> "" + a.endpoint.halfOpen());
        assertTrue(a.warnings.size() - before <= 10, a.warnings::toString);
        b.endpoint.rekeyChildren("ipsec0");
        network.deliver();
        assertSame(1);
    }

    private static PeerConfig anybody(PeerConfig peer) {
        return new PeerConfig(
                peer.name(),
                peer.local(),
                null,
                peer.localId(),
                peer.remoteId(),
                peer.proposals(),
                peer.children(),
                peer.times(),
                peer.start(),
                peer.restart(),
                peer.forceEncapsulation(),
                peer.fragmentation(),
                peer.ppk(),
                peer.childless());
    }

    @Test
    void floodWithoutAnAcceptableProposalIsToldAFewTimes() {
        connect();
        for (int i = 0; i < 100; i++) {
            byte[] request = new IkeMessage(
                            new IkeHeader(1_000 + i, 0, ExchangeType.IKE_SA_INIT, true, false, 0),
                            new SaPayload(List.of(new Proposal(
                                    1,
                                    ProtocolId.IKE,
                                    Octets.EMPTY,
                                    List.of(Transform.of(EncryptionTransform.ENCR_3DES))))),
                            new KeyExchangePayload(31, Octets.of(new byte[32])),
                            new NoncePayload(Octets.of(new byte[32])))
                    .encode();
            a.endpoint.receive(new Path(A, 500, B, 500), request, 0, request.length);
        }
        assertEquals(10, a.warnings.size());
        assertTrue(a.warnings.getLast().contains("we want AES_GCM_16_128/PRF_HMAC_SHA2_256/CURVE_25519"));
    }

    /** RFC 7296 sections 1.2 and 1.3: INVALID_KE_PAYLOAD names another, which is tried, for IKE SAs and Child SAs, old and new. */
    @Test
    void methodThatThePeerDoesNotLikeIsReplaced() {
        a.endpoint.configure(withMethods(peer(A, B), KeyExchangeMethod.CURVE25519, KeyExchangeMethod.ECP_256));
        b.endpoint.configure(withMethods(peer(B, A), KeyExchangeMethod.ECP_256));
        a.endpoint.connect("ipsec0");
        network.deliver();
        assertSame(1);
        a.endpoint.rekeyChildren("ipsec0");
        network.deliver();
        assertSame(1);
        assertTrue(a.log.getLast().contains("ECP_256"), a.log::toString);
        a.endpoint.rekeyIke("ipsec0");
        network.deliver();
        assertEquals(1, a.endpoint.all().size());
        assertEquals(0, a.warnings.size(), a.warnings::toString);
    }

    private static PeerConfig withMethods(PeerConfig peer, KeyExchangeMethod... methods) {
        return new PeerConfig(
                peer.name(),
                peer.local(),
                peer.remote(),
                peer.localId(),
                peer.remoteId(),
                List.of(TestNetwork.ikeProposal(methods)),
                List.of(TestNetwork.child(TestNetwork.espProposal(methods))),
                peer.times(),
                peer.start(),
                peer.restart(),
                peer.forceEncapsulation(),
                peer.fragmentation(),
                peer.ppk(),
                peer.childless());
    }
}
