package org.ipsecif.platform;

/** A system call failed. The message names the call, what it was for, and the error in words. */
public final class ErrnoException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Numbers that Linux and FreeBSD share (errno(2)). */
    public static final int EPERM = 1;

    public static final int ENOENT = 2;
    public static final int EACCES = 13;
    public static final int EBUSY = 16;
    public static final int EEXIST = 17;
    public static final int EINVAL = 22;

    private final String syscall;
    private final int errno;

    /**
     * @param syscall the call as its manual page names it, with the object: {@code TUNSETIFF ipsec0}
     * @param errno the operating system's number
     * @param description the operating system's words for the number
     */
    public ErrnoException(String syscall, int errno, String description) {
        super(syscall + ": " + description);
        this.syscall = syscall;
        this.errno = errno;
    }

    public String syscall() {
        return syscall;
    }

    public int errno() {
        return errno;
    }
}
