package org.ipsecif.platform.posix;

import org.ipsecif.platform.ErrnoException;
import org.jspecify.annotations.Nullable;

/**
 * One kernel, as a process sees it.
 *
 * @param libc its system calls
 * @param waiting how threads wait for its descriptors
 */
public record Posix(LibC libc, Readiness.Maker waiting) {
    /** IFNAMSIZ of net/if.h: bytes of an interface's name with its NUL, of all systems. */
    private static final int NAME = 16;

    /** The one that this process runs on, waiting by poll(2). */
    public static final Posix POLLING = new Posix(LibC.LIBC, PollReadiness::new);

    /**
     * Passes a result through.
     *
     * @param syscall the call and its object, for the message
     * @throws ErrnoException if it is negative, of {@link Errno#last()}
     */
    public int check(int result, String syscall) throws ErrnoException {
        if (result < 0) {
            throw exception(syscall, Errno.last());
        }
        return result;
    }

    /** The name of an interface, or null if there is none with this index. */
    public @Nullable String interfaceName(int index) {
        DirectBuffer name = new DirectBuffer(NAME);
        return libc.if_indextoname(index, name.pointer()) == null ? null : name.text(NAME);
    }

    /** With this kernel's words for the number. */
    public ErrnoException exception(String syscall, int errno) {
        return new ErrnoException(syscall, errno, libc.strerror(errno));
    }
}
