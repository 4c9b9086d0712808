package org.ipsecif.platform.freebsd.sim;

import org.jspecify.annotations.Nullable;

/** A tun(4) interface and its device (net/if_tuntap.c). */
final class Tun extends Ifnet {
    static final int DLT_NULL = 0;
    private static final int IFT_PPP = 23;
    private static final int TUNMTU = 1500;

    /** net.link.ifqmaxlen */
    private static final int QUEUE = 50;

    private static final int TUNMRU = 65_535;
    private static final int HEADER = 4;

    private static final long TUNSDEBUG = 0x8004745aL;
    private static final long TUNGDEBUG = 0x40047459L;
    private static final long TUNSIFINFO = 0x8008745bL;
    private static final long TUNGIFINFO = 0x4008745cL;
    private static final long TUNSLMODE = 0x8004745dL;
    private static final long TUNGIFNAME = 0x4020745dL;
    private static final long TUNSIFMODE = 0x8004745eL;
    private static final long TUNSIFPID = 0x2000745fL;
    private static final long TUNSIFHEAD = 0x80047460L;
    private static final long TUNGIFHEAD = 0x40047461L;
    private static final long FIONBIO = 0x8004667eL;
    private static final long FIONREAD = 0x4004667fL;

    final int unit;
    private boolean headed;
    private boolean linkMode;
    private boolean dying;
    private int pid;
    private @Nullable TunFile opened;

    Tun(SimulatedFreeBsd host, int unit, int index) {
        super(host, "tun" + unit, index, IFT_PPP);
        this.unit = unit;
        flags = IFF_POINTOPOINT | IFF_MULTICAST;
        mtu = TUNMTU;
        groups.add("tun");
    }

    @Override
    int linkType() {
        return DLT_NULL;
    }

    @Override
    byte[] linkHeader(byte[] packet) {
        return Words.put32(new byte[HEADER], 0, familyOf(packet));
    }

    /** tuninit. */
    @Override
    void addressSet() {
        flags |= IFF_DRV_RUNNING | IFF_UP;
    }

    /** tunopen. */
    TunFile open(SimulatedProcess by) {
        KernelError.when(opened != null || dying, KernelError.EBUSY);
        TunFile file = new TunFile(this);
        opened = file;
        pid = by.getpid();
        host.interfaces().setLinkState(this, LINK_STATE_UP);
        return file;
    }

    /** tundtor. */
    void closed() {
        queue.clear();
        if (is(IFF_UP)) {
            host.interfaces().down(this);
        }
        if (is(IFF_DRV_RUNNING)) {
            flags &= ~IFF_DRV_RUNNING;
            host.interfaces().purge(this);
        }
        host.interfaces().setLinkState(this, LINK_STATE_DOWN);
        opened = null;
        pid = 0;
    }

    boolean isOpen() {
        return opened != null;
    }

    /** Whose it is: who opened it, or said so by TUNSIFPID; 0 if nobody has it open. */
    int pid() {
        return pid;
    }

    void die() {
        dying = true;
    }

    /** tunoutput. */
    @Override
    int output(byte[] packet, Address next) {
        if (!isOpen() || !is(IFF_UP)) {
            return KernelError.EHOSTDOWN;
        }
        tap(packet, false);
        if (!headed && familyOf(packet) != Address.AF_INET) {
            return KernelError.EAFNOSUPPORT;
        }
        if (queue.size() >= QUEUE) {
            queueDrops++;
            return KernelError.ENOBUFS;
        }
        byte[] before = new byte[0];
        if (linkMode) {
            before = next.sockaddr();
        } else if (headed) {
            before = Words.putNet32(new byte[HEADER], 0, familyOf(packet));
        }
        queue.add(Words.join(before, packet));
        host.changed();
        return 0;
    }

    /** tunread. */
    byte[] read(SimulatedProcess by, TunFile file) {
        KernelError.when(!isOpen(), KernelError.EHOSTDOWN);
        KernelError.when(queue.isEmpty() && file.nonBlocking, KernelError.EAGAIN);
        host.await(by, () -> !queue.isEmpty(), -1);
        return queue.remove();
    }

    /** tunwrite. */
    int write(byte[] data) {
        if (!is(IFF_UP)) {
            return 0;
        }
        if (data.length == 0) {
            return 0;
        }
        KernelError.when(data.length > TUNMRU + (headed ? HEADER : 0), KernelError.EIO);
        int family = Address.AF_INET;
        byte[] packet = data;
        if (headed) {
            KernelError.when(data.length < HEADER, KernelError.ENOBUFS);
            family = Words.net32(data, 0);
            packet = Words.cut(data, HEADER, data.length - HEADER);
        }
        tap(packet, true);
        KernelError.when(family != Address.AF_INET && family != Address.AF_INET6, KernelError.EAFNOSUPPORT);
        host.stack().input(this, packet, family);
        return data.length;
    }

    /** tunioctl. */
    void ioctl(SimulatedProcess by, long request, byte[] data) {
        if (request == TUNSIFMODE) {
            KernelError.when(is(IFF_UP), KernelError.EBUSY);
            int mode = Words.i32(data, 0);
            int kind = mode & ~IFF_MULTICAST;
            KernelError.when(kind != IFF_POINTOPOINT && kind != IFF_BROADCAST, KernelError.EINVAL);
            flags = flags & ~(IFF_BROADCAST | IFF_POINTOPOINT | IFF_MULTICAST) | mode;
        } else if (request == TUNSIFHEAD) {
            headed = Words.i32(data, 0) != 0;
            linkMode &= !headed;
        } else if (request == TUNSLMODE) {
            linkMode = Words.i32(data, 0) != 0;
            headed &= !linkMode;
        } else if (request == TUNGIFHEAD) {
            Words.put32(data, 0, headed ? 1 : 0);
        } else if (request == TUNSIFPID) {
            pid = by.getpid();
        } else if (request == TUNGIFNAME) {
            Words.putText(data, 0, name, NAME_SIZE);
        } else if (request == TUNSIFINFO) {
            setInfo(data);
        } else if (request == TUNGIFINFO) {
            Words.put16(data, 4, mtu);
            Words.put8(data, 6, type);
        } else if (request == FIONREAD) {
            Words.put32(data, 0, queue.isEmpty() ? 0 : queue.element().length);
        } else if (request != TUNSDEBUG && request != TUNGDEBUG && request != FIONBIO) {
            throw new KernelError(KernelError.ENOTTY);
        }
    }

    /** struct tuninfo (net/if_tun.h): int baudrate, u_short mtu, u_char type, u_char dummy. */
    private void setInfo(byte[] data) {
        KernelError.when(Words.u8(data, 6) != type, KernelError.EPROTOTYPE);
        InterfaceControl.setMtu(this, Words.u16(data, 4));
    }

    /** Its descriptor. */
    static final class TunFile extends OpenFile {
        private final Tun tun;

        TunFile(Tun tun) {
            super(tun.host);
            this.tun = tun;
        }

        @Override
        byte[] read(SimulatedProcess by, int length) {
            byte[] packet = tun.read(by, this);
            return Words.cut(packet, 0, Math.min(length, packet.length)); // what does not fit is lost
        }

        @Override
        int write(SimulatedProcess by, byte[] data) {
            return tun.write(data);
        }

        @Override
        void ioctl(SimulatedProcess by, long request, byte[] data) {
            tun.ioctl(by, request, data);
        }

        @Override
        long readable() {
            return tun.queue.size();
        }

        @Override
        void lastClose(SimulatedProcess by) {
            tun.closed();
        }
    }
}
