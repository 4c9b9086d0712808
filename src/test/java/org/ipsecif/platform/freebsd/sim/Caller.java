package org.ipsecif.platform.freebsd.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HexFormat;
import jnr.ffi.LastError;
import jnr.ffi.Pointer;
import org.ipsecif.platform.posix.DirectBuffer;
import org.ipsecif.platform.posix.LibC;

/** A program that calls the kernel with bytes that a test has written out in hex; {@code |} and blanks are for the reader. */
final class Caller {
    final SimulatedProcess libc;

    Caller(SimulatedFreeBsd host) {
        libc = host.process();
    }

    static byte[] hex(String text) {
        return HexFormat.of().parseHex(text.replaceAll("[| \n]", ""));
    }

    /** A name in a field of so many bytes. */
    static String name(String text, int room) {
        StringBuilder hex = new StringBuilder();
        for (char each : text.toCharArray()) {
            hex.append(String.format("%02x", (int) each));
        }
        return hex + "00".repeat(room - text.length());
    }

    /** @throws AssertionError if it fails, with errno */
    static int done(long result) {
        assertEquals(true, result >= 0, () -> "errno " + LastError.getLastError(LibC.RUNTIME));
        return (int) result;
    }

    static void refused(int errno, long result) {
        assertEquals(-1, result);
        assertEquals(errno, LastError.getLastError(LibC.RUNTIME));
    }

    /** @return what the kernel made of the argument */
    byte[] ioctl(int fd, long request, String argument) {
        DirectBuffer memory = DirectBuffer.of(hex(argument));
        done(libc.ioctl(fd, request, memory.pointer()));
        return contents(memory, memory.size());
    }

    void ioctlRefused(int errno, int fd, long request, String argument) {
        refused(errno, libc.ioctl(fd, request, DirectBuffer.of(hex(argument)).pointer()));
    }

    static byte[] contents(DirectBuffer memory, int length) {
        byte[] bytes = new byte[length];
        memory.bytes().get(0, bytes);
        return bytes;
    }

    byte[] read(int fd, int room) {
        DirectBuffer memory = new DirectBuffer(room);
        return contents(memory, done(libc.read(fd, memory.pointer(), room)));
    }

    void readRefused(int errno, int fd, int room) {
        refused(errno, libc.read(fd, new DirectBuffer(room).pointer(), room));
    }

    int write(int fd, byte[] data) {
        return done(libc.write(fd, pointer(data), data.length));
    }

    static Pointer pointer(byte[] data) {
        return DirectBuffer.of(data).pointer();
    }

    int bind(int fd, String sockaddr) {
        byte[] name = hex(sockaddr);
        return libc.bind(fd, pointer(name), name.length);
    }

    long sendTo(int fd, byte[] data, String sockaddr) {
        byte[] name = hex(sockaddr);
        return libc.sendto(fd, pointer(data), data.length, 0, pointer(name), name.length);
    }

    int setOption(int fd, int level, int option, String value) {
        byte[] bytes = hex(value);
        return libc.setsockopt(fd, level, option, pointer(bytes), bytes.length);
    }

    static void assertHex(String expected, byte[] actual) {
        assertEquals(HexFormat.of().formatHex(hex(expected)), HexFormat.of().formatHex(actual));
    }
}
