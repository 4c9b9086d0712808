package org.ipsecif.crypto;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

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

    /** Takes the array itself, which nobody else may hold. */
    static KeyMaterial owning(byte[] bytes) {
        return new KeyMaterial(bytes);
    }

    /** One of all these, one after another. */
    static KeyMaterial join(byte[]... parts) {
        byte[] all = new byte[Arrays.stream(parts).mapToInt(part -> part.length).sum()];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return owning(all);
    }

    /** Copies of consecutive parts of these lengths, in bytes. */
    List<KeyMaterial> split(int... lengths) {
        List<KeyMaterial> parts = new ArrayList<>();
        int at = 0;
        for (int length : lengths) {
            parts.add(owning(Arrays.copyOfRange(bytes, at, at + length)));
            at += length;
        }
        return parts;
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
