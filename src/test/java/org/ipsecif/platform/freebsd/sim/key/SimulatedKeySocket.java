package org.ipsecif.platform.freebsd.sim.key;

import static org.ipsecif.platform.freebsd.sim.key.KeyNumbers.*;

import java.util.ArrayDeque;
import java.util.Queue;
import org.ipsecif.platform.freebsd.sim.KeyKernel;
import org.jspecify.annotations.Nullable;

/**
 * A socket of {@code socket(PF_KEY, SOCK_RAW, PF_KEY_V2)}: one message a write, one a read. What does not fit into its receive buffer is lost.
 * FreeBSD says so to a reader only from 14 on, and only if SO_RERROR asked for it.
 */
public final class SimulatedKeySocket implements KeyKernel.Socket {
    /** raw_sendspace, raw_recvspace. */
    private static final int SPACE = 8192;

    private static final int SO_RCVBUF = 0x1002;
    private static final int SO_RERROR = 0x20000;
    private static final int MHLEN = 168;

    private final SimulatedKeyKernel kernel;
    private final Queue<byte[]> queue = new ArrayDeque<>();
    private Runnable whenReadable = () -> {};
    private int space = SPACE;
    private int used;
    private int mbufs;
    private int registered;
    private boolean promiscuous;
    private boolean reportsLoss;
    private boolean overflowed;
    private int lost;

    SimulatedKeySocket(SimulatedKeyKernel kernel) {
        this.kernel = kernel;
    }

    @Override
    public int write(byte[] message) {
        return message.length > SPACE ? EMSGSIZE : kernel.output(this, message);
    }

    @Override
    public byte @Nullable [] poll() {
        synchronized (kernel) {
            byte[] message = queue.poll();
            if (message != null) {
                used -= message.length + 2;
                mbufs -= mbufs(message);
            }
            return message;
        }
    }

    @Override
    public int takeError() {
        synchronized (kernel) {
            int error = overflowed && queue.isEmpty() ? ENOBUFS : 0;
            if (error != 0) {
                overflowed = false;
            }
            return error;
        }
    }

    @Override
    public boolean isReadable() {
        synchronized (kernel) {
            return !queue.isEmpty() || overflowed;
        }
    }

    @Override
    public void onReadable(Runnable notice) {
        synchronized (kernel) {
            whenReadable = notice;
        }
    }

    @Override
    public int setOption(int option, int value) {
        return switch (option) {
            case SO_RCVBUF -> setReceiveBuffer(value);
            case SO_RERROR -> setReportsLoss(value != 0);
            default -> 0;
        };
    }

    private int setReceiveBuffer(int bytes) {
        synchronized (kernel) {
            if (bytes <= 0) {
                return EINVAL;
            }
            if (bytes > kernel.mostReceiveBuffer()) {
                return ENOBUFS;
            }
            space = bytes;
            return 0;
        }
    }

    private int setReportsLoss(boolean on) {
        synchronized (kernel) {
            if (!kernel.release().reportsLoss()) {
                return ENOPROTOOPT;
            }
            reportsLoss = on;
            return 0;
        }
    }

    /** Messages that did not fit, ever. */
    public int lost() {
        synchronized (kernel) {
            return lost;
        }
    }

    @Override
    public void close() {
        kernel.detach(this);
    }

    /** key_sendup0: sbappendaddr, with the sockaddr of two bytes that comes with every message. @return 0 or ENOBUFS */
    int deliver(byte[] message) {
        int left = Math.min(space - used, 8 * space - mbufs);
        if (message.length + 2 > left) {
            lost++;
            overflowed |= reportsLoss;
            whenReadable.run();
            return ENOBUFS;
        }
        queue.add(message.clone());
        used += message.length + 2;
        mbufs += mbufs(message);
        whenReadable.run();
        return 0;
    }

    /** About what sballoc counts: an mbuf for the address, then as many as the data fills. */
    private static int mbufs(byte[] message) {
        return MSIZE * (1 + (message.length + MHLEN - 1) / MHLEN);
    }

    boolean promiscuous() {
        return promiscuous;
    }

    void setPromiscuous(boolean on) {
        promiscuous = on;
    }

    boolean registered() {
        return registered != 0;
    }

    /** @return false if it was, for that type of SA */
    boolean register(int satype) {
        boolean fresh = (registered & 1 << satype) == 0;
        registered |= 1 << satype;
        return fresh;
    }
}
