package org.ipsecif.ike;

import static org.ipsecif.ike.TestNetwork.A;
import static org.ipsecif.ike.TestNetwork.B;
import static org.ipsecif.ike.TestNetwork.SECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.ipsecif.crypto.AlgorithmProposal;
import org.ipsecif.crypto.KeyExchangeMethod;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.SaParameters;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Peers without an address: anywhere, or at a host of a name. */
class ManyPeersTest {
    private static final IpAddress C = IpAddress.parse("203.0.113.3");
    private static final AlgorithmProposal X25519 = TestNetwork.ikeProposal(KeyExchangeMethod.CURVE25519);
    private static final AlgorithmProposal P256 = TestNetwork.ikeProposal(KeyExchangeMethod.ECP_256);

    private final TestNetwork network = new TestNetwork(3);
    private final TestNetwork.End center = network.end(A);
    private final TestNetwork.End b = network.end(B);
    private final TestNetwork.End c = network.end(C);

    private static PeerConfig peer(
            String name,
            int reqid,
            IpAddress local,
            @Nullable IpAddress remote,
            String id,
            String remoteId,
            AlgorithmProposal proposal,
            @Nullable String host) {
        ChildConfig child = new ChildConfig(
                name,
                reqid,
                IpsecMode.TUNNEL,
                List.of(TestNetwork.ANY),
                List.of(TestNetwork.ANY),
                List.of(TestNetwork.espProposal()),
                64);
        return new PeerConfig(
                name,
                local,
                remote,
                Identity.parse(id),
                Identity.parse(remoteId),
                List.of(proposal),
                List.of(child),
                IkeTimes.DEFAULT,
                host != null,
                false,
                false,
                true,
                PpkUse.NONE,
                false,
                host != null,
                host);
    }

    private static PeerConfig branch(IpAddress local, String id, AlgorithmProposal proposal) {
        return peer("ipsec0", 1, local, A, id, "center.example.org", proposal, null);
    }

    private void centerWithTwo() {
        center.endpoint.configure(peer("ipsec1", 1, A, null, "center.example.org", "b.example.org", X25519, null));
        center.endpoint.configure(peer("ipsec2", 2, A, null, "center.example.org", "c.example.org", P256, null));
    }

    /** Reqids of the SAs that the center sends with, by the address that they lead to. */
    private List<String> center() {
        return center.outbound().stream()
                .map(sa -> sa.reqid() + " " + sa.destination())
                .sorted()
                .toList();
    }

    @Test
    void peersThatMayBeAnywhereAreToldApartByWhoTheyAre() {
        centerWithTwo();
        b.endpoint.configure(branch(B, "b.example.org", X25519));
        c.endpoint.configure(branch(C, "c.example.org", P256));
        c.endpoint.connect("ipsec0");
        b.endpoint.connect("ipsec0");
        network.deliver();
        assertEquals(List.of("1 " + B, "2 " + C), center(), () -> "" + center.warnings + b.warnings + c.warnings);
        assertFalse(center.endpoint.connect("ipsec1"), "nobody knows where to");
    }

    @Test
    void peerThatComesFromElsewhereIsThereFromThenOn() {
        centerWithTwo();
        b.endpoint.configure(branch(B, "b.example.org", X25519));
        b.endpoint.connect("ipsec0");
        network.deliver();
        c.endpoint.configure(branch(C, "b.example.org", X25519));
        c.endpoint.connect("ipsec0");
        network.deliver();
        assertEquals(List.of("1 " + C), center(), "the first connection is gone, by INITIAL_CONTACT");
    }

    @Test
    void unknownAndOtherPeersProposalsAreRefused() {
        centerWithTwo();
        b.endpoint.configure(branch(B, "d.example.org", X25519));
        b.endpoint.connect("ipsec0");
        network.deliver();
        assertEquals(List.of(), center());
        assertTrue(center.warnings.getLast().contains("nobody we know"), center.warnings.toString());
        c.endpoint.configure(branch(C, "c.example.org", X25519));
        c.endpoint.connect("ipsec0");
        network.deliver();
        assertEquals(List.of(), center());
        assertTrue(center.warnings.getLast().contains("another peer's proposal"), center.warnings.toString());
    }

    @Test
    void nameIsLookedUpAndAgainWhenThePeerIsGone() {
        centerWithTwo();
        b.hosts.put("center.example.org", A);
        b.endpoint.configure(
                peer("ipsec0", 1, B, null, "b.example.org", "center.example.org", X25519, "center.example.org"));
        network.deliver();
        assertEquals(List.of("1 " + B), center());
        assertEquals(1, b.lookups);
        // The center moves to another address.
        network.passes =
                (path, bytes) -> !path.local().equals(A) && !path.remote().equals(A);
        b.hosts.put("center.example.org", C);
        c.endpoint.configure(peer("ipsec1", 1, C, null, "center.example.org", "b.example.org", X25519, null));
        network.pass(200 * SECOND);
        assertEquals(
                List.of(C), b.outbound().stream().map(SaParameters::destination).toList(), () -> "" + b.warnings);
    }

    @Test
    void nameWithoutAnAddressIsTriedLessAndLessOftenAndSaid() {
        centerWithTwo();
        b.endpoint.configure(
                peer("ipsec0", 1, B, null, "b.example.org", "center.example.org", X25519, "center.example.org"));
        assertEquals("no inet address of center.example.org is known; trying again in 5 s", b.warnings.getLast());
        network.pass(3_600 * SECOND);
        assertTrue(b.lookups >= 15 && b.lookups <= 20, () -> b.lookups + " times in an hour");
        assertEquals("no inet address of center.example.org is known; trying again in 300 s", b.warnings.getLast());
        b.hosts.put("center.example.org", A);
        network.pass(301 * SECOND);
        assertEquals(List.of("1 " + B), center());
    }

