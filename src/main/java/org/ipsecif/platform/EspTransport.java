package org.ipsecif.platform;

import org.ipsecif.sa.IpAddress;
import org.ipsecif.wire.OuterHeader;

/**
 * Carries ESP packets for one local outer address: as IP protocol 50 or inside UDP. Neither call blocks or throws. One
 * thread receives; several may send at once.
 */
public interface EspTransport extends PacketChannel, PacketMemory {
    /** How ESP travels. */
    enum Encapsulation {
        /** IP protocol 50 (RFC 4303). */
        NO,
        /** In UDP (RFC 3948). */
        UDP
    }

    /** The port of RFC 3948 section 2. */
    int UDP_PORT = 4500;

    /** The host may not fragment, and the packet is longer than the route's MTU. */
    int TOO_BIG = -1;

    IpAddress local();

    Encapsulation encapsulation();

    /**
     * Receives one datagram. For {@link Encapsulation#NO} what is stored begins with the SPI, the outer IP header is
     * removed; for UDP it is the payload as it came, keepalives and IKE packets included.
     *
     * @param outer its traffic class and hop limit are set to those of the datagram's IP header
     * @return its length in bytes, {@link #NOTHING} or {@link #GONE}. A datagram longer than {@code length} is cut.
     */
    int receive(byte[] buffer, int offset, int length, OuterHeader outer);

    /** Who sent a datagram of the last {@link #receive(PacketBuffer, Datagrams)}; as {@link #source()}. */
    UdpEndpoint source(int datagram);

    /** Whether that was this one, without the cost of saying who. Likewise. */
    default boolean isFrom(int datagram, UdpEndpoint sender) {
        return source(datagram).equals(sender);
    }

    /**
     * Receives what there is, at most as many datagrams as a system call brings, in the form of {@link #receive(byte[], int, int,
     * OuterHeader)}.
     *
     * @param into as long as {@link #receiveSize()}
     * @return how many, {@link #NOTHING} or {@link #GONE}
     */
    int receive(PacketBuffer into, Datagrams datagrams);

    /** Datagrams that the host dropped since they did not fit into the queue that this is read from; 0 where a host does not say. */
    default long dropped() {
        return 0;
    }

    /**
     * Called once a second: what could not be received for a reason that may have passed is to be tried again, and what the kernel gives no
     * notice of to be looked for. Any thread.
     */
    default void tryAgain() {}

    /**
     * Sends by this routing table from now on.
     *
     * @throws ErrnoException EINVAL if the host has no such table; EISCONN where it keeps a bound socket in the table it has
     */
    default void setFib(int fib) throws ErrnoException {}

    /** Bytes that {@link #receive(PacketBuffer, Datagrams)} needs room for. */
    int receiveSize();

    /** Datagrams that it brings at most. */
    int receiveCount();

    /**
     * Sends ESP packets, in as few system calls as can be, and takes from the run what went out. Not blocked by a full socket buffer: that
     * is a failure.
     *
     * @return 0 when the run is empty, else why its first could not be sent: as {@link #send(byte[], int, int, UdpEndpoint, OuterHeader)}
     */
    int send(DatagramRun run, UdpEndpoint remote, OuterHeader outer);

    /**
     * Who sent the datagram received last; the port means nothing but for {@link Encapsulation#UDP}. By the thread that receives.
     */
    UdpEndpoint source();

    /**
     * Sends one ESP packet. Not blocked by a full socket buffer: that is a failure.
     *
     * @param remote its port is of no meaning for {@link Encapsulation#NO}
     * @param outer what the IP header shall say
     * @return 0, {@link #TOO_BIG}, or the operating system's errno
     */
    int send(byte[] buffer, int offset, int length, UdpEndpoint remote, OuterHeader outer);
}
