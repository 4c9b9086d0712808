package org.ipsecif.ike.message;

import org.ipsecif.wire.Bytes;

/**
 * Reads fields of a message one after another and refuses, as INVALID_SYNTAX, to go beyond its part of the bytes. One thread.
 */
public final class OctetReader {
    private final byte[] bytes;
    private final int end;
    private final String what;
    private int at;

    /** @param what names this part in complaints, such as "SA payload" */
    public OctetReader(byte[] bytes, int offset, int length, String what) {
        this.bytes = bytes;
        this.at = offset;
        this.end = offset + length;
        this.what = what;
    }

    /** Bytes that are left. */
    public int remaining() {
        return end - at;
    }

    /** Unsigned. */
    public int u8() throws IkeException {
        return Bytes.u8(bytes, advance(1));
    }

    /** Unsigned. */
    public int u16() throws IkeException {
        return Bytes.u16(bytes, advance(2));
    }

    /** Unsigned. */
    public int u24() throws IkeException {
        return u8() << 16 | u16();
    }

    /** Unsigned. */
    public long u32() throws IkeException {
        return Bytes.u32(bytes, advance(4));
    }

    public long i64() throws IkeException {
        return Bytes.i64(bytes, advance(8));
    }

    /** The next {@code length} bytes. */
    public Octets take(int length) throws IkeException {
        return Octets.of(bytes, advance(length), length);
    }

    /** All that is left. */
    public Octets rest() {
        Octets rest = Octets.of(bytes, at, end - at);
        at = end;
        return rest;
    }

    public void skip(int length) throws IkeException {
        advance(length);
    }

    /** A reader for the next {@code length} bytes alone, which this one then skips. */
    public OctetReader part(int length, String name) throws IkeException {
        return new OctetReader(bytes, advance(length), length, name);
    }

    /** Refuses bytes that nothing accounts for. */
    public void end() throws IkeException {
        if (at != end) {
            throw malformed("has " + remaining() + " bytes too many");
        }
    }

    /** What to throw about this part. */
    public IkeException malformed(String why) {
        return IkeException.invalidSyntax(what + " " + why);
    }

    private int advance(int length) throws IkeException {
        if (length < 0 || length > end - at) {
            throw malformed("is cut short: " + length + " bytes are to follow, " + (end - at) + " do");
        }
        int start = at;
        at += length;
        return start;
    }
}
