package org.ipsecif.ike.message;

import java.util.Arrays;
import java.util.HexFormat;

/**
 * Bytes as a value: immutable, equal by content, ordered as RFC 7296 section 2.8.1 compares nonces (byte by byte, unsigned). Not
 * for secrets: it is printed in hexadecimal and never wiped.
 */
public final class Octets implements Comparable<Octets> {
    public static final Octets EMPTY = new Octets(new byte[0]);

    private final byte[] bytes;

    private Octets(byte[] bytes) {
        this.bytes = bytes;
    }

    /** A copy. */
    public static Octets of(byte... bytes) {
        return new Octets(bytes.clone());
    }

    /** A copy of {@code length} bytes at {@code offset}. */
    public static Octets of(byte[] bytes, int offset, int length) {
        return length == 0 ? EMPTY : new Octets(Arrays.copyOfRange(bytes, offset, offset + length));
    }

    /** @throws IllegalArgumentException if this is not pairs of hexadecimal digits */
    public static Octets ofHex(String hex) {
        return new Octets(HexFormat.of().parseHex(hex));
    }

    public int length() {
        return bytes.length;
    }

    public boolean isEmpty() {
        return bytes.length == 0;
    }

    /** Unsigned. */
    public int at(int index) {
        return bytes[index] & 0xff;
    }

    /** A copy. */
    public byte[] toBytes() {
        return bytes.clone();
    }

    /** A reader from the first byte, whose complaints name {@code what}. */
    public OctetReader reader(String what) {
        return new OctetReader(bytes, 0, bytes.length, what);
    }

    void copyTo(byte[] target, int offset) {
        System.arraycopy(bytes, 0, target, offset, bytes.length);
    }

    @Override
    public int compareTo(Octets other) {
        return Arrays.compareUnsigned(bytes, other.bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Octets octets && Arrays.equals(bytes, octets.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** In hexadecimal. */
    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes);
    }
}
