package org.ipsecif.tunnel;

import java.util.function.Supplier;
import org.ipsecif.platform.EspTransport;
import org.ipsecif.sa.VerdictCounters;

/** A transport and the thread that receives from it, for all interfaces that share it. */
public final class InboundWorker implements AutoCloseable {
    private final EspTransport transport;
    private final VerdictCounters verdicts = new VerdictCounters();
    private final Worker worker;

    /**
     * Takes over the transport and starts receiving.
     *
     * @param table read anew for every packet
     * @param ike takes what is no ESP
     */
    public InboundWorker(EspTransport transport, Supplier<InboundTable> table, IkeReceiver ike) {
        this.transport = transport;
        String name = "inbound-" + transport.local()
                + (transport.encapsulation() == EspTransport.Encapsulation.UDP ? "-udp" : "");
        InboundPath path = new InboundPath(transport, table, ike, verdicts);
        this.worker = new Worker(name, transport, path, verdicts, () -> {});
        path.setWorker(worker);
        worker.start();
    }

    public EspTransport transport() {
        return transport;
    }

    /** What became of datagrams that belong to no interface. */
    public VerdictCounters verdicts() {
        return verdicts;
    }

    @Override
    public void close() {
        worker.close();
        transport.close();
    }
}
