package org.ipsecif.platform.freebsd;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.posix.DirectBuffer;
import org.ipsecif.platform.posix.Errno;
import org.ipsecif.platform.posix.Posix;
import org.jspecify.annotations.Nullable;

/**
 * A Unix socket of records (unix(4), SOCK_SEQPACKET) over which {@link HolderMessage}s go, with descriptors as SCM_RIGHTS. One thread at a
 * time.
 */
final class HolderSocket {
    static final int NONE = -1;

    /** Data of a control message begin here. */
    private static final int DATA = Abi.align(Abi.SIZEOF_CMSGHDR);

    /** CMSG_SPACE of one descriptor. */
    private static final int ONE = DATA + Abi.align(Integer.BYTES);

    /** Room for more than there should be, so that they are seen and closed. */
    private static final int CONTROL = DATA + Abi.align(8 * Integer.BYTES);

    private static final int BACKLOG = 8;

    /**
     * What came.
     *
     * @param message null if it is none, which a peer that means well does not send
     * @param fd the descriptor that came with it, of this process, close-on-exec; {@link HolderSocket#NONE} if none did
     */
    record Received(@Nullable HolderMessage message, int fd) {}

    /**
     * Who is at the other end.
     *
     * @param user {@link HolderSocket#NONE} if the kernel does not say
     * @param pid 0 if it does not, as before FreeBSD 13
     */
    record Peer(int user, int pid) {}

    private final Posix posix;
    private final int fd;
    private final DirectBuffer data = new DirectBuffer(HolderMessage.SIZE + 1);
    private final DirectBuffer vector = new DirectBuffer(Abi.SIZEOF_IOVEC);
    private final DirectBuffer control = new DirectBuffer(CONTROL);
    private final DirectBuffer header = new DirectBuffer(Abi.SIZEOF_MSGHDR);

    /** @param fd of a connected socket, or of one that listens; taken over */
    HolderSocket(Posix posix, int fd) {
        this.posix = posix;
        this.fd = fd;
        vector.bytes().putLong(Abi.IOVEC_IOV_BASE, data.pointer().address());
        header.bytes().putLong(Abi.MSGHDR_MSG_IOV, vector.pointer().address()).putInt(Abi.MSGHDR_MSG_IOVLEN, 1);
    }

    /** @throws ErrnoException ENOENT or ECONNREFUSED if nobody listens there */
    static HolderSocket connect(Posix posix, String path) throws ErrnoException {
        DirectBuffer address = address(posix, path);
        HolderSocket socket = open(posix, 0);
        try {
            posix.check(posix.libc().connect(socket.fd, address.pointer(), address.size()), "connect " + path);
            return socket;
        } catch (ErrnoException e) {
            socket.close();
            throw e;
        }
    }

    /** @throws ErrnoException EADDRINUSE if there is a file of that name */
    static HolderSocket listen(Posix posix, String path) throws ErrnoException {
        DirectBuffer address = address(posix, path);
        HolderSocket socket = open(posix, Abi.SOCK_NONBLOCK);
        try {
            posix.check(posix.libc().bind(socket.fd, address.pointer(), address.size()), "bind " + path);
            posix.check(posix.libc().listen(socket.fd, BACKLOG), "listen " + path);
            return socket;
        } catch (ErrnoException e) {
            socket.close();
            throw e;
        }
    }

    /** Two that are connected to each other. */
    static HolderSocket[] pair(Posix posix) throws ErrnoException {
        DirectBuffer fds = new DirectBuffer(2 * Integer.BYTES);
        int type = Abi.SOCK_SEQPACKET | Abi.SOCK_CLOEXEC;
        posix.check(posix.libc().socketpair(Abi.AF_UNIX, type, 0, fds.pointer()), "socketpair");
        return new HolderSocket[] {
            new HolderSocket(posix, fds.bytes().getInt(0)),
            new HolderSocket(posix, fds.bytes().getInt(Integer.BYTES))
        };
    }

    private static HolderSocket open(Posix posix, int flags) throws ErrnoException {
        int fd = posix.libc().socket(Abi.AF_UNIX, Abi.SOCK_SEQPACKET | Abi.SOCK_CLOEXEC | flags, 0);
        return new HolderSocket(posix, posix.check(fd, "socket AF_UNIX"));
    }

    private static DirectBuffer address(Posix posix, String path) throws ErrnoException {
        byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
        if (bytes.length >= HolderAbi.SUN_PATH_SIZE) {
            throw posix.exception("socket " + path, Abi.ENAMETOOLONG);
        }
        return Sockaddr.unix(bytes);
    }

    int fd() {
        return fd;
    }

    /** Accepts a connection, by a socket that listens. @return null if there is none any more */
    @Nullable
    HolderSocket accept() {
        int accepted = posix.libc().accept(fd, null, null);
        if (accepted < 0) {
            return null;
        }
        posix.libc().fcntl(accepted, Abi.F_SETFD, Abi.FD_CLOEXEC);
        return new HolderSocket(posix, accepted);
    }

