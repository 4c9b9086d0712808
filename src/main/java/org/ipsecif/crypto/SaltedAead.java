package org.ipsecif.crypto;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What the combined modes of ESP share (RFC 4106, 4309, 4543, 7634): a nonce of a secret salt and the packet's IV of 8
 * bytes; the IV is the sequence number, which is unique under a key; SPI and sequence number as AAD.
 */
abstract class SaltedAead implements Aead {
    private static final int MIN_ALIGNMENT = 4;
    private static final int SPI = 4;

    final EncryptionAlgorithm algorithm;

    /** Key without salt. */
    final byte[] key;

    /** Salt and the current packet's IV. */
    final byte[] nonce;

    /** SPI and sequence number of the current packet, 8 or 12 bytes. */
    byte[] aad;

    SaltedAead(EncryptionAlgorithm algorithm, KeyMaterial keyAndSalt, boolean esn) {
        this.algorithm = algorithm;
        byte[] bytes = keyAndSalt.bytes();
        int keyLength = bytes.length - algorithm.saltLength();
        key = Arrays.copyOf(bytes, keyLength);
        nonce = Arrays.copyOfRange(bytes, keyLength, bytes.length + algorithm.ivLength());
        aad = new byte[esn ? ESP_HEADER + Integer.BYTES : ESP_HEADER];
    }

    /**
     * The engine for a combined mode: the JDK's own where it has one, else Bouncy Castle's.
     *
     * @param accelerator for packets, if it has the algorithm; null for messages
     */
    static SaltedAead of(
            EncryptionAlgorithm algorithm,
            KeyMaterial keyAndSalt,
            boolean esn,
            @Nullable CipherAccelerator accelerator) {
        try {
            return switch (algorithm) {
                case ENCR_AES_GCM_16, ENCR_AES_GCM_12 -> new GcmAead(algorithm, keyAndSalt, esn, accelerator);
                case ENCR_NULL_AUTH_AES_GMAC -> new GmacAead(algorithm, keyAndSalt, esn);
                case ENCR_CHACHA20_POLY1305 -> new ChaChaAead(algorithm, keyAndSalt, esn);
                case ENCR_AES_GCM_8, ENCR_AES_CCM_16, ENCR_AES_CCM_12, ENCR_AES_CCM_8 ->
                    new BouncyCastleAead(algorithm, keyAndSalt, esn);
                default -> throw new IllegalArgumentException(algorithm + " is no combined mode");
            };
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(algorithm + " is not in this JDK", e);
        }
    }

    final byte[] salt() {
        return Arrays.copyOf(nonce, algorithm.saltLength());
    }

    @Override
    public final int ivLength() {
        return algorithm.ivLength();
    }

    @Override
    public final int icvLength() {
        return algorithm.icvLength();
    }

    @Override
    public final int blockLength() {
        return MIN_ALIGNMENT;
    }

    /** Encrypts in place with {@link #nonce} and {@link #aad}, ICV behind the text. @param text where the text begins */
    abstract void sealText(byte[] packet, int text, int textLength);

    /** Opens text and ICV with {@link #nonce} and {@link #aad}. @return false if the ICV is wrong */
    abstract boolean openText(byte[] packet, int text, int textLength, byte[] plain, int plainOffset);

    @Override
    public final void seal(byte[] packet, int offset, int textLength, long sequence) {
        putBigEndian(packet, offset + ESP_HEADER, sequence, Long.BYTES);
        start(packet, offset, sequence);
        sealText(packet, offset + ESP_HEADER + ivLength(), textLength);
    }

    @Override
    public final boolean open(byte[] packet, int offset, int textLength, byte[] plain, int plainOffset, long sequence) {
        start(packet, offset, sequence);
        return openText(packet, offset + ESP_HEADER + ivLength(), textLength, plain, plainOffset);
    }

    /** Takes the IV at {@code ivOffset} and, instead of a packet's, this AAD: for messages that are not ESP. */
    final void start(byte[] message, int ivOffset, byte[] associated) {
        System.arraycopy(message, ivOffset, nonce, algorithm.saltLength(), ivLength());
        aad = associated;
    }

    private void start(byte[] packet, int offset, long sequence) {
        System.arraycopy(packet, offset + ESP_HEADER, nonce, algorithm.saltLength(), ivLength());
        System.arraycopy(packet, offset, aad, 0, SPI);
        putBigEndian(aad, SPI, sequence, aad.length - SPI);
    }

    /** The last {@code length} bytes of a number. */
    static void putBigEndian(byte[] to, int at, long value, int length) {
        for (int i = 0; i < length; i++) {
            to[at + i] = (byte) (value >>> (8 * (length - 1 - i)));
        }
    }

    @Override
    public void close() {
        Arrays.fill(nonce, (byte) 0);
        Arrays.fill(key, (byte) 0);
    }
}
