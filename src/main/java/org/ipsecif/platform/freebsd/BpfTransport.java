package org.ipsecif.platform.freebsd;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.ipsecif.platform.DatagramRun;
import org.ipsecif.platform.Datagrams;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.PacketBuffer;
import org.ipsecif.platform.UdpEndpoint;
import org.ipsecif.platform.posix.Posix;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.wire.OuterHeader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * ESP without UDP on a kernel with IPsec, which keeps from sockets what comes as protocol 50: read by bpf(4) on the interface that it comes
 * in by ({@link ArrivalInterface}), put together from fragments here, and sent by a raw socket. Beside the device a routing socket is waited
 * for, so that the interface is another when the address moves.
 */
final class BpfTransport extends BsdTransport {
    private static final Logger LOG = LoggerFactory.getLogger(BpfTransport.class);
    private static final int MAX_DATAGRAM = 65_535;

    /** Packets of one receive at most, and bytes: of the usual ones all, of the longest a few. */
    private static final int MAX_PACKETS = 64;

    private static final int ROOM = 4 * MAX_DATAGRAM;

    /** Between a look that failed and the next, nanoseconds, at least. */
    private static final long PAUSE = TimeUnit.SECONDS.toNanos(1);

    /** More in a row: the device itself is broken. */
    private static final int MAX_ERRORS = 1_000;

    private final BpfDevice device;
    private final HostChanges changes;
    private final ArrivalInterface arrival;
    private final LongSupplier clock;
    private final BpfBatch batch;
    private final OuterPacket packet = new OuterPacket();
    private final EspFragments fragments = new EspFragments();
    private final int most;
    private final long[] sourcesHigh;
    private final long[] sourcesLow;

    /** The interface that is read, or none, and bytes before its packets' IP header. */
    private ArrivalInterface.@Nullable Found attached;

    private int linkHeader;
    private boolean waited;
    private @Nullable String told;
    private int errors;

    /** To whom was sent first: asked for where the address is a loopback interface's. */
    private volatile @Nullable IpAddress peer;

    private volatile boolean wantsPeer;
    private volatile boolean look = true;

    /** Whether the last look failed, and when. */
    private volatile boolean failed;

    private volatile long failedAt;

    /** Packets that came, and that nothing could be made of. */
    private volatile long unreadable;

    private BpfTransport(
            Posix posix, BpfDevice device, HostChanges changes, ArrivalInterface arrival, Plan plan, LongSupplier clock)
            throws ErrnoException {
        super(posix, device.fd(), changes.fd(), plan);
        this.device = device;
        this.changes = changes;
        this.arrival = arrival;
        this.clock = clock;
        batch = new BpfBatch(device.buffer().bytes());
        most = plan.receiveMany() ? MAX_PACKETS : 1;
        sourcesHigh = new long[most];
        sourcesLow = new long[most];
    }

    /** Takes over all but the plan's descriptor at once, and closes it if there is an error. */
    static BpfTransport open(
            Posix posix, BpfDevice device, HostChanges changes, ArrivalInterface arrival, Plan plan, LongSupplier clock)
            throws ErrnoException {
        try {
            BpfTransport transport = new BpfTransport(posix, device, changes, arrival, plan, clock);
            transport.lookIfAsked();
            return transport;
        } catch (ErrnoException e) {
            arrival.close();
            throw e;
        }
    }

    @Override
    public int receiveSize() {
        return ROOM;
    }

    @Override
    public int receiveCount() {
        return most;
    }

    /** What the device had no room for, and of what it brought what was cut, is no packet or did not become whole. */
    @Override
    public long dropped() {
        return device.dropped() + unreadable + fragments.lost();
    }

    @Override
    public int receive(PacketBuffer into, Datagrams datagrams) {
        if (waited) {
            waited = false;
            if (isUrgentReady() && changes.drain(wantsPeer)) {
                look = true;
            }
        }
        datagrams.clear();
        takeAll(into, datagrams);
        int result = datagrams.count();
        if (result == 0) {
            result = read();
            if (result > NOTHING) {
                takeAll(into, datagrams);
                result = datagrams.count();
            }
        }
        waited = result <= NOTHING;
        return result;
    }

    /** Of what was read, as much as there is room for. */
    private void takeAll(PacketBuffer into, Datagrams datagrams) {
        int used = 0;
        while (datagrams.count() < most && ROOM - used >= MAX_DATAGRAM && batch.advance()) {
            used += take(into, used, datagrams);
        }
    }

