package org.ipsecif.platform.linux;

import org.ipsecif.platform.DatagramRun;
import org.ipsecif.platform.Datagrams;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.OffloadSettings;
import org.ipsecif.platform.PacketBuffer;
import org.ipsecif.platform.UdpEndpoint;
import org.ipsecif.platform.posix.DatagramTransport;
import org.ipsecif.platform.posix.LibC;
import org.ipsecif.platform.posix.Posix;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.wire.Ipv6Fragmenter;
import org.ipsecif.wire.OuterHeader;
import org.jspecify.annotations.Nullable;

/**
 * ESP over a raw(7) socket of protocol 50, or over UDP port 4500, where IKE messages may have a socket beside ({@link UrgentSocket}) that is
 * read first. One thread reads both, so that what a replay window sees comes in one order.
 */
final class SocketEspTransport extends DatagramTransport {
    private static final int MAX_DATAGRAM = 65_535;
    private static final int IPPROTO_ESP = 50;
    private static final int IPPROTO_FRAGMENT = 44;
    private static final int SOL_UDP = 17;
    private static final int UDP_SEGMENT = 103;

    private static final int IP_RECVTTL = 12;
    private static final int IP_RECVTOS = 13;
    private static final int IPV6_RECVHOPLIMIT = 51;
    private static final int IPV6_RECVTCLASS = 66;
    private static final int IPV6_AUTOFLOWLABEL = 70;

    /** While the local address is not configured there is no socket that sets DF. */
    private static final int EADDRNOTAVAIL = 99;

    private static final long RETRY_NANOS = 100_000_000L;

    /** What one sending thread needs: threads send at once, none waits for another. */
    private final class Outgoing {
        final DatagramSender sender = new DatagramSender(local, localPort, abilities);
        private @Nullable DatagramRun piece;
        private @Nullable Ipv6Fragmenter fragmenter;
        byte[] whole = new byte[0];
        byte[] fragment = new byte[0];

        /** For one fragment, emptied. */
        DatagramRun piece() {
            DatagramRun run = piece;
            if (run == null) {
                run = new DatagramRun(newBuffer(Ipv6Fragmenter.MAX_LENGTH));
                piece = run;
            }
            run.clear();
            return run;
        }

        Ipv6Fragmenter fragmenter() {
            Ipv6Fragmenter mine = fragmenter;
            if (mine == null) {
                mine = new Ipv6Fragmenter(IPPROTO_ESP);
                whole = new byte[MAX_DATAGRAM];
                fragment = new byte[Ipv6Fragmenter.MAX_LENGTH];
                fragmenter = mine;
            }
            return mine;
        }
    }

    private final IpAddress local;
    private final Encapsulation encapsulation;
    private final int localPort;
    private final DatagramSender.Abilities abilities;
    private final DatagramReceiver receiver;
    private final @Nullable DatagramReceiver urgentReceiver;
    private final Turns turns = new Turns();

    /** The one that brought what was received last. */
    private DatagramReceiver latest;

    private final ThreadLocal<Outgoing> outgoing = ThreadLocal.withInitial(Outgoing::new);

    /**
     * Sends what the first socket cannot: over IPv4 what shall have DF, for which there is no control message; over
     * IPv6 fragments, since a raw socket's kernel cuts for the first link only. Negative while there is none, and for UDP over IPv6,
     * where the kernel knows the path.
     */
    private volatile int otherFd = NONE;

    private long lastOpening = System.nanoTime() - RETRY_NANOS;

    SocketEspTransport(IpAddress local, Encapsulation encapsulation, OffloadSettings offloads) throws ErrnoException {
        this(local, encapsulation, encapsulation == Encapsulation.UDP ? UDP_PORT : 0, offloads);
    }

    /**
     * @param port local one of UDP, else 0
     * @param offloads which of the kernel's abilities to use
     */
    SocketEspTransport(IpAddress local, Encapsulation encapsulation, int port, OffloadSettings offloads)
            throws ErrnoException {
        this(local, encapsulation, port, offloads, open(local, port));
    }

    private SocketEspTransport(
            IpAddress local, Encapsulation encapsulation, int port, OffloadSettings offloads, int socket)
            throws ErrnoException {
        super(Posix.POLLING, socket, port != 0 && offloads.priority() ? openUrgent(socket, local, port) : NONE);
        this.local = local;
        this.encapsulation = encapsulation;
        boolean udp = port != 0;
        boolean inet = local.family() == Family.INET;
        localPort = port;
        abilities = new DatagramSender.Abilities(
                udp && offloads.send() && LinuxSockets.trySet(fd(), SOL_UDP, UDP_SEGMENT, 0) == 0);
        receiver = new DatagramReceiver(fd(), local.family(), !udp && inet, udp, offloads.receive());
        latest = receiver;
        urgentReceiver = urgentFd() == NONE
                ? null
                : new DatagramReceiver(urgentFd(), local.family(), false, true, offloads.receive());
        try {
            if (!udp) {
                otherFd = inet
                        ? LinuxSockets.openDontFragment(local, IPPROTO_ESP)
                        : LinuxSockets.openSendOnly(local, IPPROTO_FRAGMENT);
            }
        } catch (ErrnoException e) {
            super.close();
            throw e;
        }
    }

