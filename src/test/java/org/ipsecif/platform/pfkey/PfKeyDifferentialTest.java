package org.ipsecif.platform.pfkey;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.ipsecif.platform.freebsd.sim.key.SimulatedKeyKernel;
import org.ipsecif.platform.freebsd.sim.key.SimulatedKeyKernel.Release;
import org.ipsecif.platform.freebsd.sim.key.SimulatedKeySocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Our parser and the simulated kernel's, which share nothing, on messages of ours that were bent: what one refuses the other does, or there is a reason. */
class PfKeyDifferentialTest {
    /** The kernel's choice among SPIs. */
    private static final RandomGenerator LOWEST = new RandomGenerator() {
        @Override
        public long nextLong() {
            return 0;
        }

        @Override
        public long nextLong(long bound) {
            return 0;
        }
    };

    private static final int MUTATIONS = 2_000;
    private static final int UNIT = 8;
    private static final int HEADER = 16;
    private static final int LAST_EXTENSION = 28;
    private static final int KMPRIVATE = 17;
    private static final int POLICY = 16;
    private static final List<Integer> TAKE_KEYS = List.of(Sadb.SADB_ADD, Sadb.SADB_UPDATE);
    private static final List<Integer> TAKE_REQUESTS =
            List.of(Sadb.SADB_X_SPDADD, Sadb.SADB_X_SPDUPDATE, Sadb.SADB_X_SPDSETIDX);

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

    /** A larval SA of ours, of the SPI that those written by hand have: the kernel takes the lower of two. */
    private static final String LARVAL = ""
            + "02 01 00 03 0c00 0000 07000000 92100000"
            + "0200 1300 02 00 0000 00000000 64000000"
            + "0300 0500 ff 20 0000"
            + FreeBsdMessages.LOCAL
            + "0300 0600 ff 20 0000"
            + FreeBsdMessages.REMOTE
            + "0200 1000 45230100 46230100 00000000";

    /** Of the mode and reqid that {@link FreeBsdMessages#UPDATE} has, and not in UDP, of which that has no ports. */
    private static final String UPDATABLE = FreeBsdMessages.ADD
            .substring(0, FreeBsdMessages.ADD.indexOf("0100 1400"))
            .replace("1f00 0000 07000000", "1c00 0000 07000000")
            .replace("0200 1300 02 00 0000 00000000 64000000", "0200 1300 01 00 0000 00000000 00000000");

    /** @param before what the kernel is told first, so that there is what the message is about */
    private record Ours(String hex, String... before) {}

    private static final List<Ours> OURS = List.of(
            new Ours(FreeBsdMessages.SPDADD),
            new Ours(FreeBsdMessages.SPDUPDATE, FreeBsdMessages.SPDADD),
            new Ours(FreeBsdMessages.SPDADD_USE),
            new Ours(FreeBsdMessages.SPDADD_TRANSPORT),
            new Ours(FreeBsdMessages.SPDADD_ADDRESSED),
            new Ours(FreeBsdMessages.SPDADD_TWO),
            new Ours(FreeBsdMessages.SPDADD_NONE),
            new Ours(FreeBsdMessages.SPDADD_DISCARD),
            new Ours(FreeBsdMessages.SPDDELETE, FreeBsdMessages.SPDADD),
            new Ours(FreeBsdMessages.SPDGET.replace("2a000000", "01000000"), FreeBsdMessages.SPDADD),
            new Ours(FreeBsdMessages.SPDDUMP, FreeBsdMessages.SPDADD),
            new Ours(FreeBsdMessages.REGISTER),
            new Ours(FreeBsdMessages.DUMP, FreeBsdMessages.ADD),
            new Ours(FreeBsdMessages.ADD),
            new Ours(FreeBsdMessages.ADD6),
            new Ours(FreeBsdMessages.UPDATE_LARVAL, LARVAL),
            new Ours(FreeBsdMessages.UPDATE, UPDATABLE),
            new Ours(FreeBsdMessages.GET, FreeBsdMessages.ADD),
            new Ours(FreeBsdMessages.DELETE, FreeBsdMessages.ADD),
            new Ours(FreeBsdMessages.GETSPI),
            new Ours(FreeBsdMessages.SPDDELETE2.replace("2a000000", "01000000"), FreeBsdMessages.SPDADD));

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

    private static Both run(byte[] message, String... before) {
        SimulatedKeyKernel kernel = new SimulatedKeyKernel(Release.FREEBSD_14, () -> 1000, LOWEST);
        SimulatedKeySocket socket = kernel.open(1);
        for (String each : before) {
            assertEquals(0, socket.write(bytes(each)), each);
            byte[] answer = socket.poll();
            assertNotNull(answer);
            assertEquals(0, answer[2], each);
        }
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
        for (Ours ours : OURS) {
            Both both = run(bytes(ours.hex), ours.before);
            assertEquals(new Both(0, 0, Map.of()), both, ours.hex);
        }
    }

