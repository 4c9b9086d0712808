package org.ipsecif.platform.freebsd.sim;

import org.jspecify.annotations.Nullable;

/** PF_KEY that takes everything and says nothing. */
public final class SilentKeys implements KeyKernel.Socket {
    @Override
    public int write(byte[] message) {
        return 0;
    }

    @Override
    public byte @Nullable [] poll() {
        return null;
    }

    @Override
    public boolean isReadable() {
        return false;
    }

    @Override
    public int takeError() {
        return 0;
    }

    @Override
    public int setOption(int option, int value) {
        return 0;
    }

    @Override
    public void onReadable(Runnable notice) {}

    @Override
    public void close() {}
}
