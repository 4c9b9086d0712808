package org.ipsecif.ike;

import static org.ipsecif.ike.TestNetwork.A;
import static org.ipsecif.ike.TestNetwork.B;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import org.ipsecif.crypto.AlgorithmProposal;
import org.ipsecif.crypto.KeyExchangeMethod;
import org.ipsecif.sa.IpAddress;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Who a message may come from. */
class PeerTableTest {
    private static final Path BETWEEN = new Path(A, 500, B, 500);
    private static final AlgorithmProposal X25519 = TestNetwork.ikeProposal(KeyExchangeMethod.CURVE25519);
    private static final AlgorithmProposal P256 = TestNetwork.ikeProposal(KeyExchangeMethod.ECP_256);

    private final PeerTable table = new PeerTable();

    private static PeerConfig peer(
            String name, @Nullable IpAddress remote, @Nullable String id, AlgorithmProposal proposal) {
        return new PeerConfig(
                name,
                A,
                remote,
                Identity.of(A),
                id == null ? null : Identity.parse(id),
                List.of(proposal),
                List.of(),
                IkeTimes.DEFAULT,
                false,
                false,
                false,
                true);
    }

    private List<String> openings(Path path) {
        return table.openings(path).stream().map(PeerConfig::name).toList();
    }

    private List<String> accepting(String id) {
        return table.accepting(BETWEEN, Identity.parse(id)).stream()
                .map(PeerConfig::name)
                .toList();
    }

    @Test
    void thousandThatBeginAlikeAreOneToBeginWith() {
        for (int i = 0; i < 1_000; i++) {
            table.put(peer("ipsec" + i, null, "branch" + i + ".example.org", X25519));
        }
        table.put(peer("ipsec1000", null, "branch1000.example.org", P256));
        assertEquals(List.of("ipsec0", "ipsec1000"), openings(BETWEEN));
        assertEquals(List.of("ipsec7"), accepting("branch7.example.org"));
        table.remove("ipsec0");
        assertEquals(List.of("ipsec1", "ipsec1000"), openings(BETWEEN));
    }

    @Test
    void whoNamesTheAddressComesFirst() {
        table.put(peer("anywhere", null, "b.example.org", P256));
        table.put(peer("there", B, "b.example.org", X25519));
        table.put(peer("elsewhere", A, "b.example.org", X25519));
        assertEquals(List.of("there", "anywhere"), openings(BETWEEN));
        assertEquals(List.of("there", "anywhere"), accepting("b.example.org"));
        assertEquals(List.of(), openings(new Path(B, 500, A, 500)));
    }

    @Test
    void whoHasToBeSomebodyComesBeforeAnybody() {
        table.put(peer("anybody", B, null, X25519));
        table.put(peer("somebody", null, "b.example.org", X25519));
        assertEquals(List.of("somebody", "anybody"), accepting("B.Example.ORG"));
        assertEquals(List.of("anybody"), accepting("other.example.org"));
    }

    @Test
    void identitiesMatchAsTheyDoOneByOne() {
        table.put(peer("name", B, "C=DE, O=Example, CN=b", X25519));
        table.put(peer("key", B, "@#0102", X25519));
        assertEquals(List.of("name"), accepting("c=DE,o=example,cn=B"));
        assertEquals(List.of("key"), accepting("@#0102"));
        assertEquals(List.of(), accepting("@#0103"));
        assertEquals(List.of(), accepting("fqdn:b"));
    }

    @Test
    void whatIsRemovedOrReplacedIsFoundNoMore() {
        table.put(peer("ipsec0", B, "b.example.org", X25519));
        table.put(peer("ipsec0", B, "c.example.org", P256));
        assertEquals(List.of(), accepting("b.example.org"));
        assertEquals(List.of(P256), table.openings(BETWEEN).get(0).proposals());
        table.remove("ipsec0");
        assertEquals(List.of(), openings(BETWEEN));
        assertNull(table.find("ipsec0"));
    }
}
