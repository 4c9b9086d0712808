package org.ipsecif.planted.wire;

import org.ipsecif.crypto.EncryptionAlgorithm;

/** Breaks the import table, so that the test of the table can be seen to fail. */
public final class PlantedViolation {
    public EncryptionAlgorithm forbidden() {
        return EncryptionAlgorithm.ENCR_NULL;
    }
}
