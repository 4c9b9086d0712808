package org.ipsecif.platform.freebsd;

import java.util.ArrayDeque;
import java.util.Deque;
import org.ipsecif.platform.posix.Posix;

/** Descriptors that are closed again, should what they are opened for not come to be. */
final class Descriptors implements AutoCloseable {
    private final Posix posix;
    private final Deque<Integer> open = new ArrayDeque<>();

    Descriptors(Posix posix) {
        this.posix = posix;
    }

    /** @return itself */
    int add(int fd) {
        open.push(fd);
        return fd;
    }

    /** Another has taken it over. */
    void remove(int fd) {
        open.remove(fd);
    }

    /** Others have taken over all. */
    void clear() {
        open.clear();
    }

    @Override
    public void close() {
        open.forEach(posix.libc()::close);
    }
}