    @Test
    void whoIsKnownByNameMayComeFromAnywhere() {
        center.endpoint.configure(
                peer("ipsec1", 1, A, null, "center.example.org", "b.example.org", X25519, "b.example.org"));
        b.endpoint.configure(branch(B, "b.example.org", X25519));
        b.endpoint.connect("ipsec0");
        network.deliver();
        assertEquals(List.of("1 " + B), center());
    }

    private static PeerConfig kind() {
        return peer("branch", 0, A, null, "center.example.org", "*.branches.example.org", X25519, null);
    }

    private List<Runnable> openDoors() {
        List<Runnable> later = new ArrayList<>();
        center.admission = (peer, remote, done) -> later.add(() -> {
            if (peer.name().equals("branch")) {
                center.endpoint.configure(
                        peer("branch0", 7, A, null, "center.example.org", remote.words(), X25519, null));
            }
            done.accept(new IkeHost.Admission(peer.name().equals("branch") ? "branch0" : peer.name(), null));
        });
        return later;
    }

    @Test
    void peerOfAKindGoesOnUnderANameOfItsOwn() {
        center.endpoint.configure(kind());
        List<Runnable> later = openDoors();
        b.endpoint.configure(branch(B, "b.branches.example.org", X25519));
        b.endpoint.connect("ipsec0");
        network.deliver();
        network.pass(3 * SECOND); // it asks again meanwhile
        assertEquals(List.of(), center());
        assertEquals(1, later.size());
        later.remove(0).run();
        network.deliver();
        assertEquals(List.of("7 " + B), center());
        b.restart();
        b.endpoint.configure(branch(B, "b.branches.example.org", X25519));
        b.endpoint.connect("ipsec0");
        network.deliver();
        later.remove(0).run();
        network.deliver();
        assertEquals(1, center.endpoint.all("branch0").size(), "the same, not another of the kind");
        assertFalse(center.idle.contains("branch0"));
        b.endpoint.disconnect("ipsec0");
        network.pass(90 * SECOND);
        assertTrue(center.idle.contains("branch0"), center.idle.toString());
        assertEquals(List.of(), center.endpoint.all("branch0"));
    }

    @Test
    void whoIsNotOfTheKindIsNotAdmitted() {
        center.endpoint.configure(kind());
        List<Runnable> later = openDoors();
        for (String stranger : List.of("b.example.org", "branches.example.org", "*.branches.example.org", "@#00")) {
            b.endpoint.configure(branch(B, stranger, X25519));
            b.endpoint.connect("ipsec0");
            network.deliver();
        }
        b.secret = "another";
        b.endpoint.configure(branch(B, "b.branches.example.org", X25519));
        b.endpoint.connect("ipsec0");
        network.deliver();
        assertEquals(0, later.size());
        assertEquals(List.of(), center());
    }

    @Test
    void whoIsNotAdmittedIsRefused() {
        center.endpoint.configure(kind());
        center.admission = (peer, remote, done) -> done.accept(new IkeHost.Admission(peer.name(), "there are enough"));
        b.endpoint.configure(branch(B, "b.branches.example.org", X25519));
        b.endpoint.connect("ipsec0");
        network.deliver();
        assertTrue(center.warnings.getLast().contains("there are enough"), center.warnings.toString());
        assertTrue(b.warnings.getLast().contains("AUTHENTICATION_FAILED"), b.warnings.toString());
        assertEquals(0, center.endpoint.all().size());
    }

    @Test
    void admissionThatTakesTooLongIsForgotten() {
        center.endpoint.configure(kind());
        List<Runnable> later = openDoors();
        b.endpoint.configure(branch(B, "b.branches.example.org", X25519));
        b.endpoint.connect("ipsec0");
        network.deliver();
        network.pass(120 * SECOND);
        later.remove(0).run();
        network.deliver();
        assertEquals(List.of(), center());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "203.0.113.1",
                "2001:db8::1",
                "fqdn:b.example.org",
                "email:b@example.org",
                "@#00ff",
                "fqdn:203.0.113.1",
                "C=DE, O=An Example\\, Inc., CN=branch 7"
            })
    void identityIsReadBackAsItIsWritten(String text) {
        Identity identity = Identity.parse(text);
        assertTrue(Identity.parse(identity.words()).matches(identity), identity.words());
    }

    @Test
    void patternStandsForWhatIsBelowIt() {
        Identity pattern = Identity.parse("*.example.org");
        assertTrue(pattern.matches(Identity.parse("B.Example.org")));
        assertTrue(pattern.matches(Identity.parse("a.b.example.org")));
        assertFalse(pattern.matches(Identity.parse(".example.org")));
        assertFalse(pattern.matches(Identity.parse("badexample.org")));
        assertFalse(pattern.matches(Identity.parse("b@x.example.org")));
        assertTrue(Identity.parse("*@example.org").matches(Identity.parse("b@example.org")));
        assertFalse(Identity.parse("*@example.org").matches(Identity.parse("b@sub.example.org")));
        assertThrows(IllegalArgumentException.class, pattern::words);
    }

    @Test
    void removedPeerIsLookedUpNoMore() {
        b.endpoint.configure(
                peer("ipsec0", 1, B, null, "b.example.org", "center.example.org", X25519, "center.example.org"));
        b.endpoint.remove("ipsec0");
        int before = b.lookups;
        network.pass(600 * SECOND);
        assertEquals(before, b.lookups);
    }
}
