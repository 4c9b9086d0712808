package org.ipsecif.platform.freebsd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.ipsecif.platform.posix.DirectBuffer;
import org.ipsecif.platform.posix.LibC;

/**
 * A pipe that stands for a device: its reader sees when nobody has the other end open any more.
 *
 * @param reader waits for what is written
 * @param fd what a daemon has open
 */
record PipedDevice(int reader, int fd) implements AutoCloseable {
    private static final short POLLIN = 1;
    private static final int PATIENCE_MILLIS = 30_000;

    static PipedDevice open() {
        DirectBuffer fds = new DirectBuffer(8);
        assertEquals(0, LibC.LIBC.pipe(fds.pointer()));
        PipedDevice device = new PipedDevice(fds.bytes().getInt(0), fds.bytes().getInt(4));
        LibC.LIBC.fcntl(device.reader, Abi.F_SETFD, Abi.FD_CLOEXEC);
        LibC.LIBC.fcntl(device.fd, Abi.F_SETFD, Abi.FD_CLOEXEC);
        return device;
    }

    static void write(int fd, int value) {
        DirectBuffer buffer = new DirectBuffer(1);
        buffer.bytes().put(0, (byte) value);
        assertEquals(1, LibC.LIBC.write(fd, buffer.pointer(), 1));
    }

    /** Waits, for as long as a test has patience: read(2) itself heeds no interrupt. @return -1 once nobody has it open */
    int read() {
        DirectBuffer waiting = new DirectBuffer(8);
        waiting.bytes().putInt(0, reader).putShort(4, POLLIN);
        assertEquals(
                1, LibC.LIBC.poll(waiting.pointer(), 1, PATIENCE_MILLIS), "nothing came, and somebody has it open");
        DirectBuffer buffer = new DirectBuffer(1);
        return LibC.LIBC.read(reader, buffer.pointer(), 1) == 0
                ? -1
                : buffer.bytes().get(0);
    }

    /** That a descriptor is of this device and no other. */
    void assertIs(int other) {
        write(other, 42);
        assertEquals(42, read());
    }

    /** As the end of the daemon does. */
    void closeIt() {
        LibC.LIBC.close(fd);
    }

    @Override
    public void close() {
        LibC.LIBC.close(reader);
    }
}
