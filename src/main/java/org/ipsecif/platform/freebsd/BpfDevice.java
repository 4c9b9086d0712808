package org.ipsecif.platform.freebsd;

import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.PacketChannel;
import org.ipsecif.platform.posix.DirectBuffer;
import org.ipsecif.platform.posix.Errno;
import org.ipsecif.platform.posix.LibC;
import org.ipsecif.platform.posix.Posix;

/**
 * A descriptor of bpf(4), which goes from interface to interface while it stays the same descriptor. It is read without blocking, a whole
 * buffer at a time, as the device demands. One thread, but any may ask what was dropped.
 */
final class BpfDevice {
    private static final String PATH = "/dev/bpf";
    private static final int NONE = 0;

    private final Posix posix;
    private final int fd;
    private final DirectBuffer buffer;
    private final DirectBuffer request = new DirectBuffer(LinkAbi.SIZEOF_IFREQ);
    private final DirectBuffer number = new DirectBuffer(Integer.BYTES);
    private final DirectBuffer statistics = new DirectBuffer(BpfAbi.SIZEOF_BPF_STAT);

    /** What was dropped before {@link #detach}; the device counts anew with each filter (bpf_setf of net/bpf.c). */
    private long dropped;

    private BpfDevice(Posix posix, int fd) throws ErrnoException {
        this.posix = posix;
        this.fd = fd;
        setNumber(BpfAbi.BIOCSBLEN, BpfAbi.BPF_MAXBUFSIZE, "BIOCSBLEN");
        getNumber(BpfAbi.BIOCGBLEN, "BIOCGBLEN"); // less, where net.bpf.maxbufsize is
        buffer = new DirectBuffer(number.bytes().getInt(0));
        setNumber(BpfAbi.BIOCIMMEDIATE, 1, "BIOCIMMEDIATE");
        setNumber(BpfAbi.BIOCSDIRECTION, BpfAbi.BPF_D_IN, "BIOCSDIRECTION");
    }

    /** Opens one that reads no interface yet. */
    static BpfDevice open(Posix posix) throws ErrnoException {
        int fd = posix.check(
                posix.libc().open(PATH, Abi.O_RDONLY | Abi.O_NONBLOCK | Abi.O_CLOEXEC),
                "open " + PATH + " (with IPsec in the kernel ESP comes by bpf(4) alone, or in UDP)");
        try {
            return new BpfDevice(posix, fd);
        } catch (ErrnoException e) {
            posix.libc().close(fd);
            throw e;
        }
    }

    int fd() {
        return fd;
    }

    /** Reads this interface from now on. Nothing that no program has looked at is kept. @return its link layer, DLT_* */
    synchronized int attach(String interfaceName) throws ErrnoException {
        detach();
        byte[] name = interfaceName.getBytes(StandardCharsets.US_ASCII);
        request.bytes().put(LinkAbi.IFREQ_IFR_NAME, new byte[LinkAbi.IFNAMSIZ]);
        request.bytes().put(LinkAbi.IFREQ_IFR_NAME, name, 0, Math.min(name.length, LinkAbi.IFNAMSIZ - 1));
        check(posix.libc().ioctl(fd, BpfAbi.BIOCSETIF, request.pointer()), "BIOCSETIF " + interfaceName);
        getNumber(BpfAbi.BIOCGDLT, "BIOCGDLT " + interfaceName);
        return number.bytes().getInt(0);
    }

    /** Takes nothing from now on, and keeps nothing. */
    synchronized void detach() throws ErrnoException {
        long before = current();
        setFilter(EspFilter.nothing());
        dropped += before;
    }

    /** The device begins to count anew. @param instructions struct bpf_insn, one behind the other */
    void setFilter(byte[] instructions) throws ErrnoException {
        DirectBuffer code = DirectBuffer.of(instructions);
        DirectBuffer program = new DirectBuffer(BpfAbi.SIZEOF_BPF_PROGRAM);
        program.bytes()
                .putInt(BpfAbi.BPF_PROGRAM_BF_LEN, instructions.length / BpfAbi.SIZEOF_BPF_INSN)
                .putLong(BpfAbi.BPF_PROGRAM_BF_INSNS, code.pointer().address());
        try {
            check(posix.libc().ioctl(fd, BpfAbi.BIOCSETF, program.pointer()), "BIOCSETF");
        } finally {
            Reference.reachabilityFence(code);
        }
    }

    /**
     * Reads what there is.
     *
     * @return bytes in {@link #buffer}, or {@link PacketChannel#NOTHING}, or negative: an error, of {@link Errno#last()}
     */
    int read() {
        LibC libc = posix.libc();
        int length = (int) libc.read(fd, buffer.pointer(), buffer.size());
        if (length >= 0) {
            return length;
        }
        int errno = Errno.last();
        return errno == Abi.EAGAIN || errno == Errno.EINTR ? PacketChannel.NOTHING : -errno;
    }

    DirectBuffer buffer() {
        return buffer;
    }

    /** Packets that the program took and the buffer had no room for, since it was opened. */
    synchronized long dropped() {
        return dropped + current();
    }

    private long current() {
        int result = posix.libc().ioctl(fd, BpfAbi.BIOCGSTATS, statistics.pointer());
        return result < 0 ? NONE : Integer.toUnsignedLong(statistics.bytes().getInt(BpfAbi.BPF_STAT_BS_DROP));
    }

    private void setNumber(long what, int value, String name) throws ErrnoException {
        number.bytes().putInt(0, value);
        check(posix.libc().ioctl(fd, what, number.pointer()), name);
    }

    private void getNumber(long what, String name) throws ErrnoException {
        check(posix.libc().ioctl(fd, what, number.pointer()), name);
    }

    private void check(int result, String what) throws ErrnoException {
        posix.check(result, "ioctl " + what);
    }
}
