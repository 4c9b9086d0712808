package org.ipsecif.platform.linux;

import java.lang.ref.Reference;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.posix.DirectBuffer;
import org.ipsecif.platform.posix.Errno;
import org.ipsecif.platform.posix.LibC;
import org.ipsecif.sa.IpAddress;

/**
 * A second UDP socket of the same address and port that receives IKE messages alone, so that ESP cannot fill the buffer that they
 * wait in: both are a group (SO_REUSEPORT, socket(7)) in which a program in the kernel chooses ({@link Bpf#ikeOrEsp}).
 *
 * <p>The first is bound before it may share, so that the port of another process is found to be in use as ever.
 */
final class UrgentSocket {
    private static final int SO_REUSEPORT = 15;

    /** Since Linux 4.5. */
    private static final int SO_ATTACH_REUSEPORT_CBPF = 51;

    private static final int SOCK_FPROG = 16;
    private static final int NONE = -1;

    private UrgentSocket() {}

    /**
     * @param fd a bound socket
     * @return a descriptor, or -1 where the kernel cannot: then all that comes goes to {@code fd}, as before
     */
    static int openBeside(int fd, IpAddress local, int port) {
        if (LinuxSockets.trySet(fd, LinuxSockets.SOL_SOCKET, SO_REUSEPORT, 1) < 0) {
            return NONE;
        }
        int other = NONE;
        try {
            other = LinuxSockets.openSharing(local, port, SO_REUSEPORT);
            choose(other, Bpf.ikeOrEsp());
            return other;
        } catch (ErrnoException e) {
            if (other != NONE) {
                LibC.LIBC.close(other);
            }
            LinuxSockets.trySet(fd, LinuxSockets.SOL_SOCKET, SO_REUSEPORT, 0);
            return NONE;
        }
    }

    /** struct sock_fprog of linux/filter.h. */
    private static void choose(int fd, byte[] instructions) throws ErrnoException {
        DirectBuffer filter = DirectBuffer.of(instructions);
        DirectBuffer program = new DirectBuffer(SOCK_FPROG);
        program.bytes()
                .putShort(0, (short) (instructions.length / Bpf.INSTRUCTION))
                .putLong(8, filter.pointer().address());
        try {
            Errno.check(
                    LibC.LIBC.setsockopt(
                            fd, LinuxSockets.SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, program.pointer(), SOCK_FPROG),
                    "setsockopt SO_ATTACH_REUSEPORT_CBPF");
        } finally {
            Reference.reachabilityFence(filter);
        }
    }
}
