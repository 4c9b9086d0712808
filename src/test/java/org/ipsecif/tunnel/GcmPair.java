package org.ipsecif.tunnel;

import org.ipsecif.crypto.EncryptionAlgorithm;
import org.ipsecif.crypto.IntegrityAlgorithm;
import org.ipsecif.crypto.KeyMaterial;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.Lifetimes;
import org.ipsecif.sa.SaParameters;
import org.ipsecif.sa.SaSelectors;
import org.ipsecif.sa.SecurityAssociation;

/** SAs from {@link HostEnd#A} to {@link HostEnd#B} with one key, of AES-GCM: what is sent is known to the last bit, as no IV is random. */
final class GcmPair {
    static final int SPI = 0x3001;
    private static final int KEY_AND_SALT = 20;
    private static final int WINDOW = 1_024;

    private GcmPair() {}

    static SecurityAssociation sa() {
        return sa(SPI, IpsecMode.TUNNEL, Lifetimes.NONE, SaSelectors.ANY, 0);
    }

    static SecurityAssociation sa(int spi) {
        return sa(spi, IpsecMode.TUNNEL, Lifetimes.NONE, SaSelectors.ANY, 0);
    }

    /** @param sequence the last that was sent */
    static SecurityAssociation sa(int spi, IpsecMode mode, Lifetimes lifetimes, SaSelectors selectors, long sequence) {
        return new SecurityAssociation(
                new SaParameters(
                        HostEnd.A,
                        HostEnd.B,
                        spi,
                        100,
                        mode,
                        EncryptionAlgorithm.ENCR_AES_GCM_16,
                        KeyMaterial.copyOf(new byte[KEY_AND_SALT]),
                        IntegrityAlgorithm.NONE,
                        KeyMaterial.copyOf(new byte[0]),
                        WINDOW,
                        false,
                        lifetimes,
                        selectors,
                        sequence),
                0);
    }
}
