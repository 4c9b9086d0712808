package org.ipsecif.platform.pfkey;

import org.ipsecif.platform.freebsd.sim.KeyKernel;
import org.jspecify.annotations.Nullable;

/** A socket of a kernel that lets nobody have a larger receive buffer than the first one. */
record SmallSocket(KeyKernel.Socket socket) implements KeyKernel.Socket {
    private static final int SO_RCVBUF = 0x1002;
    private static final int ENOBUFS = 55;

    @Override
    public int write(byte[] message) {
        return socket.write(message);
    }

    @Override
    public byte @Nullable [] poll() {
        return socket.poll();
    }

    @Override
    public boolean isReadable() {
        return socket.isReadable();
    }

    @Override
    public int takeError() {
        return socket.takeError();
    }

    @Override
    public int setOption(int option, int value) {
        return option == SO_RCVBUF && value > 8192 ? ENOBUFS : socket.setOption(option, value);
    }

    @Override
    public void onReadable(Runnable notice) {
        socket.onReadable(notice);
    }

    @Override
    public void close() {
        socket.close();
    }
}
