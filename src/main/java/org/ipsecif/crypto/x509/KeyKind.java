package org.ipsecif.crypto.x509;

import java.security.Key;
import java.security.interfaces.ECKey;
import java.security.interfaces.EdECKey;
import java.security.interfaces.RSAKey;

/** Kinds of keys that sign, and how strong they must be. */
enum KeyKind {
    RSA,
    EC,
    ED25519,
    ED448;

    private static final int MIN_RSA_BITS = 2048;

    /** The peer chooses how long its key is, and so how long we work to verify with it. */
    private static final int MAX_RSA_BITS = 8192;

    /** @throws CredentialException if the key is of no such kind, or too weak */
    static KeyKind of(Key key) throws CredentialException {
        return switch (key.getAlgorithm()) {
            case "RSA", "RSASSA-PSS" -> checkRsa(key);
            case "EC" -> checkCurve(key);
            case "EdDSA", "Ed25519", "Ed448" -> edwards(key);
            default ->
                throw new CredentialException(
                        "a key of kind " + key.getAlgorithm() + "; expected RSA, ECDSA, Ed25519 or Ed448");
        };
    }

    private static KeyKind checkRsa(Key key) throws CredentialException {
        int bits = key instanceof RSAKey rsa ? rsa.getModulus().bitLength() : 0;
        if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) {
            throw new CredentialException(
                    "an RSA key of " + bits + " bits, expected " + MIN_RSA_BITS + " to " + MAX_RSA_BITS);
        }
        return RSA;
    }

    /** Bits of the curve: 256, 384 or 521. */
    static int curveBits(Key key) {
        return key instanceof ECKey ec ? ec.getParams().getCurve().getField().getFieldSize() : 0;
    }

    private static KeyKind checkCurve(Key key) throws CredentialException {
        return switch (curveBits(key)) {
            case 256, 384, 521 -> EC;
            default -> throw new CredentialException("an EC key that is not on P-256, P-384 or P-521");
        };
    }

    private static KeyKind edwards(Key key) throws CredentialException {
        if (key instanceof EdECKey edwards) {
            return edwards.getParams().getName().equals("Ed448") ? ED448 : ED25519;
        }
        throw new CredentialException("an EdDSA key that is neither Ed25519 nor Ed448");
    }
}
