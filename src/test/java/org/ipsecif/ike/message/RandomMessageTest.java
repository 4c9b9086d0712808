package org.ipsecif.ike.message;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What holds for every message, tried on a few thousand that a seed makes. */
class RandomMessageTest {
    private static final int MESSAGES = 3_000;
    private static final long SEED = 7_296;

    @Test
    void encodesWhatItParsedToTheSameBytes() throws IkeException {
        RandomMessages messages = new RandomMessages(SEED);
        Set<Integer> types = new TreeSet<>();
        for (int i = 0; i < MESSAGES; i++) {
            IkeMessage message = messages.outerMessage();
            byte[] bytes = message.encode();
            IkeMessage parsed = HexMessage.parse(bytes);
            assertEquals(message, parsed);
            assertArrayEquals(bytes, parsed.encode());
            message.payloads().forEach(each -> types.add(each.payloadType()));
        }
        Set<Integer> known = Arrays.stream(PayloadType.values())
                .map(PayloadType::number)
                .collect(Collectors.toCollection(TreeSet::new));
        assertTrue(types.containsAll(known), "not tried: all of " + known + " but " + types);
    }

    @Test
    void everyTruncationIsRefused() {
        RandomMessages messages = new RandomMessages(SEED + 1);
        for (int i = 0; i < 200; i++) {
            byte[] bytes = messages.message().encode();
            for (int length = 0; length < bytes.length; length++) {
                byte[] cut = Arrays.copyOf(bytes, length);
                IkeException refused = assertThrows(IkeException.class, () -> HexMessage.parse(cut));
                assertEquals(NotifyType.INVALID_SYNTAX, refused.kind());
            }
        }
    }

    /** Whatever bytes are altered: a message, or an exception that says why; what is a message stays one when encoded. */
    @Test
    void alteredMessageIsReadOrRefused() {
        RandomMessages messages = new RandomMessages(SEED + 2);
        Random random = new Random(SEED);
        int read = 0;
        for (int i = 0; i < MESSAGES; i++) {
            byte[] bytes = messages.outerMessage().encode();
            IntStream.range(0, 1 + random.nextInt(3))
                    .forEach(each -> bytes[random.nextInt(bytes.length)] = (byte) random.nextInt());
            try {
                IkeMessage parsed = HexMessage.parse(bytes);
                assertEquals(parsed, HexMessage.parse(parsed.encode()));
                assertFalse(MessageText.of(parsed).isEmpty());
                read++;
            } catch (IkeException e) {
                assertTrue(e.getMessage().length() > 20, e.getMessage());
            }
        }
        assertTrue(read > 0 && read < MESSAGES, read + " of " + MESSAGES);
    }

    @Test
    void opensWhatItSealed() throws IkeException {
        RandomMessages messages = new RandomMessages(SEED + 3);
        PlainProtection protection = new PlainProtection();
        for (int i = 0; i < MESSAGES; i++) {
            IkeMessage message = messages.message();
            byte[] sealed = new MessageSealer(protection).seal(message);
            OpenedMessage opened = OpenedMessage.open(HexMessage.parse(sealed), sealed, 0, sealed.length, protection);
            assertEquals(message, opened.message());
            assertArrayEquals(message.intermediateOctets(), opened.intermediateOctets());
        }
    }
}
