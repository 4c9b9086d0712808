package org.ipsecif.platform.freebsd;

import org.ipsecif.platform.DatagramRun;
import org.ipsecif.platform.EspTransport;
import org.ipsecif.platform.UdpEndpoint;
import org.ipsecif.platform.posix.Errno;
import org.ipsecif.platform.posix.Posix;
import org.ipsecif.wire.OuterHeader;

/** What one thread needs to send runs of datagrams by a socket, in one crossing to the C library for all where it may. */
abstract class BsdSender {
    private final Posix posix;
    private final int fd;
    private final boolean many;

    /** @param many whether sendmmsg(2) may be used */
    BsdSender(Posix posix, int fd, boolean many) {
        this.posix = posix;
        this.fd = fd;
        this.many = many;
    }

    /** As {@link EspTransport#send(DatagramRun, UdpEndpoint, OuterHeader)}. */
    abstract int send(DatagramRun run, UdpEndpoint remote, OuterHeader outer);

    /** Describes a datagram. @param address of its first byte */
    abstract void describe(BsdMessages messages, int message, long address, int length);

    /** Messages for runs of the greatest length. */
    static BsdMessages messages(int parts, int nameSize, int controlSize) {
        return new BsdMessages(DatagramRun.MAX_DATAGRAMS, parts, nameSize, controlSize, true);
    }

    /** Sends all, and takes from the run what went out. */
    final int sendEach(BsdMessages messages, DatagramRun run) {
        while (!run.isEmpty()) {
            int count = many ? run.count() : 1;
            long address = run.buffer().address() + run.offset();
            for (int i = 0; i < count; i++) {
                int from = i * run.segment();
                describe(messages, i, address + from, Math.min(run.segment(), run.length() - from));
            }
            int sent = count == 1
                    ? posix.libc().sendmsg(fd, messages.pointer(), 0) >= 0 ? 1 : -1
                    : posix.libc().sendmmsg(fd, messages.pointer(), count, 0);
            if (sent <= 0) {
                int errno = Errno.last();
                return errno == Abi.EMSGSIZE ? EspTransport.TOO_BIG : errno;
            }
            run.skip(sent);
        }
        return 0;
    }
}
