package org.ipsecif.daemon;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.EspTransport;
import org.ipsecif.platform.EspTransport.Encapsulation;
import org.ipsecif.platform.Platform;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.VerdictCounters;
import org.ipsecif.tunnel.IkeReceiver;
import org.ipsecif.tunnel.InboundTable;
import org.ipsecif.tunnel.InboundWorker;

/** The transports in use, one for each local address and encapsulation, shared by interfaces. Control thread only. */
final class Transports {
    private record Key(IpAddress local, Encapsulation encapsulation) {}

    private static final class Shared {
        final InboundWorker worker;
        int users;

        Shared(InboundWorker worker) {
            this.worker = worker;
        }
    }

    private final Platform platform;
    private final RoutingTables routingTables;
    private final Supplier<InboundTable> table;
    private final IkeReceiver ike;
    private final Map<Key, Shared> open = new HashMap<>();

    /** Of transports that are closed: what is counted for the host only rises. */
    private final VerdictCounters closed = new VerdictCounters();

    private long closedDropped;

    /** @param ike takes what is no ESP */
    Transports(Platform platform, RoutingTables routingTables, Supplier<InboundTable> table, IkeReceiver ike) {
        this.platform = platform;
        this.routingTables = routingTables;
        this.table = table;
        this.ike = ike;
    }

    /** The transport for this address, opened if it is not yet; {@link #release} it once for each call. */
    EspTransport acquire(IpAddress local, Encapsulation encapsulation) throws ErrnoException {
        Key key = new Key(local, encapsulation);
        Shared shared = open.get(key);
        if (shared == null) {
            shared = new Shared(new InboundWorker(
                    platform.openTransport(local, encapsulation, routingTables.of(local)), table, ike));
            open.put(key, shared);
        }
        shared.users++;
        return shared.worker.transport();
    }

    /** Those of this address send by this routing table from now on. */
    void setFib(IpAddress local, int fib) throws ErrnoException {
        for (Map.Entry<Key, Shared> each : open.entrySet()) {
            if (each.getKey().local().equals(local)) {
                each.getValue().worker.transport().setFib(fib);
            }
        }
    }

    /** Closes the transport when nobody uses it any more. */
    void release(EspTransport transport) {
        Key key = new Key(transport.local(), transport.encapsulation());
        Shared shared = open.get(key);
        if (shared != null && --shared.users == 0) {
            open.remove(key);
            closedDropped += transport.dropped();
            shared.worker.close();
            closed.addAll(shared.worker.verdicts());
        }
    }

    /** Once a second. */
    void tryAgain() {
        open.values().forEach(shared -> shared.worker.transport().tryAgain());
    }

    /** Datagrams that came in and belonged to no interface, since the start. */
    VerdictCounters verdicts() {
        VerdictCounters sum = new VerdictCounters();
        sum.addAll(closed);
        open.values().forEach(shared -> sum.addAll(shared.worker.verdicts()));
        return sum;
    }

    /** Datagrams that the host dropped for want of room, since the start. */
    long dropped() {
        long sum = closedDropped;
        for (Shared shared : open.values()) {
            sum += shared.worker.transport().dropped();
        }
        return sum;
    }
}
