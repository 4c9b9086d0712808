package org.ipsecif.crypto;

import java.security.SecureRandom;
import java.util.Arrays;
import org.bouncycastle.math.ec.rfc7748.X448;

/** X448 (RFC 7748, RFC 8031), by Bouncy Castle as {@link X25519Exchange}. */
final class X448Exchange implements KeyExchangeGroup {
    @Override
    public KeyExchange start(SecureRandom random) {
        byte[] scalar = new byte[X448.SCALAR_SIZE];
        X448.generatePrivateKey(random, scalar);
        return with(scalar);
    }

    /** With this private value, which belongs to the exchange from now on. */
    KeyExchange with(byte[] scalar) {
        return new Half(scalar);
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Half(byte[] scalar) implements KeyExchange {
        @Override
        public byte[] publicValue() {
            byte[] point = new byte[X448.POINT_SIZE];
            X448.generatePublicKey(scalar, 0, point, 0);
            return point;
        }

        @Override
        public KeyMaterial finish(byte[] peerValue) throws InvalidKeyExchangeException {
            InvalidKeyExchangeException.requireLength(peerValue, X448.POINT_SIZE);
            byte[] secret = new byte[X448.POINT_SIZE];
            if (!X448.calculateAgreement(scalar, 0, peerValue, 0, secret, 0)) {
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
