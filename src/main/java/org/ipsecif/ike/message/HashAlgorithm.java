package org.ipsecif.ike.message;

import java.util.Optional;

/** IANA "IKEv2 Hash Algorithms": what SIGNATURE_HASH_ALGORITHMS lists (RFC 7427 section 4). */
public enum HashAlgorithm implements IanaNumber {
    SHA1(1),
    SHA2_256(2),
    SHA2_384(3),
    SHA2_512(4),
    /** RFC 8420: the signature algorithm hashes itself, as Ed25519 does. */
    IDENTITY(5),
    STREEBOG_256(6),
    STREEBOG_512(7);

    private static final Registry<HashAlgorithm> REGISTRY = new Registry<>(values());

    private final int number;

    HashAlgorithm(int number) {
        this.number = number;
    }

    /** The entry with this number, if it is a known one. */
    public static Optional<HashAlgorithm> of(int number) {
        return REGISTRY.find(number);
    }

    /** Name of the entry with this number, or the number. */
    public static String text(int number) {
        return REGISTRY.text(number);
    }

    @Override
    public int number() {
        return number;
    }

    @Override
    public String text() {
        return name();
    }
}
