package org.ipsecif.platform.linux;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.posix.DirectBuffer;
import org.ipsecif.platform.posix.Errno;
import org.ipsecif.platform.posix.LibC;

/**
 * A netlink(7) socket for requests: each is acknowledged, answered, or refused before the next. Control thread only.
 *
 * <pre>
 * struct nlmsghdr { __u32 nlmsg_len; __u16 nlmsg_type; __u16 nlmsg_flags; __u32 nlmsg_seq; __u32 nlmsg_pid; };  // 16
 * struct nlmsgerr { int error; struct nlmsghdr msg; };                            // linux/netlink.h
 * </pre>
 */
final class Netlink implements AutoCloseable {
    static final int NETLINK_ROUTE = 0;
    static final int NETLINK_XFRM = 6;

    static final int NLM_F_REQUEST = 0x1;
    static final int NLM_F_ACK = 0x4;
    static final int NLM_F_EXCL = 0x200;
    static final int NLM_F_CREATE = 0x400;
    static final int NLM_F_DUMP = 0x300;
    static final int NLM_F_DUMP_INTR = 0x10;

    private static final int NLMSG_ERROR = 2;
    private static final int NLMSG_DONE = 3;
    private static final int HEADER = NetlinkWriter.HEADER;
    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW = 3;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int BUFFER = 1 << 16;
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVBUF = 8;
    private static final int RECEIVE_BUFFER = 1 << 20;
    private static final int SOL_NETLINK = 270;
    private static final int NETLINK_EXT_ACK = 11;
    private static final int NLM_F_CAPPED = 0x100;
    private static final int NLM_F_ACK_TLVS = 0x200;
    private static final int NLMSGERR_ATTR_MSG = 1;
    private static final int DUMP_ATTEMPTS = 8;

    private final int fd;
    private final DirectBuffer buffer = new DirectBuffer(BUFFER);
    private int sequence;

    Netlink(int protocol) throws ErrnoException {
        fd = Errno.check(LibC.LIBC.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol), "socket AF_NETLINK");
        setOption(SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER);
        setOption(SOL_NETLINK, NETLINK_EXT_ACK, 1);
    }

    /** Of no consequence if refused: an older kernel gives shorter errors. */
    private void setOption(int level, int option, int value) {
        DirectBuffer argument = new DirectBuffer(4);
        argument.bytes().putInt(0, value);
        LibC.LIBC.setsockopt(fd, level, option, argument.pointer(), 4);
    }

    /**
     * Sends a request and waits for its acknowledgement.
     *
     * @param what for the message of a failure, such as {@code RTM_NEWADDR 10.0.0.1/30}
     * @throws ErrnoException with the kernel's number and, where it gives one, its own explanation
     */
    void request(NetlinkWriter message, String what) throws ErrnoException {
        exchange(message, NLM_F_REQUEST | NLM_F_ACK, what, new ArrayList<>());
    }

    /** Sends a request that one message answers. */
    ByteBuffer query(NetlinkWriter message, String what) throws ErrnoException {
        List<ByteBuffer> answers = new ArrayList<>();
        exchange(message, NLM_F_REQUEST | NLM_F_ACK, what, answers);
        if (answers.size() != 1) {
            throw new IllegalStateException(what + ": " + answers.size() + " answers instead of one");
        }
        return answers.get(0);
    }

    /** All messages that answer a dump request, without their netlink headers; asked again if the kernel's list changed. */
    List<ByteBuffer> dump(NetlinkWriter message, String what) throws ErrnoException {
        List<ByteBuffer> answers = new ArrayList<>();
        for (int attempt = 1; ; attempt++) {
            boolean consistent = exchange(message, NLM_F_REQUEST | NLM_F_DUMP, what, answers);
            if (consistent || attempt == DUMP_ATTEMPTS) {
                return answers;
            }
            answers.clear();
        }
    }

    /** @return false if the kernel says that a dump was interrupted by a change */
    private boolean exchange(NetlinkWriter message, int flags, String what, List<ByteBuffer> answers)
            throws ErrnoException {
        send(message.finish(flags, ++sequence), what);
        boolean consistent = true;
        while (true) {
            ByteBuffer datagram = receive(what);
            while (datagram.remaining() >= HEADER) {
                int start = datagram.position();
                int length = datagram.getInt(start);
                if (length < HEADER || length > datagram.remaining()) {
                    throw new IllegalStateException(what + ": a netlink message of " + length + " bytes");
                }
                int type = Short.toUnsignedInt(datagram.getShort(start + 4));
                int answerFlags = Short.toUnsignedInt(datagram.getShort(start + 6));
                boolean mine = datagram.getInt(start + 8) == sequence;
                ByteBuffer body =
                        datagram.slice(start + HEADER, length - HEADER).order(datagram.order());
                datagram.position(Math.min(datagram.limit(), start + NetlinkWriter.align(length)));
                if (!mine) {
                    continue; // the rest of an exchange that failed half-way
                }
                consistent &= (answerFlags & NLM_F_DUMP_INTR) == 0;
                if (type == NLMSG_DONE) {
                    return consistent;
                }
                if (type == NLMSG_ERROR) {
                    throwIfError(body, answerFlags, what);
                    return consistent;
                }
                answers.add(body);
            }
        }
    }

    private static void throwIfError(ByteBuffer body, int flags, String what) throws ErrnoException {
        int errno = -body.getInt(0);
        if (errno == 0) {
            return;
        }
        String explanation = (flags & NLM_F_ACK_TLVS) == 0 ? "" : explanation(body, flags);
        ErrnoException plain = Errno.exception(what, errno);
        throw explanation.isEmpty()
                ? plain
                : new ErrnoException(what, errno, LibC.LIBC.strerror(errno) + " (" + explanation + ")");
    }

    private static String explanation(ByteBuffer body, int flags) {
        int requestLength = (flags & NLM_F_CAPPED) != 0 ? HEADER : body.getInt(4);
        int at = 4 + NetlinkWriter.align(Math.max(HEADER, requestLength));
        if (at > body.limit()) {
            return "";
        }
        ByteBuffer text = NetlinkReader.attributes(body, at).get(NLMSGERR_ATTR_MSG);
        if (text == null || !text.hasRemaining()) {
            return "";
        }
        byte[] bytes = new byte[text.remaining() - 1]; // NUL at the end
        text.get(bytes);
        return new String(bytes, java.nio.charset.StandardCharsets.UTF_8);
    }

    private void send(byte[] message, String what) throws ErrnoException {
        buffer.bytes().put(0, message);
        if (LibC.LIBC.write(fd, buffer.pointer(), message.length) < 0) {
            throw Errno.exception(what);
        }
    }

    /** One datagram, copied off the shared buffer. */
    private ByteBuffer receive(String what) throws ErrnoException {
        long length;
        do {
            length = LibC.LIBC.recv(fd, buffer.pointer(), BUFFER, 0);
        } while (length < 0 && Errno.last() == Errno.EINTR);
        if (length < 0) {
            throw Errno.exception(what);
        }
        byte[] copy = new byte[(int) length];
        buffer.bytes().get(0, copy);
        return ByteBuffer.wrap(copy).order(java.nio.ByteOrder.nativeOrder());
    }

    @Override
    public void close() {
        LibC.LIBC.close(fd);
    }
}
