package org.ipsecif.tunnel;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.ipsecif.platform.PacketSender;
import org.ipsecif.platform.TunDevice;
import org.ipsecif.sa.TrafficCounters;
import org.ipsecif.sa.Verdict;
import org.ipsecif.sa.VerdictCounters;
import org.ipsecif.wire.Gate;
import org.jspecify.annotations.Nullable;

/**
 * One tunnel interface: its device, its counters, and the snapshot that its walks read. The control thread publishes
 * snapshots and closes it; the outbound worker reads the device; inbound workers write to it.
 */
public final class TunnelInterface implements AutoCloseable {
    private final TunDevice device;
    private final Gate gate = new Gate();
    private final VerdictCounters verdicts = new VerdictCounters();
    private final TrafficCounters inbound = new TrafficCounters();
    private final TrafficCounters outbound = new TrafficCounters();
    private final Worker worker;
    private final TunnelEvents events;
    private final AtomicInteger dummies = new AtomicInteger();
    private volatile @Nullable TunnelState state;
    private volatile @Nullable Worker receiver;

    /** As last told to the device; control thread only. */
    private boolean carrier;

    private boolean trap;

    /**
     * Takes over the device and starts its outbound worker.
     *
     * @param sender for answers to inner senders; shared
     * @param nanoClock monotonic
     */
    public TunnelInterface(TunDevice device, PacketSender sender, TunnelEvents events, LongSupplier nanoClock) {
        this.device = device;
        this.events = events;
        OutboundPath path = new OutboundPath(this, sender, nanoClock);
        this.worker = new Worker("outbound-" + device.name(), device, path, verdicts, () -> events.gone(this));
        worker.start();
    }

    /** The worker by which its packets last came, or null. */
    @Nullable
    Worker receiver() {
        return receiver;
    }

    /** Packets came by this worker. */
    @SuppressWarnings("ReferenceEquality") // that one
    void setReceiver(@Nullable Worker worker) {
        if (receiver != worker) {
            receiver = worker;
        }
    }

    /** Walks outbound packets that there are now, by the calling worker. @return as {@link Worker#assist()} */
    int assist() {
        return worker.assist();
    }

    TunnelEvents events() {
        return events;
    }

    /** Has the outbound worker send one dummy packet (RFC 4303 section 2.6). */
    public void sendDummy() {
        dummies.incrementAndGet();
        device.nudge();
    }

    /** How many dummy packets to send now; asked by the outbound worker. */
    int takeDummies() {
        return dummies.get() == 0 ? 0 : dummies.getAndSet(0);
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

    /** Whether it takes packets while there is no SA, so that one is asked for; from the next {@link #publish} on. */
    public void setTrap(boolean value) {
        trap = value;
    }

    /**
     * Makes both walks use {@code next} from their next packet on; null while no endpoints are set. The link is up while there is an
     * SA to send with, so that routes with a choice take another way, and a routing daemon knows.
     */
    public void publish(@Nullable TunnelState next) {
        state = next;
        boolean usable = next != null && (trap || !next.outbound().isEmpty());
        if (usable != carrier) {
            carrier = usable;
            device.setCarrier(usable);
        }
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

    /** Entered by whoever writes to the device: a descriptor that was closed under a writer may be another interface's a moment later. */
    Gate gate() {
        return gate;
    }

    private void endWorkers() {
        worker.close();
        gate.shut();
        gate.awaitEmpty();
    }

    /** Ends the worker and removes the device. */
    public void destroy() {
        endWorkers();
        device.remove();
        device.close();
    }

    /** Ends the worker and gives the device back to whoever made it. */
    public void release() {
        endWorkers();
        device.release();
        device.close();
    }

    /** Ends the worker and leaves the device, without carrier. */
    @Override
    public void close() {
        endWorkers();
        device.close();
    }
}
