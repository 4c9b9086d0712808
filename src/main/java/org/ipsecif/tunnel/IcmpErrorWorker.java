package org.ipsecif.tunnel;

import java.util.function.LongSupplier;
import org.ipsecif.platform.IcmpReceiver;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.VerdictCounters;

/** The thread that listens for "too big" errors of one family, for all interfaces. */
public final class IcmpErrorWorker implements AutoCloseable {
    private final IcmpReceiver receiver;
    private final Worker worker;

    /**
     * Takes over the receiver and starts.
     *
     * @param nanoClock monotonic
     */
    public IcmpErrorWorker(IcmpReceiver receiver, Family family, TunnelEvents events, LongSupplier nanoClock) {
        this.receiver = receiver;
        IcmpErrorPath path = new IcmpErrorPath(receiver, family, events, nanoClock);
        worker = new Worker("icmp-" + family.word(), receiver, path, new VerdictCounters(), () -> {});
        worker.start();
    }

    @Override
    public void close() {
        worker.close();
        receiver.close();
    }
}
