package org.ipsecif.platform.freebsd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Random;
import org.ipsecif.platform.freebsd.HolderMessage.Kind;
import org.junit.jupiter.api.Test;

class HolderMessageTest {
    private static final String NAME = "6970736563300000" + "0000000000000000"; // ipsec0
    private static final String NONE = "00".repeat(16);

    private static String hex(HolderMessage message) {
        ByteBuffer bytes = ByteBuffer.allocate(HolderMessage.SIZE);
        message.put(bytes);
        return HexFormat.of().formatHex(bytes.array());
    }

    private static HolderMessage parse(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        return HolderMessage.parse(ByteBuffer.wrap(bytes), bytes.length);
    }

    private static void assertBytes(String hex, HolderMessage message) {
        assertEquals(hex, hex(message));
        assertEquals(message, parse(hex));
    }

    /** What holders of every version understand: these bytes never change. */
    @Test
    void versionOneIsWrittenAsItAlwaysWas() {
        assertBytes(
                "74756e48 01 01 0000 00000007 00000000".replace(" ", "") + NAME,
                new HolderMessage(Kind.KEEP, 7, 0, "ipsec0"));
        assertBytes(
                "74756e48 01 02 0000 00000000 00000000".replace(" ", "") + NAME,
                HolderMessage.request(Kind.TAKE, "ipsec0"));
        assertBytes(
                "74756e48 01 03 0000 00000000 00000000".replace(" ", "") + NAME,
                HolderMessage.request(Kind.DROP, "ipsec0"));
        assertBytes(
                "74756e48 01 04 0000 00000003 00000000".replace(" ", "") + NONE,
                new HolderMessage(Kind.LIST, 3, 0, ""));
        assertBytes(
                "74756e48 01 80 0000 00000000 00001267".replace(" ", "") + NONE,
                new HolderMessage(Kind.DONE, 0, 4711, ""));
        assertBytes(
                "74756e48 01 81 0000 00000000 00001267".replace(" ", "") + NONE,
                new HolderMessage(Kind.NOTHING, 0, 4711, ""));
        assertBytes(
                "74756e48 01 82 0000 00000000 00001267".replace(" ", "") + NONE,
                new HolderMessage(Kind.REFUSED, 0, 4711, ""));
        assertBytes(
                "74756e48 01 83 0000 00000007 00001267".replace(" ", "") + NAME,
                new HolderMessage(Kind.TAKEN, 7, 4711, "ipsec0"));
        assertBytes(
                "74756e48 01 84 0000 00000002 00001267".replace(" ", "") + NAME,
                new HolderMessage(Kind.LISTED, 2, 4711, "ipsec0"));
    }

    @Test
    void nameMayHaveFifteenBytesAndNoMore() {
        HolderMessage longest = HolderMessage.request(Kind.TAKE, "abcdefghijklmno");
        assertEquals(longest, parse(hex(longest)));
        assertNull(parse(hex(longest).substring(0, 62) + "70"));
    }

    @Test
    void whatIsNoMessageIsNone() {
        String good = hex(HolderMessage.request(Kind.TAKE, "ipsec0"));
        assertNull(parse(""));
        assertNull(parse(good.substring(2)));
        assertNull(parse(good + "00"));
        assertNull(parse("75" + good.substring(2)), "another magic");
        assertNull(parse(good.substring(0, 8) + "02" + good.substring(10)), "another version");
        assertNull(parse(good.substring(0, 10) + "05" + good.substring(12)), "an unknown kind");
        assertNull(parse(good.substring(0, 12) + "0001" + good.substring(16)), "what is reserved");
        assertNull(parse(good.substring(0, 32) + NONE), "no name");
        assertNull(
                parse(hex(HolderMessage.request(Kind.LIST, "")).substring(0, 32) + NAME), "a name where none belongs");
        assertNull(parse(good.substring(0, 32) + "6970002f" + "00".repeat(12)), "bytes behind the name");
        assertNull(parse(good.substring(0, 32) + "2f6970" + "00".repeat(13)), "a slash");
        assertNull(parse(good.substring(0, 32) + "ff6970" + "00".repeat(13)), "no ASCII");
    }

    @Test
    void anyChangeOfABitIsAnotherMessageOrNone() {
        Random random = new Random(1);
        HolderMessage message = new HolderMessage(Kind.TAKEN, 7, 4711, "ipsec0");
        for (int i = 0; i < 20_000; i++) {
            ByteBuffer bytes = ByteBuffer.allocate(HolderMessage.SIZE);
            message.put(bytes);
            int bit = random.nextInt(8 * HolderMessage.SIZE);
            bytes.put(bit / 8, (byte) (bytes.get(bit / 8) ^ 1 << bit % 8));
            assertNotEquals(message, HolderMessage.parse(bytes, HolderMessage.SIZE));
        }
    }
}