    /** @return bytes, none if there is nothing or the interface is gone, or {@link #GONE} */
    private int read() {
        lookIfAsked();
        if (attached == null) {
            return NOTHING;
        }
        int length = device.read();
        if (length > 0) {
            errors = 0;
            batch.begin(length);
            return length;
        }
        if (length == -Abi.ENXIO) { // that interface is no more; another of its name may be there
            attached = null;
            look = true;
            lookIfAsked();
            return NOTHING;
        }
        return length == NOTHING || ++errors < MAX_ERRORS ? NOTHING : GONE;
    }

    /** @return bytes that a datagram took, none if there was none in it */
    private int take(PacketBuffer into, int at, Datagrams datagrams) {
        int from = batch.at() + linkHeader;
        if (batch.isCut() || !packet.read(batch.bytes(), from, batch.length() - linkHeader)) {
            countUnreadable();
            return 0;
        }
        int index = datagrams.count();
        int length = packet.payloadLength();
        if (packet.isFragment()) {
            if (!fragments.add(packet, batch.bytes(), clock.getAsLong())) {
                return 0;
            }
            length = fragments.length();
            fragments.copy(into.bytes(), at);
            datagrams.add(at, length, fragments.trafficClass(), fragments.hopLimit());
        } else {
            into.bytes().put(at, batch.bytes(), packet.payloadAt(), length);
            datagrams.add(at, length, packet.trafficClass(), packet.hopLimit());
        }
        sourcesHigh[index] = packet.sourceHigh();
        sourcesLow[index] = packet.sourceLow();
        return length;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread at a time writes
    private void countUnreadable() {
        unreadable++;
    }

    private void lookIfAsked() {
        if (look || isToTryAgain()) {
            look = false;
            failed = false;
            try {
                look();
            } catch (ErrnoException e) {
                failedAt = clock.getAsLong();
                failed = true;
                String what = attached == null ? "cannot be received now: " : "may come in elsewhere now: ";
                if (isNews(what + e.getMessage())) {
                    LOG.warn("ESP to {} {}{}; to be tried again", local(), what, e.getMessage());
                }
            }
        }
    }

    /** The kernel may have lacked memory or descriptors for a moment, and no notice says that it has them again. */
    private boolean isToTryAgain() {
        return failed && clock.getAsLong() - failedAt >= PAUSE;
    }

    private void look() throws ErrnoException {
        ArrivalInterface.Found found = arrival.find(peer);
        wantsPeer = arrival.isByPeer();
        if (found == null || !found.equals(attached)) {
            attach(found);
        } else {
            tellReceived(found);
        }
    }

    private void attach(ArrivalInterface.@Nullable Found found) throws ErrnoException {
        attached = null;
        if (found == null) {
            device.detach();
            tell("waits for an interface with the address");
            return;
        }
        int linkType = device.attach(found.name());
        int header = EspFilter.linkHeader(linkType);
        if (header == EspFilter.UNKNOWN) {
            tell("cannot be received on " + found.name() + ": its link layer has bpf(4)'s number " + linkType
                    + ", which is not supported; encapsulation in UDP does without");
            return;
        }
        linkHeader = header;
        device.setFilter(EspFilter.to(local(), linkType));
        attached = found;
        tellReceived(found);
    }

    private void tellReceived(ArrivalInterface.Found found) {
        tell("is received by bpf(4) on " + found.name());
    }

    private void tell(String what) {
        if (isNews(what)) {
            LOG.info("ESP to {} {}", local(), what);
        }
    }

    private boolean isNews(String what) {
        boolean news = !what.equals(told);
        told = what;
        return news;
    }

    @Override
    public UdpEndpoint source(int datagram) {
        Family family = local().family();
        return new UdpEndpoint(new IpAddress(family, sourcesHigh[datagram], sourcesLow[datagram]), 0);
    }

    @Override
    public boolean isFrom(int datagram, UdpEndpoint sender) {
        IpAddress address = sender.address();
        return sourcesLow[datagram] == address.low() && sourcesHigh[datagram] == address.high();
    }

    @Override
    public int send(DatagramRun run, UdpEndpoint remote, OuterHeader outer) {
        boolean asksPeer = wantsPeer && peer == null;
        if (asksPeer) {
            peer = remote.address();
        }
        if (asksPeer) {
            lookAgain();
        }
        return super.send(run, remote, outer);
    }

    @Override
    public void tryAgain() {
        if (isToTryAgain() || !changes.hearsAll()) {
            lookAgain();
        }
    }

    private void lookAgain() {
        failed = false; // one thread's word is enough
        look = true;
        nudge();
    }

    @Override
    public void setFib(int fib) throws ErrnoException {
        super.setFib(fib);
        arrival.setFib(fib);
        lookAgain(); // packets to the peer may go out elsewhere now, and those from it come in there
    }

    @Override
    public void close() {
        super.close();
        arrival.close();
    }
}
