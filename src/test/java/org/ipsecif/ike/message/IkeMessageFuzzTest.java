package org.ipsecif.ike.message;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.ipsecif.ike.message.FragmentReassembler.Outcome;
import org.ipsecif.wire.Bytes;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever bytes come, from anybody or from a peer that has the keys: a message that is encoded to the same bytes, but for reserved
 * bits, or an {@link IkeException} of a kind that says why. The kept inputs are messages of strongSwan 5.9.8.
 */
class IkeMessageFuzzTest {
    private static final Set<NotifyType> KINDS = EnumSet.of(
            NotifyType.INVALID_SYNTAX, NotifyType.INVALID_MAJOR_VERSION, NotifyType.UNSUPPORTED_CRITICAL_PAYLOAD);

    private final PlainProtection protection = new PlainProtection();

    static Stream<byte[]> messages() {
        RandomMessages messages = new RandomMessages(1);
        return Stream.generate(messages::outerMessage).limit(30).map(IkeMessage::encode);
    }

    /** Input: a message. */
    @MethodSource("messages")
    @FuzzTest(maxDuration = "3m")
    void anyMessage(byte[] input) {
        byte[] shifted =
                new OctetWriter().u24(0xffffff).octets(input).u24(0xffffff).toBytes();
        try {
            IkeMessage message = IkeMessage.parse(shifted, 3, input.length);
            byte[] encoded = message.encode();
            assertClearsBitsAlone(input, encoded);
            assertEquals(message, HexMessage.parse(encoded));
            assertPrintable(message);
        } catch (IkeException e) {
            assertSaysWhy(e);
        }
    }

    static Stream<byte[]> inner() {
        RandomMessages messages = new RandomMessages(2);
        return Stream.generate(messages::message)
                .limit(30)
                .map(each -> new OctetWriter()
                        .u8(each.firstType())
                        .octets(each.encodeInner())
                        .toBytes());
    }

    /** Input: type of the first payload, then what was encrypted. */
    @MethodSource("inner")
    @FuzzTest(maxDuration = "3m")
    void anyInner(byte[] input) throws IkeException {
        if (input.length == 0 || protection.sealedLength(input.length) > 60_000) {
            return;
        }
        int type = Bytes.u8(input, 0);
        byte[] text = Arrays.copyOfRange(input, 1, input.length);
        byte[] before = before(PayloadType.SK, type, Octets.EMPTY, text.length);
        byte[] sealed = join(before, protection.seal(before, text));
        IkeMessage outer = HexMessage.parse(sealed);
        try {
            OpenedMessage opened = OpenedMessage.open(outer, sealed, 0, sealed.length, protection);
            assertClearsBitsAlone(text, opened.message().encodeInner());
            assertEquals(type, opened.message().firstType());
            assertPrintable(opened.message());
            byte[] authenticated =
                    new IkeMessage(HexMessage.AUTH, new EncryptedPayload(type, Octets.of(text))).encode();
            assertArrayEquals(authenticated, opened.intermediateOctets());
        } catch (IkeException e) {
            assertSaysWhy(e);
        }
    }

    static Stream<byte[]> fragments() {
        return Stream.of("0103", "0203", "0303", "0203", "0302", "0104 0204 0304 0404", "0101 0000")
                .map(each -> HexMessage.bytes(each.replace(" ", "")))
                .flatMap(each -> IntStream.range(1, 4).mapToObj(i -> script(each, i)));
    }

    /** Steps in the form of {@link #anyFragments}, of the numbers and totals given. */
    private static byte[] script(byte[] numbers, int length) {
        OctetWriter out = new OctetWriter();
        for (int i = 0; i + 1 < numbers.length; i += 2) {
            out.u8(numbers[i]).u8(numbers[i + 1]).u8(i).u8(length).zeros(length);
        }
        return out.toBytes();
    }

