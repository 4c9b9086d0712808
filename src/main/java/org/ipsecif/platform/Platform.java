package org.ipsecif.platform;

import org.ipsecif.platform.EspTransport.Encapsulation;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.jspecify.annotations.Nullable;

/** One operating system. The daemon picks it once; nothing else asks which system it runs on. */
public interface Platform extends AutoCloseable {
    /** As SPD templates name it in {@code platform linux|freebsd}. */
    String system();

    /**
     * The host's routing tables (forwarding information bases, setfib(1)).
     *
     * @param count how many there are, numbered from 0
     * @param own number of this process's
     * @param limit for users, why there are no more
     */
    record Fibs(int count, int own, String limit) {}

    /** As it is now: more may come. */
    Fibs fibs();

    /** Bytes in an interface name at most, without the terminating NUL. */
    int maxInterfaceNameLength();

    /**
     * Creates a tunnel device with exactly this name. It is down, without carrier, and has no addresses.
     *
     * @throws ErrnoException EEXIST or EBUSY when the name is taken, EPERM without the privilege, ENOENT without the driver
     */
    TunDevice createTun(String name) throws ErrnoException;

    /**
     * Attaches to a tunnel device that exists, which stays as it is, but without carrier.
     *
     * @throws ErrnoException EBUSY if a process reads it, EINVAL if it is no tunnel device for bare IP packets
     */
    TunDevice adoptTun(String name) throws ErrnoException;

    /**
     * Lets go of a device of somebody else's that an earlier daemon may have left for this one, which does not want it, as {@link
     * TunDevice#release}; and removes what that daemon had begun to make. There need not be an interface of this name.
     */
    default void abandonTun(String name) throws ErrnoException {}

    /**
     * Opens a transport bound to {@code local}, which need not be configured on the host yet.
     *
     * @throws ErrnoException EADDRINUSE when another process has the UDP port
     */
    EspTransport openTransport(IpAddress local, Encapsulation encapsulation) throws ErrnoException;

    /** Likewise one that sends by this routing table. */
    default EspTransport openTransport(IpAddress local, Encapsulation encapsulation, int fib) throws ErrnoException {
        return openTransport(local, encapsulation);
    }

    /**
     * Opens a UDP socket bound to {@code local}, which need not be configured on the host yet.
     *
     * @throws ErrnoException EADDRINUSE when another process has the port
     */
    EspTransport openUdp(IpAddress local, int port) throws ErrnoException;

    /** Likewise one that sends by this routing table. */
    default EspTransport openUdp(IpAddress local, int port, int fib) throws ErrnoException {
        return openUdp(local, port);
    }

    /** Opens what sends whole IP packets as the host's own. */
    PacketSender openPacketSender() throws ErrnoException;

    /** Likewise by this routing table. */
    default PacketSender openPacketSender(int fib) throws ErrnoException {
        return openPacketSender();
    }

    /** Opens what receives the "too big" errors of ICMP or ICMPv6 that reach the host. */
    IcmpReceiver openIcmpReceiver(Family family) throws ErrnoException;

    LinkConfigurer openLinkConfigurer() throws ErrnoException;

    /** Opens what listens for changes of the host's interfaces and addresses, from now on. */
    LinkMonitor openLinkMonitor() throws ErrnoException;

    /** Opens the kernel's SPD. Null where the kernel has none: then policies are in the process alone. */
    @Nullable
    PolicyInstaller openPolicyInstaller() throws ErrnoException;

    /** Opens what listens for the kernel's own word on changes of its SPD and SAD, from now on. Null likewise. */
    @Nullable
    KernelMonitor openKernelMonitor() throws ErrnoException;

    /** What a kernel lacks that has no SPD, for users: {@code no PF_KEY sockets (options IPSEC)}. */
    String spdRequirement();

    /** What its SPD can hold of an interface's policies. */
    KernelCopies kernelCopies();

    /** The reqids that interfaces may have. */
    ReqidRange reqids();

    /** Another word after each boot of the kernel; empty where nothing tells. */
    String bootIdentity();

    /**
     * Says of an interface that is none of ours whether it is one of the kernel's own IPsec, and the way out.
     *
     * @return for users, to stand behind the interface's name; null if it is not, or is not there
     */
    @Nullable
    String kernelIpsec(String name) throws ErrnoException;

    /** Bytes of this process that are in memory, or null where the system does not say. */
    @Nullable
    Long residentBytes();

    /** Ends what it has running of its own; what it opened is closed before. */
    @Override
    default void close() {}
}
