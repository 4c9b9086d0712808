package org.ipsecif.platform.freebsd.sim;

/** A system call fails with this errno (sys/errno.h of FreeBSD). */
final class KernelError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    static final int EPERM = 1;
    static final int ENOENT = 2;
    static final int ESRCH = 3;
    static final int EIO = 5;
    static final int ENXIO = 6;
    static final int EBADF = 9;
    static final int ENOMEM = 12;
    static final int EFAULT = 14;
    static final int EBUSY = 16;
    static final int EEXIST = 17;
    static final int EINVAL = 22;
    static final int ENOTTY = 25;
    static final int EPIPE = 32;
    static final int EAGAIN = 35;
    static final int ENOTSOCK = 38;
    static final int EDESTADDRREQ = 39;
    static final int EMSGSIZE = 40;
    static final int EPROTOTYPE = 41;
    static final int ENOPROTOOPT = 42;
    static final int EPROTONOSUPPORT = 43;
    static final int EOPNOTSUPP = 45;
    static final int EAFNOSUPPORT = 47;
    static final int EADDRINUSE = 48;
    static final int EADDRNOTAVAIL = 49;
    static final int ENETDOWN = 50;
    static final int ENOBUFS = 55;
    static final int EISCONN = 56;
    static final int ENOTCONN = 57;
    static final int ECONNREFUSED = 61;
    static final int ENAMETOOLONG = 63;
    static final int EHOSTDOWN = 64;
    static final int EHOSTUNREACH = 65;
    static final int ENOSYS = 78;
    static final int ENOMSG = 83;

    final int errno;

    KernelError(int errno) {
        super("errno " + errno, null, false, false);
        this.errno = errno;
    }

    static void when(boolean wrong, int errno) {
        if (wrong) {
            throw new KernelError(errno);
        }
    }

    /** strerror(3). */
    static String words(int errno) {
        return switch (errno) {
            case EPERM -> "Operation not permitted";
            case ENOENT -> "No such file or directory";
            case ESRCH -> "No such process";
            case EIO -> "Input/output error";
            case ENXIO -> "Device not configured";
            case EBADF -> "Bad file descriptor";
            case ENOMEM -> "Cannot allocate memory";
            case EFAULT -> "Bad address";
            case EBUSY -> "Device busy";
            case EEXIST -> "File exists";
            case EINVAL -> "Invalid argument";
            case ENOTTY -> "Inappropriate ioctl for device";
            case EPIPE -> "Broken pipe";
            case EAGAIN -> "Resource temporarily unavailable";
            case ENOTSOCK -> "Socket operation on non-socket";
            case EDESTADDRREQ -> "Destination address required";
            case EMSGSIZE -> "Message too long";
            case EPROTOTYPE -> "Protocol wrong type for socket";
            case ENOPROTOOPT -> "Protocol not available";
            case EPROTONOSUPPORT -> "Protocol not supported";
            case EOPNOTSUPP -> "Operation not supported";
            case EAFNOSUPPORT -> "Address family not supported by protocol family";
            case EADDRINUSE -> "Address already in use";
            case EADDRNOTAVAIL -> "Can't assign requested address";
            case ENETDOWN -> "Network is down";
            case ENOBUFS -> "No buffer space available";
            case EISCONN -> "Socket is already connected";
            case ENOTCONN -> "Socket is not connected";
            case ECONNREFUSED -> "Connection refused";
            case ENAMETOOLONG -> "File name too long";
            case EHOSTDOWN -> "Host is down";
            case EHOSTUNREACH -> "No route to host";
            case ENOSYS -> "Function not implemented";
            case ENOMSG -> "No message of desired type";
            default -> "Unknown error: " + errno;
        };
    }
}
