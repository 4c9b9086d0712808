package org.ipsecif.platform.freebsd;

import java.util.function.LongSupplier;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.EspTransport;
import org.ipsecif.platform.EspTransport.Encapsulation;
import org.ipsecif.platform.IcmpReceiver;
import org.ipsecif.platform.LinkConfigurer;
import org.ipsecif.platform.OffloadSettings;
import org.ipsecif.platform.PacketSender;
import org.ipsecif.platform.posix.Posix;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens what packets go out and come in by: chooses for ESP without UDP between a raw socket and bpf(4), by whether the kernel has IPsec. Any
 * thread.
 */
final class TransportOpener {
    private static final Logger LOG = LoggerFactory.getLogger(TransportOpener.class);

    /** Where a transport gets what tells it about the host's interfaces and routes. */
    interface Links {
        LinkConfigurer open() throws ErrnoException;
    }

    private final Posix posix;
    private final OffloadSettings offloads;
    private final Links links;
    private final LongSupplier clock;
    private boolean told;

    /** @param offloads of which {@code send} and {@code receive} count */
    TransportOpener(Posix posix, OffloadSettings offloads, Links links) {
        this(posix, offloads, links, System::nanoTime);
    }

    /** @param clock nanoseconds, as of {@link System#nanoTime} */
    TransportOpener(Posix posix, OffloadSettings offloads, Links links, LongSupplier clock) {
        this.posix = posix;
        this.offloads = offloads;
        this.links = links;
        this.clock = clock;
    }

    /** As {@link org.ipsecif.platform.Platform#openTransport}, by the process's routing table. */
    EspTransport openTransport(IpAddress local, Encapsulation encapsulation) throws ErrnoException {
        return openTransport(local, encapsulation, BsdSockets.PROCESS_FIB);
    }

    /** As {@link org.ipsecif.platform.Platform#openUdp}, likewise. */
    EspTransport openUdp(IpAddress local, int port) throws ErrnoException {
        return openUdp(local, port, BsdSockets.PROCESS_FIB);
    }

    PacketSender openPacketSender() throws ErrnoException {
        return openPacketSender(BsdSockets.PROCESS_FIB);
    }

    /**
     * As {@link org.ipsecif.platform.Platform#openTransport}.
     *
     * @param fib of {@link BsdSockets}
     */
    EspTransport openTransport(IpAddress local, Encapsulation encapsulation, int fib) throws ErrnoException {
        return encapsulation == Encapsulation.UDP
                ? openUdp(local, EspTransport.UDP_PORT, offloads, fib)
                : openRaw(local, fib);
    }

    /** As {@link org.ipsecif.platform.Platform#openUdp}. */
    EspTransport openUdp(IpAddress local, int port, int fib) throws ErrnoException {
        return openUdp(local, port, OffloadSettings.NONE, fib);
    }

    PacketSender openPacketSender(int fib) throws ErrnoException {
        return RawPacketSender.open(posix, new BsdSockets(posix, fib));
    }

    IcmpReceiver openIcmpReceiver(Family family) throws ErrnoException {
        return RawIcmpReceiver.open(posix, family);
    }

    private EspTransport openUdp(IpAddress local, int port, OffloadSettings settings, int fib) throws ErrnoException {
        BsdSockets sockets = new BsdSockets(posix, fib);
        Descriptors opened = new Descriptors(posix);
        try {
            int fd = opened.add(sockets.openUdp(local, port));
            int sendFd = local.family() == Family.INET ? opened.add(sockets.openHeaderIncluded()) : fd;
            SocketReceiver receiver = new SocketReceiver(posix, fd, local, false, settings.receive());
            opened.remove(fd);
            BsdTransport transport = new SocketTransport(posix, fd, receiver, plan(local, port, sendFd, settings));
            opened.clear();
            return transport;
        } finally {
            opened.close();
        }
    }

    private static BsdTransport.Plan plan(IpAddress local, int port, int sendFd, OffloadSettings settings) {
        return new BsdTransport.Plan(local, port, sendFd, settings.send(), settings.receive());
    }

    private EspTransport openRaw(IpAddress local, int fib) throws ErrnoException {
        BsdSockets sockets = new BsdSockets(posix, fib);
        Descriptors opened = new Descriptors(posix);
        try {
            BsdSockets.Opened socket = sockets.openRaw(local.family(), Abi.IPPROTO_ESP);
            int fd = opened.add(socket.fd());
            if (local.family() == Family.INET) {
                sockets.includeHeader(fd);
            }
            tell(socket.ipsec());
            BsdTransport.Plan plan = plan(local, 0, fd, offloads);
            BsdTransport transport = socket.ipsec() ? openBpf(plan, opened, fib) : openSocket(sockets, plan, opened);
            opened.clear();
            return transport;
        } finally {
            opened.close();
        }
    }

    private synchronized void tell(boolean ipsec) {
        if (!told) {
            told = true;
            LOG.info(
                    ipsec
                            ? "The kernel has IPsec and keeps ESP from sockets: ESP without UDP is received by bpf(4)"
                            : "The kernel has no IPsec: ESP without UDP is received by raw sockets");
        }
    }

    /** IPv6's raw sockets refuse an address that is not configured yet, and stay unbound then; the receiver sorts out what is for others. */
    private BsdTransport openSocket(BsdSockets sockets, BsdTransport.Plan plan, Descriptors opened)
            throws ErrnoException {
        IpAddress local = plan.local();
        int fd = plan.sendFd();
        if (local.family() == Family.INET) {
            sockets.allowAnyAddress(fd, Family.INET);
            posix.check(sockets.bind(fd, local, 0), "bind " + local + " protocol " + Abi.IPPROTO_ESP);
        } else {
            sockets.bind(fd, local, 0);
        }
        SocketReceiver receiver = new SocketReceiver(posix, fd, local, true, plan.receiveMany());
        opened.remove(fd);
        return new SocketTransport(posix, fd, receiver, plan);
    }

    private BsdTransport openBpf(BsdTransport.Plan plan, Descriptors opened, int fib) throws ErrnoException {
        BpfDevice device = BpfDevice.open(posix);
        opened.add(device.fd());
        HostChanges changes = HostChanges.open(posix);
        opened.add(changes.fd());
        ArrivalInterface arrival = new ArrivalInterface(posix, links.open(), plan.local(), fib);
        opened.remove(device.fd());
        opened.remove(changes.fd());
        return BpfTransport.open(posix, device, changes, arrival, plan, clock);
    }
}
