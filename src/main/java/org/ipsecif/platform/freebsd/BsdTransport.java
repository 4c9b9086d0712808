package org.ipsecif.platform.freebsd;

import org.ipsecif.platform.DatagramRun;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.UdpEndpoint;
import org.ipsecif.platform.posix.DatagramTransport;
import org.ipsecif.platform.posix.Posix;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.wire.OuterHeader;

/** What all transports share: they send by a socket, threads at once and none waiting for another. */
abstract class BsdTransport extends DatagramTransport {
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

    private final Plan plan;
    private final ThreadLocal<BsdSender> sender = ThreadLocal.withInitial(this::newSender);

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
    public int send(DatagramRun run, UdpEndpoint remote, OuterHeader outer) {
        return sender.get().send(run, remote, outer);
    }

    @Override
    public void setFib(int fib) throws ErrnoException {
        BsdSockets sockets = new BsdSockets(posix());
        sockets.setFib(plan.sendFd(), fib);
        if (plan.port() != 0 && plan.sendFd() != fd()) {
            sockets.setFib(fd(), fib);
        }
    }

    @Override
    public void close() {
        super.close();
        if (plan.sendFd() != fd()) {
            libc().close(plan.sendFd());
        }
    }
}
