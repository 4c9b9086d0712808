package org.ipsecif.platform.linux;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.posix.DirectBuffer;
import org.ipsecif.platform.posix.Errno;
import org.ipsecif.platform.posix.LibC;

/**
 * A netlink(7) socket for requests: each, or each batch, is acknowledged, answered, or refused before the next. Control
 * thread only.
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
    static final int NLM_F_REPLACE = 0x100;
    static final int NLM_F_EXCL = 0x200;
    static final int NLM_F_CREATE = 0x400;
    static final int NLM_F_DUMP = 0x300;
    static final int NLM_F_DUMP_INTR = 0x10;

    private static final int NLMSG_ERROR = 2;
    private static final int NLMSG_DONE = 3;
    private static final int HEADER = NetlinkWriter.HEADER;
    private static final int AF_NETLINK = 16;
    private static final int BUFFER = 1 << 16;
    private static final int RECEIVE_BUFFER = 1 << 20;
    private static final int SOL_NETLINK = 270;
    private static final int NETLINK_CAP_ACK = 10;
    private static final int NETLINK_EXT_ACK = 11;
    private static final int NETLINK_GET_STRICT_CHK = 12;
    private static final int NLM_F_CAPPED = 0x100;
    private static final int NLM_F_ACK_TLVS = 0x200;
    private static final int NLMSGERR_ATTR_MSG = 1;
    private static final int DUMP_ATTEMPTS = 8;
    private static final int SOCKADDR_NL = 12;
    private static final int NLMSG_PID = 12;

    /** Requests before their acknowledgements are read: of 2,304 bytes each at worst, these fit the default SO_RCVBUF. */
    private static final int MAX_BATCH = 128;

    /**
     * One message of a datagram.
     *
     * @param port of whom it answers, or whoever made the change that it tells of and said so; 0 otherwise
     * @param body what follows the header, in native order
     */
    record Message(int type, int flags, int sequence, int port, ByteBuffer body) {
        /** Takes the next off a datagram of at least a header's length. */
        static Message next(ByteBuffer datagram) {
            int start = datagram.position();
            int length = datagram.getInt(start);
            if (length < HEADER || length > datagram.remaining()) {
                throw new IllegalStateException("a netlink message of " + length + " bytes");
            }
            datagram.position(Math.min(datagram.limit(), start + NetlinkWriter.align(length)));
            return new Message(
                    Short.toUnsignedInt(datagram.getShort(start + 4)),
                    Short.toUnsignedInt(datagram.getShort(start + 6)),
                    datagram.getInt(start + 8),
                    datagram.getInt(start + 12),
                    datagram.slice(start + HEADER, length - HEADER).order(datagram.order()));
        }
    }

    /**
     * What the kernel says to one request of a batch.
     *
     * @param errno 0 if it was carried out
     * @param words empty if it was carried out
     */
    record Answer(int errno, String words) {
        static final Answer DONE = new Answer(0, "");

        static Answer refused(int errno, String explanation) {
            String words = LibC.LIBC.strerror(errno);
            return new Answer(errno, explanation.isEmpty() ? words : words + " (" + explanation + ")");
        }
    }

    private final int fd;
    private final int port;
    private final DirectBuffer buffer = new DirectBuffer(BUFFER);
    private int sequence;

    Netlink(int protocol) throws ErrnoException {
        fd = open(protocol, 0, 0, RECEIVE_BUFFER);
        // Of no consequence if refused: an older kernel gives shorter or longer errors, and more in a dump than was
        // asked for.
        LinuxSockets.trySet(fd, SOL_NETLINK, NETLINK_EXT_ACK, 1);
        LinuxSockets.trySet(fd, SOL_NETLINK, NETLINK_CAP_ACK, 1);
        LinuxSockets.trySet(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1);
        try {
            port = portOf(fd);
        } catch (ErrnoException e) {
            LibC.LIBC.close(fd);
            throw e;
        }
    }

    /**
     * A bound socket.
     *
     * <pre>
     * struct sockaddr_nl { u16 nl_family; u16 pad; u32 nl_pid; u32 nl_groups; };      // 12
     * </pre>
     *
     * @param flags beside SOCK_CLOEXEC
     * @param groups multicast groups, a bit each
     * @param receiveBuffer bytes
     */
    static int open(int protocol, int flags, int groups, int receiveBuffer) throws ErrnoException {
        int type = LinuxSockets.SOCK_RAW | LinuxSockets.SOCK_CLOEXEC | flags;
        int fd = Errno.check(LibC.LIBC.socket(AF_NETLINK, type, protocol), "socket AF_NETLINK");
        LinuxSockets.setReceiveBuffer(fd, receiveBuffer);
        DirectBuffer address = new DirectBuffer(SOCKADDR_NL);
        address.bytes().putShort(0, (short) AF_NETLINK).putInt(8, groups);
        if (LibC.LIBC.bind(fd, address.pointer(), SOCKADDR_NL) < 0) {
            ErrnoException refused = Errno.exception("bind AF_NETLINK");
            LibC.LIBC.close(fd);
            throw refused;
        }
        return fd;
    }

    private static int portOf(int fd) throws ErrnoException {
        DirectBuffer address = new DirectBuffer(SOCKADDR_NL);
        DirectBuffer length = new DirectBuffer(4);
        length.bytes().putInt(0, SOCKADDR_NL);
        Errno.check(LibC.LIBC.getsockname(fd, address.pointer(), length.pointer()), "getsockname AF_NETLINK");
        return address.bytes().getInt(4);
    }

    /** The number by which the kernel knows this socket. */
    int port() {
        return port;
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
                Message answer = Message.next(datagram);
                if (answer.sequence() != sequence) {
                    continue; // the rest of an exchange that failed half-way
                }
                consistent &= (answer.flags() & NLM_F_DUMP_INTR) == 0;
                if (answer.type() == NLMSG_DONE) {
                    return consistent;
                }
                if (answer.type() == NLMSG_ERROR) {
                    throwIfError(answer, what);
                    return consistent;
                }
                answers.add(answer.body());
            }
        }
    }

    /**
     * Sends requests, many in one system call, and reads their acknowledgements together. The kernel carries them out in
     * their order and goes on past one that it refuses.
     *
     * @return an answer for each; ENOBUFS where the kernel's was lost
     */
    List<Answer> requestAll(List<NetlinkWriter> messages) {
        List<Answer> answers = new ArrayList<>();
        while (answers.size() < messages.size()) {
            int from = answers.size();
            int length = 0;
            int count = 0;
            while (from + count < messages.size() && count < MAX_BATCH) {
                byte[] message = messages.get(from + count).finish(NLM_F_REQUEST | NLM_F_ACK, sequence + count + 1);
                if (length + message.length > BUFFER) {
                    break;
                }
                put(length, message);
                length += NetlinkWriter.align(message.length);
                count++;
            }
            answers.addAll(exchangeBatch(length, count));
        }
        return answers;
    }

    /** With our port in its header: XFRM puts it in the events that the request causes. */
    private void put(int at, byte[] message) {
        buffer.bytes().put(at, message).putInt(at + NLMSG_PID, port);
    }

    private List<Answer> exchangeBatch(int length, int count) {
        int first = sequence + 1;
        sequence += count;
        Answer[] answers = new Answer[count];
        int missing = count;
        if (LibC.LIBC.write(fd, buffer.pointer(), length) < 0) {
            Arrays.fill(answers, Answer.refused(Errno.last(), ""));
            missing = 0;
        }
        while (missing > 0) {
            try {
                missing -= readAnswers(receive("acknowledgements"), first, answers);
            } catch (ErrnoException e) {
                Arrays.setAll(answers, i -> answers[i] != null ? answers[i] : Answer.refused(e.errno(), "answer lost"));
                missing = 0;
            }
        }
        return List.of(answers);
    }

    /** @return how many of the {@code answers}, to the requests from {@code first} on, the datagram gave */
    private static int readAnswers(ByteBuffer datagram, int first, Answer[] answers) {
        int found = 0;
        while (datagram.remaining() >= HEADER) {
            Message message = Message.next(datagram);
            int index = message.sequence() - first;
            if (message.type() == NLMSG_ERROR && index >= 0 && index < answers.length) {
                answers[index] = answer(message);
                found++;
            }
        }
        return found;
    }

    private static Answer answer(Message message) {
        int errno = -message.body().getInt(0);
        if (errno == 0) {
            return Answer.DONE;
        }
        boolean explained = (message.flags() & NLM_F_ACK_TLVS) != 0;
        return Answer.refused(errno, explained ? explanation(message.body(), message.flags()) : "");
    }

    private static void throwIfError(Message message, String what) throws ErrnoException {
        Answer answer = answer(message);
        if (answer.errno() != 0) {
            throw new ErrnoException(what, answer.errno(), answer.words());
        }
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
        put(0, message);
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
