package org.ipsecif.ike;

import static org.ipsecif.ike.TestNetwork.A;
import static org.ipsecif.ike.TestNetwork.ANY;
import static org.ipsecif.ike.TestNetwork.ANY6;
import static org.ipsecif.ike.TestNetwork.B;
import static org.ipsecif.ike.TestNetwork.peer;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.ipsecif.crypto.KeyExchangeMethod;
import org.ipsecif.ike.message.AddressRange;
import org.ipsecif.ike.message.IkeMessage;
import org.ipsecif.ike.message.TrafficSelector;
import org.ipsecif.ike.message.TrafficSelectorPayload;
import org.ipsecif.sa.Flow;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpPrefix;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.SaParameters;

/** Two ends whose Child SAs are for certain pairs of traffic selectors. */
abstract class SelectorEnds {
    final TestNetwork network = new TestNetwork(29);
    final TestNetwork.End a = network.end(A);
    final TestNetwork.End b = network.end(B);

    static AddressRange range(String text) {
        IpPrefix prefix = IpPrefix.parse(text);
        return AddressRange.of(prefix.address(), prefix.last());
    }

    static SelectorPair pair(String local, String remote) {
        return new SelectorPair(range(local), range(remote));
    }

    static SelectorPair mirrored(SelectorPair pair) {
        return new SelectorPair(pair.remote(), pair.local());
    }

    static ChildConfig child(boolean separate, List<SelectorPair> pairs) {
        return new ChildConfig(
                "ipsec0",
                100,
                IpsecMode.TUNNEL,
                pairs,
                separate,
                List.of(TestNetwork.espProposal(KeyExchangeMethod.CURVE25519)),
                1_024);
    }

    static PeerConfig with(PeerConfig peer, boolean restart, ChildConfig... children) {
        return new PeerConfig(
                peer.name(),
                peer.local(),
                peer.remote(),
                peer.localId(),
                peer.remoteId(),
                peer.proposals(),
                List.of(children),
                peer.times(),
                peer.start(),
                restart,
                peer.forceEncapsulation(),
                peer.fragmentation());
    }

    void configureA(ChildConfig... children) {
        a.endpoint.configure(with(peer(A, B), false, children));
    }

    void configureB(ChildConfig... children) {
        b.endpoint.configure(with(peer(B, A), false, children));
    }

    void configureB(boolean separate, SelectorPair... ofA) {
        configureB(child(
                separate, List.of(ofA).stream().map(SelectorsTest::mirrored).toList()));
    }

    void connect() {
        a.endpoint.connect("ipsec0");
        network.deliver();
    }

    static Flow flow(String from, String to) {
        return new Flow(IpAddress.parse(from), IpAddress.parse(to), 17, 1_000, 2_000);
    }

    /** Outbound SAs that take such a packet. */
    static long carrying(TestNetwork.End end, String from, String to) {
        return end.outbound().stream()
                .map(SaParameters::selectors)
                .filter(each -> each.take(flow(from, to)))
                .count();
    }

    void assertPairs(int pairs) {
        assertEquals(pairs, a.outbound().size(), () -> String.join("\n", network.story));
        assertEquals(a.sad.keySet(), b.sad.keySet());
        for (SaParameters sa : a.sad.values()) {
            assertEquals(sa.selectors(), b.sad.get(sa.spi()).selectors());
        }
    }

    static IkeSa ike(TestNetwork.End end) {
        return end.endpoint.all().stream()
                .filter(each -> each.state == IkeSa.State.ESTABLISHED)
                .findFirst()
                .orElseThrow();
    }

    static ChildSa childFor(TestNetwork.End end, String from, String to) {
        return ike(end).children.stream()
                .filter(each -> each.outbound().selectors().take(flow(from, to)))
                .findFirst()
                .orElseThrow();
    }

    static final ChildConfig ROUTE_BASED =
            child(false, List.of(new SelectorPair(ANY, ANY), new SelectorPair(ANY6, ANY6)));

    static final SelectorPair ONE_ONE = pair("10.1.0.0/16", "10.11.0.0/16");
    static final SelectorPair ONE_TWO = pair("10.1.0.0/16", "10.12.0.0/16");
    static final SelectorPair TWO_ONE = pair("10.2.0.0/16", "10.11.0.0/16");
    static final SelectorPair TWO_TWO = pair("10.2.0.0/16", "10.12.0.0/16");

    static List<? extends TrafficSelector> selectors(IkeMessage message, boolean initiator) {
        return message.all(TrafficSelectorPayload.class).stream()
                .filter(each -> each.initiator() == initiator)
                .findFirst()
                .orElseThrow()
                .selectors();
    }
}
