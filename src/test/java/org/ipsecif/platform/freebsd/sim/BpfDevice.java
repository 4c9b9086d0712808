package org.ipsecif.platform.freebsd.sim;

import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;

/** A descriptor of bpf(4) (net/bpf.c), with its two buffers. */
final class BpfDevice extends OpenFile {
    private static final long BIOCGBLEN = 0x40044266L;
    private static final long BIOCSBLEN = 0xc0044266L;
    private static final long BIOCSETF = 0x80104267L;
    private static final long BIOCSETWF = 0x8010427bL;
    private static final long BIOCSETFNR = 0x80104282L;
    private static final long BIOCFLUSH = 0x20004268L;
    private static final long BIOCPROMISC = 0x20004269L;
    private static final long BIOCGDLT = 0x4004426aL;
    private static final long BIOCSETIF = 0x8020426cL;
    private static final long BIOCSRTIMEOUT = 0x8010426dL;
    private static final long BIOCGSTATS = 0x4008426fL;
    private static final long BIOCIMMEDIATE = 0x80044270L;
    private static final long BIOCVERSION = 0x40044271L;
    private static final long BIOCSHDRCMPLT = 0x80044275L;
    private static final long BIOCSDIRECTION = 0x80044277L;
    private static final long BIOCLOCK = 0x2000427aL;
    private static final long FIONBIO = 0x8004667eL;
    private static final int MIN_BUFFER = 32;
    private static final int MAX_BUFFER = 0x80000;
    private static final int DEFAULT_BUFFER = 4096;

    /** Up to and with bh_hdrlen. */
    private static final int HEADER = 26;

    private final int mode;
    private final ByteArrayOutputStream store = new ByteArrayOutputStream();
    private byte @Nullable [] hold;
    private int size = DEFAULT_BUFFER;
    private int direction = 1;
    private boolean immediate;
    private boolean locked;
    private int received;
    private int dropped;
    private @Nullable BpfProgram program;
    private @Nullable Ifnet attached;

    BpfDevice(SimulatedFreeBsd host, int mode) {
        super(host);
        this.mode = mode;
    }

    private Ifnet attached() {
        Ifnet which = attached;
        KernelError.when(which == null, KernelError.EINVAL);
        return which;
    }

    @Override
    void ioctl(SimulatedProcess by, long request, byte[] data) {
        boolean changes = request == BIOCSETIF || request == BIOCSETF || request == BIOCSBLEN || request == BIOCSETFNR;
        KernelError.when(locked && changes, KernelError.EPERM);
        if (request == BIOCGBLEN) {
            Words.put32(data, 0, size);
        } else if (request == BIOCSBLEN) {
            KernelError.when(attached != null, KernelError.EINVAL);
            size = Math.max(MIN_BUFFER, Math.min(MAX_BUFFER, Words.i32(data, 0)));
            Words.put32(data, 0, size);
        } else if (request == BIOCSETF || request == BIOCSETFNR) {
            setFilter(Words.i32(data, 0), Words.i64(data, 8));
            if (request == BIOCSETF) {
                reset();
            }
        } else if (request == BIOCFLUSH) {
            reset();
        } else if (request == BIOCPROMISC) {
            attached();
        } else if (request == BIOCGDLT) {
            Words.put32(data, 0, attached().linkType());
        } else if (request == BIOCSETIF) {
            attach(host.interfaces().find(Words.text(data, 0, Ifnet.NAME_SIZE)));
        } else if (request == BIOCGSTATS) {
            Words.put32(data, 0, received);
            Words.put32(data, 4, dropped);
        } else if (request == BIOCIMMEDIATE) {
            immediate = Words.i32(data, 0) != 0;
        } else if (request == BIOCVERSION) {
            Words.put16(data, 0, 1);
            Words.put16(data, 2, 1);
        } else if (request == BIOCSDIRECTION) {
            int wanted = Words.i32(data, 0);
            KernelError.when(wanted < 0 || wanted > 2, KernelError.EINVAL);
            direction = wanted;
        } else if (request == BIOCLOCK) {
            locked = true;
        } else if (request != FIONBIO && request != BIOCSRTIMEOUT && request != BIOCSHDRCMPLT && request != BIOCSETWF) {
            throw new KernelError(KernelError.ENOTTY);
        }
        host.changed();
    }

    private void setFilter(int length, long address) {
        if (length == 0 && address == 0) {
            program = null;
            return;
        }
        KernelError.when(length <= 0 || length > 512, KernelError.EINVAL);
        program = new BpfProgram(Words.read(MessageMemory.at(address), 8L * length));
    }

    private void attach(Ifnet which) {
        if (attached != which) {
            detach();
            attached = which;
            which.listeners.add(this);
        }
        reset();
    }

    void detach() {
        if (attached != null) {
            attached.listeners.remove(this);
            attached = null;
            host.changed();
        }
    }

    private void reset() {
        store.reset();
        hold = null;
        received = 0;
        dropped = 0;
    }

    /** catchpacket */
    void capture(byte[] frame, boolean inbound) {
        if (direction == 0 && !inbound || direction == 2 && inbound) {
            return;
        }
        received++;
        long wanted = program == null ? frame.length : program.run(frame);
        if (wanted == 0) {
            return;
        }
        int link = attached().linkType() == Tun.DLT_NULL ? 4 : 14;
        int header = align(HEADER + link) - link;
        int captured = (int) Math.min(wanted, Math.min(frame.length, size - header));
        int used = align(store.size());
        if (used + header + captured > size) {
            if (hold != null) {
                dropped++;
                return;
            }
            hold = store.toByteArray();
            store.reset();
            used = 0;
        }
        store.writeBytes(new byte[used - store.size()]);
        store.writeBytes(header(header, captured, frame.length));
        store.write(frame, 0, captured);
        host.changed();
    }

    private static int align(int length) {
        return length + 7 & -8;
    }

    /** struct bpf_hdr: timeval 0, caplen 16, datalen 20, hdrlen 24. */
    private static byte[] header(int length, int captured, int whole) {
        byte[] header = new byte[length];
        long now = System.currentTimeMillis();
        Words.put64(header, 0, now / 1000);
        Words.put64(header, 8, now % 1000 * 1000);
        Words.put32(header, 16, captured);
        Words.put32(header, 20, whole);
        return Words.put16(header, 24, length);
    }

    @Override
    byte[] read(SimulatedProcess by, int length) {
        KernelError.when(mode == 1, KernelError.EBADF);
        KernelError.when(attached == null, KernelError.ENXIO);
        KernelError.when(length != size, KernelError.EINVAL);
        if (hold == null && !(immediate && store.size() > 0)) {
            KernelError.when(nonBlocking, KernelError.EAGAIN);
            host.await(by, () -> readable() > 0, -1);
        }
        byte[] data = hold;
        if (data == null) {
            data = store.toByteArray();
            store.reset();
        }
        hold = null;
        return data;
    }

    @Override
    int statusFlags() {
        return mode | (nonBlocking ? O_NONBLOCK : 0);
    }

    @Override
    long readable() {
        int held = hold == null ? 0 : hold.length;
        return held > 0 || immediate ? held + store.size() : 0;
    }

    /** Its interface is gone. */
    @Override
    boolean isEnded() {
        return false;
    }

    @Override
    void lastClose(SimulatedProcess by) {
        detach();
    }
}
