package org.ipsecif.ike;

import static org.ipsecif.ike.Peers.named;
import static org.ipsecif.ike.TestNetwork.A;
import static org.ipsecif.ike.TestNetwork.B;
import static org.ipsecif.ike.TestNetwork.SECOND;
import static org.ipsecif.ike.TestNetwork.peer;
import static org.ipsecif.ike.TestNetwork.with;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.ipsecif.crypto.KeyExchangeMethod;
import org.ipsecif.ike.message.DeletePayload;
import org.ipsecif.ike.message.EncryptedPayload;
import org.ipsecif.ike.message.ExchangeType;
import org.ipsecif.ike.message.IkeException;
import org.ipsecif.ike.message.IkeHeader;
import org.ipsecif.ike.message.IkeMessage;
import org.ipsecif.ike.message.KeyExchangePayload;
import org.ipsecif.ike.message.Octets;
import org.ipsecif.ike.message.Payload;
import org.ipsecif.ike.message.Proposal;
import org.ipsecif.ike.message.SaPayload;
import org.ipsecif.sa.IpAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Somebody on the wire, or a peer, who does what he should not: what is up stays up, and what should not come up does not. */
class AttackTest {
    private final TestNetwork network = new TestNetwork(13);
    private final TestNetwork.End a = network.end(A);
    private final TestNetwork.End b = network.end(B);
    private final Path toA = new Path(A, Path.IKE_PORT, B, Path.IKE_PORT);
    private final Path toB = new Path(B, Path.IKE_PORT, A, Path.IKE_PORT);

    private void connect() {
        a.endpoint.configure(peer(A, B));
        b.endpoint.configure(peer(B, A));
        a.endpoint.connect("ipsec0");
        network.deliver();
        assertWorks();
    }

    private String story() {
        return String.join("\n", network.story);
    }

    private void assertWorks() {
        assertEquals(2, a.sad.size(), this::story);
        assertEquals(a.sad.keySet(), b.sad.keySet(), this::story);
        assertTrue(isUp(a) && isUp(b), this::story);
    }

    /** And is able to go on. */
    private void assertStillWorks() {
        assertWorks();
        a.endpoint.rekeyChildren("ipsec0");
        network.deliver();
        b.endpoint.rekeyIke("ipsec0");
        network.deliver();
        b.endpoint.rekeyChildren("ipsec0");
        network.deliver();
        assertWorks();
    }

    private static boolean isUp(TestNetwork.End end) {
        return end.endpoint.all().stream().anyMatch(each -> each.state == IkeSa.State.ESTABLISHED);
    }

    private static IkeSa sa(TestNetwork.End end) {
        return end.endpoint.all().iterator().next();
    }

    /** Keeps the messages that an end sends, and has none of them arrive. */
    private List<byte[]> held(IpAddress sender) {
        List<byte[]> held = new ArrayList<>();
        network.passes = (path, bytes) -> !path.local().equals(sender) || !held.add(bytes.clone());
        return held;
    }

    private static void give(TestNetwork.End to, Path path, byte[] bytes) {
        byte[] copy = bytes.clone();
        to.endpoint.receive(path, copy, 0, copy.length);
    }

