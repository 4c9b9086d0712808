package org.ipsecif.tunnel;

import org.ipsecif.platform.EspTransport;
import org.ipsecif.platform.PacketChannel;
import org.ipsecif.sa.VerdictCounters;
import org.ipsecif.wire.OuterHeader;

/** A UDP socket of IKE's own, where messages have no marker (RFC 7296 section 2), and the thread that receives from it. */
public final class IkeWorker implements AutoCloseable {
    private static final int MAX_DATAGRAM = 65_535;

    private final EspTransport socket;
    private final Worker worker;

    /** Takes over the socket and starts receiving. */
    public IkeWorker(EspTransport socket, int port, IkeReceiver receiver) {
        this.socket = socket;
        OuterHeader outer = new OuterHeader();
        byte[] buffer = new byte[MAX_DATAGRAM];
        PacketWalk walk = () -> {
            int length = socket.receive(buffer, 0, MAX_DATAGRAM, outer);
            if (length > PacketChannel.NOTHING) {
                receiver.receive(socket.local(), port, socket.source(), buffer, 0, length);
            }
            return length;
        };
        this.worker = new Worker("ike-" + socket.local(), socket, walk, new VerdictCounters(), () -> {});
        worker.start();
    }

    /** What sends. */
    public EspTransport socket() {
        return socket;
    }

    @Override
    public void close() {
        worker.close();
        socket.close();
    }
}
