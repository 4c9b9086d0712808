package org.ipsecif.bare;

import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.Security;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.ipsecif.crypto.EncryptionAlgorithm;
import org.ipsecif.crypto.IntegrityAlgorithm;
import org.ipsecif.crypto.KeyMaterial;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.Lifetimes;
import org.ipsecif.sa.SaParameters;
import org.ipsecif.sa.SaSelectors;
import org.ipsecif.sa.SecurityAssociation;

/** An algorithm of ESP, and the cipher of JCE that does the same for the bare measurement. */
public enum Suite {
    AES_GCM_16_128(EncryptionAlgorithm.ENCR_AES_GCM_16, 16, "AES/GCM/NoPadding"),
    AES_GCM_16_256(EncryptionAlgorithm.ENCR_AES_GCM_16, 32, "AES/GCM/NoPadding"),
    CHACHA20_POLY1305(EncryptionAlgorithm.ENCR_CHACHA20_POLY1305, 32, "ChaCha20-Poly1305"),
    AES_CBC_128_HMAC_SHA2_256(EncryptionAlgorithm.ENCR_AES_CBC, 16, "AES/CBC/NoPadding"),
    AES_GCM_8_128(EncryptionAlgorithm.ENCR_AES_GCM_8, 16, "AES/GCM/NoPadding"),
    AES_CCM_16_128(EncryptionAlgorithm.ENCR_AES_CCM_16, 16, "AES/CCM/NoPadding"),
    CAMELLIA_CBC_128_HMAC_SHA2_256(EncryptionAlgorithm.ENCR_CAMELLIA_CBC, 16, "Camellia/CBC/NoPadding");

    private static final int SPI = 0x2001;
    private static final int WINDOW = 1024;

    private final EncryptionAlgorithm encryption;
    private final int keyBytes;
    private final String transformation;

    Suite(EncryptionAlgorithm encryption, int keyBytes, String transformation) {
        this.encryption = encryption;
        this.keyBytes = keyBytes;
        this.transformation = transformation;
    }

    private IntegrityAlgorithm integrity() {
        return encryption.isAead() ? IntegrityAlgorithm.NONE : IntegrityAlgorithm.AUTH_HMAC_SHA2_256_128;
    }

    /** A new SA; two of one suite have the same keys. */
    public SecurityAssociation association() {
        return association(SPI, SaSelectors.ANY);
    }

    /** One of several. */
    public SecurityAssociation association(int spi, SaSelectors selectors) {
        return new SecurityAssociation(
                new SaParameters(
                        IpAddress.parse("192.0.2.1"),
                        IpAddress.parse("192.0.2.2"),
                        spi,
                        100,
                        IpsecMode.TUNNEL,
                        encryption,
                        KeyMaterial.copyOf(new byte[keyBytes + saltBytes()]),
                        integrity(),
                        KeyMaterial.copyOf(new byte[integrity().keyBits() / KeyMaterial.BITS_PER_BYTE]),
                        WINDOW,
                        false,
                        Lifetimes.NONE,
                        selectors,
                        0),
                0);
    }

    /** The same keys in bare ciphers. */
    public Bare bare() throws GeneralSecurityException {
        byte[] key = new byte[keyBytes];
        return encryption.isAead()
                ? new BareAead(transformation, provider(), key, saltBytes(), encryption.icvLength())
                : new BareCipherAndMac(
                        transformation, provider(), key, new byte[integrity().keyBits() / 8]);
    }

    private int saltBytes() {
        return switch (encryption) {
            case ENCR_AES_CCM_16 -> 3;
            case ENCR_AES_CBC, ENCR_CAMELLIA_CBC -> 0;
            default -> 4;
        };
    }

    private Provider provider() {
        return switch (encryption) {
            case ENCR_AES_GCM_8, ENCR_AES_CCM_16, ENCR_CAMELLIA_CBC -> new BouncyCastleProvider();
            default -> Security.getProvider("SunJCE");
        };
    }
}
