package org.ipsecif.platform.pfkey;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.ipsecif.platform.freebsd.sim.key.SimulatedKeyKernel;
import org.ipsecif.platform.freebsd.sim.key.SimulatedKeySocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Our parser and the simulated kernel's, which share nothing, on messages of ours that were bent: what one refuses the other does, or there is a reason. */
class PfKeyDifferentialTest {
    private static final int ENOENT = 2;
    private static final int MUTATIONS = 3_000;
    private static final int UNIT = 8;
    private static final int HEADER = 16;
    private static final int LAST_EXTENSION = 28;
    private static final int KMPRIVATE = 17;

    /** Bytes of extensions that the kernel wants no longer; our parser passes over what is behind them. */
    private static final Map<Integer, Integer> OF_ONE_LENGTH = Map.ofEntries(
            Map.entry(1, 16),
            Map.entry(2, 32),
            Map.entry(3, 32),
            Map.entry(4, 32),
            Map.entry(16, 16),
            Map.entry(19, 16),
            Map.entry(20, 8),
            Map.entry(21, 8),
            Map.entry(22, 8),
            Map.entry(26, 8));

    private static final List<String> OURS = List.of(
            FreeBsdMessages.SPDADD,
            FreeBsdMessages.SPDUPDATE,
            FreeBsdMessages.SPDADD_USE,
            FreeBsdMessages.SPDADD_TRANSPORT,
            FreeBsdMessages.SPDADD_NONE,
            FreeBsdMessages.SPDADD_DISCARD,
            FreeBsdMessages.SPDGET,
            FreeBsdMessages.SPDDUMP,
            FreeBsdMessages.REGISTER,
            FreeBsdMessages.DUMP,
            FreeBsdMessages.ADD,
            FreeBsdMessages.GETSPI);

    private static byte[] bytes(String hex) {
        return PfKeyBytes.of(hex).array();
    }

