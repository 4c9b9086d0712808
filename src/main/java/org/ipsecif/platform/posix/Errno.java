package org.ipsecif.platform.posix;

import jnr.ffi.LastError;
import org.ipsecif.platform.ErrnoException;

/** The one place where errno becomes a Java value. */
public final class Errno {
    /** errno(2), the numbers that Linux and FreeBSD share. */
    public static final int EINTR = 4;

    private Errno() {}

    /** Of the last failed call on this thread. */
    public static int last() {
        return LastError.getLastError(LibC.RUNTIME);
    }

    /** @param syscall the call and its object, for the message */
    public static ErrnoException exception(String syscall) {
        return exception(syscall, last());
    }

    public static ErrnoException exception(String syscall, int errno) {
        return new ErrnoException(syscall, errno, LibC.LIBC.strerror(errno));
    }

    /**
     * Passes a result through.
     *
     * @throws ErrnoException if it is negative
     */
    public static int check(int result, String syscall) throws ErrnoException {
        if (result < 0) {
            throw exception(syscall);
        }
        return result;
    }
}
