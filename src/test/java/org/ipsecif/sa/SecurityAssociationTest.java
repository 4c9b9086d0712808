package org.ipsecif.sa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.ipsecif.crypto.EncryptionAlgorithm;
import org.ipsecif.crypto.IntegrityAlgorithm;
import org.ipsecif.crypto.KeyMaterial;
import org.junit.jupiter.api.Test;

class SecurityAssociationTest {
    private static final long SECOND = 1_000_000_000L;

    private static SaParameters parameters(int spi, int encryptionKeyBytes, IntegrityAlgorithm integrity) {
        return new SaParameters(
                IpAddress.parse("192.0.2.1"),
                IpAddress.parse("192.0.2.2"),
                spi,
                7,
                EncryptionAlgorithm.ENCR_AES_CBC,
                KeyMaterial.copyOf(new byte[encryptionKeyBytes]),
                integrity,
                KeyMaterial.copyOf(new byte[integrity.keyBits() / 8]),
                64,
                false);
    }

    private static SecurityAssociation association(int spi) {
        return new SecurityAssociation(parameters(spi, 16, IntegrityAlgorithm.AUTH_HMAC_SHA2_256_128), 0);
    }

    @Test
    void countsFromOneAndNeverWraps() {
        SecurityAssociation sa = association(300);
        assertEquals(1, sa.nextSequence());
        assertEquals(2, sa.nextSequence());
        sa.skipTo(0xffff_fffeL);
        assertFalse(sa.isExhausted());
        assertEquals(0xffff_ffffL, sa.nextSequence());
        assertTrue(sa.isExhausted());
        assertEquals(SecurityAssociation.EXHAUSTED, sa.nextSequence());
        assertEquals(SecurityAssociation.EXHAUSTED, sa.nextSequence());
    }

    @Test
    void refusesKeysOfTheWrongLengthAndUnauthenticatedEncryption() {
        assertThrows(
                IllegalArgumentException.class,
                () -> new SecurityAssociation(parameters(300, 17, IntegrityAlgorithm.AUTH_HMAC_SHA1_96), 0));
        assertThrows(
                IllegalArgumentException.class,
                () -> new SecurityAssociation(parameters(300, 16, IntegrityAlgorithm.NONE), 0));
    }

    /** RFC 4555 section 3.5: keys and numbers stay. */
    @Test
    void databaseFindsAnSaUnderItsNewAddresses() {
        SecurityAssociationDatabase database = new SecurityAssociationDatabase();
        SecurityAssociation sa = association(300);
        database.add(sa);
        sa.nextSequence();
        IpAddress elsewhere = IpAddress.parse("192.0.2.9");
        SaParameters after = sa.parameters().between(sa.parameters().source(), elsewhere);
        assertTrue(database.readdress(sa, after));
        assertSame(sa, database.find(elsewhere, 300));
        assertEquals(null, database.find(IpAddress.parse("192.0.2.2"), 300));
        assertEquals(1, sa.sequence());
        assertSame(after, sa.parameters());
        SecurityAssociation other = association(300);
        database.add(other);
        assertFalse(database.readdress(other, after), "taken");
        assertSame(other, database.find(IpAddress.parse("192.0.2.2"), 300));
        assertFalse(database.readdress(association(301), after), "not there");
    }

    @Test
    void databaseHoldsOneSaForADestinationAndSpi() {
        SecurityAssociationDatabase database = new SecurityAssociationDatabase();
        SecurityAssociation first = association(300);
        assertTrue(database.add(first));
        assertFalse(database.add(association(300)));
        assertTrue(database.add(association(301)));
        assertSame(first, database.find(IpAddress.parse("192.0.2.2"), 300));
        assertEquals(2, database.all().size());
        assertTrue(database.remove(first));
        assertFalse(database.remove(first));
    }

    private static SecurityAssociation lasting(Lifetimes lifetimes, long nowNanos) {
        return new SecurityAssociation(
                new SaParameters(
                        IpAddress.parse("192.0.2.1"),
                        IpAddress.parse("192.0.2.2"),
                        300,
                        7,
                        IpsecMode.TUNNEL,
                        EncryptionAlgorithm.ENCR_AES_CBC,
                        KeyMaterial.copyOf(new byte[16]),
                        IntegrityAlgorithm.AUTH_HMAC_SHA2_256_128,
                        KeyMaterial.copyOf(new byte[32]),
                        64,
                        false,
                        lifetimes,
                        0),
                nowNanos);
    }

    @Test
    void agesFromItsAdditionOnWhateverTheClockSays() {
        long added = Long.MAX_VALUE - 5 * SECOND; // a clock that goes through its end while the SA lives
        SecurityAssociation sa = lasting(new Lifetimes(10, 20, 0, 0, 0, 0), added);
        assertEquals(added, sa.addedNanos());
        assertFalse(sa.reachesSoftAge(added + 10 * SECOND - 1));
        assertFalse(sa.isDying());
        assertTrue(sa.reachesSoftAge(added + 10 * SECOND));
        assertFalse(sa.reachesSoftAge(added + 10 * SECOND), "raised once");
        assertTrue(sa.isDying());
        assertFalse(sa.isOverAge(added + 20 * SECOND - 1));
        assertTrue(sa.isOverAge(added + 20 * SECOND));
        SecurityAssociation endless = lasting(Lifetimes.NONE, added);
        assertFalse(endless.reachesSoftAge(added + 1_000_000 * SECOND));
        assertFalse(endless.isOverAge(added + 1_000_000 * SECOND));
    }