    private static ByteBuffer order(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** What became of a message: how the kernel took it, and what our parser found wrong. */
    private record Both(int writeErrno, int replyErrno, Map<Flaw, Long> flaws) {
        boolean kernelRefuses() {
            return writeErrno != 0 || replyErrno != 0;
        }
    }

    private static Both run(byte[] message) {
        SimulatedKeyKernel kernel = new SimulatedKeyKernel();
        SimulatedKeySocket socket = kernel.open(1);
        int errno = socket.write(message);
        byte[] reply = socket.poll();
        PfKeyReader reader = PfKeyReader.withKeys(Dialect.FREEBSD);
        PfKeyMessage ours = reader.read(order(message));
        assertEquals(ours == null, !reader.flaws().isEmpty());
        readsAllThatIsDumped(socket);
        return new Both(errno, reply == null ? 0 : reply[2], reader.flaws());
    }

    /** Whatever somebody got into the kernel, its dump is of messages, even where one says what ours cannot. */
    private static void readsAllThatIsDumped(SimulatedKeySocket socket) {
        while (socket.poll() != null) {}
        for (int type : new int[] {Sadb.SADB_X_SPDDUMP, Sadb.SADB_DUMP}) {
            socket.write(new byte[] {2, (byte) type, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0});
            for (byte[] each = socket.poll(); each != null; each = socket.poll()) {
                PfKeyReader reader = PfKeyReader.withKeys(Dialect.FREEBSD);
                PfKeyMessage read = reader.read(order(each));
                // Requests of any family, and keys with bits that are no byte, of which FreeBSD keeps the whole bytes
                // alone.
                boolean odd = reader.flaws().containsKey(Flaw.REQUEST)
                        || reader.flaws().containsKey(Flaw.KEY);
                assertTrue(read != null || odd, HexFormat.of().formatHex(each));
            }
        }
    }

    @Test
    void allOfOursAreTaken() {
        for (String hex : OURS) {
            Both both = run(bytes(hex));
            assertEquals(0, both.writeErrno, hex);
            assertEquals(Map.of(), both.flaws, hex);
            boolean empty = both.replyErrno == ENOENT;
            assertTrue(!both.kernelRefuses() || empty, hex);
        }
    }

    @Test
    void whatOneRefusesTheOtherDoes() {
        Random random = new Random(20);
        Map<String, Integer> seen = new TreeMap<>();
        for (String hex : OURS) {
            byte[] message = bytes(hex);
            for (int i = 0; i < MUTATIONS; i++) {
                byte[] bent = bend(message.clone(), random);
                String difference = difference(bent, run(bent));
                assertNotNull(difference, () -> HexFormat.of().formatHex(bent));
                seen.merge(String.valueOf(difference), 1, Integer::sum);
            }
        }
        assertTrue(seen.getOrDefault("both refuse", 0) > 1000, seen.toString());
        assertTrue(seen.getOrDefault("both take", 0) > 1000, seen.toString());
    }

    /** @return null for one without a reason */
    private static @Nullable String difference(byte[] message, Both both) {
        boolean oursRefuses = !both.flaws.isEmpty();
        boolean writeFails = both.writeErrno != 0;
        if (writeFails == oursRefuses) {
            return writeFails ? "both refuse" : "both take";
        }
        if (writeFails) {
            return hasWhatWePassOver(message) ? "of another length or type" : null;
        }
        if (both.kernelRefuses()) {
            return "the kernel says so in its answer";
        }
        Flaw flaw = both.flaws.keySet().iterator().next();
        return switch (flaw) {
            case REQUEST ->
                "requests of a policy without any, or of a family or length that the kernel does not look at";
            case ADDRESS, PREFIX -> isOfNoUse(message) ? "an address that the kernel does not look at" : null;
            case KEY ->
                isOfNoUse(message) || message[1] != Sadb.SADB_ADD || hasBitsOfAByte(message)
                        ? "a key that the kernel does not look at, or the whole bytes of alone"
                        : null;
            default -> null;
        };
    }

    /** Whether the type of message makes nothing of its extensions. */
    private static boolean isOfNoUse(byte[] message) {
        return !List.of(1, 2, 3, 4, 5, 13, 14, 15, 20).contains((int) message[1]);
    }

    /** Whether a key has a number of bits that is none of bytes. */
    private static boolean hasBitsOfAByte(byte[] message) {
        ByteBuffer bytes = order(message);
        int length;
        for (int at = HEADER; at + UNIT <= message.length; at += Math.max(UNIT, length)) {
            length = Short.toUnsignedInt(bytes.getShort(at)) * UNIT;
            int type = bytes.getShort(at + 2);
            boolean key = type == Sadb.SADB_EXT_KEY_AUTH || type == Sadb.SADB_EXT_KEY_ENCRYPT;
            if (key && bytes.getShort(at + 4) % 8 != 0) {
                return true;
            }
        }
        return false;
    }

    /** Whether there is an extension that our parser keeps as it is, or is content with the beginning of. */
    private static boolean hasWhatWePassOver(byte[] message) {
        ByteBuffer bytes = order(message);
        int length;
        for (int at = HEADER; at + UNIT <= message.length; at += Math.max(UNIT, length)) {
            length = Short.toUnsignedInt(bytes.getShort(at)) * UNIT;
            int type = Short.toUnsignedInt(bytes.getShort(at + 2));
            boolean unknown = type == KMPRIVATE || type > LAST_EXTENSION;
            boolean longer = length > OF_ONE_LENGTH.getOrDefault(type, Integer.MAX_VALUE);
            boolean opaque = (type >= 10 && type <= 13) || type == 25;
            if (unknown || longer || opaque || isLongAddress(bytes, at, type, length)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isLongAddress(ByteBuffer bytes, int at, int type, int length) {
        boolean has = Dialect.FREEBSD.isAddress(type) && at + UNIT < bytes.limit();
        return has && length > UNIT + Sadb.align(bytes.get(at + UNIT) & 0xff);
    }

    private static byte[] bend(byte[] message, Random random) {
        byte[] bent = message;
        for (int times = 1 + random.nextInt(2); times > 0; times--) {
            bent = switch (random.nextInt(5)) {
                case 0 -> without(bent, random);
                case 1 -> twice(bent, random);
                case 2 -> withUnit(bent, random);
                default -> withByte(bent, random);
            };
        }
        if (random.nextInt(10) > 0 && bent.length >= HEADER) {
            order(bent).putShort(4, (short) (bent.length / UNIT));
        }
        return bent;
    }

    private static int unit(byte[] message, Random random) {
        return UNIT * random.nextInt(message.length / UNIT);
    }

    private static byte[] withByte(byte[] message, Random random) {
        message[random.nextInt(message.length)] = (byte) (random.nextBoolean() ? random.nextInt(40) : random.nextInt());
        return message;
    }

    private static byte[] without(byte[] message, Random random) {
        int at = unit(message, random);
        byte[] shorter = Arrays.copyOf(message, message.length - UNIT);
        System.arraycopy(message, at + UNIT, shorter, at, message.length - at - UNIT);
        return shorter;
    }

    private static byte[] withUnit(byte[] message, Random random) {
        int at = unit(message, random);
        byte[] longer = Arrays.copyOf(message, message.length + UNIT);
        System.arraycopy(message, at, longer, at + UNIT, message.length - at);
        return longer;
    }

    /** One of the extensions again, at the end. */
    private static byte[] twice(byte[] message, Random random) {
        ByteBuffer bytes = order(message);
        int at = HEADER;
        int from = HEADER;
        while (at + 4 <= message.length && bytes.getShort(at) > 0 && random.nextInt(3) > 0) {
            from = at;
            at += bytes.getShort(at) * UNIT;
        }
        int length = from + 2 <= message.length ? Short.toUnsignedInt(bytes.getShort(from)) * UNIT : 0;
        if (length == 0 || from + length > message.length) {
            return message;
        }
        byte[] longer = Arrays.copyOf(message, message.length + length);
        System.arraycopy(message, from, longer, message.length, length);
        return longer;
    }
}
