package org.ipsecif.platform.freebsd.sim;

import java.util.ArrayDeque;
import java.util.Deque;

/** What sockets share: options of SOL_SOCKET, and a receive buffer that holds only so much (kern/uipc_socket.c, uipc_sockbuf.c). */
abstract class Socket extends OpenFile {
    static final int SO_REUSEADDR = 0x4;
    static final int SO_REUSEPORT = 0x200;
    static final int SO_NOSIGPIPE = 0x800;
    static final int SO_REUSEPORT_LB = 0x10000;
    static final int SO_RERROR = 0x20000;
    static final int SO_SNDBUF = 0x1001;
    static final int SO_RCVBUF = 0x1002;
    static final int SO_SNDTIMEO = 0x1005;
    static final int SO_RCVTIMEO = 0x1006;
    static final int SO_ERROR = 0x1007;
    static final int SO_TYPE = 0x1008;
    static final int SO_SETFIB = 0x1014;
    static final int MSG_PEEK = 0x2;

    /** kern.ipc.maxsockbuf of 2 MiB, less what mbufs need. */
    private static final int MOST_BUFFER = 1_864_135;

    final int type;
    final Deque<Message> received = new ArrayDeque<>();
    int receivedBytes;
    int receiveBuffer;
    int sendBuffer;
    int fib;
    int reuse;

    /** Messages that found no room. */
    int dropped;

    private boolean tellsLoss;
    private int error;
    private long patience = -1;

    Socket(SimulatedFreeBsd host, int type, int sendBuffer, int receiveBuffer) {
        super(host);
        this.type = type;
        this.sendBuffer = sendBuffer;
        this.receiveBuffer = receiveBuffer;
        fib = host.processFib();
    }

    boolean carriesRights() {
        return false;
    }

    /** Whether one receive takes one message, and loses what of it finds no room. */
    boolean isAtomic() {
        return true;
    }

    void bind(byte[] name) {
        throw new KernelError(KernelError.EOPNOTSUPP);
    }

    /** getsockname(2) */
    byte[] name() {
        return new byte[2];
    }

    void connect(SimulatedProcess by, byte[] name) {
        throw new KernelError(KernelError.EOPNOTSUPP);
    }

    void listen(int backlog) {
        throw new KernelError(KernelError.EOPNOTSUPP);
    }

    OpenFile accept(SimulatedProcess by) {
        throw new KernelError(KernelError.EINVAL);
    }

    /** @return bytes taken */
    abstract int send(SimulatedProcess by, Message message, boolean dontWait);

    /** Puts a message where the receiver finds it, unless it does not fit. */
    final boolean enqueue(Message message) {
        int cost = message.data.length + message.name.length;
        if (receivedBytes + cost > receiveBuffer) {
            dropped++;
            if (tellsLoss) {
                error = KernelError.ENOBUFS;
                host.changed();
            }
            return false;
        }
        receivedBytes += cost;
        received.add(message);
        host.changed();
        return true;
    }

    /** What is queued comes before an error. */
    Message receive(SimulatedProcess by, int length, boolean dontWait, int flags) {
        awaitReadable(by, dontWait, patience);
        if (received.isEmpty()) {
            return atEnd();
        }
        Message message = received.element();
        if ((flags & MSG_PEEK) != 0) {
            return message;
        }
        received.remove();
        receivedBytes -= message.data.length + message.name.length;
        return message;
    }

    /** There is nothing, and nothing is to be waited for. */
    Message atEnd() {
        if (error != 0) {
            int errno = error;
            error = 0;
            throw new KernelError(errno);
        }
        return new Message(new byte[0], new byte[0]);
    }

    @Override
    final byte[] read(SimulatedProcess by, int length) {
        Message message = receive(by, length, false, 0);
        message.rights.forEach(each -> each.release(by));
        return Words.cut(message.data, 0, Math.min(length, message.data.length));
    }

    @Override
    final int write(SimulatedProcess by, byte[] data) {
        return send(by, new Message(data, new byte[0]), false);
    }

    @Override
    long readable() {
        long bytes = receivedBytes;
        return received.isEmpty() ? 0 : Math.max(1, bytes);
    }

    @Override
    boolean isEnded() {
        return error != 0;
    }

    final long patience() {
        return patience;
    }

    /** @throws KernelError ENOPROTOOPT for what is not known */
    void setOption(int level, int option, byte[] value) {
        KernelError.when(level != Message.SOL_SOCKET, KernelError.ENOPROTOOPT);
        switch (option) {
            case SO_REUSEADDR, SO_REUSEPORT, SO_REUSEPORT_LB ->
                reuse = i32(value) != 0 ? reuse | option : reuse & ~option;
            case SO_NOSIGPIPE -> i32(value);
            case SO_RERROR -> {
                KernelError.when(host.release() < 14, KernelError.ENOPROTOOPT);
                tellsLoss = i32(value) != 0;
            }
            case SO_SNDBUF -> sendBuffer = buffer(i32(value));
            case SO_RCVBUF -> receiveBuffer = buffer(i32(value));
            case SO_RCVTIMEO -> patience = patience(value);
            case SO_SNDTIMEO -> patience(value);
            case SO_SETFIB -> {
                KernelError.when(i32(value) < 0 || i32(value) >= host.fibs(), KernelError.EINVAL);
                fib = i32(value);
            }
            default -> throw new KernelError(KernelError.ENOPROTOOPT);
        }
    }

    private static int buffer(int bytes) {
        KernelError.when(bytes < 1, KernelError.EINVAL);
        KernelError.when(bytes > MOST_BUFFER, KernelError.ENOBUFS);
        return bytes;
    }

    /** struct timeval; 0 is for ever. */
    private static long patience(byte[] value) {
        KernelError.when(value.length < 16, KernelError.EINVAL);
        long micros = Words.i64(value, 8);
        KernelError.when(micros < 0 || micros >= 1_000_000, 33 /* EDOM */);
        long nanos = Words.i64(value, 0) * 1_000_000_000L + micros * 1000;
        return nanos == 0 ? -1 : nanos;
    }

    static int i32(byte[] value) {
        KernelError.when(value.length < 4, KernelError.EINVAL);
        return Words.i32(value, 0);
    }

    byte[] option(int level, int option) {
        KernelError.when(level != Message.SOL_SOCKET, KernelError.ENOPROTOOPT);
        int value = switch (option) {
            case SO_SNDBUF -> sendBuffer;
            case SO_RCVBUF -> receiveBuffer;
            case SO_TYPE -> type;
            case SO_ERROR -> error;
            case SO_REUSEADDR, SO_REUSEPORT, SO_REUSEPORT_LB -> reuse & option;
            default -> throw new KernelError(KernelError.ENOPROTOOPT);
        };
        if (option == SO_ERROR) {
            error = 0;
        }
        return Words.put32(new byte[4], 0, value);
    }
}
