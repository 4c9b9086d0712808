package org.ipsecif.platform.freebsd.sim;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** What is behind a simulated host's PF_KEY sockets (netipsec/keysock.c, key.c). Any thread; none of its calls blocks. */
public interface KeyKernel {
    /** One socket. */
    interface Socket {
        /**
         * write(2) of one message.
         *
         * @return 0, or the errno of the write itself
         */
        int write(byte[] message);

        /** The next message for this socket, as read(2) takes it; null if there is none. */
        byte @Nullable [] poll();

        /** Whether {@link #poll} or {@link #takeError} has something. */
        boolean isReadable();

        /**
         * Takes the error that read(2) is to fail with once, after what is queued: ENOBUFS for messages that did not fit, if SO_RERROR asks
         * for it.
         *
         * @return 0 if there is none
         */
        int takeError();

        /** setsockopt(2) at SOL_SOCKET: SO_RCVBUF, SO_RERROR and such. @return 0 or an errno */
        int setOption(int option, int value);

        /** Called, perhaps with locks of its own held, whenever {@link #poll} or {@link #takeError} may have something new. */
        void onReadable(Runnable notice);

        void close();
    }

    /**
     * What policies look at.
     *
     * @param protocol of the upper layer
     * @param sourcePort of UDP and TCP; ICMPv6's type; else 0
     * @param destinationPort of UDP and TCP; ICMPv6's code; else 0
     */
    record Flow(InetAddress source, InetAddress destination, int protocol, int sourcePort, int destinationPort) {}

    /** @param pid of the process that opens it, and so its port */
    Socket open(int pid);

    /**
     * Whether a packet that the host sends goes on as it is: no policy is about it, or one that does without IPsec. With the host's lock.
     */
    default boolean sends(Flow flow) {
        return true;
    }

    /** Likewise of one that came in the clear. */
    default boolean accepts(Flow flow) {
        return true;
    }
}
