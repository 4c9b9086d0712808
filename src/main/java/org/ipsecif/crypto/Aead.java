package org.ipsecif.crypto;

import java.security.GeneralSecurityException;
import org.jspecify.annotations.Nullable;

/**
 * Encrypts and authenticates the packets of one SA in one direction: a combined-mode cipher, or a cipher and a MAC
 * joined as RFC 4303 section 3.3.2 says. One thread at a time. The packet lies in the array as on the wire, from
 * {@code offset}:
 *
 * <pre>
 * +-----+-----+----+------------------------------+-----+
 * | SPI | seq | IV | text (padded, with trailer)   | ICV |
 * +-----+-----+----+------------------------------+-----+
 *  4     4     ivLength  textLength                icvLength
 * </pre>
 *
 * With extended sequence numbers the high half is authenticated and not sent (RFC 4303 section 2.2.1): it follows the text
 * in what a MAC covers, and stands before the low half in a combined mode's AAD.
 */
public interface Aead extends AutoCloseable {
    /** SPI and sequence number. */
    int ESP_HEADER = 8;

    /** No algorithm has a longer IV. */
    int MAX_IV = 16;

    /** No algorithm has a longer ICV. */
    int MAX_ICV = 64;

    /** Bytes. */
    int ivLength();

    /** Bytes. */
    int icvLength();

    /** The text is a multiple of this many bytes; at least 4 (RFC 4303 section 2.4). */
    int blockLength();

    /**
     * Encrypts the text in place, writes IV and ICV around it.
     *
     * @param sequence the full 64-bit sequence number, never used before with this key
     */
    void seal(byte[] packet, int offset, int textLength, long sequence);

    /**
     * Verifies the ICV and, only then, decrypts the text of {@code packet} to {@code plain} at {@code plainOffset}, of
     * which the {@code ivLength} bytes before may be overwritten too.
     *
     * @param sequence the full 64-bit sequence number
     * @return false if the ICV is wrong; {@code plain} then holds nothing of use
     */
    boolean open(byte[] packet, int offset, int textLength, byte[] plain, int plainOffset, long sequence);

    /**
     * The engine for a pair of algorithms: the JDK's own where it has one, which is several times faster, else Bouncy
     * Castle's.
     *
     * @param esn extended sequence numbers
     * @throws IllegalArgumentException if a key's length is not the algorithm's, or the pair does not protect integrity
     */
    static Aead of(
            EncryptionAlgorithm encryption,
            KeyMaterial encryptionKey,
            IntegrityAlgorithm integrity,
            KeyMaterial integrityKey,
            boolean esn) {
        if (!encryption.keyMaterialBits().contains(encryptionKey.bits())) {
            throw new IllegalArgumentException(encryption + " takes a key of " + encryption.keyMaterialBits()
                    + " bits, not " + encryptionKey.bits());
        }
        if (integrity.keyBits() != integrityKey.bits()) {
            throw new IllegalArgumentException(
                    integrity + " takes a key of " + integrity.keyBits() + " bits, not " + integrityKey.bits());
        }
        if (encryption.isAead() == (integrity != IntegrityAlgorithm.NONE)) {
            throw new IllegalArgumentException(encryption + " with " + integrity + " (RFC 8221 section 4)");
        }
        if (encryption.isAead()) {
            return SaltedAead.of(encryption, encryptionKey, esn, Accelerators.current());
        }
        try {
            return new EncryptThenMac(
                    encryption,
                    PacketCipher.of(encryption, encryptionKey),
                    integrity.icvLength(),
                    PacketMac.of(integrity, integrityKey),
                    esn);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(encryption + " with " + integrity + " is not in this JDK", e);
        }
    }

    /** The same key for packets that lie outside of the heap, many at a time; null where the process has no accelerator for it. */
    default @Nullable AcceleratedKey acceleratedKey() {
        return null;
    }

    @Override
    void close();
}