    @Test
    void softBytesAndPacketsAreRaisedOnceWhenReached() {
        SecurityAssociation bytes = lasting(new Lifetimes(0, 0, 200, 300, 0, 0), 0);
        assertFalse(bytes.count(199));
        assertTrue(bytes.count(1));
        assertFalse(bytes.count(99));
        assertTrue(bytes.mayCarryMore());
        assertFalse(bytes.count(1));
        assertFalse(bytes.mayCarryMore());
        assertTrue(bytes.raiseHard());
        assertFalse(bytes.raiseHard());
        SecurityAssociation packets = lasting(new Lifetimes(0, 0, 0, 0, 2, 3), 0);
        assertFalse(packets.count(1));
        assertTrue(packets.count(1));
        assertTrue(packets.mayCarryMore());
        assertFalse(packets.count(1));
        assertFalse(packets.mayCarryMore());
    }

    @Test
    void goesOnAfterAnotherLifeInBothDirections() {
        SaParameters parameters = parameters(300, 16, IntegrityAlgorithm.AUTH_HMAC_SHA2_256_128);
        SecurityAssociation sa = new SecurityAssociation(
                new SaParameters(
                        parameters.source(),
                        parameters.destination(),
                        300,
                        7,
                        IpsecMode.TUNNEL,
                        parameters.encryption(),
                        parameters.encryptionKey(),
                        parameters.integrity(),
                        parameters.integrityKey(),
                        64,
                        false,
                        Lifetimes.NONE,
                        1_000),
                0);
        assertEquals(1_000, sa.sequence());
        assertEquals(1_001, sa.nextSequence());
        assertFalse(sa.replayWindow().check(1_000));
        assertFalse(sa.replayWindow().check(999));
        assertTrue(sa.replayWindow().check(1_001));
        assertThrows(IllegalArgumentException.class, () -> sequence(0x1_0000_0000L, false));
        assertThrows(IllegalArgumentException.class, () -> sequence(-1, true));
        assertEquals(0x1_0000_0000L, sequence(0x1_0000_0000L, true).sequence());
    }

    private static SaParameters sequence(long sequence, boolean esn) {
        SaParameters parameters = parameters(300, 16, IntegrityAlgorithm.AUTH_HMAC_SHA2_256_128);
        return new SaParameters(
                parameters.source(),
                parameters.destination(),
                300,
                7,
                IpsecMode.TUNNEL,
                parameters.encryption(),
                parameters.encryptionKey(),
                parameters.integrity(),
                parameters.integrityKey(),
                64,
                esn,
                Lifetimes.NONE,
                sequence);
    }

    @Test
    void closingWipesTheKeysAndTheCipher() {
        KeyMaterial encryptionKey = KeyMaterial.copyOf("sixteen byte key".getBytes(StandardCharsets.US_ASCII));
        KeyMaterial salted = KeyMaterial.copyOf("sixteen byte key and".getBytes(StandardCharsets.US_ASCII));
        KeyMaterial integrityKey =
                KeyMaterial.copyOf("thirty-two bytes of a secret key".getBytes(StandardCharsets.US_ASCII));
        SaParameters some = parameters(300, 16, IntegrityAlgorithm.AUTH_HMAC_SHA2_256_128);
        new SecurityAssociation(
                        new SaParameters(
                                some.source(),
                                some.destination(),
                                300,
                                7,
                                EncryptionAlgorithm.ENCR_AES_CBC,
                                encryptionKey,
                                IntegrityAlgorithm.AUTH_HMAC_SHA2_256_128,
                                integrityKey,
                                64,
                                false),
                        0)
                .close();
        assertTrue(encryptionKey.sameAs(KeyMaterial.copyOf(new byte[16])));
        assertTrue(integrityKey.sameAs(KeyMaterial.copyOf(new byte[32])));
        SaParameters combined = new SaParameters(
                some.source(),
                some.destination(),
                300,
                7,
                EncryptionAlgorithm.ENCR_AES_GCM_16,
                salted,
                IntegrityAlgorithm.NONE,
                KeyMaterial.none(),
                64,
                false);
        SecurityAssociation open = new SecurityAssociation(combined, 0);
        SecurityAssociation closed = new SecurityAssociation(combined, 0);
        closed.close();
        byte[] before = new byte[64];
        byte[] after = new byte[64];
        open.aead().seal(before, 0, 16, 1);
        closed.aead().seal(after, 0, 16, 1);
        assertFalse(Arrays.equals(before, after), "the cipher still has the key");
    }
}
