package org.ipsecif.daemon;

import org.ipsecif.sa.SaParameters;
import org.ipsecif.sa.SecurityAssociation;

/**
 * An SA that an SA file made; it may be gone by now.
 *
 * @param keyCheck of the keys that the file had for it, {@link SaRegistry#keyCheck}
 */
record FiledAssociation(SecurityAssociation sa, int keyCheck) {
    /** Whether a statement of the file still describes it. */
    boolean isOf(SaParameters statement) {
        return SaRegistry.sameButKeys(sa.parameters(), statement) && SaRegistry.keyCheck(statement) == keyCheck;
    }
}
