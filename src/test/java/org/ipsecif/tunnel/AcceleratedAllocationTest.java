package org.ipsecif.tunnel;

import static org.junit.jupiter.api.Assumptions.abort;

import org.ipsecif.crypto.Accelerators;
import org.ipsecif.platform.ipsecmb.IpsecMb;
import org.ipsecif.platform.ipsecmb.UnusableException;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.Lifetimes;
import org.ipsecif.sa.SaSelectors;
import org.ipsecif.sa.SecurityAssociation;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Nor with AES-GCM by the library, as it goes over the wire in practice. */
class AcceleratedAllocationTest extends SuperPacketAllocationTest {
    @BeforeAll
    static void accelerate() {
        try {
            Accelerators.use(IpsecMb.load());
        } catch (UnusableException e) {
            abort("libIPSec_MB is " + e.getMessage());
        }
    }

    @AfterAll
    static void stop() {
        Accelerators.use(null);
    }

    @Override
    SecurityAssociation association() {
        return GcmPair.sa(0x2001, IpsecMode.TUNNEL, Lifetimes.NONE, SaSelectors.ANY, 0);
    }
}
