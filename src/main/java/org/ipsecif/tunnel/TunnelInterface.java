package org.ipsecif.tunnel;

import org.ipsecif.platform.TunDevice;
import org.ipsecif.sa.TrafficCounters;
import org.ipsecif.sa.Verdict;
import org.ipsecif.sa.VerdictCounters;
import org.jspecify.annotations.Nullable;

/**
 * One tunnel interface: its device, its counters, and the snapshot that its walks read. The control thread publishes
 * snapshots and closes it; the outbound worker reads the device; inbound workers write to it.
 */
public final class TunnelInterface implements AutoCloseable {
    private final TunDevice device;
    private final VerdictCounters verdicts = new VerdictCounters();
    private final TrafficCounters inbound = new TrafficCounters();
    private final TrafficCounters outbound = new TrafficCounters();
    private final Worker worker;
    private volatile @Nullable TunnelState state;

    /**
     * Takes over the device and starts its outbound worker.
     *
     * @param onGone run once, on the worker, if the device disappears under it
     */
    public TunnelInterface(TunDevice device, Runnable onGone) {
        this.device = device;
        this.worker = new Worker("outbound-" + device.name(), device, new OutboundPath(this), verdicts, onGone);
        worker.start();
    }

    public String name() {
        return device.name();
    }

    TunDevice device() {
        return device;
    }

    /** The operating system's index of the interface. */
    public int index() {
        return device.index();
    }

    public @Nullable TunnelState state() {
        return state;
    }

    /** Makes both walks use {@code next} from their next packet on; null while no endpoints are set. */
    public void publish(@Nullable TunnelState next) {
        state = next;
    }

    /** What became of the interface's packets. */
    public VerdictCounters verdicts() {
        return verdicts;
    }

    /** Inner packets delivered to the host. */
    public TrafficCounters inbound() {
        return inbound;
    }

    /** Inner packets sent to the peer. */
    public TrafficCounters outbound() {
        return outbound;
    }

    void count(Verdict verdict) {
        verdicts.count(verdict);
    }

    /** Ends the worker, then removes the device. */
    @Override
    public void close() {
        worker.close();
        device.close();
    }
}
