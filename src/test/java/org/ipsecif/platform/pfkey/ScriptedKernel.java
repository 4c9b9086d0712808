package org.ipsecif.platform.pfkey;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;
import jnr.ffi.LastError;
import jnr.ffi.Pointer;
import org.ipsecif.platform.posix.LibC;
import org.ipsecif.platform.posix.Posix;

/** A kernel that says what a test tells it to. Of several sockets each has what comes in it for itself. */
final class ScriptedKernel {
    static final int PID = 4242;

    private static final int SO_MEMINFO = 55;

    /** What comes out of a socket: a message, or an errno. */
    private record Item(byte[] message, int errno) {}

    /** One open socket. */
    static final class Socket {
        private final Deque<Item> incoming = new ArrayDeque<>();
        private Pointer memory;
        private int used;

        void say(String hex) {
            incoming.add(new Item(PfKeyBytes.of(hex).array(), 0));
        }

        void fail(int errno) {
            incoming.add(new Item(new byte[0], errno));
        }

        /** What the memory has that the socket last wrote from or received to. */
        byte[] memory(int length) {
            byte[] bytes = new byte[length];
            memory.get(0, bytes, 0, length);
            return bytes;
        }
    }

    final Dialect dialect;
    final List<Socket> sockets = new ArrayList<>();
    final List<byte[]> written = new ArrayList<>();
    int closed;
    int socketErrno;
    int writeErrno;

    /** What follows a write, into the socket that it came from. */
    Function<PfKeyHeader, List<String>> answers = header -> List.of();

    ScriptedKernel(Dialect dialect) {
        this.dialect = dialect;
    }

    Posix posix() {
        LibC libc = (LibC) Proxy.newProxyInstance(
                LibC.class.getClassLoader(),
                new Class<?>[] {LibC.class},
                (proxy, method, arguments) -> call(method, arguments));
        return new Posix(libc, (fd, other) -> new NoWaiting());
    }

    private Object call(Method method, Object[] arguments) {
        return switch (method.getName()) {
            case "socket" -> socket((int) arguments[0], (int) arguments[2]);
            case "write" -> write(sockets.get((int) arguments[0]), (Pointer) arguments[1], (long) arguments[2]);
            case "recv" -> receive(sockets.get((int) arguments[0]), (Pointer) arguments[1]);
            case "getsockopt" ->
                memoryInUse(sockets.get((int) arguments[0]), (int) arguments[2], (Pointer) arguments[3]);
            case "setsockopt" -> 0;
            case "getpid" -> PID;
            case "close" -> close();
            case "strerror" -> "error " + arguments[0];
            default -> throw new AssertionError(method.getName());
        };
    }

    private int socket(int domain, int protocol) {
        if (domain != dialect.domain() || protocol != Sadb.PF_KEY_V2 || socketErrno != 0) {
            return failed(socketErrno);
        }
        sockets.add(new Socket());
        return sockets.size() - 1;
    }

    private static int failed(int errno) {
        LastError.setLastError(LibC.RUNTIME, errno);
        return -1;
    }

    private long write(Socket socket, Pointer from, long length) {
        byte[] message = new byte[(int) length];
        from.get(0, message, 0, message.length);
        written.add(message);
        socket.memory = from;
        PfKeyHeader header = PfKeyHeader.read(ByteBuffer.wrap(message).order(java.nio.ByteOrder.nativeOrder()));
        answers.apply(header).forEach(socket::say);
        return writeErrno == 0 ? length : failed(writeErrno);
    }

    private long receive(Socket socket, Pointer to) {
        Item next = socket.incoming.poll();
        if (next == null) {
            return failed(dialect.again());
        }
        if (next.errno != 0) {
            return failed(next.errno);
        }
        to.put(0, next.message, 0, next.message.length);
        socket.memory = to;
        return next.message.length;
    }

    /** @param used bytes, of a thousand that the socket may have */
    void use(Socket socket, int used) {
        socket.used = used;
    }

    private int memoryInUse(Socket socket, int option, Pointer value) {
        if (option != SO_MEMINFO || dialect != Dialect.LINUX) {
            return failed(92);
        }
        value.putInt(0, socket.used);
        value.putInt(4, 1000);
        return 0;
    }

    private int close() {
        closed++;
        return 0;
    }

    /** A message of those written by hand, with another sequence, pid and errno in its header. */
    static String with(String hex, int sequence, int pid, int errno) {
        ByteBuffer bytes = PfKeyBytes.of(hex);
        bytes.put(2, (byte) errno).putInt(8, sequence).putInt(12, pid);
        return PfKeyBytes.hex(bytes);
    }

    /** Only the header, as both kernels refuse. */
    static String refusal(PfKeyHeader header, int errno) {
        ByteBuffer bytes = ByteBuffer.allocate(PfKeyHeader.BYTES).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        header.write(bytes, PfKeyHeader.BYTES);
        bytes.put(2, (byte) errno);
        return PfKeyBytes.hex(bytes);
    }
}
