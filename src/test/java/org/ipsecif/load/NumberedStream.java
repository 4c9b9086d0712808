package org.ipsecif.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** The numbers 0, 1, 2 and so on, of eight bytes each, over TCP; for one direction. */
final class NumberedStream {
    private static final int BUFFER = 1 << 16;

    private final SocketChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
    private long numbers;
    private long wrong;

    /** @param channel which does not block */
    NumberedStream(SocketChannel channel) {
        this.channel = channel;
    }

    /** Begins to send. */
    NumberedStream sending() {
        buffer.limit(0);
        return this;
    }

    /** Sends what is taken at once, to so many numbers in all. @return whether anything was taken */
    boolean send(long all) throws IOException {
        if (!buffer.hasRemaining()) {
            buffer.clear();
            for (; numbers < all && buffer.hasRemaining(); numbers++) {
                buffer.putLong(numbers);
            }
            buffer.flip();
        }
        return buffer.hasRemaining() && channel.write(buffer) > 0;
    }

    /** Whether all that was to be sent has been taken. */
    boolean isDone(long all) {
        return numbers >= all && !buffer.hasRemaining();
    }

    /** Takes what is there. @return false at its end */
    boolean receive() throws IOException {
        int taken = channel.read(buffer);
        while (taken > 0) {
            buffer.flip();
            for (; buffer.remaining() >= Long.BYTES; numbers++) {
                wrong += buffer.getLong() == numbers ? 0 : 1;
            }
            buffer.compact();
            taken = channel.read(buffer);
        }
        return taken == 0;
    }

    /** How many numbers have come, or been made. */
    long numbers() {
        return numbers;
    }

    /** How many of those that came were another than was due. */
    long wrong() {
        return wrong;
    }

    void close() throws IOException {
        channel.close();
    }
}
