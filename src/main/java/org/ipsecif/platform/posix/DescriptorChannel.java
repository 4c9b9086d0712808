package org.ipsecif.platform.posix;

import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.PacketBuffer;
import org.ipsecif.platform.PacketChannel;

/** A packet channel that is a descriptor of the operating system: what all of them wait by. Closed after its reader has ended. */
public abstract class DescriptorChannel implements PacketChannel {
    private final int fd;
    private final Readiness readiness;

    /** @param fd taken over, and closed if there is an error */
    protected DescriptorChannel(int fd) throws ErrnoException {
        this.fd = fd;
        try {
            readiness = new Readiness(fd);
        } catch (ErrnoException e) {
            LibC.LIBC.close(fd);
            throw e;
        }
    }

    protected final int fd() {
        return fd;
    }

    /** Memory that system calls can use. */
    public final PacketBuffer newBuffer(int size) {
        DirectBuffer memory = new DirectBuffer(size);
        return new PacketBuffer(memory.bytes(), memory.pointer().address());
    }

    @Override
    public final boolean awaitReadable() {
        return readiness.await();
    }

    @Override
    public final void nudge() {
        readiness.nudge();
    }

    @Override
    public final void wakeup() {
        readiness.wakeup();
    }

    @Override
    public void close() {
        readiness.close();
        LibC.LIBC.close(fd);
    }
}
