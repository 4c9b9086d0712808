package org.ipsecif.platform.pfkey;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.posix.DirectBuffer;
import org.ipsecif.platform.posix.Errno;
import org.ipsecif.platform.posix.Posix;

/**
 * Messages out of and into one PF_KEY socket, without waiting. Both kernels have the answer in the socket before the write returns
 * (key_parse of FreeBSD's netipsec/key.c, pfkey_sendmsg of Linux's net/key/af_key.c). One thread.
 */
final class PfKeyPort {
    private static final int BUFFER = 1 << 16;

    private final Posix posix;
    private final Dialect dialect;
    private final int fd;
    private final int pid;
    private final PfKeyWriter writer;
    private final DirectBuffer buffer = new DirectBuffer(BUFFER);

    /** @param fd of {@link #open}; stays the caller's to close */
    PfKeyPort(Posix posix, Dialect dialect, int fd) {
        this.posix = posix;
        this.dialect = dialect;
        this.fd = fd;
        pid = posix.libc().getpid();
        writer = new PfKeyWriter(dialect);
    }

    /**
     * Opens a socket.
     *
     * @param receiveBuffer bytes, beyond which messages are lost
     * @return a descriptor
     * @throws ErrnoException see {@link Dialect#saysAbsent}; EPERM without the privilege
     */
    static int open(Posix posix, Dialect dialect, int receiveBuffer) throws ErrnoException {
        int fd = posix.check(
                posix.libc().socket(dialect.domain(), dialect.socketType(), Sadb.PF_KEY_V2), "socket PF_KEY");
        dialect.setReceiveBuffer(posix, fd, receiveBuffer);
        dialect.tellOfLoss(posix, fd);
        return fd;
    }

    /** In sadb_msg_pid of what is sent, and so of the kernel's word about it. */
    int pid() {
        return pid;
    }

    /** @return 0, or errno: FreeBSD refuses some messages so, without an answer */
    int send(Request request, int satype, int sequence, List<Extension> extensions) {
        PfKeyHeader header = PfKeyHeader.of(request.type(), satype, sequence, pid);
        int length = writer.write(new PfKeyMessage(header, extensions), buffer.bytes());
        long written;
        do {
            written = posix.libc().write(fd, buffer.pointer(), length);
        } while (written < 0 && Errno.last() == Errno.EINTR);
        int errno = written < 0 ? Errno.last() : 0;
        wipe(length);
        return errno;
    }

    /**
     * Takes the next message.
     *
     * @param reader gets it, and may keep nothing of the memory
     * @return its bytes; 0 if there is none; -errno
     */
    int receive(Consumer<ByteBuffer> reader) {
        int length;
        do {
            length = (int) posix.libc().recv(fd, buffer.pointer(), BUFFER, 0);
        } while (length < 0 && Errno.last() == Errno.EINTR);
        if (length < 0) {
            int errno = Errno.last();
            return errno == dialect.again() ? 0 : -errno;
        }
        try {
            reader.accept(buffer.bytes().slice(0, length).order(buffer.bytes().order()));
        } finally {
            wipe(length);
        }
        return length;
    }

    /** Messages may have keys. */
    private void wipe(int length) {
        ByteBuffer bytes = buffer.bytes();
        for (int i = 0; i < length; i++) {
            bytes.put(i, (byte) 0);
        }
    }
}
