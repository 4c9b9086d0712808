package org.ipsecif.platform.freebsd;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Map;
import jnr.ffi.LastError;
import jnr.ffi.Pointer;
import org.ipsecif.platform.posix.DirectBuffer;
import org.ipsecif.platform.posix.LibC;
import org.ipsecif.platform.posix.Posix;

/**
 * Linux' own C library for code that speaks FreeBSD's: Unix sockets, descriptors passed over them, and errno are translated, by numbers
 * that are written down here once more. So processes, signals and descriptors can be real ones.
 */
final class LinuxAsFreeBsd implements InvocationHandler {
    /** What the other end of each connection is told to be, instead of the user that it is; -1 for the truth. */
    private final int peer;

    private final boolean ownProcess;

    private LinuxAsFreeBsd(int peer, boolean ownProcess) {
        this.peer = peer;
        this.ownProcess = ownProcess;
    }

    private static LibC libc(int peer, boolean ownProcess) {
        return (LibC) Proxy.newProxyInstance(
                LibC.class.getClassLoader(), new Class<?>[] {LibC.class}, new LinuxAsFreeBsd(peer, ownProcess));
    }

    static LibC libc() {
        return libc(-1);
    }

    /** Whose connections all come from this user. */
    static LibC libc(int peer) {
        return libc(peer, false);
    }

    /** Of a process that may get a session of its own, which the tests' own process may not. */
    static LibC ofProcess() {
        return libc(-1, true);
    }

    static Posix posix() {
        return new Posix(libc(), Posix.POLLING.waiting());
    }

