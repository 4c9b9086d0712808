package org.ipsecif.platform.freebsd;

import java.nio.charset.StandardCharsets;
import org.ipsecif.platform.posix.DirectBuffer;
import org.ipsecif.platform.posix.Errno;
import org.ipsecif.platform.posix.LibC;
import org.ipsecif.platform.posix.Posix;

/**
 * devd(8)'s socket, which gives a copy of each of the kernel's device notices: {@code !system=IFNET subsystem=tun0 type=ATTACH}. A kernel
 * before FreeBSD 14 does not say when a routing socket lost notices; these come another way. One thread.
 */
final class DevdSocket {
    /** One notice in each message. */
    private static final String PATH = "/var/run/devd.seqpacket.pipe";

    private static final String INTERFACE = "system=IFNET";
    private static final int BUFFER = 8192;
    private static final int NONE = -1;

    private final LibC libc;
    private final DirectBuffer buffer = new DirectBuffer(BUFFER);
    private int fd = NONE;

    DevdSocket(Posix posix) {
        libc = posix.libc();
    }

    /** Connects. @return false if there is no devd, or it takes no more */
    boolean open() {
        int socket = libc.socket(Abi.AF_UNIX, Abi.SOCK_SEQPACKET | Abi.SOCK_CLOEXEC | Abi.SOCK_NONBLOCK, 0);
        if (socket < 0) {
            return false;
        }
        DirectBuffer address = Sockaddr.unix(PATH.getBytes(StandardCharsets.US_ASCII));
        if (libc.connect(socket, address.pointer(), address.size()) < 0) {
            libc.close(socket);
            return false;
        }
        fd = socket;
        return true;
    }

    /** -1 while it is not connected. */
    int fd() {
        return fd;
    }

    boolean isOpen() {
        return fd != NONE;
    }

    /** Reads all that there is, and closes itself if devd has. @return how many were about interfaces */
    int receive() {
        int notices = 0;
        while (isOpen()) {
            int length = (int) libc.recv(fd, buffer.pointer(), BUFFER, 0);
            if (length > 0) {
                notices += isAboutInterface(length) ? 1 : 0;
            } else if (length == 0 || !isTransient(Errno.last())) {
                close();
            } else if (Errno.last() == Abi.EAGAIN) {
                break;
            }
        }
        return notices;
    }

    private static boolean isTransient(int errno) {
        return errno == Abi.EAGAIN || errno == Errno.EINTR || errno == Abi.ENOBUFS;
    }

    private boolean isAboutInterface(int length) {
        byte[] bytes = new byte[length];
        buffer.bytes().get(0, bytes);
        String notice = new String(bytes, StandardCharsets.ISO_8859_1);
        if (!notice.startsWith("!")) {
            return false;
        }
        for (String word : notice.substring(1).split("\\s", -1)) {
            if (word.equals(INTERFACE)) {
                return true;
            }
        }
        return false;
    }

    void close() {
        if (isOpen()) {
            libc.close(fd);
            fd = NONE;
        }
    }
}