    /** Each byte altered in two ways, one message at a time. */
    private static void giveAltered(TestNetwork.End to, Path path, byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            for (int mask : new int[] {1 << i % 8, 0xff}) {
                byte[] altered = bytes.clone();
                altered[i] ^= (byte) mask;
                give(to, path, altered);
            }
        }
    }

    @Test
    void alteredRequestsOfIkeAuthChangeNothing() {
        a.endpoint.configure(peer(A, B));
        b.endpoint.configure(peer(B, A));
        List<byte[]> held = new ArrayList<>();
        network.passes = (path, bytes) -> bytes[18] != ExchangeType.IKE_AUTH.number() || !held.add(bytes.clone());
        a.endpoint.connect("ipsec0");
        network.deliver();
        byte[] request = held.get(0);
        giveAltered(b, toB, request);
        assertFalse(isUp(b));
        assertEquals(1, b.endpoint.halfOpen());
        held.clear();
        give(b, toB, request);
        byte[] response = held.get(0);
        assertTrue(isUp(b));
        giveAltered(a, toA, response);
        assertFalse(isUp(a));
        network.passes = (path, bytes) -> true;
        give(a, toA, response);
        assertStillWorks();
    }

    @Test
    void alteredInformationalExchangesChangeNothing() {
        connect();
        List<byte[]> requests = held(A);
        a.endpoint.all().forEach(each -> each.messenger().enqueue(ExchangeType.INFORMATIONAL, Informational.probe()));
        byte[] request = requests.get(0);
        giveAltered(b, toB, request);
        network.passes = (path, bytes) -> true;
        network.deliver();
        assertWorks();
        List<byte[]> responses = held(B);
        give(b, toB, request);
        giveAltered(a, toA, responses.get(responses.size() - 1));
        network.passes = (path, bytes) -> true;
        network.pass(2 * SECOND);
        assertStillWorks();
        assertEquals(0, b.warnings.size(), b.warnings::toString);
    }

    /** All that was ever said, again and out of order, to both. */
    @Test
    void replayedMessagesChangeNothing() {
        List<byte[]> all = new ArrayList<>();
        network.passes = (path, bytes) -> all.add(bytes.clone());
        connect();
        assertStillWorks();
        var before = List.copyOf(a.sad.keySet());
        IkeSa ofA = sa(a);
        IkeSa ofB = sa(b);
        network.passes = (path, bytes) -> false;
        List<byte[]> again = new ArrayList<>(all);
        for (int i = 0; i < 5; i++) {
            Collections.shuffle(again, new Random(i));
            again.forEach(each -> {
                give(a, toA, each);
                give(b, toB, each);
            });
        }
        assertEquals(before, List.copyOf(a.sad.keySet()));
        assertEquals(a.sad.keySet(), b.sad.keySet());
        network.passes = (path, bytes) -> true;
        network.pass(60 * SECOND);
        assertTrue(a.endpoint.all().contains(ofA) && b.endpoint.all().contains(ofB), this::story);
        assertStillWorks();
    }

    /** One's own messages, sent back. */
    @Test
    void reflectedMessagesChangeNothing() {
        List<byte[]> ofA = new ArrayList<>();
        List<byte[]> ofB = new ArrayList<>();
        network.passes = (path, bytes) -> (path.local().equals(A) ? ofA : ofB).add(bytes.clone());
        connect();
        assertStillWorks();
        List.copyOf(ofA).forEach(each -> give(a, toA, each));
        List.copyOf(ofB).forEach(each -> give(b, toB, each));
        network.deliver();
        assertStillWorks();
    }

    /** An end whose every message comes back talks to nobody. */
    @Test
    void nobodyConnectsToHimself() {
        network.translates = path -> new Path(path.remote(), path.remotePort(), path.local(), path.localPort());
        a.endpoint.configure(peer(A, B));
        a.endpoint.connect("ipsec0");
        network.deliver();
        assertEquals(0, a.sad.size(), this::story);
        assertFalse(isUp(a));
    }

    @Test
    void deletionByNobodyDeletesNothing() {
        connect();
        List<Payload> deletions = List.of(
                DeletePayload.ike(), DeletePayload.esp(a.outbound().get(0).spi()));
        for (TestNetwork.End end : List.of(a, b)) {
            IkeSa sa = sa(end);
            Path path = end == a ? toA : toB;
            for (long id = 0; id < 4; id++) {
                for (boolean response : new boolean[] {false, true}) {
                    IkeHeader header = new IkeHeader(
                            sa.initiatorSpi(),
                            sa.responderSpi(),
                            ExchangeType.INFORMATIONAL,
                            !sa.isInitiator(),
                            response,
                            id);
                    give(end, path, new IkeMessage(header, deletions).encode());
                    give(end, path, new IkeMessage(header, new EncryptedPayload(42, Octets.of(new byte[64]))).encode());
                }
            }
        }
        network.deliver();
        assertStillWorks();
    }

    @Test
    void absurdLengthsAndNoiseAreCountedOnly() {
        List<byte[]> all = new ArrayList<>();
        network.passes = (path, bytes) -> all.add(bytes.clone());
        connect();
        network.passes = (path, bytes) -> true;
        Random random = new Random(17);
        for (byte[] each : List.copyOf(all)) {
            for (int length = 0; length < each.length; length++) {
                give(b, toB, Arrays.copyOf(each, length));
            }
            for (int i = 0; i < 2_000; i++) {
                byte[] altered = each.clone();
                int at = i % 2 == 0 ? 24 + random.nextInt(4) : 28 + random.nextInt(altered.length - 28);
                altered[at] = (byte) (random.nextBoolean() ? 0xff : random.nextInt());
                give(b, toB, altered);
                give(a, toA, altered);
            }
            give(b, toB, Arrays.copyOf(each, 65_535));
        }
        for (int i = 0; i < 5_000; i++) {
            byte[] noise = new byte[random.nextInt(200)];
            random.nextBytes(noise);
            give(b, toB, noise);
        }
        network.deliver();
        assertTrue(b.endpoint.malformed() > 5_000);
        assertTrue(b.endpoint.halfOpen() <= InitResponder.COOKIE_THRESHOLD);
        network.pass(60 * SECOND);
        assertStillWorks();
    }

    /** The initiator offers two ciphers; somebody takes out the stronger. What each signs is what it sent, and saw. */
    @Test
    void downgradeIsNoticed() {
        network.alters = altering(false, payload -> payload instanceof SaPayload sa ? withoutFirstCipher(sa) : payload);
        String both = "aes256gcm16-aes128gcm16-prfsha256-x25519";
        a.endpoint.configure(with(peer(A, B), both, "aes128gcm16"));
        b.endpoint.configure(with(peer(B, A), both, "aes128gcm16"));
        a.endpoint.connect("ipsec0");
        network.deliver();
        assertEquals(0, a.sad.size() + b.sad.size());
        assertFalse(isUp(a) || isUp(b), this::story);
        assertTrue(b.warnings.getLast().contains("differ"), b.warnings::toString);
    }

    private static SaPayload withoutFirstCipher(SaPayload sa) {
        Proposal first = sa.proposals().get(0);
        assertEquals(256, first.transforms().get(0).keyLength().orElse(0));
        return new SaPayload(List.of(new Proposal(
                first.number(),
                first.protocol(),
                first.spi(),
                first.transforms().subList(1, first.transforms().size()))));
    }

    /** Of IKE_SA_INIT. */
    private static UnaryOperator<byte[]> altering(boolean responses, UnaryOperator<Payload> change) {
        return bytes -> {
            try {
                IkeMessage message = IkeMessage.parse(bytes, 0, bytes.length);
                boolean wanted = message.header().is(ExchangeType.IKE_SA_INIT)
                        && message.header().response() == responses;
                return wanted
                        ? new IkeMessage(
                                        message.header(),
                                        message.payloads().stream().map(change).toList())
                                .encode()
                        : bytes;
            } catch (IkeException e) {
                throw new AssertionError(e);
            }
        };
    }

    /** RFC 7296 section 2.15: it has the secret, and is not who it says. */
    @Test
    void wrongIdentityWithTheRightSecretIsRefused() {
        Identity other = Identity.parse("other.example.org");
        a.endpoint.configure(named(peer(A, B), other, Identity.of(B)));
        b.endpoint.configure(peer(B, A));
        a.endpoint.connect("ipsec0");
        network.deliver();
        assertEquals(0, a.sad.size() + b.sad.size());
        assertFalse(isUp(a) || isUp(b));
        assertTrue(b.warnings.getLast().contains("other.example.org"), b.warnings::toString);
        b.endpoint.configure(named(peer(B, A), other, other));
        a.endpoint.connect("ipsec0");
        network.deliver();
        assertEquals(0, a.sad.size(), "nor does the initiator take another for the responder");
        assertFalse(isUp(a));
    }

    /** Points of small order, off the curve, out of range, of another length (RFC 6989, RFC 7748 section 6). */
    @ParameterizedTest
    @EnumSource(KeyExchangeMethod.class)
    void badPublicValuesMakeNoKeys(KeyExchangeMethod method) {
        if (method.isKem()) {
            return; // AdditionalExchangeAttackTest
        }
        String ike = "aes128gcm16-prfsha256-" + method.keyword();
        int length = method.start(a.random).publicValue().length;
        for (byte[] bad : badValues(method, length)) {
            for (boolean responses : new boolean[] {false, true}) {
                TestNetwork fresh = new TestNetwork(1);
                TestNetwork.End one = fresh.end(A);
                TestNetwork.End two = fresh.end(B);
                one.endpoint.configure(with(peer(A, B), ike, "aes128gcm16"));
                two.endpoint.configure(with(peer(B, A), ike, "aes128gcm16"));
                fresh.alters = altering(
                        responses,
                        payload -> payload instanceof KeyExchangePayload ke
                                ? new KeyExchangePayload(ke.method(), Octets.of(bad))
                                : payload);
                one.endpoint.connect("ipsec0");
                fresh.deliver();
                String what = method + " " + HexFormat.of().formatHex(bad);
                assertEquals(0, one.sad.size() + two.sad.size(), what);
                assertFalse(one.endpoint.all().stream().anyMatch(IkeSa::isSecured), what);
                assertEquals(responses ? 1 : 0, two.endpoint.halfOpen(), what);
            }
        }
    }

    private static List<byte[]> badValues(KeyExchangeMethod method, int length) {
        byte[] one = new byte[length];
        boolean littleEndian = method.keyword().startsWith("x");
        one[littleEndian ? 0 : length - 1] = 1;
        byte[] ones = new byte[length];
        Arrays.fill(ones, (byte) 0xff);
        Stream<byte[]> common =
                Stream.of(new byte[length], one, new byte[length - 1], new byte[length + 1], new byte[0]);
        if (method == KeyExchangeMethod.CURVE25519) {
            // u of the points of order 8 (RFC 7748 section 7)
            return Stream.concat(
                            common,
                            Stream.of(
                                            "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                                            "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
                                            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")
                                    .map(HexFormat.of()::parseHex))
                    .toList();
        }
        return littleEndian
                ? common.toList()
                : Stream.concat(common, Stream.of(ones)).toList();
    }
}
