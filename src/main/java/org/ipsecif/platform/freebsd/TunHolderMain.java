package org.ipsecif.platform.freebsd;

import java.io.PrintStream;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.freebsd.HolderMessage.Kind;
import org.ipsecif.platform.posix.LibC;
import org.ipsecif.platform.posix.Posix;
import org.jspecify.annotations.Nullable;

/**
 * The process that holds tun(4) devices: {@code TunHolderMain SOCKET}. The daemon starts it. Prints {@link #READY} when it listens, or why
 * it does not. SIGTERM ends it, and with it whatever no other process has open.
 */
public final class TunHolderMain {
    /** The line that says that it listens. */
    static final String READY = "ready";

    private static final long IDLE_NANOS = 10_000_000_000L;
    private static final String TRIED = "self-test";

    private TunHolderMain() {}

    public static void main(String[] args) {
        System.exit(run(LibC.LIBC, args, System.out, IDLE_NANOS));
    }

    /** @return the exit status */
    static int run(LibC libc, String[] args, PrintStream out, long idleNanos) {
        if (args.length != 1) {
            out.println("usage: TunHolderMain SOCKET");
            return 2;
        }
        Posix posix = KqueueReadiness.posix(libc);
        try {
            test(posix);
            libc.setsid();
            HolderSocket listener = claim(posix, args[0]);
            out.println(READY);
            new TunHolderServer(posix, listener, idleNanos, System::nanoTime).run();
            return 0;
        } catch (ErrnoException e) {
            out.println(e.getMessage());
            return 1;
        }
    }

    /**
     * The socket to listen at. What a holder that was killed has left of it is removed; should two start at once, then one of them has no
     * name in the end, holds nothing, and goes.
     *
     * @throws ErrnoException EADDRINUSE if another holder listens there
     */
    static HolderSocket claim(Posix posix, String path) throws ErrnoException {
        try {
            return HolderSocket.listen(posix, path);
        } catch (ErrnoException e) {
            if (e.errno() != Abi.EADDRINUSE || isAnswered(posix, path)) {
                throw e;
            }
        }
        posix.check(posix.libc().unlink(path), "unlink " + path);
        return HolderSocket.listen(posix, path);
    }

    private static boolean isAnswered(Posix posix, String path) throws ErrnoException {
        try {
            HolderSocket.connect(posix, path).close();
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == Abi.ECONNREFUSED) {
                return false;
            }
            throw e;
        }
    }

    /**
     * Does once all that it will be asked for: what this kernel does not do as expected is said at the start, and nothing is loaded later, from
     * files that an upgrade may have replaced.
     */
    private static void test(Posix posix) throws ErrnoException {
        HolderSocket[] ends = HolderSocket.pair(posix);
        HeldDevices devices = new HeldDevices(posix);
        try {
            ask(posix, devices, ends, new HolderMessage(Kind.KEEP, 1, 0, TRIED), Kind.DONE);
            ask(posix, devices, ends, HolderMessage.request(Kind.LIST, ""), Kind.LISTED);
            int taken = ask(posix, devices, ends, HolderMessage.request(Kind.TAKE, TRIED), Kind.TAKEN);
            posix.check(posix.libc().close(taken), "close what was passed");
            ask(posix, devices, ends, HolderMessage.request(Kind.DROP, TRIED), Kind.DONE);
            ask(posix, devices, ends, HolderMessage.request(Kind.TAKE, TRIED), Kind.NOTHING);
        } finally {
            ends[0].close();
            ends[1].close();
        }
    }

    /** @return the descriptor that came with the answer, or {@link HolderSocket#NONE} */
    private static int ask(Posix posix, HeldDevices devices, HolderSocket[] ends, HolderMessage request, Kind expected)
            throws ErrnoException {
        ends[0].send(request, request.kind().passesDescriptor() ? ends[0].fd() : HolderSocket.NONE);
        HolderSocket.Received asked = expect(posix, request.kind(), ends[1].receive());
        HeldDevices.Answer answer = devices.answer(request, asked.fd());
        ends[1].send(answer.message(), answer.fd());
        return expect(posix, expected, ends[0].receive()).fd();
    }

    private static HolderSocket.Received expect(Posix posix, Kind kind, HolderSocket.@Nullable Received received)
            throws ErrnoException {
        HolderMessage message = received == null ? null : received.message();
        if (received == null || message == null || message.kind() != kind) {
            throw posix.exception("self-test: " + kind + " arrived as " + message, ErrnoException.EINVAL);
        }
        return received;
    }
}
