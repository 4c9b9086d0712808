package org.ipsecif.platform.posix;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import jnr.ffi.Pointer;

/** Direct memory for system calls, and a view of it in native byte order. One thread. */
public final class DirectBuffer {
    private final ByteBuffer bytes;
    private final Pointer pointer;

    /** @param size bytes, zeroed */
    public DirectBuffer(int size) {
        bytes = ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
        pointer = Pointer.wrap(LibC.RUNTIME, bytes);
    }

    /** A buffer that holds {@code contents}. */
    public static DirectBuffer of(byte[] contents) {
        DirectBuffer buffer = new DirectBuffer(contents.length);
        buffer.bytes.put(0, contents);
        return buffer;
    }

    public ByteBuffer bytes() {
        return bytes;
    }

    public Pointer pointer() {
        return pointer;
    }

    /** The text that it begins with: ASCII, up to the first NUL. @param most bytes of it */
    public String text(int most) {
        byte[] text = new byte[most];
        bytes.get(0, text);
        int length = 0;
        while (length < most && text[length] != 0) {
            length++;
        }
        return new String(text, 0, length, StandardCharsets.US_ASCII);
    }

    public int size() {
        return bytes.capacity();
    }
}
