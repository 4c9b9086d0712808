package org.ipsecif.platform.pfkey;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.posix.Posix;
import org.jspecify.annotations.Nullable;

/**
 * A PF_KEY socket for requests: each is answered, refused or dumped to its end before the next. What the kernel tells of others'
 * changes meanwhile is passed over. Never waits. Control thread only.
 */
final class PfKeySocket implements AutoCloseable {
    /** Bytes. Others' changes fill it while nothing is asked; FreeBSD puts a whole dump into it. */
    static final int RECEIVE_BUFFER = 2 << 20;

    private static final int DUMP_ATTEMPTS = 4;

    /** Beyond it, messages of a socket that does not run dry are somebody's flood. */
    private static final int MOST_PASSED_OVER = 1 << 16;

    /** Linux's errno of a dump that ends early is negative, cut to 8 bits; none is above this otherwise. */
    private static final int LARGEST_ERRNO = 133;

    /** One for all sockets: they all hear the answers. High, for the kernels count their ACQUIREs from 1 in the same field. */
    private static final AtomicInteger SEQUENCE = new AtomicInteger(0x4000_0000);

    /**
     * What the kernel says to a request.
     *
     * @param errno 0 if it was carried out; ENOBUFS if the answer was lost
     * @param message null if it was not, or if the answer is none of PF_KEY
     */
    record Answer(int errno, @Nullable PfKeyMessage message) {}

    private final Posix posix;
    private final Dialect dialect;
    private final int fd;
    private final PfKeyPort port;
    private final PfKeyReader reader;

    PfKeySocket(Posix posix, Dialect dialect) throws ErrnoException {
        this(posix, dialect, PfKeyPort.open(posix, dialect, RECEIVE_BUFFER));
    }

    /** @param fd taken over */
    private PfKeySocket(Posix posix, Dialect dialect, int fd) {
        this.posix = posix;
        this.dialect = dialect;
        this.fd = fd;
        port = new PfKeyPort(posix, dialect, fd);
        reader = PfKeyReader.withKeys(dialect);
    }

    static int nextSequence() {
        return SEQUENCE.updateAndGet(last -> last == Integer.MAX_VALUE ? 0x4000_0000 : last + 1);
    }

    /** In sadb_msg_pid of the kernel's word about changes made here. */
    int pid() {
        return port.pid();
    }

    /** Asks for one thing. @return the answer to it, and to no other */
    Answer request(Request request, int satype, List<Extension> extensions) {
        passOver();
        int sequence = nextSequence();
        int errno = port.send(request, satype, sequence, extensions);
        if (errno != 0) {
            return new Answer(errno, null);
        }
        Answer[] answer = new Answer[1];
        while (answer[0] == null) {
            int got = port.receive(bytes -> {
                PfKeyHeader header = PfKeyHeader.read(bytes);
                if (header != null && isOurs(header, request) && header.sequence() == sequence) {
                    answer[0] = new Answer(header.errno(), header.errno() == 0 ? reader.read(bytes) : null);
                }
            });
            if (got <= 0) {
                return new Answer(got == 0 ? dialect.noBuffers() : -got, null);
            }
        }
        return answer[0];
    }

    private boolean isOurs(PfKeyHeader header, Request request) {
        return header.type() == request.type() && header.pid() == port.pid();
    }

    /**
     * As {@link #request}.
     *
     * @param object for the message of a failure
     * @throws ErrnoException as the kernel says
     */
    PfKeyMessage ask(Request request, int satype, List<Extension> extensions, String object) throws ErrnoException {
        Answer answer = request(request, satype, extensions);
        String what = request.words() + " " + object;
        if (answer.errno() != 0) {
            throw exception(what, answer.errno());
        }
        PfKeyMessage message = answer.message();
        if (message == null) {
            throw new ErrnoException(what, ErrnoException.EINVAL, "the kernel's answer cannot be read");
        }
        return message;
    }

    /** With the kernel's words for the number. */
    ErrnoException exception(String what, int errno) {
        return errno == dialect.noBuffers() ? new ErrnoException(what, errno, lost()) : posix.exception(what, errno);
    }

    /** For a number that the kernel gave. */
    String words(int errno) {
        return errno == dialect.noBuffers() ? lost() : posix.libc().strerror(errno);
    }

    private String lost() {
        return posix.libc().strerror(dialect.noBuffers()) + " (answer lost)";
    }

    /**
     * Asks for all entries; again if some are lost on the way.
     *
     * @return their messages; those that cannot be read have no extensions
     * @throws ErrnoException ENOBUFS if some are lost each time
     */
    List<PfKeyMessage> dump(Request request, int satype) throws ErrnoException {
        for (int attempt = 1; ; attempt++) {
            List<PfKeyMessage> entries = new ArrayList<>();
            int errno = dump(request, satype, entries);
            if (errno == 0) {
                return entries;
            }
            entries.forEach(PfKeyMessage::wipe);
            if (errno != dialect.noBuffers() || attempt == DUMP_ATTEMPTS) {
                throw exception(request.words(), errno);
            }
        }
    }

    private int dump(Request request, int satype, List<PfKeyMessage> entries) {
        passOver();
        int errno = port.send(request, satype, nextSequence(), List.of());
        if (errno != 0) {
            return errno;
        }
        Dump dump = new Dump(request, entries);
        while (!dump.ended) {
            int got = port.receive(dump::read);
            if (got <= 0) {
                return got == 0 ? dialect.noBuffers() : -got;
            }
        }
        return dump.errno;
    }

    /** How far a dump has come. */
    private final class Dump {
        private final Request request;
        private final List<PfKeyMessage> entries;
        private int previous = -1;
        private boolean ended;
        private int errno;

        Dump(Request request, List<PfKeyMessage> entries) {
            this.request = request;
            this.entries = entries;
        }

        void read(ByteBuffer bytes) {
            PfKeyHeader header = PfKeyHeader.read(bytes);
            if (header == null || !isOurs(header, request)) {
                return;
            }
            if (header.errno() != 0) {
                end(errnoOf(header.errno()));
            } else if (!dialect.follows(previous, header.sequence())) {
                end(dialect.noBuffers());
            } else {
                PfKeyMessage message = reader.read(bytes);
                entries.add(message == null ? new PfKeyMessage(header, List.of()) : message);
                previous = header.sequence();
                ended = previous == 0;
            }
        }

        private void end(int reason) {
            ended = true;
            boolean empty = reason == ErrnoException.ENOENT && entries.isEmpty();
            errno = empty ? 0 : reason;
        }
    }

    private static int errnoOf(int byteOfHeader) {
        return byteOfHeader > LARGEST_ERRNO ? 256 - byteOfHeader : byteOfHeader;
    }

    /** What stands in the socket from before is no answer to what comes, and would take its room. */
    private void passOver() {
        int count = 0;
        while (count < MOST_PASSED_OVER && port.receive(bytes -> {}) != 0) {
            count++;
        }
    }

    @Override
    public void close() {
        posix.libc().close(fd);
    }
}
