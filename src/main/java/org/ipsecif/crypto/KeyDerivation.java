package org.ipsecif.crypto;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * What IKEv2 makes of shared secrets (RFC 7296 sections 2.14, 2.15, 2.17, 2.18; RFC 9370 section 2.2).
 *
 * @param prf the negotiated one
 * @param initiatorNonce Ni: nonce data of the exchange's initiator
 * @param responderNonce Nr
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record KeyDerivation(PseudorandomFunction prf, byte[] initiatorNonce, byte[] responderNonce) {
    private static final byte[] KEY_PAD = {
        'K', 'e', 'y', ' ', 'P', 'a', 'd', ' ', 'f', 'o', 'r', ' ', 'I', 'K', 'E', 'v', '2'
    };

    /** {@code SKEYSEED = prf(Ni | Nr, g^ir)}. */
    public KeyMaterial skeyseed(KeyMaterial sharedSecret) {
        try (KeyMaterial key = prf.nonceKey(initiatorNonce, responderNonce)) {
            return prf.derive(key, sharedSecret.bytes());
        }
    }

    /**
     * {@code SKEYSEED = prf(SK_d, SK(0) | Ni | Nr | SK(1) ...)}: of the IKE SA that takes the place of the one with this SK_d (where
     * {@link #prf} is the old one's), and after each IKE_INTERMEDIATE exchange, with that exchange's secret alone.
     */
    public KeyMaterial skeyseed(KeyMaterial skD, List<KeyMaterial> sharedSecrets) {
        return prf.derive(skD, seed(sharedSecrets));
    }

    /**
     * {@code prf+(SKEYSEED, Ni | Nr | SPIi | SPIr)}, cut into the seven secrets.
     *
     * @param initiatorSpi of the new IKE SA
     */
    public IkeKeys ikeKeys(KeyMaterial skeyseed, long initiatorSpi, long responderSpi, IkeSuite suite) {
        byte[] spis = ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(initiatorSpi)
                .putLong(responderSpi)
                .array();
        int own = prf.length();
        int integrity = suite.integrityKeyLength();
        int encryption = suite.encryptionKeyLength();
        try (KeyMaterial all =
                prf.expand(skeyseed, 3 * own + 2 * (integrity + encryption), initiatorNonce, responderNonce, spis)) {
            var keys = all.split(own, integrity, integrity, encryption, encryption, own, own);
            return new IkeKeys(
                    keys.get(0), keys.get(1), keys.get(2), keys.get(3), keys.get(4), keys.get(5), keys.get(6));
        }
    }

    /**
     * {@code KEYMAT = prf+(SK_d, [SK(0)] | Ni | Nr [| SK(1) ...])}, cut into the keys of a Child SA.
     *
     * @param sharedSecrets of the exchanges made for this Child SA; none without perfect forward secrecy
     */
    public ChildKeys childKeys(KeyMaterial skD, List<KeyMaterial> sharedSecrets, IkeSuite suite) {
        int integrity = suite.integrityKeyLength();
        int encryption = suite.encryptionKeyLength();
        try (KeyMaterial keymat = prf.expand(skD, 2 * (integrity + encryption), seed(sharedSecrets))) {
            var keys = keymat.split(encryption, integrity, encryption, integrity);
            return new ChildKeys(keys.get(0), keys.get(1), keys.get(2), keys.get(3));
        }
    }

    private byte[][] seed(List<KeyMaterial> sharedSecrets) {
        int first = Math.min(1, sharedSecrets.size());
        byte[][] parts = new byte[sharedSecrets.size() + 2][];
        for (int i = 0; i < sharedSecrets.size(); i++) {
            parts[i < first ? i : i + 2] = sharedSecrets.get(i).bytes();
        }
        parts[first] = initiatorNonce;
        parts[first + 1] = responderNonce;
        return parts;
    }

    /**
     * Authentication Data of method 2, "Shared Key Message Integrity Code": {@code prf(prf(Shared Secret, "Key Pad for IKEv2"),
     * signed octets)} (RFC 7296 section 2.15).
     *
     * @param signedOctets in parts, one after another
     */
    public static byte[] sharedKeyAuthentication(
            PseudorandomFunction prf, KeyMaterial sharedSecret, byte[]... signedOctets) {
        try (KeyMaterial key = prf.derive(sharedSecret, KEY_PAD)) {
            return prf.compute(key, signedOctets);
        }
    }
}
