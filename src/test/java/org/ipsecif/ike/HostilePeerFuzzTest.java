package org.ipsecif.ike;

import static org.ipsecif.ike.TestNetwork.A;
import static org.ipsecif.ike.TestNetwork.B;
import static org.ipsecif.ike.TestNetwork.SECOND;
import static org.ipsecif.ike.TestNetwork.peer;
import static org.ipsecif.ike.TestNetwork.with;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.ipsecif.ike.message.ExchangeType;
import org.ipsecif.ike.message.IkeHeader;
import org.ipsecif.ike.message.IkeMessage;
import org.ipsecif.ike.message.OctetWriter;
import org.ipsecif.ike.message.RandomMessages;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A peer that has the keys, before or after it has authenticated itself, and says whatever it likes with them: nothing is thrown, what
 * it may keep here is little, and another peer's tunnel is none the worse.
 */
class HostilePeerFuzzTest {
    private static final IpAddress C = IpAddress.parse("203.0.113.3");
    private static final String IKE = "aes128gcm16-prfsha256-x25519-ke1_mlkem512";
    private static final String ESP = "aes128gcm16-x25519-ke1_mlkem512,aes128gcm16-x25519";
    private static final List<ExchangeType> EXCHANGES = List.of(
            ExchangeType.IKE_AUTH,
            ExchangeType.CREATE_CHILD_SA,
            ExchangeType.INFORMATIONAL,
            ExchangeType.IKE_INTERMEDIATE,
            ExchangeType.IKE_FOLLOWUP_KE);
    private static final int HEADERS = 28 + 4;
    private static final int RESPONSE = 0x10;
    private static final int REKEYS_CHILDREN = 0x20;
    private static final int REKEYS_IKE = 0x40;
    private static final int WAITS = 0x80;

    private static final InnerAddresses ASSIGNING =
            InnerAddresses.assigning(List.of(IpAddress.parse("10.9.0.7")), List.of(IpAddress.parse("10.0.0.53")));
    private static final InnerAddresses ASKING = InnerAddresses.asking(List.of(Family.values()), List.of());

    /** Steps in the form of {@link #anyMessagesOfAPeer}. */
    static Stream<byte[]> scripts() {
        RandomMessages made = new RandomMessages(3);
        List<IkeMessage> real = real();
        return IntStream.range(0, 60).mapToObj(seed -> {
            Random random = new Random(seed);
            OctetWriter out = new OctetWriter().u8(seed);
            for (int i = random.nextInt(6) + 1; i > 0; i--) {
                IkeMessage message = random.nextBoolean() ? made.message() : real.get(random.nextInt(real.size()));
                byte[] octets = message.intermediateOctets();
                byte[] text = Arrays.copyOfRange(octets, HEADERS, octets.length);
                if (text.length > 0 && random.nextInt(3) > 0) {
                    text[random.nextInt(text.length)] ^= (byte) (1 << random.nextInt(8));
                }
                out.u8(random.nextInt(256))
                        .u8(octets[28] & 0xff)
                        .u16(text.length)
                        .octets(text);
            }
            return out.toBytes();
        });
    }

    /** What two ends say to each other in all exchanges there are. */
    private static List<IkeMessage> real() {
        TestNetwork network = new TestNetwork(7);
        TestNetwork.End a = network.end(A);
        a.endpoint.configure(with(peer(A, B), IKE, ESP).withInner(ASKING));
        network.end(B).endpoint.configure(with(peer(B, A), IKE, ESP).withInner(ASSIGNING));
        a.endpoint.connect("ipsec0");
        network.deliver();
        a.endpoint.rekeyChildren("ipsec0");
        a.endpoint.rekeyIke("ipsec0");
        a.endpoint.disconnect("ipsec0");
        network.deliver();
        return new ArrayList<>(a.messages);
    }

