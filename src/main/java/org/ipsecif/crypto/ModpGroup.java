package org.ipsecif.crypto;

import java.math.BigInteger;
import java.security.SecureRandom;
import org.bouncycastle.crypto.params.DHParameters;
import org.bouncycastle.util.BigIntegers;

/** Diffie-Hellman modulo a safe prime (RFC 3526). The private value is a number of the JDK's, which cannot be wiped. */
final class ModpGroup implements KeyExchangeGroup {
    private final BigInteger prime;
    private final BigInteger generator;
    private final int exponentBits;

    ModpGroup(DHParameters parameters, int exponentBits) {
        this.prime = parameters.getP();
        this.generator = parameters.getG();
        this.exponentBits = exponentBits;
    }

    @Override
    public KeyExchange start(SecureRandom random) {
        return with(new BigInteger(exponentBits, random).setBit(exponentBits - 1));
    }

    /** With this private value. */
    KeyExchange with(BigInteger exponent) {
        return new Half(exponent);
    }

    /** Values are as long as the prime, with leading zeros (RFC 7296 sections 2.14 and 3.4). */
    private int length() {
        return (prime.bitLength() + KeyMaterial.BITS_PER_BYTE - 1) / KeyMaterial.BITS_PER_BYTE;
    }

    /** RFC 6989 section 2.1: of a safe prime's group, only these two values and what is out of range are bad. */
    private BigInteger check(byte[] value) throws InvalidKeyExchangeException {
        InvalidKeyExchangeException.requireLength(value, length());
        BigInteger number = new BigInteger(1, value);
        if (number.compareTo(BigInteger.ONE) <= 0 || number.compareTo(prime.subtract(BigInteger.ONE)) >= 0) {
            throw new InvalidKeyExchangeException("a public value that is not between 1 and the prime less 1");
        }
        return number;
    }

    private final class Half implements KeyExchange {
        private final BigInteger exponent;

        Half(BigInteger exponent) {
            this.exponent = exponent;
        }

        @Override
        public byte[] publicValue() {
            return BigIntegers.asUnsignedByteArray(length(), generator.modPow(exponent, prime));
        }

        @Override
        public KeyMaterial finish(byte[] peerValue) throws InvalidKeyExchangeException {
            BigInteger shared = check(peerValue).modPow(exponent, prime);
            return KeyMaterial.owning(BigIntegers.asUnsignedByteArray(length(), shared));
        }

        @Override
        public void close() {}
    }
}
