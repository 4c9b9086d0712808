package org.ipsecif.crypto.x509;

import java.util.Arrays;
import java.util.Optional;

/** "IKEv2 Hash Algorithms" (IANA): what a SIGNATURE_HASH_ALGORITHMS notification lists (RFC 7427 section 4). */
public enum SignatureHash {
    /** Only for a peer that has nothing better (RFC 8247). */
    SHA1(1, "SHA-1"),
    SHA2_256(2, "SHA-256"),
    SHA2_384(3, "SHA-384"),
    SHA2_512(4, "SHA-512"),
    /** RFC 8420: Ed25519 and Ed448 sign the message itself. */
    IDENTITY(5, "");

    private final int number;
    private final String digest;

    SignatureHash(int number, String digest) {
        this.number = number;
        this.digest = digest;
    }

    public int number() {
        return number;
    }

    /** The JDK's name. */
    String digest() {
        return digest;
    }

    public static Optional<SignatureHash> byNumber(int number) {
        return Arrays.stream(values()).filter(h -> h.number == number).findFirst();
    }
}
