package org.ipsecif.platform.freebsd.sim;

import java.nio.charset.StandardCharsets;
import jnr.ffi.Pointer;

/** Numbers in a kernel's memory: little-endian, but for what goes over a network. */
final class Words {
    private Words() {}

    static int u8(byte[] from, int at) {
        return from[at] & 0xff;
    }

    static int u16(byte[] from, int at) {
        return u8(from, at) | u8(from, at + 1) << 8;
    }

    static int i32(byte[] from, int at) {
        return u16(from, at) | u16(from, at + 2) << 16;
    }

    static long i64(byte[] from, int at) {
        return Integer.toUnsignedLong(i32(from, at)) | (long) i32(from, at + 4) << 32;
    }

    static byte[] put8(byte[] to, int at, int value) {
        to[at] = (byte) value;
        return to;
    }

    static byte[] put16(byte[] to, int at, int value) {
        put8(to, at, value);
        return put8(to, at + 1, value >> 8);
    }

    static byte[] put32(byte[] to, int at, int value) {
        put16(to, at, value);
        return put16(to, at + 2, value >> 16);
    }

    static byte[] put64(byte[] to, int at, long value) {
        put32(to, at, (int) value);
        return put32(to, at + 4, (int) (value >> 32));
    }

    static int net16(byte[] from, int at) {
        return u8(from, at) << 8 | u8(from, at + 1);
    }

    static byte[] putNet16(byte[] to, int at, int value) {
        put8(to, at, value >> 8);
        return put8(to, at + 1, value);
    }

    static int net32(byte[] from, int at) {
        return net16(from, at) << 16 | net16(from, at + 2);
    }

    static byte[] putNet32(byte[] to, int at, int value) {
        putNet16(to, at, value >> 16);
        return putNet16(to, at + 2, value);
    }

    static byte[] cut(byte[] from, int at, int length) {
        byte[] part = new byte[length];
        System.arraycopy(from, at, part, 0, length);
        return part;
    }

    static void copy(byte[] from, byte[] to, int at) {
        System.arraycopy(from, 0, to, at, from.length);
    }

    static byte[] join(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        byte[] all = new byte[length];
        int at = 0;
        for (byte[] part : parts) {
            copy(part, all, at);
            at += part.length;
        }
        return all;
    }

    /** A string that ends with a NUL or the field. */
    static String text(byte[] from, int at, int length) {
        int end = at;
        while (end < at + length && from[end] != 0) {
            end++;
        }
        return new String(from, at, end - at, StandardCharsets.UTF_8);
    }

    /** strlcpy(3): at most {@code room} with its NUL. */
    static void putText(byte[] to, int at, String text, int room) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        System.arraycopy(bytes, 0, to, at, Math.min(bytes.length, room - 1));
    }

    /** copyin(9). */
    static byte[] read(Pointer from, long length) {
        KernelError.when(length < 0 || length > Integer.MAX_VALUE, KernelError.EINVAL);
        byte[] bytes = new byte[(int) length];
        if (length > 0) {
            from.get(0, bytes, 0, bytes.length);
        }
        return bytes;
    }

    /** copyout(9). */
    static void write(byte[] bytes, Pointer to) {
        if (bytes.length > 0) {
            to.put(0, bytes, 0, bytes.length);
        }
    }

    /** The sum that RFC 1071 wants, of these bytes in network order, added to {@code sum}. */
    static long sum(long sum, byte[] bytes, int at, int length) {
        long total = sum;
        for (int i = 0; i < length - 1; i += 2) {
            total += net16(bytes, at + i);
        }
        return length % 2 == 0 ? total : total + (u8(bytes, at + length - 1) << 8);
    }

    static int checksum(long sum) {
        long folded = sum;
        while (folded >> 16 != 0) {
            folded = (folded & 0xffff) + (folded >> 16);
        }
        return (int) ~folded & 0xffff;
    }
}