    /**
     * Input: how far the peer is (the lowest bit: authenticated; the next: who assigns inner addresses), then messages: exchange and what happens before; type of the first
     * payload, length and bytes of what is encrypted.
     */
    @MethodSource("scripts")
    @FuzzTest(maxDuration = "5m")
    void anyMessagesOfAPeer(byte[] input) {
        if (input.length == 0) {
            return;
        }
        TestNetwork network = new TestNetwork(5);
        TestNetwork.End a = network.end(A);
        TestNetwork.End b = network.end(B);
        TestNetwork.End c = network.end(C);
        a.endpoint.configure(with(peer(A, B), IKE, ESP).withInner((input[0] & 2) == 0 ? ASSIGNING : ASKING));
        b.endpoint.configure(with(peer(B, A), IKE, ESP).withInner((input[0] & 2) == 0 ? ASKING : ASSIGNING));
        a.endpoint.configure(Peers.named(peer(A, C), "bystander"));
        c.endpoint.configure(Peers.named(peer(C, A), "bystander"));
        c.endpoint.connect("bystander");
        network.deliver();
        boolean authenticated = (input[0] & 1) != 0;
        network.passes = (path, bytes) -> authenticated || bytes[18] == ExchangeType.IKE_SA_INIT.number();
        b.endpoint.connect("ipsec0");
        network.deliver();
        network.passes = (path, bytes) -> false;
        Set<Integer> bystanders = Set.copyOf(c.sad.keySet());
        new Hostile(a, b).speak(network, input);
        network.passes =
                (path, bytes) -> path.local().equals(C) || path.remote().equals(C);
        assertTrue(a.sad.keySet().containsAll(bystanders));
        c.endpoint.rekeyChildren("bystander");
        c.endpoint.rekeyIke("bystander");
        network.deliver();
        assertEquals(2, c.sad.size(), () -> String.join("\n", network.story));
        assertTrue(a.sad.keySet().containsAll(c.sad.keySet()), () -> String.join("\n", network.story));
        assertTrue(a.endpoint.halfOpen() <= 1);
        network.pass(600 * SECOND);
        assertTrue(a.endpoint.all().size() <= 2, "what is left of it goes");
    }

    /** Says what the input says, with the keys of {@code b}. */
    private static final class Hostile {
        private static final Path TO_A = new Path(A, 500, B, 500);

        private final TestNetwork.End a;
        private final IkeSa sa;
        private int at = 1;
        private boolean spoken;

        Hostile(TestNetwork.End a, TestNetwork.End b) {
            this.a = a;
            this.sa = b.endpoint.all().iterator().next();
        }

        void speak(TestNetwork network, byte[] input) {
            while (at + 4 <= input.length) {
                int what = input[at] & 0xff;
                int first = input[at + 1] & 0xff;
                int length = Math.min((input[at + 2] & 0xff) << 8 | input[at + 3] & 0xff, input.length - at - 4);
                byte[] text = Arrays.copyOfRange(input, at + 4, at + 4 + length);
                at += 4 + length;
                if ((what & REKEYS_CHILDREN) != 0) {
                    a.endpoint.rekeyChildren("ipsec0");
                }
                if ((what & REKEYS_IKE) != 0) {
                    a.endpoint.rekeyIke("ipsec0");
                }
                if ((what & WAITS) != 0) {
                    network.pass(SECOND);
                }
                boolean response = (what & RESPONSE) != 0;
                send(EXCHANGES.get((what & 0xf) % EXCHANGES.size()), response, first, text);
            }
        }

        private void send(ExchangeType exchange, boolean response, int first, byte[] text) {
            int sealed = sa.protection().sealedLength(text.length);
            IkeHeader header = new IkeHeader(
                    sa.initiatorSpi(),
                    sa.responderSpi(),
                    exchange,
                    sa.isInitiator(),
                    response,
                    response ? own() : next());
            if (sealed > 60_000) {
                return;
            }
            byte[] before = new IkeMessage(header, List.of()).encode();
            byte[] associated = new OctetWriter()
                    .octets(before)
                    .u8(first)
                    .u8(0)
                    .u16(4 + sealed)
                    .toBytes();
            associated[16] = 46; // SK
            int total = associated.length + sealed;
            associated[26] = (byte) (total >> 8);
            associated[27] = (byte) total;
            byte[] message = new OctetWriter()
                    .octets(associated)
                    .octets(sa.protection().seal(associated, text))
                    .toBytes();
            long expected = next();
            a.endpoint.receive(TO_A, message, 0, message.length);
            if (!response && !spoken) {
                assertEquals(expected + 1, next(), "what is authentic and in its turn is answered");
            }
            spoken = true;
        }

        private Stream<IkeHeader> heard(boolean response, boolean byPeer) {
            return a.messages.stream()
                    .map(IkeMessage::header)
                    .filter(each -> each.responderSpi() == sa.responderSpi() && !each.is(ExchangeType.IKE_SA_INIT))
                    .filter(each -> each.response() == response && each.initiator() == byPeer);
        }

        /** Of the next request that is expected. */
        private long next() {
            return 1 + heard(true, false).count();
        }

        /** Of the request that is to be answered. */
        private long own() {
            return heard(false, false).mapToLong(IkeHeader::messageId).max().orElse(0);
        }
    }
}
