package org.ipsecif.crypto;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Hashes that nothing depends on for secrecy. */
public final class Hash {
    private Hash() {}

    /** SHA-1 of the parts, one after another: 20 bytes. For NAT detection, and to name public keys (RFC 7296 sections 2.23, 3.7). */
    public static byte[] sha1(byte[]... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-1");
            for (byte[] part : parts) {
                digest.update(part);
            }
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JRE has it
        }
    }
}
