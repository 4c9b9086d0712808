package org.ipsecif.sa;

import org.ipsecif.crypto.EncryptionAlgorithm;
import org.ipsecif.crypto.IntegrityAlgorithm;
import org.ipsecif.crypto.KeyMaterial;

/**
 * All that makes an ESP SA, whoever keyed it (RFC 4301 section 4.4.2.1).
 *
 * @param source outer source address
 * @param destination outer destination address, of the same family
 * @param spi 32 bits, unsigned; over 255 (RFC 4303 section 2.1)
 * @param reqid 32 bits, unsigned; 0 for none
 * @param mode which policies it serves
 * @param encryptionKey key, then salt if the algorithm has one
 * @param integrityKey empty when the algorithm is {@link IntegrityAlgorithm#NONE}
 * @param replayWindow packets; 0 is off
 * @param esn extended sequence numbers (RFC 4303 section 2.2.1); need a replay window
 * @param lifetimes when it is to be replaced, and when it ends
 * @param selectors which packets are the SA's (RFC 4301 section 4.4.2.1)
 * @param sequence the highest number sent or accepted in another life of this SA, after which it goes on; 0 for a new one
 */
public record SaParameters(
        IpAddress source,
        IpAddress destination,
        int spi,
        int reqid,
        IpsecMode mode,
        EncryptionAlgorithm encryption,
        KeyMaterial encryptionKey,
        IntegrityAlgorithm integrity,
        KeyMaterial integrityKey,
        int replayWindow,
        boolean esn,
        Lifetimes lifetimes,
        SaSelectors selectors,
        long sequence) {
    public SaParameters {
        if (esn && replayWindow == 0) {
            throw new IllegalArgumentException("extended sequence numbers need a replay window (RFC 4303 appendix A2)");
        }
        if (sequence < 0 || sequence > lastSequence(esn)) {
            throw new IllegalArgumentException("sequence number " + sequence + " is not in 0 to " + lastSequence(esn));
        }
    }

    /** The same SA, with other addresses of the outer header. */
    public SaParameters between(IpAddress from, IpAddress to) {
        return new SaParameters(
                from,
                to,
                spi,
                reqid,
                mode,
                encryption,
                encryptionKey,
                integrity,
                integrityKey,
                replayWindow,
                esn,
                lifetimes,
                selectors,
                sequence);
    }

    /** The last sequence number that an SA may send (RFC 4303 section 3.3.3). */
    public static long lastSequence(boolean esn) {
        return esn ? Long.MAX_VALUE - 1 : 0xffff_ffffL;
    }

    /** An SA that takes all packets. */
    public SaParameters(
            IpAddress source,
            IpAddress destination,
            int spi,
            int reqid,
            IpsecMode mode,
            EncryptionAlgorithm encryption,
            KeyMaterial encryptionKey,
            IntegrityAlgorithm integrity,
            KeyMaterial integrityKey,
            int replayWindow,
            boolean esn,
            Lifetimes lifetimes,
            long sequence) {
        this(
                source,
                destination,
                spi,
                reqid,
                mode,
                encryption,
                encryptionKey,
                integrity,
                integrityKey,
                replayWindow,
                esn,
                lifetimes,
                SaSelectors.ANY,
                sequence);
    }

    /** A new SA without an end, in tunnel mode. */
    public SaParameters(
            IpAddress source,
            IpAddress destination,
            int spi,
            int reqid,
            EncryptionAlgorithm encryption,
            KeyMaterial encryptionKey,
            IntegrityAlgorithm integrity,
            KeyMaterial integrityKey,
            int replayWindow,
            boolean esn) {
        this(
                source,
                destination,
                spi,
                reqid,
                IpsecMode.TUNNEL,
                encryption,
                encryptionKey,
                integrity,
                integrityKey,
                replayWindow,
                esn,
                Lifetimes.NONE,
                0);
    }

    /** Without keys. */
    @Override
    public String toString() {
        return source + " " + destination + " esp " + formatSpi(spi);
    }

    public SaParameters withReqid(int newReqid) {
        return new SaParameters(
                source,
                destination,
                spi,
                newReqid,
                mode,
                encryption,
                encryptionKey,
                integrity,
                integrityKey,
                replayWindow,
                esn,
                lifetimes,
                selectors,
                sequence);
    }

    /** As every tool prints it: 0x and eight digits. */
    public static String formatSpi(int spi) {
        return String.format("0x%08x", spi);
    }
}
