package org.ipsecif.ike;

import java.security.MessageDigest;
import java.security.SecureRandom;
import org.ipsecif.crypto.KeyMaterial;
import org.ipsecif.crypto.PseudorandomFunction;
import org.ipsecif.ike.message.IkeHeader;
import org.ipsecif.ike.message.OctetWriter;
import org.ipsecif.ike.message.Octets;

/**
 * Proofs that an initiator receives at its address, without a memory of it (RFC 7296 section 2.6): {@code version | prf(secret, Ni |
 * address | port | SPIi)}. The secret changes with time; the one before it is still taken.
 */
final class Cookies {
    private static final PseudorandomFunction PRF = PseudorandomFunction.PRF_HMAC_SHA2_256;
    private static final long LIFETIME = 120_000_000_000L;

    private final SecureRandom random;
    private KeyMaterial current;
    private KeyMaterial previous;
    private int version;
    private long madeNanos;

    Cookies(SecureRandom random, long nowNanos) {
        this.random = random;
        this.current = secret();
        this.previous = secret();
        this.madeNanos = nowNanos;
    }

    private KeyMaterial secret() {
        byte[] bytes = new byte[PRF.length()];
        random.nextBytes(bytes);
        return KeyMaterial.copyOf(bytes);
    }

    Octets make(IkeHeader header, Octets nonce, Path path, long nowNanos) {
        if (nowNanos - madeNanos > LIFETIME) {
            previous = current;
            current = secret();
            madeNanos = nowNanos;
            version = version + 1 & 0xff;
        }
        return cookie(current, version, header, nonce, path);
    }

    boolean isValid(Octets cookie, IkeHeader header, Octets nonce, Path path) {
        return same(cookie, cookie(current, version, header, nonce, path))
                || same(cookie, cookie(previous, version - 1 & 0xff, header, nonce, path));
    }

    /** In a time that does not tell how much of it is right. */
    private static boolean same(Octets given, Octets made) {
        return MessageDigest.isEqual(given.toBytes(), made.toBytes());
    }

    private static Octets cookie(KeyMaterial secret, int version, IkeHeader header, Octets nonce, Path path) {
        byte[] who = new OctetWriter()
                .octets(path.remote().toBytes())
                .u16(path.remotePort())
                .i64(header.initiatorSpi())
                .toBytes();
        byte[] proof = PRF.compute(secret, nonce.toBytes(), who);
        return new OctetWriter().u8(version).octets(proof).toOctets();
    }
}
