package org.ipsecif.platform.posix;

import org.ipsecif.platform.DatagramRun;
import org.ipsecif.platform.Datagrams;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.EspTransport;
import org.ipsecif.platform.PacketBuffer;
import org.ipsecif.platform.UdpEndpoint;
import org.ipsecif.wire.OuterHeader;
import org.jspecify.annotations.Nullable;

/** A transport that receives and sends many datagrams a call, and hands out and takes single ones too. */
public abstract class DatagramTransport extends DescriptorChannel implements EspTransport {
    private final ThreadLocal<DatagramRun> single =
            ThreadLocal.withInitial(() -> new DatagramRun(newBuffer(DatagramRun.BUFFER)));

    // What is handed out one by one.
    private @Nullable PacketBuffer kept;
    private @Nullable Datagrams keptDatagrams;
    private int keptNext;

    /** As {@link DescriptorChannel#DescriptorChannel(Posix, int, int)}. */
    protected DatagramTransport(Posix posix, int fd, int urgentFd) throws ErrnoException {
        super(posix, fd, urgentFd);
    }

    @Override
    public final int receive(byte[] buffer, int offset, int length, OuterHeader outer) {
        PacketBuffer bytes = kept;
        Datagrams datagrams = keptDatagrams;
        if (bytes == null || datagrams == null) {
            bytes = newBuffer(receiveSize());
            datagrams = new Datagrams(receiveCount());
            kept = bytes;
            keptDatagrams = datagrams;
        }
        if (keptNext >= datagrams.count()) {
            int result = receive(bytes, datagrams);
            keptNext = 0;
            if (result <= NOTHING) {
                return result;
            }
        }
        int which = keptNext++;
        outer.setTrafficClass(datagrams.trafficClass(which));
        outer.setHopLimit(datagrams.hopLimit(which));
        int payload = Math.min(length, datagrams.length(which));
        bytes.bytes().get(datagrams.offset(which), buffer, offset, payload);
        // An empty datagram is a datagram: one byte that no SPI has keeps it apart from "nothing".
        return payload > 0 ? payload : emptyDatagram(buffer, offset);
    }

    private static int emptyDatagram(byte[] buffer, int offset) {
        buffer[offset] = 0;
        return 1;
    }

    @Override
    public final UdpEndpoint source() {
        return source(keptNext - 1);
    }

    @Override
    public final int send(byte[] buffer, int offset, int length, UdpEndpoint remote, OuterHeader outer) {
        DatagramRun run = single.get();
        run.clear();
        run.add(buffer, offset, length);
        return send(run, remote, outer);
    }
}