    @Test
    void whatOneRefusesTheOtherDoes() {
        Random random = new Random(20);
        Map<String, Integer> seen = new TreeMap<>();
        for (Ours ours : OURS) {
            byte[] message = bytes(ours.hex);
            for (int i = 0; i < MUTATIONS; i++) {
                byte[] bent = bend(message.clone(), random);
                String difference = difference(bent, message, run(bent, ours.before));
                assertNotNull(difference, () -> HexFormat.of().formatHex(bent));
                seen.merge(String.valueOf(difference), 1, Integer::sum);
            }
        }
        assertTrue(seen.getOrDefault("both refuse", 0) > 1000, seen.toString());
        assertTrue(seen.getOrDefault("both take", 0) > 1000, seen.toString());
    }

    /** @return null for one without a reason */
    private static @Nullable String difference(byte[] message, byte[] ours, Both both) {
        boolean oursRefuses = !both.flaws.isEmpty();
        if (both.kernelRefuses() == oursRefuses) {
            return oursRefuses ? "both refuse" : "both take";
        }
        if (both.writeErrno != 0) {
            return hasWhatWePassOver(message) ? "of another length or type" : null;
        }
        if (both.replyErrno != 0) {
            return saysSomethingElse(message, ours) ? "a message, but nothing that the kernel can do" : null;
        }
        Flaw flaw = both.flaws.keySet().iterator().next();
        return switch (flaw) {
            case REQUEST -> hasRequestsOfNoUse(message) ? "requests that the kernel does not look at" : null;
            case ADDRESS, PREFIX -> isOfNoUse(message) ? "an address that the kernel does not look at" : null;
            case KEY ->
                isOfNoUse(message) || !TAKE_KEYS.contains((int) message[1]) || hasBitsOfAByte(message)
                        ? "a key that the kernel does not look at, or the whole bytes of alone"
                        : null;
            default -> null;
        };
    }

    private static PfKeyMessage read(byte[] bytes) {
        return Objects.requireNonNull(PfKeyReader.withKeys(Dialect.FREEBSD).read(order(bytes)));
    }

    /** Whether a message that the kernel refuses in its answer is another than the one of ours that it was, and so that it may. */
    private static boolean saysSomethingElse(byte[] message, byte[] ours) {
        if (message[1] != ours[1] || message[3] != ours[3]) {
            return true;
        }
        PolicyMessages policies = new PolicyMessages(Dialect.FREEBSD);
        PfKeyMessage bent = read(message);
        PfKeyMessage good = read(ours);
        return switch (message[1]) {
            case Sadb.SADB_X_SPDADD, Sadb.SADB_X_SPDUPDATE ->
                policies.read(bent).policy() == null;
            case Sadb.SADB_X_SPDDELETE ->
                !Objects.equals(policies.read(bent).key(), policies.read(good).key())
                        || Objects.requireNonNull(bent.find(Extension.Policy.class))
                                        .policyType()
                                > Sadb.IPSEC_POLICY_IPSEC;
            case Sadb.SADB_X_SPDGET, Sadb.SADB_X_SPDDELETE2 ->
                policies.read(bent).number() != policies.read(good).number();
            case Sadb.SADB_UPDATE ->
                bent.header().pid() != good.header().pid() || !weighed(bent).equals(weighed(good));
            case Sadb.SADB_GETSPI, Sadb.SADB_ADD, Sadb.SADB_GET, Sadb.SADB_DELETE ->
                !weighed(bent).equals(weighed(good));
            default -> false;
        };
    }

    /** Of a message about an SA what may be a reason to refuse it. */
    private static Set<Object> weighed(PfKeyMessage message) {
        boolean named =
                message.header().type() == Sadb.SADB_GET || message.header().type() == Sadb.SADB_DELETE;
        Set<Object> all = new HashSet<>();
        for (Extension each : message.extensions()) {
            if (each instanceof Extension.Association sa) {
                all.add(named ? sa.spi() : List.of(sa.spi(), sa.authentication(), sa.encryption(), sa.flags()));
            } else if (each instanceof Extension.Association2 sa2) {
                all.add(List.of(sa2.mode(), sa2.reqid()));
            } else if (each instanceof Extension.Lifetime) {
                all.add(each.type());
            } else {
                all.add(each);
            }
        }
        return all;
    }

    /** Whether the kernel makes nothing of a policy's requests, or of one's addresses that it does not know or the end of one. */
    private static boolean hasRequestsOfNoUse(byte[] message) {
        ByteBuffer bytes = order(message);
        int at = HEADER;
        while (bytes.getShort(at + 2) != Sadb.SADB_X_EXT_POLICY) {
            at += bytes.getShort(at) * UNIT;
        }
        if (!TAKE_REQUESTS.contains((int) message[1]) || bytes.getShort(at + 4) != Sadb.IPSEC_POLICY_IPSEC) {
            return true;
        }
        int end = at + bytes.getShort(at) * UNIT;
        int length;
        for (int request = at + POLICY; request < end; request += length) {
            length = bytes.getShort(request);
            if (length % UNIT != 0 || (length > UNIT && !isSocketAddress(bytes, request + UNIT))) {
                return true;
            }
        }
        return false;
    }

    private static boolean isSocketAddress(ByteBuffer bytes, int at) {
        int length = bytes.get(at);
        int family = bytes.get(at + 1);
        return (length == 16 && family == 2) || (length == 28 && family == 28);
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
