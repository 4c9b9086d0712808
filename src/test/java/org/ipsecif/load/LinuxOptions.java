package org.ipsecif.load;

import java.io.IOException;
import java.nio.channels.DatagramChannel;
import org.ipsecif.platform.posix.DirectBuffer;
import org.ipsecif.platform.posix.LibC;

/** Options of Linux's that the JDK does not set. It wants {@code --add-exports java.base/sun.nio.ch=ALL-UNNAMED}. */
final class LinuxOptions {
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVBUFFORCE = 33;
    private static final int IPPROTO_UDP = 17;
    private static final int UDP_SEGMENT = 103; // linux/udp.h

    private LinuxOptions() {}

    /** Has the socket cut what it is given into datagrams of this many bytes. */
    static void segment(DatagramChannel channel, int bytes) throws IOException {
        if (set(channel, IPPROTO_UDP, UDP_SEGMENT, bytes) < 0) {
            throw new IOException("no UDP_SEGMENT here");
        }
    }

    /** Gives the socket room for this many bytes, beyond the system's limit if that is allowed to us. */
    static void enlarge(DatagramChannel channel, int bytes) throws IOException {
        set(channel, SOL_SOCKET, SO_RCVBUFFORCE, bytes);
    }

    private static int set(DatagramChannel channel, int level, int option, int value) throws IOException {
        DirectBuffer argument = new DirectBuffer(Integer.BYTES);
        argument.bytes().putInt(0, value);
        return LibC.LIBC.setsockopt(descriptor(channel), level, option, argument.pointer(), Integer.BYTES);
    }

    private static int descriptor(DatagramChannel channel) throws IOException {
        try {
            return (int)
                    Class.forName("sun.nio.ch.SelChImpl").getMethod("getFDVal").invoke(channel);
        } catch (ReflectiveOperationException e) {
            throw new IOException("no descriptor", e);
        }
    }
}