    private static int open(IpAddress local, int port) throws ErrnoException {
        boolean udp = port != 0;
        int fd = udp
                ? LinuxSockets.open(local, LinuxSockets.SOCK_DGRAM, 0, port)
                : LinuxSockets.open(local, LinuxSockets.SOCK_RAW, IPPROTO_ESP, 0);
        configure(fd, udp, local.family() == Family.INET);
        return fd;
    }

    private static int openUrgent(int fd, IpAddress local, int port) {
        int urgent = UrgentSocket.openBeside(fd, local, port);
        if (urgent != NONE) {
            configure(urgent, true, local.family() == Family.INET);
        }
        return urgent;
    }

    private static void configure(int fd, boolean udp, boolean inet) {
        if (udp && inet) {
            LinuxSockets.trySet(fd, LinuxSockets.IPPROTO_IP, IP_RECVTOS, 1);
            LinuxSockets.trySet(fd, LinuxSockets.IPPROTO_IP, IP_RECVTTL, 1);
        } else if (!inet) {
            LinuxSockets.trySet(fd, LinuxSockets.IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
            LinuxSockets.trySet(fd, LinuxSockets.IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
            LinuxSockets.trySet(fd, LinuxSockets.IPPROTO_IPV6, IPV6_AUTOFLOWLABEL, 0);
        }
    }

    @Override
    public IpAddress local() {
        return local;
    }

    @Override
    public Encapsulation encapsulation() {
        return encapsulation;
    }

    @Override
    public int receiveSize() {
        DatagramReceiver urgent = urgentReceiver;
        return urgent == null ? receiver.receiveSize() : Math.max(receiver.receiveSize(), urgent.receiveSize());
    }

    @Override
    public int receiveCount() {
        DatagramReceiver urgent = urgentReceiver;
        return urgent == null ? receiver.receiveCount() : Math.max(receiver.receiveCount(), urgent.receiveCount());
    }

    @Override
    public int receive(PacketBuffer into, Datagrams datagrams) {
        DatagramReceiver urgent = urgentReceiver;
        if (urgent != null && turns.isUrgent(isUrgentReady())) {
            int received = urgent.receive(into, datagrams);
            turns.tookUrgent(received);
            if (received != NOTHING) {
                latest = urgent;
                return received;
            }
        }
        latest = receiver;
        int received = receiver.receive(into, datagrams);
        turns.tookOrdinary(received);
        return received;
    }

    @Override
    public long dropped() {
        return LinuxSockets.dropped(fd()) + (urgentFd() == NONE ? 0 : LinuxSockets.dropped(urgentFd()));
    }

    @Override
    public UdpEndpoint source(int datagram) {
        return latest.source(datagram);
    }

    @Override
    public boolean isFrom(int datagram, UdpEndpoint sender) {
        return latest.isFrom(datagram, sender);
    }

    @Override
    public int send(DatagramRun run, UdpEndpoint remote, OuterHeader outer) {
        int socket = fd();
        if (local.family() == Family.INET) {
            if (outer.dontFragment()) {
                socket = otherFd >= 0 ? otherFd : openDontFragment();
                if (socket < 0) {
                    return EADDRNOTAVAIL;
                }
            }
        } else if (outer.cut() && encapsulation == Encapsulation.NO) {
            return sendFragments(outgoing.get(), run, remote, outer);
        }
        return outgoing.get().sender.send(socket, run, remote, outer);
    }

    /** The kernel binds a connected socket to none but an address that is there. */
    private synchronized int openDontFragment() {
        long now = System.nanoTime();
        if (otherFd < 0 && now - lastOpening >= RETRY_NANOS) {
            lastOpening = now;
            try {
                otherFd = LinuxSockets.openDontFragmentUdp(fd(), urgentFd(), local, localPort);
            } catch (ErrnoException e) {
                return NONE;
            }
        }
        return otherFd;
    }

    /**
     * Of 1,280 bytes: an error about a fragment names no SPI, so that nothing could be learned from one about a longer.
     */
    private int sendFragments(Outgoing mine, DatagramRun run, UdpEndpoint remote, OuterHeader outer) {
        Ipv6Fragmenter fragmenter = mine.fragmenter();
        while (!run.isEmpty()) {
            int length = run.firstLength();
            run.buffer().bytes().get(run.offset(), mine.whole, 0, length);
            fragmenter.begin(mine.whole, 0, length);
            for (int size = fragmenter.next(mine.fragment); size > 0; size = fragmenter.next(mine.fragment)) {
                DatagramRun piece = mine.piece();
                piece.add(mine.fragment, 0, size);
                int result = mine.sender.send(otherFd, piece, remote, outer);
                if (result != 0) {
                    return result;
                }
            }
            run.skip(1);
        }
        return 0;
    }

    @Override
    public void close() {
        super.close();
        if (otherFd >= 0) {
            LibC.LIBC.close(otherFd);
        }
    }
}
