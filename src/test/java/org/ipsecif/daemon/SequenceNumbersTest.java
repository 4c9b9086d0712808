package org.ipsecif.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.ipsecif.crypto.EncryptionAlgorithm;
import org.ipsecif.crypto.IntegrityAlgorithm;
import org.ipsecif.crypto.KeyMaterial;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.Lifetimes;
import org.ipsecif.sa.SaParameters;
import org.ipsecif.sa.SecurityAssociation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SequenceNumbersTest {
    private static SecurityAssociation sa(int spi, int key) {
        byte[] bytes = new byte[32];
        bytes[0] = (byte) key;
        return new SecurityAssociation(
                new SaParameters(
                        IpAddress.parse("203.0.113.1"),
                        IpAddress.parse("203.0.113.2"),
                        spi,
                        100,
                        IpsecMode.TUNNEL,
                        EncryptionAlgorithm.ENCR_AES_CBC,
                        KeyMaterial.copyOf(new byte[16]),
                        IntegrityAlgorithm.AUTH_HMAC_SHA2_256_128,
                        KeyMaterial.copyOf(bytes),
                        0,
                        false,
                        Lifetimes.NONE,
                        0),
                0);
    }

    private static void send(SecurityAssociation sa, int packets) {
        for (int i = 0; i < packets; i++) {
            sa.nextSequence();
        }
    }

    @Test
    void afterACrashNumbersGoOnAheadOfAllThatWereSent(@TempDir Path directory) throws IOException {
        SecurityAssociation first = sa(0x1000, 1);
        long before;
        try (StateDirectory state = StateDirectory.open(directory, "")) {
            SequenceNumbers numbers = new SequenceNumbers(state);
            numbers.resume(List.of(first));
            send(first, (int) SequenceNumbers.AHEAD - 1); // before the clock's next second
            before = first.sequence();
        }
        try (StateDirectory state = StateDirectory.open(directory, "")) {
            SecurityAssociation same = sa(0x1000, 1);
            new SequenceNumbers(state).resume(List.of(same));
            assertTrue(same.nextSequence() > before, "after " + before);
        }
    }

    @Test
    void recordKeepsAhead(@TempDir Path directory) throws IOException {
        try (StateDirectory state = StateDirectory.open(directory, "")) {
            SequenceNumbers numbers = new SequenceNumbers(state);
            SecurityAssociation sa = sa(0x1000, 1);
            numbers.resume(List.of(sa));
            assertEquals(
                    List.of(SequenceNumbers.AHEAD),
                    List.copyOf(state.readSequences().values()));
            send(sa, (int) (SequenceNumbers.AHEAD / 2));
            numbers.keep();
            assertEquals(
                    List.of(SequenceNumbers.AHEAD),
                    List.copyOf(state.readSequences().values()));
            send(sa, 1);
            numbers.keep();
            assertEquals(
                    List.of(SequenceNumbers.AHEAD / 2 * 3 + 1),
                    List.copyOf(state.readSequences().values()));
        }
    }

    @Test
    void anOrderlyEndLosesAlmostNone(@TempDir Path directory) throws IOException {
        try (StateDirectory state = StateDirectory.open(directory, "")) {
            SequenceNumbers numbers = new SequenceNumbers(state);
            SecurityAssociation sa = sa(0x1000, 1);
            numbers.resume(List.of(sa));
            send(sa, 10);
            numbers.close(List.of(sa));
            SecurityAssociation same = sa(0x1000, 1);
            new SequenceNumbers(state).resume(List.of(same));
            assertTrue(same.sequence() > 10 && same.sequence() < 100, "at " + same.sequence());
        }
    }

    @Test
    void anotherSpiOrKeyBeginsAtOne(@TempDir Path directory) throws IOException {
        try (StateDirectory state = StateDirectory.open(directory, "")) {
            new SequenceNumbers(state).resume(List.of(sa(0x1000, 1)));
            SecurityAssociation otherSpi = sa(0x1001, 1);
            SecurityAssociation otherKey = sa(0x1000, 2);
            new SequenceNumbers(state).resume(List.of(otherSpi, otherKey));
            assertEquals(1, otherSpi.nextSequence());
            assertEquals(1, otherKey.nextSequence());
        }
    }

    @Test
    void anSaThatRunsIsNotMoved(@TempDir Path directory) throws IOException {
        try (StateDirectory state = StateDirectory.open(directory, "")) {
            SequenceNumbers numbers = new SequenceNumbers(state);
            SecurityAssociation sa = sa(0x1000, 1);
            numbers.resume(List.of(sa));
            send(sa, 3);
            numbers.resume(List.of(sa));
            assertEquals(4, sa.nextSequence());
        }
    }

    @Test
    void anSaThatComesBackGoesOn(@TempDir Path directory) throws IOException {
        try (StateDirectory state = StateDirectory.open(directory, "")) {
            SequenceNumbers numbers = new SequenceNumbers(state);
            SecurityAssociation before = sa(0x1001, 1);
            numbers.resume(List.of(before));
            send(before, 1_000);
            numbers.resume(List.of());
            before.close();
            SecurityAssociation after = sa(0x1001, 1);
            numbers.resume(List.of(after));
            assertTrue(after.sequence() >= 1_000, () -> "" + after.sequence());
            SecurityAssociation other = sa(0x1002, 1);
            numbers.resume(List.of(after, other));
            assertEquals(0, other.sequence());
        }
    }

    @Test
    void noKeyIsInTheRecord(@TempDir Path directory) throws IOException {
        try (StateDirectory state = StateDirectory.open(directory, "")) {
            new SequenceNumbers(state).resume(List.of(sa(0x1000, 0x5a)));
            assertTrue(Files.readString(directory.resolve("sequences.json"))
                    .matches("\\{\"sequences\":\\{\"203\\.0\\.113\\.1 203\\.0\\.113\\.2 0x00001000 [0-9a-f]{1,8}\":"
                            + SequenceNumbers.AHEAD + "}}"));
        }
    }
}
