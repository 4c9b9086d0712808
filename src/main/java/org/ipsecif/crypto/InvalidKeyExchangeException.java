package org.ipsecif.crypto;

/** A peer's public value is not one that the key exchange method allows. The message says why, and holds no value. */
public final class InvalidKeyExchangeException extends Exception {
    private static final long serialVersionUID = 1L;

    InvalidKeyExchangeException(String message) {
        super(message);
    }

    /** @throws InvalidKeyExchangeException unless the value has the only length allowed */
    static void requireLength(byte[] value, int length) throws InvalidKeyExchangeException {
        if (value.length != length) {
            throw new InvalidKeyExchangeException("a public value of " + value.length + " bytes, expected " + length);
        }
    }
}
