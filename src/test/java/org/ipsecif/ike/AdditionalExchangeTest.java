package org.ipsecif.ike;

import static org.ipsecif.ike.TestNetwork.A;
import static org.ipsecif.ike.TestNetwork.B;
import static org.ipsecif.ike.TestNetwork.SECOND;
import static org.ipsecif.ike.TestNetwork.peer;
import static org.ipsecif.ike.TestNetwork.with;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.ipsecif.crypto.KeyExchangeMethod;
import org.ipsecif.crypto.KeyMaterial;
import org.ipsecif.ike.message.ExchangeType;
import org.ipsecif.ike.message.Octets;
import org.ipsecif.sa.SaParameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9242 and RFC 9370 between two ends in memory. */
class AdditionalExchangeTest {
    private static final String PLAIN = "aes128gcm16-prfsha256-x25519";
    private static final String HYBRID = PLAIN + "-ke1_mlkem768";
    private static final String ESP = "aes128gcm16-x25519";
    private static final String HYBRID_ESP = ESP + "-ke1_mlkem768";

    private final TestNetwork network = new TestNetwork(1);
    private final TestNetwork.End a = network.end(A);
    private final TestNetwork.End b = network.end(B);

    private void connect(String ofA, String ofB) {
        connect(ofA, ESP, ofB, ESP);
    }

    private void connect(String ikeOfA, String espOfA, String ikeOfB, String espOfB) {
        a.endpoint.configure(with(peer(A, B), ikeOfA, espOfA));
        b.endpoint.configure(with(peer(B, A), ikeOfB, espOfB));
        a.endpoint.connect("ipsec0");
        network.deliver();
    }

    private String story() {
        return String.join("\n", network.story);
    }

    /** One IKE SA and one Child SA, with the same keys at both ends. */
    private void assertUp() {
        assertEquals(1, a.endpoint.all().size(), this::story);
        assertEquals(1, b.endpoint.all().size(), this::story);
        assertEquals(2, a.sad.size(), this::story);
        assertEquals(a.sad.keySet(), b.sad.keySet(), this::story);
        for (SaParameters sa : a.sad.values()) {
            assertTrue(sa.encryptionKey().sameAs(b.sad.get(sa.spi()).encryptionKey()), this::story);
        }
    }

    private void assertQuiet() {
        assertEquals(0, a.warnings.size() + b.warnings.size(), () -> "" + a.warnings + b.warnings);
    }

    private static long count(TestNetwork.End end, ExchangeType type) {
        return end.messages.stream()
                .filter(each -> each.header().is(type) && !each.header().response())
                .count();
    }

    private static boolean isUp(TestNetwork.End end) {
        return end.endpoint.all().stream().anyMatch(each -> each.state == IkeSa.State.ESTABLISHED);
    }

