package org.ipsecif.platform.freebsd;

import java.nio.file.Path;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.EspTransport;
import org.ipsecif.platform.EspTransport.Encapsulation;
import org.ipsecif.platform.IcmpReceiver;
import org.ipsecif.platform.KernelCopies;
import org.ipsecif.platform.KernelMonitor;
import org.ipsecif.platform.LinkConfigurer;
import org.ipsecif.platform.LinkMonitor;
import org.ipsecif.platform.OffloadSettings;
import org.ipsecif.platform.Opening;
import org.ipsecif.platform.PacketSender;
import org.ipsecif.platform.Platform;
import org.ipsecif.platform.PolicyInstaller;
import org.ipsecif.platform.ReqidRange;
import org.ipsecif.platform.TunDevice;
import org.ipsecif.platform.pfkey.Dialect;
import org.ipsecif.platform.pfkey.NarrowedCopies;
import org.ipsecif.platform.pfkey.PfKeyMonitor;
import org.ipsecif.platform.pfkey.PfKeyPolicyInstaller;
import org.ipsecif.platform.posix.LibC;
import org.ipsecif.platform.posix.Posix;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.jspecify.annotations.Nullable;

/** FreeBSD 13 and later, in the jail of the process. */
public final class FreeBsdPlatform implements Platform {
    /** Bytes: a few thousand events. */
    private static final int EVENT_BUFFER = 4 << 20;

    private final Posix posix;
    private final TunHolder holder;
    private final TunOpener tuns;
    private final TransportOpener transports;
    private final DriverNames drivers;
    private final KernelCopies copies = new NarrowedCopies();

    /**
     * @param posix of {@link #kernel}
     * @param offloads of which sending and receiving several packets in a call count; tun(4) takes one by one
     * @param holder keeps devices open while no daemon runs; taken over
     * @param stateDirectory as {@link #open}
     * @throws UnsupportedOperationException on a machine whose kernel's structures are not known
     */
    public FreeBsdPlatform(Posix posix, OffloadSettings offloads, TunHolder holder, Path stateDirectory) {
        Machine.requireKnown();
        this.posix = posix;
        this.holder = holder;
        tuns = new TunOpener(posix, holder, new NamelessTun(stateDirectory, this::bootIdentity));
        transports = new TransportOpener(posix, offloads, this::openLinkConfigurer);
        drivers = new DriverNames(posix);
    }

    /**
     * The kernel that this process runs on. Devices are held by a process of their own, which listens in the state directory.
     *
     * @param stateDirectory that only this user can write to; need not exist yet
     */
    public static FreeBsdPlatform open(OffloadSettings offloads, Path stateDirectory) {
        Posix posix = kernel(LibC.LIBC);
        TunHolder holder = new TunHolderClient(posix, holderSocket(stateDirectory));
        return new FreeBsdPlatform(posix, offloads, holder, stateDirectory);
    }

    /** Where the process that holds this daemon's devices listens. */
    static String holderSocket(Path stateDirectory) {
        return stateDirectory
                .toAbsolutePath()
                .normalize()
                .resolve("tun-holder.sock")
                .toString();
    }

    /** The kernel that this C library speaks to, whose threads wait by kqueue(2). */
    public static Posix kernel(LibC libc) {
        return KqueueReadiness.posix(libc);
    }

    @Override
    public String system() {
        return "freebsd";
    }

    @Override
    public Fibs fibs() {
        return new Sysctl(posix).fibs();
    }

    @Override
    public int maxInterfaceNameLength() {
        return LinkAbi.IFNAMSIZ - 1;
    }

    @Override
    public TunDevice createTun(String name) throws ErrnoException {
        return FreeBsdTun.create(posix, tuns, name);
    }

    @Override
    public TunDevice adoptTun(String name) throws ErrnoException {
        return FreeBsdTun.adopt(posix, tuns, name);
    }

    @Override
    public void abandonTun(String name) throws ErrnoException {
        tuns.abandon(name);
    }

    @Override
    public EspTransport openTransport(IpAddress local, Encapsulation encapsulation) throws ErrnoException {
        return transports.openTransport(local, encapsulation);
    }

    @Override
    public EspTransport openTransport(IpAddress local, Encapsulation encapsulation, int fib) throws ErrnoException {
        return transports.openTransport(local, encapsulation, fib);
    }

    @Override
    public EspTransport openUdp(IpAddress local, int port) throws ErrnoException {
        return transports.openUdp(local, port);
    }

    @Override
    public EspTransport openUdp(IpAddress local, int port, int fib) throws ErrnoException {
        return transports.openUdp(local, port, fib);
    }

    @Override
    public PacketSender openPacketSender() throws ErrnoException {
        return transports.openPacketSender();
    }

    @Override
    public PacketSender openPacketSender(int fib) throws ErrnoException {
        return transports.openPacketSender(fib);
    }

    @Override
    public IcmpReceiver openIcmpReceiver(Family family) throws ErrnoException {
        return transports.openIcmpReceiver(family);
    }

    @Override
    public LinkConfigurer openLinkConfigurer() {
        return new IoctlLinkConfigurer(posix);
    }

    @Override
    public LinkMonitor openLinkMonitor() throws ErrnoException {
        return new RoutingSocketMonitor(posix);
    }

    @Override
    public @Nullable PolicyInstaller openPolicyInstaller() throws ErrnoException {
        return Opening.ifThere(() -> new PfKeyPolicyInstaller(posix, Dialect.FREEBSD), FreeBsdPlatform::saysNoPfKey);
    }

    @Override
    public @Nullable KernelMonitor openKernelMonitor() throws ErrnoException {
        return Opening.ifThere(
                () -> new PfKeyMonitor(posix, Dialect.FREEBSD, EVENT_BUFFER), FreeBsdPlatform::saysNoPfKey);
    }

    private static boolean saysNoPfKey(ErrnoException e) {
        return Dialect.FREEBSD.saysAbsent(e.errno());
    }

    @Override
    public String spdRequirement() {
        return "no PF_KEY sockets (options IPSEC, or kldload ipsec)";
    }

    @Override
    public KernelCopies kernelCopies() {
        return copies;
    }

    @Override
    public ReqidRange reqids() {
        return ReqidRange.PF_KEY;
    }

    @Override
    public String bootIdentity() {
        return BootIdentity.of(posix);
    }

    @Override
    public @Nullable String kernelIpsec(String name) {
        String driver = drivers.of(name);
        return driver != null && DriverNames.isKernelIpsec(driver) ? DriverNames.wayOut(name) : null;
    }

    @Override
    public @Nullable Long residentBytes() {
        return new Sysctl(posix).residentBytes();
    }

    @Override
    public void close() {
        holder.close();
    }
}
