package org.ipsecif.platform.freebsd;

import jnr.ffi.LastError;
import jnr.ffi.Pointer;
import org.ipsecif.platform.posix.LibC;
import org.jspecify.annotations.Nullable;

/** A C library without a single function: those that a test needs it overrides, any other is a failure. */
abstract class NoLibC implements LibC {
    private static UnsupportedOperationException none() {
        return new UnsupportedOperationException("this test knows no such call");
    }

    /** -1, with this number for errno. */
    static int fail(int errno) {
        LastError.setLastError(RUNTIME, errno);
        return -1;
    }

    @Override
    public int open(String path, int flags) {
        throw none();
    }

    @Override
    public int close(int fd) {
        throw none();
    }

    @Override
    public long read(int fd, Pointer buffer, long length) {
        throw none();
    }

    @Override
    public long write(int fd, Pointer buffer, long length) {
        throw none();
    }

    @Override
    public long read(int fd, long address, long length) {
        throw none();
    }

    @Override
    public long write(int fd, long address, long length) {
        throw none();
    }

    @Override
    public int ioctl(int fd, long request, Pointer argument) {
        throw none();
    }

    @Override
    public int ioctl(int fd, long request, long argument) {
        throw none();
    }

    @Override
    public int socket(int domain, int type, int protocol) {
        throw none();
    }

    @Override
    public int bind(int fd, Pointer address, int length) {
        throw none();
    }

    @Override
    public int getsockname(int fd, Pointer address, Pointer length) {
        throw none();
    }

    @Override
    public int setsockopt(int fd, int level, int option, Pointer value, int length) {
        throw none();
    }

    @Override
    public int getsockopt(int fd, int level, int option, Pointer value, Pointer length) {
        throw none();
    }

    @Override
    public long syscall(long number, int command, Pointer attributes, int size) {
        throw none();
    }

    @Override
    public long sendto(int fd, Pointer buffer, long length, int flags, Pointer address, int addressLength) {
        throw none();
    }

    @Override
    public long recv(int fd, Pointer buffer, long length, int flags) {
        throw none();
    }

    @Override
    public long sendmsg(int fd, Pointer message, int flags) {
        throw none();
    }

    @Override
    public long recvmsg(int fd, Pointer message, int flags) {
        throw none();
    }

    @Override
    public int recvmmsg(int fd, Pointer messages, int count, int flags, long timeout) {
        throw none();
    }

    @Override
    public int sendmmsg(int fd, Pointer messages, int count, int flags) {
        throw none();
    }

    @Override
    public int connect(int fd, Pointer address, int length) {
        throw none();
    }

    @Override
    public int poll(Pointer fds, long count, int timeout) {
        throw none();
    }

    @Override
    public int pipe(Pointer fds) {
        throw none();
    }

    @Override
    public int listen(int fd, int backlog) {
        throw none();
    }

    @Override
    public int accept(int fd, @Nullable Pointer address, @Nullable Pointer length) {
        throw none();
    }

    @Override
    public int socketpair(int domain, int type, int protocol, Pointer fds) {
        throw none();
    }

    @Override
    public int getpid() {
        throw none();
    }

    @Override
    public int geteuid() {
        throw none();
    }

    @Override
    public int setsid() {
        throw none();
    }

    @Override
    public int unlink(String path) {
        throw none();
    }

    @Override
    public int kqueue() {
        throw none();
    }

    @Override
    public int kevent(
            int kq,
            @Nullable Pointer changes,
            int changeCount,
            @Nullable Pointer events,
            int eventCount,
            @Nullable Pointer timeout) {
        throw none();
    }

    @Override
    public int sysctl(
            Pointer name,
            int nameLength,
            @Nullable Pointer old,
            Pointer oldLength,
            @Nullable Pointer next,
            long nextLength) {
        throw none();
    }

    @Override
    public int sysctlbyname(
            String name, @Nullable Pointer old, Pointer oldLength, @Nullable Pointer next, long nextLength) {
        throw none();
    }

    @Override
    public int fcntl(int fd, int command, int argument) {
        throw none();
    }

    @Override
    public int if_nametoindex(String name) {
        throw none();
    }

    @Override
    public @Nullable Pointer if_indextoname(int index, Pointer name) {
        throw none();
    }

    @Override
    public String strerror(int errno) {
        return "error " + errno;
    }
}
