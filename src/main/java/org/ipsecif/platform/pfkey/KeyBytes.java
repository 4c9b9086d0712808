package org.ipsecif.platform.pfkey;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;

/** A key on its way to or from the kernel. It has no text, and {@link #close()} overwrites it. */
public final class KeyBytes implements AutoCloseable {
    private final byte[] bytes;
    private final int bits;

    private KeyBytes(byte[] bytes, int bits) {
        this.bytes = bytes;
        this.bits = bits;
    }

    /** @param bytes copied; the caller's are the caller's to overwrite */
    public static KeyBytes of(byte[] bytes) {
        return new KeyBytes(bytes.clone(), 8 * bytes.length);
    }

    static KeyBytes read(ByteBuffer from, int at, int bits) {
        byte[] bytes = new byte[bytes(bits)];
        from.get(at, bytes);
        return new KeyBytes(bytes, bits);
    }

    static int bytes(int bits) {
        return (bits + 7) / 8;
    }

    public int bits() {
        return bits;
    }

    /** A copy, which the caller overwrites. */
    public byte[] copy() {
        return bytes.clone();
    }

    void write(ByteBuffer to, int at) {
        to.put(at, bytes);
    }

    @Override
    public void close() {
        Arrays.fill(bytes, (byte) 0);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof KeyBytes key && bits == key.bits && MessageDigest.isEqual(bytes, key.bytes);
    }

    /** Of the length alone, so that it tells nothing. */
    @Override
    public int hashCode() {
        return bits;
    }

    @Override
    public String toString() {
        return bits + " bits";
    }
}
