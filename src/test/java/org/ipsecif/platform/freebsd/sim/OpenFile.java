package org.ipsecif.platform.freebsd.sim;

/** What descriptors of processes refer to, perhaps several of several processes. All with the kernel's lock, but for {@link KeySocket}. */
abstract class OpenFile {
    static final int O_ACCMODE = 3;
    static final int O_RDONLY = 0;
    static final int O_NONBLOCK = 4;
    static final int O_CLOEXEC = 0x100000;

    final SimulatedFreeBsd host;
    boolean nonBlocking;
    private int references;

    OpenFile(SimulatedFreeBsd host) {
        this.host = host;
    }

    final void refer() {
        references++;
    }

    /** One descriptor, or one message that carries it, less. */
    final void release(SimulatedProcess by) {
        if (--references == 0) {
            lastClose(by);
            host.changed();
        }
    }

    /** F_GETFL. */
    int statusFlags() {
        return 2 | (nonBlocking ? O_NONBLOCK : 0);
    }

    byte[] read(SimulatedProcess by, int length) {
        throw new KernelError(KernelError.EOPNOTSUPP);
    }

    int write(SimulatedProcess by, byte[] data) {
        throw new KernelError(KernelError.EOPNOTSUPP);
    }

    /** @param data of the length that the request has in it; what is there in the end goes back to the caller */
    void ioctl(SimulatedProcess by, long request, byte[] data) {
        throw new KernelError(KernelError.ENOTTY);
    }

    /** What EVFILT_READ gives as data, if anything is there. */
    abstract long readable();

    /** Whether a read ends at once for another reason: an error, or nobody who could write. */
    boolean isEnded() {
        return false;
    }

    /** EVFILT_READ: 0 if it can be waited for. */
    int kqueueError() {
        return 0;
    }

    boolean isWritable() {
        return true;
    }

    abstract void lastClose(SimulatedProcess by);

    /** Returns once something can be read. */
    final void awaitReadable(SimulatedProcess by, boolean dontWait, long nanos) {
        KernelError.when((nonBlocking || dontWait) && !isReady(), KernelError.EAGAIN);
        KernelError.when(!host.await(by, this::isReady, nanos), KernelError.EAGAIN);
    }

    final boolean isReady() {
        return readable() > 0 || isEnded();
    }
}
