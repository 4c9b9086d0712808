package org.ipsecif.platform.freebsd;

import org.ipsecif.platform.DatagramRun;
import org.ipsecif.platform.Datagrams;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.EspTransport;
import org.ipsecif.platform.PacketBuffer;
import org.ipsecif.platform.UdpEndpoint;
import org.ipsecif.platform.posix.DescriptorChannel;
import org.ipsecif.platform.posix.Posix;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.wire.OuterHeader;
import org.jspecify.annotations.Nullable;

/** What all transports share: they send by a socket, threads at once and none waiting for another, and hand out one by one what came. */
abstract class BsdTransport extends DescriptorChannel implements EspTransport {
    private static final int MAX_DATAGRAM = 65_535;

    /**
     * What a transport is for.
     *
     * @param port local one of UDP, or 0 for ESP without
     * @param sendFd of the socket that sends: over IPv4 a raw one that is written whole packets to
     * @param sendMany whether several may go in one call
     * @param receiveMany likewise come
     */
    record Plan(IpAddress local, int port, int sendFd, boolean sendMany, boolean receiveMany) {
        Encapsulation encapsulation() {
            return port == 0 ? Encapsulation.NO : Encapsulation.UDP;
        }
    }

    /** What one sending thread needs. */
    private final class Outgoing {
        final BsdSender sender = newSender();
        private @Nullable DatagramRun one;

        /** For one datagram, emptied. */
        DatagramRun one() {
            DatagramRun run = one;
            if (run == null) {
                run = new DatagramRun(newBuffer(MAX_DATAGRAM));
                one = run;
            }
            run.clear();
            return run;
        }
    }

    private final Plan plan;
    private final ThreadLocal<Outgoing> outgoing = ThreadLocal.withInitial(Outgoing::new);

    // What is handed out one by one.
    private @Nullable PacketBuffer kept;
    private @Nullable Datagrams keptDatagrams;
    private int keptNext;

    /** @param fd as {@code urgentFd} taken over, and closed if there is an error; the plan's is taken over once there is none */
    BsdTransport(Posix posix, int fd, int urgentFd, Plan plan) throws ErrnoException {
        super(posix, fd, urgentFd);
        this.plan = plan;
    }

    private BsdSender newSender() {
        IpAddress local = plan.local();
        return local.family() == Family.INET
                ? new HeaderSender(posix(), plan.sendFd(), plan.sendMany(), local, plan.port())
                : new ControlSender(posix(), plan.sendFd(), plan.sendMany(), local, plan.port());
    }

    @Override
    public final IpAddress local() {
        return plan.local();
    }

    @Override
    public final Encapsulation encapsulation() {
        return plan.encapsulation();
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
        DatagramRun run = outgoing.get().one();
        run.add(buffer, offset, length);
        return send(run, remote, outer);
    }

    @Override
    public int send(DatagramRun run, UdpEndpoint remote, OuterHeader outer) {
        return outgoing.get().sender.send(run, remote, outer);
    }

    @Override
    public void close() {
        super.close();
        if (plan.sendFd() != fd()) {
            libc().close(plan.sendFd());
        }
    }
}