    private static final Map<Integer, Integer> ERRNO =
            Map.of(11, 35, 36, 63, 90, 40, 97, 47, 98, 48, 104, 54, 105, 55, 107, 57, 111, 61);

    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
        Object[] a = arguments == null ? new Object[0] : arguments;
        Object result = switch (method.getName()) {
            case "socket" -> LibC.LIBC.socket((int) a[0], type((int) a[1]), (int) a[2]);
            case "socketpair" -> LibC.LIBC.socketpair((int) a[0], type((int) a[1]), (int) a[2], (Pointer) a[3]);
            case "bind" -> LibC.LIBC.bind((int) a[0], address((Pointer) a[1]), (int) a[2]);
            case "connect" -> LibC.LIBC.connect((int) a[0], address((Pointer) a[1]), (int) a[2]);
            case "sendmsg" -> sendmsg((int) a[0], (Pointer) a[1], (int) a[2]);
            case "recvmsg" -> recvmsg((int) a[0], (Pointer) a[1], (int) a[2]);
            case "recv" -> LibC.LIBC.recv((int) a[0], (Pointer) a[1], (long) a[2], flags((int) a[3]));
            case "getsockopt" -> credentials((int) a[0], (int) a[1], (int) a[2], (Pointer) a[3], (Pointer) a[4]);
            case "setsockopt" -> timeout((int) a[0], (int) a[1], (int) a[2], (Pointer) a[3], (int) a[4]);
            case "fcntl" -> LibC.LIBC.fcntl((int) a[0], (int) a[1] == 17 ? 1030 : (int) a[1], (int) a[2]);
            case "strerror" -> LibC.LIBC.strerror(linux((int) a[0]));
            case "setsid" -> ownProcess ? LibC.LIBC.setsid() : 1;
            default -> same(method, a);
        };
        if (result instanceof Number number && number.longValue() == -1) {
            int errno = LastError.getLastError(LibC.RUNTIME);
            LastError.setLastError(LibC.RUNTIME, ERRNO.getOrDefault(errno, errno));
        }
        return result;
    }

    private static int linux(int errno) {
        return ERRNO.entrySet().stream()
                .filter(each -> each.getValue() == errno)
                .mapToInt(Map.Entry::getKey)
                .findFirst()
                .orElse(errno);
    }

    private static Object same(Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(LibC.LIBC, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static int type(int type) {
        return type & 0xf | ((type & 0x10000000) != 0 ? 0x80000 : 0) | ((type & 0x20000000) != 0 ? 0x800 : 0);
    }

    /** PEEK, DONTWAIT, NOSIGNAL, CMSG_CLOEXEC. */
    private static int flags(int flags) {
        return flags & 0x2
                | ((flags & 0x80) != 0 ? 0x40 : 0)
                | ((flags & 0x20000) != 0 ? 0x4000 : 0)
                | ((flags & 0x40000) != 0 ? 0x40000000 : 0);
    }

    /** struct sockaddr_un: a length of a byte and a family of a byte become a family of two. */
    private static Pointer address(Pointer address) {
        byte[] bytes = new byte[106];
        address.get(0, bytes, 0, bytes.length);
        bytes[0] = bytes[1];
        bytes[1] = 0;
        return DirectBuffer.of(bytes).pointer();
    }

    /** struct msghdr, 56 bytes, with control data whose length is a size_t. */
    private static DirectBuffer header(Pointer theirs, DirectBuffer control, int controlLength) {
        DirectBuffer header = new DirectBuffer(56);
        header.bytes().putLong(16, theirs.getLong(16)).putLong(24, theirs.getInt(24));
        header.bytes()
                .putLong(32, controlLength == 0 ? 0 : control.pointer().address())
                .putLong(40, controlLength);
        return header;
    }

    private static long sendmsg(int fd, Pointer theirs, int flags) {
        int length = theirs.getInt(40);
        DirectBuffer control = new DirectBuffer(Math.max(16, length));
        if (length > 0) {
            Pointer from = Pointer.wrap(LibC.RUNTIME, theirs.getLong(32));
            byte[] data = new byte[length - 16];
            from.get(16, data, 0, data.length);
            control.bytes().putLong(0, from.getInt(0)).putInt(8, from.getInt(4) == 0xffff ? 1 : -1);
            control.bytes().putInt(12, from.getInt(8)).put(16, data);
        }
        return LibC.LIBC.sendmsg(fd, header(theirs, control, length).pointer(), flags(flags));
    }

    private static long recvmsg(int fd, Pointer theirs, int flags) {
        int room = theirs.getInt(40);
        DirectBuffer control = new DirectBuffer(Math.max(16, room));
        DirectBuffer header = header(theirs, control, room);
        long received = LibC.LIBC.recvmsg(fd, header.pointer(), flags(flags));
        int length = (int) header.bytes().getLong(40);
        theirs.putInt(40, length);
        int cut = header.bytes().getInt(48);
        theirs.putInt(44, ((cut & 0x20) != 0 ? 0x10 : 0) | ((cut & 0x8) != 0 ? 0x20 : 0));
        if (received >= 0 && length > 0) {
            Pointer to = Pointer.wrap(LibC.RUNTIME, theirs.getLong(32));
            byte[] data = new byte[length - 16];
            control.bytes().get(16, data);
            to.putInt(0, (int) control.bytes().getLong(0));
            to.putInt(4, control.bytes().getInt(8) == 1 ? 0xffff : -1);
            to.putInt(8, control.bytes().getInt(12));
            to.put(16, data, 0, data.length);
        }
        return received;
    }

    /** SO_PEERCRED as struct xucred. */
    private int credentials(int fd, int level, int option, Pointer value, Pointer length) {
        if (level != 0 || option != 1 || length.getInt(0) < 88) {
            throw new AssertionError("getsockopt " + level + " " + option);
        }
        DirectBuffer credentials = new DirectBuffer(12);
        DirectBuffer room = new DirectBuffer(4);
        room.bytes().putInt(0, 12);
        int result = LibC.LIBC.getsockopt(fd, 1, 17, credentials.pointer(), room.pointer());
        value.putInt(0, 0);
        value.putInt(4, peer >= 0 ? peer : credentials.bytes().getInt(4));
        value.putInt(80, credentials.bytes().getInt(0));
        length.putInt(0, 88);
        return result;
    }

    private static int timeout(int fd, int level, int option, Pointer value, int length) {
        if (level != 0xffff || option != 0x1006) {
            throw new AssertionError("setsockopt " + level + " " + option);
        }
        return LibC.LIBC.setsockopt(fd, 1, 20, value, length);
    }
}
