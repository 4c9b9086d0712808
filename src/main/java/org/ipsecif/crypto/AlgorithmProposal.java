package org.ipsecif.crypto;

import java.util.List;

/**
 * What an end of an IKE SA or a Child SA would agree to: of each kind of algorithm one, those first that it likes most.
 *
 * @param ciphers encryption, each with the bits of its key
 * @param integrity empty with combined modes
 * @param prfs empty for a Child SA
 * @param keyExchanges the first exchange, then the additional ones 1 to 7 of RFC 9370; each with its alternatives, none for one that
 *     is left out. Empty for a Child SA without perfect forward secrecy
 * @param esn for a Child SA: extended sequence numbers, and plain ones, as far as wanted, in order
 */
public record AlgorithmProposal(
        List<Cipher> ciphers,
        List<IntegrityAlgorithm> integrity,
        List<PseudorandomFunction> prfs,
        List<List<KeyExchangeMethod>> keyExchanges,
        List<Boolean> esn) {
    /**
     * @param keyBits without salt
     */
    public record Cipher(EncryptionAlgorithm algorithm, int keyBits) {
        /** Whether the length has to be said, for the algorithm has several (RFC 7296 section 3.3.5). */
        public boolean saysKeyLength() {
            return algorithm.keyMaterialBits().size() > 1;
        }
    }

    public AlgorithmProposal {
        ciphers = List.copyOf(ciphers);
        integrity = List.copyOf(integrity);
        prfs = List.copyOf(prfs);
        keyExchanges = keyExchanges.stream().map(List::copyOf).toList();
        esn = List.copyOf(esn);
    }

    /** Whether there is a key exchange beside the first (RFC 9370). */
    public boolean hasAdditional() {
        return keyExchanges.size() > 1;
    }
}