    /** The process at the other end of a connection, and its user, as they were when it connected, or listened (unix(4)). */
    Peer peer() {
        DirectBuffer credentials = new DirectBuffer(HolderAbi.SIZEOF_XUCRED);
        DirectBuffer length = new DirectBuffer(Integer.BYTES);
        length.bytes().putInt(0, credentials.size());
        int result = posix.libc()
                .getsockopt(fd, HolderAbi.SOL_LOCAL, HolderAbi.LOCAL_PEERCRED, credentials.pointer(), length.pointer());
        boolean known = result == 0
                && length.bytes().getInt(0) >= HolderAbi.XUCRED_CR_PID + Integer.BYTES
                && credentials.bytes().getInt(HolderAbi.XUCRED_CR_VERSION) == HolderAbi.XUCRED_VERSION;
        return known
                ? new Peer(
                        credentials.bytes().getInt(HolderAbi.XUCRED_CR_UID),
                        credentials.bytes().getInt(HolderAbi.XUCRED_CR_PID))
                : new Peer(NONE, 0);
    }

    /** Has {@link #receive} wait no longer. */
    void setTimeout(int seconds) throws ErrnoException {
        new BsdSockets(posix).setReceiveTimeout(fd, seconds);
    }

    /**
     * Sends a message, and never waits for room.
     *
     * @param passed a descriptor that goes with it, and stays open here; or {@link #NONE}
     */
    void send(HolderMessage message, int passed) throws ErrnoException {
        message.put(data.bytes());
        vector.bytes().putLong(Abi.IOVEC_IOV_LEN, HolderMessage.SIZE);
        if (passed == NONE) {
            setControl(0);
        } else {
            setControl(ONE);
            control.bytes()
                    .putInt(Abi.CMSGHDR_CMSG_LEN, DATA + Integer.BYTES)
                    .putInt(Abi.CMSGHDR_CMSG_LEVEL, Abi.SOL_SOCKET)
                    .putInt(Abi.CMSGHDR_CMSG_TYPE, Abi.SCM_RIGHTS)
                    .putInt(DATA, passed);
        }
        int flags = Abi.MSG_DONTWAIT | Abi.MSG_NOSIGNAL | HolderAbi.MSG_EOR; // which ends a record
        posix.check((int) posix.libc().sendmsg(fd, header.pointer(), flags), "sendmsg to the holder's socket");
    }

    private void setControl(int length) {
        header.bytes()
                .putLong(
                        Abi.MSGHDR_MSG_CONTROL,
                        length == 0 ? 0 : control.pointer().address())
                .putInt(Abi.MSGHDR_MSG_CONTROLLEN, length)
                .putInt(Abi.MSGHDR_MSG_FLAGS, 0);
    }

    /**
     * Receives what the other end sent, and waits for it, for as long as {@link #setTimeout} says.
     *
     * @return null if the other end has closed
     * @throws ErrnoException EAGAIN if nothing came
     */
    @Nullable
    Received receive() throws ErrnoException {
        vector.bytes().putLong(Abi.IOVEC_IOV_LEN, data.size());
        int length;
        do {
            setControl(CONTROL);
            length = (int) posix.libc().recvmsg(fd, header.pointer(), Abi.MSG_CMSG_CLOEXEC);
        } while (length < 0 && Errno.last() == Errno.EINTR);
        if (length < 0 && Errno.last() == Abi.ECONNRESET) {
            return null;
        }
        posix.check(length, "recvmsg from the holder's socket");
        return length == 0 ? null : received(HolderMessage.parse(data.bytes(), length), passed());
    }

    /** What does not belong together is closed. */
    private Received received(@Nullable HolderMessage message, List<Integer> fds) {
        int expected = message != null && message.kind().passesDescriptor() ? 1 : 0;
        boolean cut = (header.bytes().getInt(Abi.MSGHDR_MSG_FLAGS) & (Abi.MSG_CTRUNC | Abi.MSG_TRUNC)) != 0;
        if (message == null || fds.size() != expected || cut) {
            fds.forEach(posix.libc()::close);
            return new Received(null, NONE);
        }
        return new Received(message, expected == 1 ? fds.get(0) : NONE);
    }

    /** All descriptors that came. */
    private List<Integer> passed() {
        List<Integer> fds = new ArrayList<>();
        ByteBuffer bytes = control.bytes();
        int end = Math.min(header.bytes().getInt(Abi.MSGHDR_MSG_CONTROLLEN), CONTROL);
        int at = 0;
        while (at + DATA <= end) {
            int length = bytes.getInt(at + Abi.CMSGHDR_CMSG_LEN);
            if (length < DATA || length > end - at) {
                break;
            }
            boolean rights = bytes.getInt(at + Abi.CMSGHDR_CMSG_LEVEL) == Abi.SOL_SOCKET
                    && bytes.getInt(at + Abi.CMSGHDR_CMSG_TYPE) == Abi.SCM_RIGHTS;
            for (int each = at + DATA; rights && each + Integer.BYTES <= at + length; each += Integer.BYTES) {
                fds.add(bytes.getInt(each));
            }
            at += Abi.align(length);
        }
        return fds;
    }

    /** Whether the other end has not closed, and has sent nothing. Does not wait. */
    boolean isQuiet() {
        long length = posix.libc().recv(fd, data.pointer(), data.size(), Abi.MSG_PEEK | Abi.MSG_DONTWAIT);
        return length < 0 && (Errno.last() == Abi.EAGAIN || Errno.last() == Errno.EINTR);
    }

    void close() {
        posix.libc().close(fd);
    }
}
