package org.ipsecif.crypto;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/** A secret key. Never printed, compared only here, wiped by {@link #close()}. Any thread. */
public final class KeyMaterial implements AutoCloseable {
    public static final int BITS_PER_BYTE = 8;

    private final byte[] bytes;

    private KeyMaterial(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Takes a copy; the caller wipes its own. */
    public static KeyMaterial copyOf(byte[] bytes) {
        return new KeyMaterial(bytes.clone());
    }

    /** No key at all: for NULL encryption. */
    public static KeyMaterial none() {
        return new KeyMaterial(new byte[0]);
    }

    public int bits() {
        return bytes.length * BITS_PER_BYTE;
    }

    /** The key itself, not a copy: for the algorithms of this package. */
    byte[] bytes() {
        return bytes;
    }

    /** Same length and bytes; takes the same time whatever they are. */
    public boolean sameAs(KeyMaterial other) {
        return MessageDigest.isEqual(bytes, other.bytes);
    }

    /** Tells keys apart where they must not be written down: 32 bits of a hash, too few to find a key by. */
    public int checkValue() {
        try {
            return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(bytes))
                    .getInt();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JRE has it
        }
    }

    @Override
    public void close() {
        Arrays.fill(bytes, (byte) 0);
    }
}