    @Test
    void hybridTakesOneMoreExchangeAndFragments() {
        connect(HYBRID, HYBRID);
        assertUp();
        assertQuiet();
        assertEquals(1, count(a, ExchangeType.IKE_INTERMEDIATE));
        assertTrue(a.log.stream().anyMatch(each -> each.contains("CURVE_25519/KE1_ML_KEM_768")), a.log::toString);
        assertTrue(network.longest <= 576 - 28, () -> network.longest + " bytes");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                PLAIN + "-ke1_mlkem512",
                PLAIN + "-ke1_mlkem1024",
                PLAIN + "-ke1_ecp384-ke2_mlkem768",
                PLAIN + "-ke1_mlkem512-ke2_mlkem768-ke3_mlkem1024-ke4_ecp256-ke5_ecp384-ke6_x448-ke7_modp2048",
                "aes128-sha256-x25519-ke1_mlkem768",
                "aes256gcm16-prfsha384-ecp384-ke1_ecp256-ke2_mlkem768-ke1_none",
            })
    void anyNumberOfExchangesLeadsToTheSameKeys(String proposal) {
        connect(proposal, proposal);
        assertUp();
        a.endpoint.rekeyChildren("ipsec0");
        network.deliver();
        b.endpoint.rekeyIke("ipsec0");
        network.deliver();
        b.endpoint.rekeyChildren("ipsec0");
        network.deliver();
        assertUp();
        assertQuiet();
        assertEquals(
                a.endpoint.all().iterator().next().chosen().additional().size(),
                count(a, ExchangeType.IKE_INTERMEDIATE));
    }

    @Test
    void badWireDelaysItOnly() {
        for (int seed = 1; seed <= 20; seed++) {
            TestNetwork bad = new TestNetwork(seed);
            bad.lost = 300;
            bad.doubled = 300;
            bad.reorders = true;
            for (TestNetwork.End each : List.of(bad.end(A), bad.end(B))) {
                PeerConfig peer = each.address.equals(A) ? peer(A, B) : peer(B, A);
                each.endpoint.configure(with(peer, HYBRID, HYBRID_ESP));
            }
            bad.end(A).endpoint.connect("ipsec0");
            for (int i = 0; i < 300 && bad.end(A).sad.isEmpty(); i++) {
                bad.pass(SECOND / 4);
                bad.end(A).endpoint.connect("ipsec0"); // again, if a third of all fragments was too much for it
            }
            assertFalse(bad.end(A).sad.isEmpty(), String.join("\n", bad.story));
            assertEquals(bad.end(A).sad.keySet(), bad.end(B).sad.keySet(), String.join("\n", bad.story));
        }
    }

    /** RFC 9370 section 2.2.1: the proposal without is for a peer that does not know it. */
    @Test
    void fallsBackToAProposalWithoutOnlyIfThereIsOne() {
        connect(HYBRID + "-ke1_none", PLAIN);
        assertUp();
        assertQuiet();
        assertEquals(0, count(a, ExchangeType.IKE_INTERMEDIATE));
        a.endpoint.disconnect("ipsec0");
        network.deliver();
        connect(HYBRID, PLAIN);
        network.pass(2 * SECOND);
        assertEquals(0, a.sad.size());
        assertTrue(a.warnings.getLast().contains("NO_PROPOSAL_CHOSEN"), a.warnings::toString);
        b.endpoint.connect("ipsec0");
        network.deliver();
        assertEquals(0, b.sad.size());
        assertTrue(
                a.warnings.getLast().endsWith("CURVE_25519/KE1_ML_KEM_768, and peer does not do IKE_INTERMEDIATE"),
                a.warnings::toString);
    }

    @Test
    void responderThatLikesItLessDoesWithout() {
        connect(HYBRID + "-ke1_none", PLAIN + "," + HYBRID);
        assertUp();
        assertEquals(0, count(a, ExchangeType.IKE_INTERMEDIATE));
        a.endpoint.rekeyIke("ipsec0");
        network.deliver();
        assertUp();
        assertEquals(0, count(a, ExchangeType.IKE_FOLLOWUP_KE));
        assertQuiet();
    }

    @Test
    void everythingIsRekeyedByBothEndsWithFollowUps() {
        connect(HYBRID, HYBRID_ESP, HYBRID, HYBRID_ESP);
        assertUp();
        int exchanges = 0;
        for (TestNetwork.End each : List.of(a, b, b, a)) {
            var before = a.sad.keySet().stream().toList();
            each.endpoint.rekeyChildren("ipsec0");
            network.deliver();
            assertUp();
            assertTrue(a.sad.keySet().stream().noneMatch(before::contains));
            each.endpoint.rekeyIke("ipsec0");
            network.deliver();
            assertUp();
            exchanges += 2;
            assertEquals(exchanges, count(a, ExchangeType.IKE_FOLLOWUP_KE));
        }
        assertQuiet();
        assertTrue(a.log.stream().anyMatch(each -> each.endsWith("/CURVE_25519/KE1_ML_KEM_768/ESN")), a.log::toString);
    }

    /** RFC 9370 section 2.2.5.1: Child SAs may have them though the IKE SA has not. */
    @Test
    void childHasThemWithoutTheIkeSa() {
        connect(PLAIN, HYBRID_ESP, PLAIN, HYBRID_ESP);
        a.endpoint.rekeyChildren("ipsec0");
        network.deliver();
        assertUp();
        assertQuiet();
        assertEquals(1, count(a, ExchangeType.IKE_FOLLOWUP_KE));
    }

    /** Lets requests of follow-ups through, or not. */
    private void hold(boolean held) {
        network.passes = (path, bytes) -> !held || bytes[18] != ExchangeType.IKE_FOLLOWUP_KE.number();
    }

    @Test
    void followUpThatComesTooLateIsRefusedAndAllIsTriedAgain() {
        connect(HYBRID, HYBRID_ESP, HYBRID, HYBRID_ESP);
        var before = a.sad.keySet().stream().toList();
        hold(true);
        a.endpoint.rekeyChildren("ipsec0");
        network.pass(FollowUps.PATIENCE_NANOS + SECOND);
        hold(false);
        network.pass(8 * SECOND);
        assertTrue(b.warnings.getLast().contains("goes on with what was given up"), b.warnings::toString);
        assertTrue(a.warnings.getLast().contains("STATE_NOT_FOUND"), a.warnings::toString);
        assertEquals(before, a.sad.keySet().stream().toList());
        network.pass(12 * SECOND);
        assertUp();
        assertTrue(a.sad.keySet().stream().noneMatch(before::contains), this::story);
    }

    /** RFC 9370 section 2.2.4: after several retries, the IKE SA is deleted. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void peerThatForgetsAgainAndAgainIsGivenUp(boolean ike) {
        connect(HYBRID, HYBRID_ESP, HYBRID, HYBRID_ESP);
        network.passes = (path, bytes) -> {
            b.endpoint.all().forEach(each -> each.followUps.clear());
            return true;
        };
        if (ike) {
            a.endpoint.rekeyIke("ipsec0");
        } else {
            a.endpoint.rekeyChildren("ipsec0");
        }
        network.pass(35 * SECOND);
        assertTrue(isUp(a));
        network.pass(25 * SECOND);
        assertFalse(isUp(a), this::story);
        assertEquals(0, b.sad.size() + b.endpoint.all().size(), this::story);
        assertTrue(a.warnings.getLast().contains("STATE_NOT_FOUND 5 times"), a.warnings::toString);
    }

    /** RFC 9370 section 2.2.4: one request was lost, and comes when the other end's exchanges are half done. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void rekeyingThatIsHalfDoneIsNotBegunByTheOther(boolean ike) {
        connect(HYBRID, HYBRID_ESP, HYBRID, HYBRID_ESP);
        a.endpoint.rekeyChildren("ipsec0");
        network.deliver();
        network.passes = (path, bytes) -> !path.local().equals(B) || (bytes[19] & 0x20) != 0; // answers, no requests
        rekey(b, ike);
        network.passes = (path, bytes) -> bytes[18] != ExchangeType.IKE_FOLLOWUP_KE.number();
        rekey(a, ike);
        network.deliver();
        network.pass(3 * SECOND); // the other's request comes again
        assertTrue(a.warnings.getLast().contains("that is being rekeyed"), () -> a.warnings + story());
        network.passes = (path, bytes) -> true;
        network.pass(30 * SECOND);
        assertUp();
        assertTrue(count(a, ExchangeType.IKE_FOLLOWUP_KE) <= 3, this::story);
    }

    /** RFC 9370 section 2.2.4: who has the lowest nonce begins no IKE_FOLLOWUP_KE exchange; the other's go on, and nothing fails. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void ofTwoAtOnceOneGoesOn(boolean ike) {
        connect(HYBRID, HYBRID_ESP, HYBRID, HYBRID_ESP);
        a.endpoint.rekeyChildren("ipsec0");
        network.deliver();
        for (int i = 1; i <= 16; i++) {
            long before = a.endpoint.all().iterator().next().initiatorSpi();
            var children = a.sad.keySet().stream().toList();
            long exchanges = count(a, ExchangeType.IKE_FOLLOWUP_KE);
            rekey(a, ike);
            rekey(b, ike);
            network.deliver();
            assertUp();
            assertQuiet();
            assertEquals(exchanges + 1, count(a, ExchangeType.IKE_FOLLOWUP_KE), this::story);
            if (ike) {
                assertNotEquals(before, a.endpoint.all().iterator().next().initiatorSpi());
            } else {
                assertTrue(a.sad.keySet().stream().noneMatch(children::contains), this::story);
            }
        }
    }

    private static void rekey(TestNetwork.End end, boolean ike) {
        if (ike) {
            end.endpoint.rekeyIke("ipsec0");
        } else {
            end.endpoint.rekeyChildren("ipsec0");
        }
    }

    @Test
    void initiatorThatIsGoneLeavesNothing() {
        connect(HYBRID, HYBRID_ESP, HYBRID, HYBRID_ESP);
        hold(true);
        a.endpoint.rekeyChildren("ipsec0");
        network.deliver();
        IkeSa sa = b.endpoint.all().iterator().next();
        assertEquals(1, sa.followUps.size());
        network.pass(FollowUps.PATIENCE_NANOS + SECOND);
        assertEquals(0, sa.followUps.size());
    }

    @Test
    void fewAreWaitedForAtATime() {
        FollowUps followUps = new FollowUps();
        List<Octets> links = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            KeyMaterial secret = KeyMaterial.copyOf(new byte[] {1});
            FollowUps.Pending pending = new FollowUps.Pending(
                    List.of(KeyExchangeMethod.ML_KEM_768),
                    null,
                    false,
                    Octets.EMPTY,
                    secret,
                    (header, all, payloads) -> {});
            links.add(followUps.await(a.endpoint, pending));
        }
        assertEquals(4, followUps.size());
        assertEquals(null, followUps.resume(links.get(95)));
        assertTrue(followUps.resume(links.get(96)) != null);
    }
}
