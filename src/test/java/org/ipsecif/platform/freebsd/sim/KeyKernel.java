package org.ipsecif.platform.freebsd.sim;

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

    /** @param pid of the process that opens it, and so its port */
    Socket open(int pid);
}
