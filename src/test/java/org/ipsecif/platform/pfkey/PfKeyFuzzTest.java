package org.ipsecif.platform.pfkey;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.ipsecif.platform.InstalledPolicy;
import org.ipsecif.platform.KernelEvent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.MethodSource;

/** Messages of any bytes: one that is none is counted, one that is one means the same when it is written and read again. */
class PfKeyFuzzTest {
    private static final int MAX = 4_096;
    private static final int MUTATIONS = 2_000;
    private static final int LENGTH = 4;

    static Stream<byte[]> messages() {
        return Stream.of(Dialect.values())
                .flatMap(dialect -> PfKeyBytesTest.all(dialect).stream())
                .map(hex -> PfKeyBytes.of(hex).array());
    }

    private static ByteBuffer buffer(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    @MethodSource("messages")
    @FuzzTest(maxDuration = "2m")
    void anyBytesAreAMessageOrCounted(byte[] input) {
        byte[] bytes = Arrays.copyOf(input, Math.min(input.length, MAX));
        for (Dialect dialect : Dialect.values()) {
            check(dialect, bytes);
            if (bytes.length >= LENGTH + 2) {
                byte[] fitting = Arrays.copyOf(bytes, bytes.length & -Sadb.UNIT);
                check(dialect, withLength(fitting));
            }
        }
    }

    /** With the version and the length of a message that is whole. */
    private static byte[] withLength(byte[] bytes) {
        if (bytes.length > LENGTH) {
            buffer(bytes).put(0, (byte) 2).putShort(LENGTH, (short) (bytes.length / Sadb.UNIT));
        }
        return bytes;
    }

    private static void check(Dialect dialect, byte[] bytes) {
        PfKeyReader reader = PfKeyReader.withKeys(dialect);
        PfKeyMessage message = reader.read(buffer(bytes));
        long flaws = reader.flaws().values().stream().mapToLong(each -> each).sum();
        assertEquals(message == null ? 1 : 0, flaws);
        if (message == null) {
            return;
        }
        InstalledPolicy policy = new PolicyMessages(dialect).read(message);
        assertTrue(policy.key() != null || policy.policy() == null);
        for (KernelEvent event : new PfKeyEventReader(dialect, number -> null).read(message)) {
            assertNotNull(event.toString());
        }
        SadbAssociation association = new AssociationMessages(dialect).read(message);
        assertTrue(association == null || association.id().protocol() > 0);
        int type = message.header().type();
        if (type != Sadb.SADB_FLUSH && type != Sadb.SADB_X_SPDFLUSH) {
            checkWritten(dialect, message, bytes.length);
        }
    }

    private static void checkWritten(Dialect dialect, PfKeyMessage message, int room) {
        ByteBuffer to = ByteBuffer.allocate(room).order(ByteOrder.LITTLE_ENDIAN);
        to.limit(new PfKeyWriter(dialect).write(message, to));
        PfKeyMessage again = PfKeyReader.withKeys(dialect).read(to);
        assertNotNull(again);
        assertEquals(message.extensions(), again.extensions());
    }

    @Test
    void everyMutationOfEveryMessageIsSurvived() {
        Random random = new Random(1);
        messages().forEach(message -> {
            for (int i = 0; i < MUTATIONS / 10; i++) {
                byte[] mutated = message.clone();
                for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
                    mutated[random.nextInt(mutated.length)] = (byte) random.nextInt();
                }
                anyBytesAreAMessageOrCounted(mutated);
            }
        });
    }

    @Test
    void everyTruncationIsCounted() {
        for (Dialect dialect : Dialect.values()) {
            PfKeyBytesTest.all(dialect).forEach(hex -> {
                byte[] whole = PfKeyBytes.of(hex).array();
                for (int length = 0; length < whole.length; length++) {
                    PfKeyReader reader = PfKeyReader.withKeys(dialect);
                    assertNull(reader.read(buffer(Arrays.copyOf(whole, length))));
                    Flaw flaw = length < PfKeyHeader.BYTES ? Flaw.SHORT : Flaw.LENGTH;
                    assertEquals(Map.of(flaw, 1L), reader.flaws());
                }
            });
        }
    }

    /** Cut off, and the header says so: then an extension does not fit, unless the cut is between two. */
    @Test
    void everyTruncationThatTheHeaderAgreesToIsSurvived() {
        messages().forEach(whole -> {
            for (int length = 0; length < whole.length; length += Sadb.UNIT) {
                byte[] cut = withLength(Arrays.copyOf(whole, length));
                for (Dialect dialect : Dialect.values()) {
                    check(dialect, cut);
                }
            }
        });
    }

    @Test
    void randomBytesAreSurvived() {
        Random random = new Random(2);
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] bytes = new byte[random.nextInt(400)];
            random.nextBytes(bytes);
            anyBytesAreAMessageOrCounted(bytes);
        }
    }

    @Test
    void eachFlawHasItsCounter() {
        assertFlaw(Flaw.VERSION, "01" + FreeBsdMessages.SPDDUMP.replace(" ", "").substring(2));
        String sa = "02 05 00 03 0400 0000 07000000 92100000" + "0200 0100 00012345 00000000 00000000";
        assertFlaw(Flaw.EXTENSION_LENGTH, sa.replace("0200 0100", "0000 0100"));
        assertFlaw(Flaw.EXTENSION_LENGTH, sa.replace("0200 0100", "0300 0100"));
        assertFlaw(Flaw.EXTENSION_TYPE, sa.replace("0200 0100", "0200 0000"));
        assertFlaw(Flaw.EXTENSION_SHORT, sa.replace("0200 0100", "0100 0100"));
        assertFlaw(Flaw.REPEATED, sa.replace("0400 0000", "0600 0000") + "0200 0100 00012345 00000000 00000000");
        assertFlaw(Flaw.ADDRESS, FreeBsdMessages.SPDADD.replace("10 02 0000 0a01", "10 03 0000 0a01"));
        assertFlaw(Flaw.ADDRESS, FreeBsdMessages.SPDADD.replace("10 02 0000 0a01", "0f 02 0000 0a01"));
        assertFlaw(Flaw.PREFIX, FreeBsdMessages.SPDADD.replace("0500 ff 10", "0500 ff 21"));
        assertFlaw(Flaw.KEY, FreeBsdMessages.ADD.replace("0900 8000", "0900 8100"));
        assertFlaw(Flaw.REQUEST, FreeBsdMessages.SPDADD.replace("2800 3200", "2900 3200"));
        assertFlaw(Flaw.REQUEST, FreeBsdMessages.SPDADD.replace("2800 3200", "3000 3200"));
        assertFlaw(Flaw.REQUEST, FreeBsdMessages.SPDADD.replace("2800 3200", "0000 3200"));
        assertFlaw(Flaw.REQUEST, FreeBsdMessages.SPDADD.replace("10 02 0000 c633", "10 1c 0000 c633"));
    }

    private static void assertFlaw(Flaw flaw, String hex) {
        PfKeyReader reader = PfKeyReader.withKeys(Dialect.FREEBSD);
        assertNull(reader.read(PfKeyBytes.of(hex)), hex);
        assertEquals(Map.of(flaw, 1L), reader.flaws(), hex);
    }
}