    /**
     * Input: steps of fragment number, total, message id (in the lower three bits; the upper ones say what is wrong with it), and
     * text behind its length; checked beside rules said anew.
     */
    @MethodSource("fragments")
    @FuzzTest(maxDuration = "3m")
    void anyFragments(byte[] input) throws IkeException {
        int limit = 600;
        FragmentReassembler reassembler = new FragmentReassembler(limit);
        Model model = new Model(limit);
        OctetReader in = new OctetReader(input, 0, input.length, "script");
        while (in.remaining() >= 4) {
            int number = in.u8();
            int total = in.u8();
            int id = in.u8();
            Octets text = in.take(Math.min(in.u8(), in.remaining()));
            if (number == 0 || number > total) {
                continue;
            }
            byte[] message = fragment(number, total, id & 7, text);
            boolean forged = id >>> 3 == 1;
            message[message.length - 1] ^= (byte) (forged ? 1 : 0);
            Outcome outcome = reassembler.add(HexMessage.parse(message), message, 0, message.length, protection);
            assertEquals(model.add(number, total, id & 7, text, forged), outcome);
            if (outcome == Outcome.COMPLETE) {
                takeAndCompare(reassembler, model);
            }
        }
    }

    private static void takeAndCompare(FragmentReassembler reassembler, Model model) {
        Octets whole = model.take();
        try {
            IkeMessage message = reassembler.take().message();
            assertClearsBitsAlone(whole.toBytes(), message.encodeInner());
        } catch (IkeException e) {
            assertSaysWhy(e);
        }
    }

    /** RFC 7383 section 2.6, as a map that starts over. */
    private static final class Model {
        private final int limit;
        private final Map<Integer, Octets> texts = new HashMap<>();
        private int id = -1;
        private int total;

        Model(int limit) {
            this.limit = limit;
        }

        Outcome add(int number, int newTotal, int newId, Octets text, boolean forged) {
            boolean same = newId == id && !texts.isEmpty();
            if (same && newTotal < total) {
                return Outcome.OBSOLETE;
            }
            if (same && newTotal == total && texts.containsKey(number)) {
                return Outcome.DUPLICATE;
            }
            if (forged) {
                return Outcome.NOT_AUTHENTIC;
            }
            if (!same || newTotal > total) {
                texts.clear();
            }
            id = newId;
            total = newTotal;
            texts.put(number, text);
            if (texts.values().stream().mapToInt(each -> 64 + each.length()).sum() > limit) {
                texts.clear();
                return Outcome.TOO_LARGE;
            }
            return texts.size() == total ? Outcome.COMPLETE : Outcome.STORED;
        }

        Octets take() {
            OctetWriter out = new OctetWriter();
            IntStream.rangeClosed(1, total).forEach(i -> out.octets(texts.get(i)));
            texts.clear();
            return out.toOctets();
        }
    }

    private byte[] fragment(int number, int total, int id, Octets text) {
        Octets fragment = new OctetWriter().u16(number).u16(total).toOctets();
        int next = number == 1 ? PayloadType.VENDOR_ID.number() : PayloadType.NO_NEXT_PAYLOAD;
        byte[] before = before(PayloadType.SKF, next, fragment, text.length());
        before[23] = (byte) id;
        return join(before, protection.seal(before, text.toBytes()));
    }

    private byte[] before(PayloadType type, int next, Octets fragment, int textLength) {
        int payload = 4 + fragment.length() + protection.sealedLength(textLength);
        OctetWriter out = new OctetWriter();
        HexMessage.AUTH.write(out, type.number());
        out.u32At(IkeHeader.LENGTH_AT, IkeHeader.LENGTH + payload);
        return out.u8(next).u8(0).u16(payload).octets(fragment).toBytes();
    }

    private static byte[] join(byte[] first, byte[] second) {
        return new OctetWriter().octets(first).octets(second).toBytes();
    }

    /** Reserved bits are sent as zero; nothing else differs from what came. */
    private static void assertClearsBitsAlone(byte[] came, byte[] encoded) {
        assertEquals(came.length, encoded.length);
        for (int i = 0; i < came.length; i++) {
            assertEquals(0, encoded[i] & ~came[i], "byte " + i);
        }
    }

    private static void assertPrintable(IkeMessage message) {
        String text = MessageText.of(message);
        assertTrue(text.chars().allMatch(each -> each == '\n' || (each >= ' ' && each <= '~')), text);
        assertTrue(text.startsWith(MessageText.line(message) + "\n"), text);
    }

    private static void assertSaysWhy(IkeException e) {
        assertTrue(KINDS.contains(e.kind()), e.kind().text());
        assertEquals(
                e.kind() == NotifyType.UNSUPPORTED_CRITICAL_PAYLOAD ? 1 : 0,
                e.data().length());
        assertTrue(e.getMessage().length() > 20, e.getMessage());
    }
}
