package org.ipsecif.platform.posix;

import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.PacketBuffer;
import org.ipsecif.platform.PacketChannel;

/** A packet channel that is a descriptor of the operating system: what all of them wait by. Closed after its reader has ended. */
public abstract class DescriptorChannel implements PacketChannel {
    /** In place of a descriptor where there is none. */
    protected static final int NONE = Readiness.NONE;

    private final Posix posix;
    private final int fd;
    private final int urgentFd;
    private final Readiness readiness;

    /** @param fd taken over, and closed if there is an error */
    protected DescriptorChannel(int fd) throws ErrnoException {
        this(fd, NONE);
    }

    /** @param urgentFd of a queue for what goes first, or {@link #NONE}; likewise taken over */
    protected DescriptorChannel(int fd, int urgentFd) throws ErrnoException {
        this(Posix.POLLING, fd, urgentFd);
    }

    /** Likewise, of this kernel. */
    protected DescriptorChannel(Posix posix, int fd, int urgentFd) throws ErrnoException {
        this.posix = posix;
        this.fd = fd;
        this.urgentFd = urgentFd;
        try {
            readiness = posix.waiting().open(fd, urgentFd);
        } catch (ErrnoException e) {
            closeDescriptors();
            throw e;
        }
    }

    private void closeDescriptors() {
        posix.libc().close(fd);
        if (urgentFd != NONE) {
            posix.libc().close(urgentFd);
        }
    }

    protected final Posix posix() {
        return posix;
    }

    protected final LibC libc() {
        return posix.libc();
    }

    protected final int fd() {
        return fd;
    }

    /** {@link #NONE} if there is none. */
    protected final int urgentFd() {
        return urgentFd;
    }

    /** Whether the last wait ended because something urgent is there. By the thread that waits. */
    protected final boolean isUrgentReady() {
        return readiness.isOtherReady();
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
        closeDescriptors();
    }
}
