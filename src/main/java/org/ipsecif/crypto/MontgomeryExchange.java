package org.ipsecif.crypto;

import java.security.SecureRandom;
import java.util.Arrays;
import org.bouncycastle.math.ec.rfc7748.X25519;
import org.bouncycastle.math.ec.rfc7748.X448;

/** X25519 and X448 (RFC 7748, RFC 8031), by Bouncy Castle's own arithmetic: X25519 takes a third of the time that the JDK takes. */
enum MontgomeryExchange implements KeyExchangeGroup {
    CURVE25519(X25519.SCALAR_SIZE, X25519.POINT_SIZE) {
        @Override
        void generate(SecureRandom random, byte[] scalar) {
            X25519.generatePrivateKey(random, scalar);
        }

        @Override
        void publicValue(byte[] scalar, byte[] point) {
            X25519.generatePublicKey(scalar, 0, point, 0);
        }

        @Override
        boolean agree(byte[] scalar, byte[] peer, byte[] secret) {
            return X25519.calculateAgreement(scalar, 0, peer, 0, secret, 0);
        }
    },
    CURVE448(X448.SCALAR_SIZE, X448.POINT_SIZE) {
        @Override
        void generate(SecureRandom random, byte[] scalar) {
            X448.generatePrivateKey(random, scalar);
        }

        @Override
        void publicValue(byte[] scalar, byte[] point) {
            X448.generatePublicKey(scalar, 0, point, 0);
        }

        @Override
        boolean agree(byte[] scalar, byte[] peer, byte[] secret) {
            return X448.calculateAgreement(scalar, 0, peer, 0, secret, 0);
        }
    };

    private final int scalarSize;
    private final int pointSize;

    MontgomeryExchange(int scalarSize, int pointSize) {
        this.scalarSize = scalarSize;
        this.pointSize = pointSize;
    }

    abstract void generate(SecureRandom random, byte[] scalar);

    abstract void publicValue(byte[] scalar, byte[] point);

    /** @return false if the secret is zero, as with a point of small order (RFC 7748 section 6) */
    abstract boolean agree(byte[] scalar, byte[] peer, byte[] secret);

    @Override
    public KeyExchange start(SecureRandom random) {
        byte[] scalar = new byte[scalarSize];
        generate(random, scalar);
        return with(scalar);
    }

    /** With this private value, which belongs to the exchange from now on. */
    KeyExchange with(byte[] scalar) {
        return new Half(this, scalar);
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Half(MontgomeryExchange curve, byte[] scalar) implements KeyExchange {
        @Override
        public byte[] publicValue() {
            byte[] point = new byte[curve.pointSize];
            curve.publicValue(scalar, point);
            return point;
        }

        @Override
        public KeyMaterial finish(byte[] peerValue) throws InvalidKeyExchangeException {
            InvalidKeyExchangeException.requireLength(peerValue, curve.pointSize);
            byte[] secret = new byte[curve.pointSize];
            if (!curve.agree(scalar, peerValue, secret)) {
                throw new InvalidKeyExchangeException(SMALL_ORDER);
            }
            return KeyMaterial.owning(secret);
        }

        @Override
        public void close() {
            Arrays.fill(scalar, (byte) 0);
        }
    }
}
