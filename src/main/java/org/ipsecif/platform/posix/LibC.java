package org.ipsecif.platform.posix;

import jnr.ffi.LibraryLoader;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import jnr.ffi.annotations.In;
import jnr.ffi.types.size_t;
import jnr.ffi.types.ssize_t;
import jnr.ffi.types.u_int64_t;
import org.jspecify.annotations.Nullable;

/**
 * The C library, as its manual pages have it. Every pointer is direct memory. Failures are -1, with the number in
 * {@link Errno#last()}.
 */
public interface LibC {
    LibC LIBC = LibraryLoader.create(LibC.class).load("c");
    Runtime RUNTIME = Runtime.getRuntime(LIBC);

    int open(@In String path, int flags);

    int close(int fd);

    @ssize_t
    long read(int fd, Pointer buffer, @size_t long length);

    @ssize_t
    long write(int fd, Pointer buffer, @size_t long length);

    /** @param address of the memory read to */
    @ssize_t
    long read(int fd, @u_int64_t long address, @size_t long length);

    /** @param address of the memory written from */
    @ssize_t
    long write(int fd, @u_int64_t long address, @size_t long length);

    int ioctl(int fd, @u_int64_t long request, Pointer argument);

    /** ioctl(2) of a request that takes its argument by value. */
    int ioctl(int fd, @u_int64_t long request, @u_int64_t long argument);

    int socket(int domain, int type, int protocol);

    int bind(int fd, Pointer address, int length);

    int getsockname(int fd, Pointer address, Pointer length);

    int setsockopt(int fd, int level, int option, Pointer value, int length);

    /** @param length an int: bytes of room, then bytes of the value */
    int getsockopt(int fd, int level, int option, Pointer value, Pointer length);

    /** A system call that the library has no function for. Its number is the architecture's (syscall(2)). */
    @ssize_t
    long syscall(@ssize_t long number, int command, Pointer attributes, int size);

    @ssize_t
    long sendto(int fd, Pointer buffer, @size_t long length, int flags, Pointer address, int addressLength);

    @ssize_t
    long recv(int fd, Pointer buffer, @size_t long length, int flags);

    /** @param message a struct msghdr */
    @ssize_t
    long sendmsg(int fd, Pointer message, int flags);

    /** @param message a struct msghdr */
    @ssize_t
    long recvmsg(int fd, Pointer message, int flags);

    /**
     * @param messages struct mmsghdr, {@code count} of them
     * @param timeout address of a struct timespec; 0: the call does not wait for more
     */
    int recvmmsg(int fd, Pointer messages, int count, int flags, @u_int64_t long timeout);

    /** @param messages struct mmsghdr, {@code count} of them */
    int sendmmsg(int fd, Pointer messages, int count, int flags);

    int connect(int fd, Pointer address, int length);

    int poll(Pointer fds, @u_int64_t long count, int timeout);

    int pipe(Pointer fds);

    int listen(int fd, int backlog);

    /** @param address null, as {@code length}, if nobody wants to know */
    int accept(int fd, @Nullable Pointer address, @Nullable Pointer length);

    /** @param fds two ints */
    int socketpair(int domain, int type, int protocol, Pointer fds);

    int getpid();

    /** The effective user. */
    int geteuid();

    /** Puts this process at the head of a session of its own. @return its id */
    int setsid();

    /** Removes the name of a file. */
    int unlink(@In String path);

    /** FreeBSD's, as the next two. @return a descriptor */
    int kqueue();

    /**
     * @param changes struct kevent, {@code changeCount} of them
     * @param events room for {@code eventCount}
     * @param timeout a struct timespec, or null to wait for ever
     */
    int kevent(
            int kq,
            @Nullable Pointer changes,
            int changeCount,
            @Nullable Pointer events,
            int eventCount,
            @Nullable Pointer timeout);

    /**
     * sysctl(3).
     *
     * @param name ints, {@code nameLength} of them
     * @param old room for the value, or null to ask how long it is
     * @param oldLength a size_t: bytes of room, then bytes of the value
     */
    int sysctl(
            Pointer name,
            int nameLength,
            @Nullable Pointer old,
            Pointer oldLength,
            @Nullable Pointer next,
            @size_t long nextLength);

    /**
     * sysctlbyname(3), FreeBSD's.
     *
     * @param old room for the value, or null to ask how long it is
     * @param oldLength a size_t: bytes of room, then bytes of the value
     */
    int sysctlbyname(
            @In String name, @Nullable Pointer old, Pointer oldLength, @Nullable Pointer next, @size_t long nextLength);

    int fcntl(int fd, int command, int argument);

    /** 0 if there is none. */
    int if_nametoindex(@In String name);

    /** Writes the name, at most 16 bytes with its NUL. Null if there is none. */
    @Nullable
    Pointer if_indextoname(int index, Pointer name);

    String strerror(int errno);
}
