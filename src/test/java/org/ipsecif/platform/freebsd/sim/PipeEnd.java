package org.ipsecif.platform.freebsd.sim;

/** pipe(2). */
final class PipeEnd extends OpenFile {
    private static final int CAPACITY = 65_536;

    private PipeEnd other = this;
    private final boolean reads;
    private boolean closed;
    private byte[] waiting = new byte[0];

    private PipeEnd(SimulatedFreeBsd host, boolean reads) {
        super(host);
        this.reads = reads;
    }

    /** The end to read, and the end to write. */
    static PipeEnd[] pair(SimulatedFreeBsd host) {
        PipeEnd read = new PipeEnd(host, true);
        PipeEnd write = new PipeEnd(host, false);
        read.other = write;
        write.other = read;
        return new PipeEnd[] {read, write};
    }

    @Override
    byte[] read(SimulatedProcess by, int length) {
        KernelError.when(!reads, KernelError.EBADF);
        awaitReadable(by, false, -1);
        byte[] data = Words.cut(waiting, 0, Math.min(length, waiting.length));
        waiting = Words.cut(waiting, data.length, waiting.length - data.length);
        host.changed();
        return data;
    }

    @Override
    int write(SimulatedProcess by, byte[] data) {
        KernelError.when(reads, KernelError.EBADF);
        KernelError.when(nonBlocking && !hasRoom(data.length) && !other.closed, KernelError.EAGAIN);
        host.await(by, () -> other.closed || hasRoom(data.length), -1);
        KernelError.when(other.closed, KernelError.EPIPE);
        other.waiting = Words.join(other.waiting, data);
        host.changed();
        return data.length;
    }

    private boolean hasRoom(int bytes) {
        return other.waiting.length + bytes <= CAPACITY;
    }

    @Override
    long readable() {
        return waiting.length;
    }

    @Override
    boolean isEnded() {
        return reads && other.closed;
    }

    @Override
    void lastClose(SimulatedProcess by) {
        closed = true;
    }
}
