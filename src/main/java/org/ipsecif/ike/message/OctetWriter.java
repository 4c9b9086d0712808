package org.ipsecif.ike.message;

import java.util.Arrays;
import org.ipsecif.wire.Bytes;

/** Writes fields one after another; a number that does not fit its field is an {@link IllegalArgumentException}. One thread. */
public final class OctetWriter {
    private static final int FIRST_CAPACITY = 256;

    private byte[] bytes = new byte[FIRST_CAPACITY];
    private int length;

    public int length() {
        return length;
    }

    public OctetWriter u8(long value) {
        int at = advance(1);
        bytes[at] = (byte) unsigned(value, 8);
        return this;
    }

    public OctetWriter u16(long value) {
        int at = advance(2);
        Bytes.put16(bytes, at, (int) unsigned(value, 16));
        return this;
    }

    public OctetWriter u24(long value) {
        unsigned(value, 24);
        return u8(value >> 16).u16(value & 0xffff);
    }

    public OctetWriter u32(long value) {
        int at = advance(4);
        Bytes.put32(bytes, at, (int) unsigned(value, 32));
        return this;
    }

    public OctetWriter i64(long value) {
        int at = advance(8);
        Bytes.put64(bytes, at, value);
        return this;
    }

    public OctetWriter zeros(int count) {
        advance(count);
        return this;
    }

    public OctetWriter octets(Octets octets) {
        int at = advance(octets.length());
        octets.copyTo(bytes, at);
        return this;
    }

    public OctetWriter octets(byte[] octets) {
        int at = advance(octets.length);
        System.arraycopy(octets, 0, bytes, at, octets.length);
        return this;
    }

    /** Puts a 16-bit length where {@link #zeros} left room for it. */
    void u16At(int offset, int value) {
        Bytes.put16(bytes, offset, (int) unsigned(value, 16));
    }

    /** Puts a 32-bit length where {@link #zeros} left room for it. */
    void u32At(int offset, int value) {
        Bytes.put32(bytes, offset, value);
    }

    public byte[] toBytes() {
        return Arrays.copyOf(bytes, length);
    }

    public Octets toOctets() {
        return Octets.of(bytes, 0, length);
    }

    private static long unsigned(long value, int bits) {
        if (value < 0 || value >= 1L << bits) {
            throw new IllegalArgumentException(value + " does not fit into a field of " + bits + " bits");
        }
        return value;
    }

    /** Makes room, perhaps in another array: called before {@link #bytes} is looked at. */
    private int advance(int count) {
        if (bytes.length - length < count) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + count));
        }
        int start = length;
        length += count;
        return start;
    }
}
