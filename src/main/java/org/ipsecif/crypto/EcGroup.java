package org.ipsecif.crypto;

import java.math.BigInteger;
import java.security.SecureRandom;
import org.bouncycastle.asn1.x9.ECNamedCurveTable;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.math.ec.ECPoint;
import org.bouncycastle.math.ec.FixedPointCombMultiplier;
import org.bouncycastle.util.BigIntegers;

/**
 * Diffie-Hellman on a curve over a prime field with cofactor 1 (RFC 5903, RFC 6954): a public value is x and y, the secret is x. By
 * Bouncy Castle, which is several times faster here than the JDK and has the Brainpool curves.
 */
final class EcGroup implements KeyExchangeGroup {
    private static final byte UNCOMPRESSED = 4;

    private final X9ECParameters curve;

    EcGroup(String name) {
        X9ECParameters custom = CustomNamedCurves.getByName(name);
        this.curve = custom == null ? ECNamedCurveTable.getByName(name) : custom;
    }

    @Override
    public KeyExchange start(SecureRandom random) {
        BigInteger order = curve.getN();
        return with(BigIntegers.createRandomInRange(BigInteger.ONE, order.subtract(BigInteger.ONE), random));
    }

    /** With this private value. */
    KeyExchange with(BigInteger exponent) {
        return new Half(exponent);
    }

    private int coordinateLength() {
        return (curve.getCurve().getFieldSize() + KeyMaterial.BITS_PER_BYTE - 1) / KeyMaterial.BITS_PER_BYTE;
    }

    /** RFC 6989 section 2.3: coordinates in the field, on the curve. The cofactor is 1, so there is no smaller subgroup. */
    private ECPoint check(byte[] value) throws InvalidKeyExchangeException {
        InvalidKeyExchangeException.requireLength(value, 2 * coordinateLength());
        byte[] encoded = new byte[1 + value.length];
        encoded[0] = UNCOMPRESSED;
        System.arraycopy(value, 0, encoded, 1, value.length);
        try {
            return curve.getCurve().decodePoint(encoded);
        } catch (IllegalArgumentException e) {
            throw new InvalidKeyExchangeException("a public value that is not a point of the curve");
        }
    }

    private final class Half implements KeyExchange {
        private final BigInteger exponent;

        Half(BigInteger exponent) {
            this.exponent = exponent;
        }

        @Override
        public byte[] publicValue() {
            ECPoint point = new FixedPointCombMultiplier()
                    .multiply(curve.getG(), exponent)
                    .normalize();
            byte[] encoded = point.getEncoded(false);
            byte[] value = new byte[encoded.length - 1];
            System.arraycopy(encoded, 1, value, 0, value.length);
            return value;
        }

        @Override
        public KeyMaterial finish(byte[] peerValue) throws InvalidKeyExchangeException {
            ECPoint shared = check(peerValue).multiply(exponent).normalize();
            return KeyMaterial.owning(shared.getAffineXCoord().getEncoded());
        }

        @Override
        public void close() {}
    }
}
