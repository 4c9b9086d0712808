package org.ipsecif.sa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.ipsecif.crypto.EncryptionAlgorithm;
import org.ipsecif.crypto.IntegrityAlgorithm;
import org.ipsecif.crypto.KeyMaterial;
import org.junit.jupiter.api.Test;

class SecurityAssociationTest {
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
}
